"""The circuits of the clearing house against the integer meaning: the same verdict on true and on altered inputs."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.books import private_shapes, public_shapes
from prover.circom import PLAIN
from prover.inputs import nested
from tests.circuits.clearing.harness import (
    LAYOUTS,
    Layout,
    input_names,
    random_claim,
    random_move,
    random_priced,
    solves,
)
from tests.circuits.conftest import WitnessServer
from tests.circuits.harness import accepts, compiled, honest_witness, propagated, system
from verifier.conservation import accrued
from verifier.field import R
from verifier.valuation import gross_value, value_of

EVERY = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


@EVERY
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_what_is_true_is_accepted(layout: Layout, seed: int, edge: bool) -> None:
    claim = random_claim(Random(seed), layout, edge=edge)
    assert claim.true(claim.inputs)
    assert solves(layout, claim.inputs)


@EVERY
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.sampled_from([1, -1, 2, 1 << 47, 1 << 48, -(1 << 48), None]))
def test_an_altered_input_is_judged_as_the_meaning_does(
    layout: Layout, seed: int, edge: bool, step: int | None
) -> None:
    """Each live and private wire but salts: by a step, or to another value that the contract lets pass."""
    rng = Random(seed)
    claim = random_claim(rng, layout, edge=edge)
    inputs = list(claim.inputs)
    wires = input_names(layout)
    first = layout.prepared_count
    name, place = rng.choice([(name, place) for place, name in enumerate(wires) if place >= first])
    if name.startswith("salt"):
        step = 1
    public = {
        "sign": [1, R - 1],
        "parts": [0, 1, 2, 3, 4],
        "next_salt": [0, 1],
        "amount": [0, 1, R - 1, (1 << 47) - 1],
        "revealed": [0, 1],
        "band_bps": [0, 1, 9_999, 10_000],
    }
    inputs[place] = rng.choice(public[name]) if name in public else (inputs[place] + (step or rng.randrange(R))) % R
    assert solves(layout, inputs) == claim.true(inputs)


@EVERY
def test_propagation_agrees_with_the_native_core(layout: Layout) -> None:
    rng = Random(layout.name)
    claim = random_claim(rng, layout)
    assert accepts(system(layout.name), claim.inputs)
    wrong = list(claim.inputs)
    wrong[layout.public_count] = (wrong[layout.public_count] + 1) % R
    assert not accepts(system(layout.name), wrong)


@EVERY
def test_circoms_own_witness_is_the_same(layout: Layout, server: WitnessServer) -> None:
    shapes = [*public_shapes(layout), *private_shapes(layout)]
    for seed, edge in ((1, False), (2, True)):
        claim = random_claim(Random(f"{layout.name}/{seed}"), layout, edge=edge)
        witness = server.witness(compiled(layout.name).wasm, nested(shapes, claim.inputs))
        assert witness == propagated(system(layout.name), claim.inputs).values
        wrong = list(claim.inputs)
        wrong[layout.public_count] = (wrong[layout.public_count] + 1) % R
        assert server.witness(compiled(layout.name).wasm, nested(shapes, wrong)) is None


def test_every_figure_of_an_update_stands_in_the_witness() -> None:
    for seed in range(6):
        move = random_move(Random(f"figures/{seed}"), 8, edge=seed % 2 == 1)
        values = honest_witness(move.inputs, system("conservation8", PLAIN)).values
        case = move.case
        assert values["accruing.accrued"] == accrued(case.span, case.old.positions)
        total = sum(rate * lots for rate, lots in zip(case.span.accrual, case.old.positions, strict=True))
        assert (values["accruing.sum.out"], values["accruing.rest.in"]) == (total, total % (1 << 32))
        assert [values[f"after.position[{i}]"] for i in range(8)] == list(case.new.positions)
        left = [x - case.terms.parts * y for x, y in zip(case.old.positions, case.traded.positions, strict=True)]
        assert [values[f"tranche.left[{i}]"] for i in range(8)] == (left if case.terms.parts else [0] * 8)


def test_every_figure_of_a_valuation_stands_in_the_witness() -> None:
    for seed in range(6):
        priced = random_priced(Random(f"figures/{seed}"), 8, edge=seed % 2 == 1)
        values = honest_witness(priced.inputs, system("valuation8", PLAIN)).values
        value, gross = (figure(priced.marks, priced.book.positions) for figure in (value_of, gross_value))
        assert sum(values[f"leg[{i}]"] for i in range(8)) == value
        hidden = 0 if priced.claim.revealed else value
        assert values["band.value"] == hidden
        assert values["band.room.in"] == priced.claim.band_bps * gross - 10_000 * abs(hidden)
