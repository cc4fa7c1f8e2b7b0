"""The clearing house's circuits: every wire is determined, and our witness, proof and key are what snarkjs takes."""

import json
from functools import cache
from pathlib import Path
from random import Random

import pytest

from prover import _core
from prover.books import private_shapes, public_shapes
from prover.inputs import nested
from tests.circuits.clearing.harness import LAYOUTS, Layout, plan, random_claim
from tests.circuits.harness import compiled
from tests.core.toolbox import scalars, snarkjs
from verifier.circuits import CLEARING

pytestmark = pytest.mark.slow


@cache
def circuit(name: str) -> _core.Circuit:
    return _core.Circuit(compiled(name).r1cs.read_bytes())


def text(value: object) -> object:
    """Integers as decimal strings: JavaScript would round them."""
    return [text(item) for item in value] if isinstance(value, list) else str(value)


def theirs(layout: Layout, inputs: list[int], folder: Path) -> bytes:
    """The witness by circom's own calculator and snarkjs."""
    named = nested([*public_shapes(layout), *private_shapes(layout)], inputs)
    (folder / "input.json").write_text(json.dumps({name: text(value) for name, value in named.items()}))
    snarkjs("wtns", "calculate", compiled(layout.name).wasm, "input.json", "witness.wtns", cwd=folder)
    return (folder / "witness.wtns").read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_inputs_determine_every_wire(layout: Layout) -> None:
    report = circuit(layout.name).determinism()
    assert report.undetermined == []
    assert report.n_given + sum(report.solved_by.values()) == report.n_wires
    assert plan(layout.name).complete


@pytest.mark.parametrize("edge", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_witness_equals_circoms_byte_for_byte(layout: Layout, edge: bool, tmp_path: Path) -> None:
    inputs = random_claim(Random(3), layout, edge=edge).inputs
    assert plan(layout.name).solve(scalars(inputs)) == theirs(layout, inputs, tmp_path)


@pytest.mark.parametrize("layout", CLEARING.values(), ids=lambda layout: layout.name)
def test_snarkjs_and_we_accept_each_others_proofs(layout: Layout, tmp_path: Path) -> None:
    zkey = _core.setup(circuit(layout.name))
    key = _core.ProvingKey(zkey, plan(layout.name))
    inputs = random_claim(Random(5), layout).inputs
    proof, public = key.prove(scalars(inputs))
    theirs(layout, inputs, tmp_path)
    (tmp_path / "key.zkey").write_bytes(zkey)
    (tmp_path / "key.json").write_text(_core.verification_key_json(zkey))
    (tmp_path / "proof.json").write_text(_core.proof_to_json(proof))
    (tmp_path / "public.json").write_text(_core.public_to_json(public))
    assert "OK!" in snarkjs("groth16", "verify", "key.json", "public.json", "proof.json", cwd=tmp_path)
    snarkjs("groth16", "prove", "key.zkey", "witness.wtns", "theirs.json", "signals.json", cwd=tmp_path)
    assert _core.public_from_json((tmp_path / "signals.json").read_text()) == public
    assert key.verifying_key.verify(public, _core.proof_from_json((tmp_path / "theirs.json").read_text()))
