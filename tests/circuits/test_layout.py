"""The order of the signals, the counts, and that each tier fits its domain."""

import pytest

from prover.inputs import private_shapes, public_shapes
from tests.circuits.harness import ALL_TIERS, System, source_of, system
from verifier.tiers import GRID, PORTFOLIO, Tier


def _expected(tier: Tier) -> list[str]:
    out = []
    for name, shape in [*public_shapes(tier), *private_shapes(tier)]:
        entries = [name]
        for length in shape:
            entries = [f"{entry}[{k}]" for entry in entries for k in range(length)]
        out += entries
    return out


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_input_wires_stand_in_the_order_of_the_tier_sections(tier: Tier) -> None:
    circuit: System = system(tier.name)
    by_wire = {wire: name for name, wire in circuit.symbols.items()}
    assert [by_wire[wire] for wire in circuit.r1cs.inputs] == _expected(tier)
    assert circuit.r1cs.outputs == 0
    assert circuit.r1cs.public == tier.public_count


@pytest.mark.parametrize("tier", (GRID, PORTFOLIO), ids=lambda tier: tier.name)
def test_tier_fits_its_domain(tier: Tier) -> None:
    rows = len(system(tier.name).r1cs.rows)
    assert rows + tier.public_count + 1 <= 1 << tier.domain_log2


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_every_public_input_is_declared_public(tier: Tier) -> None:
    text = source_of(tier.name).read_text()
    listed = text[text.index("{public [") + 9 : text.index("]}")].replace(",", " ").split()
    assert listed == [name for name, _ in public_shapes(tier)]


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_every_input_but_blind_stands_in_a_constraint(tier: Tier) -> None:
    circuit = system(tier.name)
    used = set().union(*(row.wires for row in circuit.r1cs.rows))
    by_wire = {wire: name for name, wire in circuit.symbols.items()}
    assert [by_wire[wire] for wire in circuit.r1cs.inputs if wire not in used] == ["blind"]
