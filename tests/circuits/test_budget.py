"""The committed counts of constraints and wires are those of the sources."""

import json

import pytest

from prover.circom import ROOT, compile_named
from scripts.circuits.budget import BUDGET, GADGETS, count, gadget
from verifier.tiers import TIERS

COMMITTED = json.loads(BUDGET.read_text())


@pytest.mark.parametrize("tier", TIERS)
def test_tier_has_the_committed_counts(tier: str) -> None:
    assert count(compile_named(tier)) == COMMITTED["tiers"][tier]


@pytest.mark.parametrize("name", GADGETS)
def test_gadget_has_the_committed_counts(name: str) -> None:
    figures = count(gadget(name, GADGETS[name]))
    committed = COMMITTED["gadgets"][GADGETS[name]]
    assert {key: figures[key] for key in committed} == committed


def test_every_gadget_is_counted() -> None:
    files = {path.stem for path in (ROOT / "circuits" / "gadgets").glob("*.circom")}
    assert files - {"widths", "poseidon_constants"} == GADGETS.keys()
