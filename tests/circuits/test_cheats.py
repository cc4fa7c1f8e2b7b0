"""Each family of constraints refuses the witness that was made to get around it, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from prover.circom import PLAIN
from tests.builders import random_positions, random_program
from tests.circuits.cheats import CHEATS, rich_account
from tests.circuits.harness import Account, Honest, Lie, accepts, best_account, forge, honest_witness, system
from verifier.admission import admit
from verifier.errors import AdmissionRefused
from verifier.meaning import check_helper_values
from verifier.tiers import GREEKS, GRID, PORTFOLIO, Tier

REAL = (GRID, GREEKS, PORTFOLIO)
ON_REAL_TIERS = (
    *(
        "bit-beyond-one",
        "bits-of-another-number",
        "sign",
        "sign-input",
        "short",
        "position-sum",
        "commitment",
    ),
    *("word-not-packed", "word-not-absorbed", "cell-sum", "scenario", "floor-net", "floor", "excess-input"),
    *("tail", "roll", "radius-sign", "price", "worth-sum", "worth", "equity-scale", "owed", "requirement"),
    "context",
)
"""Cheats of the table whose signals mean the same in every tier."""


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


@cache
def _wealthy(tier: Tier) -> Account:
    """Return an account with every row in loss (t lies low) and much more margin and radius than it needs."""
    rng = Random(f"{tier.name}/cheats")
    program = random_program(rng, tier, tail="worst", cover="none", fill=1.0, bits=12)
    account = best_account(program, [random_positions(rng, program, bits=10)])
    meaning = check_helper_values(program, account.positions, account.helpers)
    low = -max(map(abs, meaning.z)) - 1000
    helpers = replace(account.helpers, t=(low, low), r=account.helpers.r + (1 << 24))
    return replace(account, helpers=helpers, vault_balance=1 << 85)


@cache
def _honest(tier: Tier) -> Honest:
    return honest_witness(_wealthy(tier).inputs, system(tier.name, PLAIN))


def _assert_refused(tier: Tier, lie: Callable[[Honest], Lie]) -> None:
    honest = _honest(tier)
    forgery = forge(honest.system, _wealthy(tier).inputs, honest, lie(honest))
    assert forgery is not None, "other constraints already exclude it"
    assert honest.system.violated_by(forgery.values)
    assert system(tier.name).violated_by(forgery.values)


@pytest.mark.parametrize("tier", REAL, ids=lambda tier: tier.name)
@pytest.mark.parametrize("name", ON_REAL_TIERS)
def test_cheating_witness_is_refused_by_the_real_tiers(tier: Tier, name: str) -> None:
    _assert_refused(tier, CHEATS[name].lie)


@pytest.mark.parametrize("tier", REAL, ids=lambda tier: tier.name)
def test_a_short_position_cannot_be_called_long(tier: Tier) -> None:
    def lie(honest: Honest) -> Lie:
        place = next(i for i in range(1, tier.positions) if honest[f"x[0][{i}]"] < 0)
        bits = f"book.account[0].bits[{place}]"
        signals: dict[str, int | None] = {f"{bits}.out[{k}]": 0 for k in range(1, 47)}
        signals |= {f"{bits}.out[47]": 1, f"{bits}.out[0]": honest[f"x[0][{place}]"]}
        wire = honest.system.symbols[f"{bits}.out[0]"]
        rows = [n for n in honest.rows_with(f"{bits}.out[0]") if honest.system.r1cs.rows[n].wires == {0, wire}]
        return Lie(signals, frozenset(rows))

    _assert_refused(tier, lie)


def test_the_blocks_of_a_long_commitment_are_chained() -> None:
    def lie(honest: Honest) -> Lie:
        chained = "opening[0].hash[1].in[0]"
        return Lie({"x[0][0]": honest["x[0][0]"] + 1, chained: honest[chained]})

    _assert_refused(PORTFOLIO, lie)


def test_group_levels_are_summed_in_the_portfolio_tier() -> None:
    def lie(honest: Honest) -> Lie:
        return Lie({"covers[0].out": honest["covers[0].out"] - 1})

    _assert_refused(PORTFOLIO, lie)


@pytest.mark.parametrize("factor", range(GREEKS.factors))
def test_every_factor_of_the_ellipsoid_counts(factor: int) -> None:
    """A square that is left out makes the radius smaller than the risk."""

    def lie(honest: Honest) -> Lie:
        assert honest[f"ellipsoid.square[{factor}]"]
        return Lie({f"ellipsoid.square[{factor}]": 0})

    _assert_refused(GREEKS, lie)
