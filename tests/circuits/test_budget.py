"""The committed counts of constraints and wires and the committed hashes of .r1cs files are those of the sources."""

import json

import pytest

from prover.circom import ROOT, compile_named
from scripts.circuits.budget import BUDGET, GADGETS, GROUPS, count, figures_of, gadget

COMMITTED = json.loads(BUDGET.read_text())


@pytest.mark.parametrize(("title", "name"), [(title, name) for title, names in GROUPS.items() for name in names])
def test_circuit_has_the_committed_counts_and_hash(title: str, name: str) -> None:
    assert figures_of(compile_named(name)) == COMMITTED[title][name]


@pytest.mark.parametrize("name", GADGETS)
def test_gadget_has_the_committed_counts(name: str) -> None:
    figures = count(gadget(name, GADGETS[name]))
    committed = COMMITTED["gadgets"][GADGETS[name]]
    assert {key: figures[key] for key in committed} == committed


def test_every_gadget_is_counted() -> None:
    files = {path.stem for path in (ROOT / "circuits" / "gadgets").glob("*.circom")}
    assert files - {"widths", "clearing_widths", "poseidon_constants"} == GADGETS.keys()
