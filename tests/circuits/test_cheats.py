"""Each family of constraints refuses the witness that was made to get around it, and nothing else does."""

import pytest

from scripts.circuits.build import PLAIN
from tests.circuits.cheats import CHEATS, rich_account
from tests.circuits.harness import accepts, forge, honest_witness, system
from verifier.admission import admit
from verifier.errors import AdmissionRefused


def test_the_account_that_the_cheats_start_from_is_met_to_the_last_unit() -> None:
    account = rich_account()
    assert accepts(system("small"), account.inputs)
    admit(account.program)


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_witness_is_refused(name: str) -> None:
    cheat = CHEATS[name]
    plain, optimised = system("small", PLAIN), system("small")
    honest = honest_witness(cheat.account().inputs, plain)
    forgery = forge(plain, cheat.attacker.inputs, honest, cheat.lie(honest))
    assert forgery is not None, "other constraints already exclude it, so that it shows nothing about this family"
    assert plain.violated_by(forgery.values)
    assert optimised.violated_by(forgery.values)


@pytest.mark.parametrize("name", [name for name, cheat in CHEATS.items() if cheat.short_by])
def test_the_cheater_has_no_honest_way(name: str) -> None:
    assert not accepts(system("small"), CHEATS[name].attacker.inputs)


@pytest.mark.parametrize("name", CHEATS)
def test_admission_takes_the_programs_that_are_cheated_on(name: str) -> None:
    cheat = CHEATS[name]
    if cheat.admissible:
        admit(cheat.account().program)
    else:
        with pytest.raises(AdmissionRefused):
            admit(cheat.account().program)
