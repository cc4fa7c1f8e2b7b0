"""Each family of constraints refuses the witness that was made to get around it, and nothing else does."""

from collections.abc import Callable
from functools import cache

import pytest

from prover.circom import PLAIN
from tests.circuits.clearing.conservation_cheats import CHEATS as CONSERVATION
from tests.circuits.clearing.harness import (
    CONSERVATION8,
    VALUATION8,
    Layout,
    Move,
    Priced,
    solves,
)
from tests.circuits.clearing.lies import Cheat
from tests.circuits.clearing.valuation_cheats import CHEATS as VALUATION
from tests.circuits.harness import Honest, forge, honest_witness, system
from verifier.circuits import CONSERVATION64, CONSERVATION128, VALUATION64, VALUATION128, ConservationLayout

SMALL, LARGE = (
    [(layout, name) for layouts, cheats in rows for layout in layouts for name in cheats]
    for rows in (
        (((CONSERVATION8,), CONSERVATION), ((VALUATION8,), VALUATION)),
        (((CONSERVATION64, CONSERVATION128), CONSERVATION), ((VALUATION64, VALUATION128), VALUATION)),
    )
)


def cheat_of(layout: Layout, name: str) -> Cheat:
    return (CONSERVATION if isinstance(layout, ConservationLayout) else VALUATION)[name]


def base_of(layout: Layout, name: str) -> tuple[Move | Priced, Honest]:
    return honest_claim(layout, cheat_of(layout, name).base)


@cache
def honest_claim(layout: Layout, base: Callable[[int], Move | Priced]) -> tuple[Move | Priced, Honest]:
    claim = base(layout.places)
    return claim, honest_witness(claim.inputs, system(layout.name, PLAIN))


def assert_refused(layout: Layout, name: str) -> None:
    cheat, plain = cheat_of(layout, name), system(layout.name, PLAIN)
    claim, honest = base_of(layout, name)
    forgery = forge(plain, claim.inputs, honest, cheat.lie(honest))
    assert forgery is not None, "other constraints already exclude it, so that it shows nothing about this family"
    assert forgery.refused_by(plain)
    assert forgery.refused_by(system(layout.name))
    inner = {wire: signal for signal, wire in plain.symbols.items()}
    inputs = [forgery.values[inner[wire]] for wire in plain.r1cs.inputs]
    if name != "context":  # its square is in no claim; any value of it shows the same
        assert not claim.true(inputs)
    assert not solves(layout, inputs) or name == "context"


@pytest.mark.parametrize(("layout", "name"), SMALL, ids=lambda value: getattr(value, "name", value))
def test_cheating_witness_is_refused(layout: Layout, name: str) -> None:
    assert_refused(layout, name)


@pytest.mark.slow
@pytest.mark.parametrize(("layout", "name"), LARGE, ids=lambda value: getattr(value, "name", value))
def test_cheating_witness_is_refused_by_the_real_circuits(layout: Layout, name: str) -> None:
    assert_refused(layout, name)


@pytest.mark.parametrize(("layout", "name"), SMALL, ids=lambda value: getattr(value, "name", value))
def test_the_public_side_is_one_that_the_contract_lets_pass(layout: Layout, name: str) -> None:
    """A lie changes no span, no marks and no terms, unless the table says so."""
    cheat = cheat_of(layout, name)
    claim, honest = base_of(layout, name)
    changed = [signal for signal, value in cheat.lie(honest).signals.items() if value is not None]
    prepared = {section.name for section in layout.sections}
    terms = {"sign", "parts", "next_salt", "amount", "revealed", "band_bps"}
    assert cheat.admissible == (not any(signal.split("[")[0] in prepared | terms for signal in changed))
    assert claim.true(claim.inputs)
