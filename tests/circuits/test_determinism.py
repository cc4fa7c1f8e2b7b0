"""Each inner wire of each circuit has one value only, given the inputs: a propagation shows it row by row."""

from random import Random

import pytest

from tests.builders import random_case
from tests.circuits.clearing.harness import LAYOUTS, Layout, random_claim
from tests.circuits.harness import ALL_TIERS, best_account, propagated, system
from tests.circuits.propagate import solve
from tests.circuits.r1cs import R1cs
from verifier.tiers import Tier


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_inputs_determine_every_wire(tier: Tier) -> None:
    rng = Random(tier.name)
    case = None
    while case is None:
        case = random_case(rng, tier) if tier.accounts == 1 else None
        if tier.accounts > 1:
            break
    circuit = system(tier.name)
    inputs = (
        best_account(case.program, [case.positions], case.ratio_bps, case.vault_balance).inputs
        if case
        else [0] * len(circuit.r1cs.inputs)
    )
    solution = propagated(circuit, inputs)
    assert solution.unknown == []


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_inputs_determine_every_wire_of_the_clearing_houses_circuits(layout: Layout) -> None:
    for seed in range(3):
        inputs = random_claim(Random(f"{layout.name}/{seed}"), layout, edge=seed == 2).inputs
        assert propagated(system(layout.name), inputs).unknown == []


def test_a_missing_row_is_noticed() -> None:
    circuit = system("small")
    inputs = dict.fromkeys(circuit.r1cs.inputs, 0)
    source = solve(circuit.r1cs, inputs).source
    for wire in (min(source), max(source)):
        rows = tuple(row for number, row in enumerate(circuit.r1cs.rows) if number != source[wire])
        shorter = R1cs(circuit.r1cs.wires, 0, circuit.r1cs.public, circuit.r1cs.private, rows)
        assert wire in solve(shorter, inputs).unknown


def test_a_bit_that_is_not_boolean_is_noticed() -> None:
    circuit = system("small")
    name = next(name for name in circuit.symbols if name.startswith("tail.excess[0]") and ".out[5]" in name)
    wire = circuit.symbols[name]
    rows = tuple(row for row in circuit.r1cs.rows if row.wires != {wire})
    shorter = R1cs(circuit.r1cs.wires, 0, circuit.r1cs.public, circuit.r1cs.private, rows)
    assert wire in solve(shorter, dict.fromkeys(circuit.r1cs.inputs, 0)).unknown
