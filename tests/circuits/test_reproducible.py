"""The same sources and compiler give the same constraint system, and it the same plan, wherever they are built."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from prover import _core, artefacts
from prover.circom import ROOT, Circuit, compile_circuit, named_source
from scripts.circuits.budget import BUDGET
from verifier.circuits import CIRCUITS

COMMITTED = json.loads(BUDGET.read_text())
BUILT_TWICE = ("valuation64", "grid", "portfolio")
"""The smallest circuit, a small tier, one with every unit; test_budget compares all circuits with committed hashes."""


def clean_build(name: str, place: Path) -> Circuit:
    """Compile a copy of the sources in a folder where nothing was built."""
    shutil.copytree(ROOT / "circuits", place / "circuits", ignore=shutil.ignore_patterns("node_modules"))
    return compile_circuit(place / named_source(name), tree=place)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_TWICE)
def test_two_clean_builds_in_different_folders_give_the_same_files(name: str, tmp_path: Path) -> None:
    first = clean_build(name, tmp_path / "a")
    second = clean_build(name, tmp_path / "a longer path" / "elsewhere" / "b")
    assert first.r1cs.read_bytes() == second.r1cs.read_bytes()
    assert first.sym.read_bytes() == second.sym.read_bytes()
    assert first.digest == second.digest

    kit = artefacts.load(CIRCUITS[name])
    r1cs = digest(first.r1cs.read_bytes())
    assert first.digest == kit.manifest.circuit_source
    assert r1cs == kit.manifest.files[f"{name}.r1cs"]
    assert r1cs == COMMITTED["tiers" if name in COMMITTED["tiers"] else "clearing"][name]["r1cs_sha256"]

    plans = [_core.WitnessPlan.derive(_core.Circuit(built.r1cs.read_bytes())).to_bytes() for built in (first, second)]
    assert plans[0] == plans[1] == kit.data("witness.plan")


def test_another_source_gives_another_hash_of_sources_and_another_file(tmp_path: Path) -> None:
    honest = clean_build("valuation64", tmp_path / "honest")
    place = tmp_path / "changed"
    shutil.copytree(ROOT / "circuits", place / "circuits", ignore=shutil.ignore_patterns("node_modules"))
    gadget = place / "circuits" / "gadgets" / "band.circom"
    text = gadget.read_text()
    assert "<==" in text
    gadget.write_text(text.replace("<==", "<--", 1))
    changed = compile_circuit(place / named_source("valuation64"), tree=place)
    assert changed.digest != honest.digest
    assert changed.r1cs.read_bytes() != honest.r1cs.read_bytes()
