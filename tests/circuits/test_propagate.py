"""Following a change to a solution gives what solving from nothing gives."""

from random import Random

import pytest

from prover.circom import OPTIMISED, PLAIN
from tests.circuits.clearing.harness import CONSERVATION8, VALUATION8, Layout, random_claim
from tests.circuits.harness import honest_witness, is_commitment, system
from tests.circuits.propagate import solve, solve_again
from tests.circuits.r1cs import R1cs, Row


@pytest.mark.parametrize("level", [PLAIN, OPTIMISED])
@pytest.mark.parametrize("layout", [CONSERVATION8, VALUATION8], ids=lambda layout: layout.name)
def test_a_change_is_followed_to_the_values_of_a_new_solution(layout: Layout, level: str) -> None:
    rng, of = Random(f"{layout.name}/again"), system(layout.name, level)
    inputs = random_claim(rng, layout).inputs
    before = honest_witness(inputs, of).solution
    commitments = {wire for name, wire in of.symbols.items() if is_commitment(name)}
    followed = 0
    for _ in range(30):
        given = {w: v for w, v in zip(of.r1cs.inputs, inputs, strict=True) if w not in commitments}
        wire = rng.choice([*given, *before.source])
        broken = {before.source[wire]} if wire in before.source else set()
        given[wire] = rng.choice([0, 1, (before.values[wire] or 0) + 1])
        new, again = solve(of.r1cs, given, without=broken), solve_again(of.r1cs, before, given, without=broken)
        assert new.unknown == again.unknown
        if not new.unknown and set(of.r1cs.violated([value or 0 for value in new.values])) <= broken:
            assert new.values == again.values
            followed += 1
    assert followed > 5


def test_a_change_that_reaches_every_wire_is_followed() -> None:
    square = R1cs(3, 0, 0, 1, (Row({1: 1}, {1: 1}, {2: 1}),))
    assert solve_again(square, solve(square, {1: 3}), {1: 4}).values == [1, 4, 16]
