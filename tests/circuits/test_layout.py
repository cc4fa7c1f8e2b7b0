"""The order of the signals, the counts, and that each circuit fits its domain."""

import pytest

from prover import books, inputs
from prover.inputs import Shape
from tests.circuits.clearing.harness import LAYOUTS, Layout
from tests.circuits.harness import ALL_TIERS, System, source_of, system
from verifier.circuits import CLEARING
from verifier.tiers import GRID, PORTFOLIO, VENUE, Tier

EVERY = pytest.mark.parametrize("layout", (*ALL_TIERS, *LAYOUTS), ids=lambda layout: layout.name)


def _shapes(layout: Tier | Layout) -> tuple[list[tuple[str, Shape]], list[tuple[str, Shape]]]:
    """Return name and shape of each public, and of each private input."""
    if isinstance(layout, Tier):
        return inputs.public_shapes(layout), inputs.private_shapes(layout)
    return books.public_shapes(layout), books.private_shapes(layout)


def _entries(shapes: list[tuple[str, Shape]]) -> list[str]:
    out = []
    for name, shape in shapes:
        entries = [name]
        for length in shape:
            entries = [f"{entry}[{k}]" for entry in entries for k in range(length)]
        out += entries
    return out


@EVERY
def test_input_wires_stand_in_the_order_of_the_layout(layout: Tier | Layout) -> None:
    circuit: System = system(layout.name)
    by_wire = {wire: name for name, wire in circuit.symbols.items()}
    public, private = _shapes(layout)
    assert [by_wire[wire] for wire in circuit.r1cs.inputs] == _entries([*public, *private])
    assert circuit.r1cs.outputs == 0
    assert circuit.r1cs.public == layout.public_count


@EVERY
def test_public_inputs_are_the_sections_and_the_live_signals(layout: Tier | Layout) -> None:
    public, _ = _shapes(layout)
    prepared = [(section.name, section.signal_shape) for section in layout.sections]
    assert _entries(public) == [*_entries(prepared), *layout.live_names]


@pytest.mark.parametrize("layout", (GRID, PORTFOLIO, VENUE, *CLEARING.values()), ids=lambda layout: layout.name)
def test_circuit_fits_its_domain_and_no_smaller_one(layout: Tier | Layout) -> None:
    size = len(system(layout.name).r1cs.rows) + layout.public_count + 1
    assert 1 << (layout.domain_log2 - 1) < size <= 1 << layout.domain_log2


@EVERY
def test_every_public_input_is_declared_public(layout: Tier | Layout) -> None:
    text = source_of(layout.name).read_text()
    listed = text[text.index("{public [") + 9 : text.index("]}")].replace(",", " ").split()
    assert listed == [name for name, _ in _shapes(layout)[0]]


@EVERY
def test_every_input_but_blind_and_a_wide_tiers_marks_stands_in_a_constraint(layout: Tier | Layout) -> None:
    circuit = system(layout.name)
    used = set().union(*(row.wires for row in circuit.r1cs.rows))
    by_wire = {wire: name for name, wire in circuit.symbols.items()}
    unused = [by_wire[wire] for wire in circuit.r1cs.inputs if wire not in used]
    wide = isinstance(layout, Tier) and layout.wide
    marks = [f"mark[{place}]" for place in range(layout.positions)] if isinstance(layout, Tier) and wide else []
    assert unused == (["blind", *marks] if isinstance(layout, Tier) else [])
