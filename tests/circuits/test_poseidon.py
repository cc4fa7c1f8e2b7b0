"""The Poseidon gadget against circomlib's circuit, circomlibjs and the plain reference."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from prover.circom import ROOT, Circuit, compile_circuit
from tests.circuits.conftest import WitnessServer
from tests.circuits.r1cs import read_r1cs
from verifier.field import R
from verifier.poseidon import poseidon

OURS = "circuits/gadgets/poseidon.circom"
PEER = "circuits/node_modules/circomlib/circuits/poseidon.circom"
WIDTHS = (2, 16)


def _hash_circuit(source: str, who: str, inputs: int) -> Circuit:
    path = ROOT / "build" / "circuits" / "peers" / f"poseidon_{who}_{inputs}.circom"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f'pragma circom 2.0.0;\ninclude "../../../{source}";\ncomponent main = Poseidon({inputs});\n'
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return compile_circuit(path)


@pytest.mark.parametrize("inputs", WIDTHS)
def test_hashes_are_those_of_circomlib_and_of_the_reference(inputs: int, server: WitnessServer) -> None:
    rng = Random(inputs)
    ours, peer = _hash_circuit(OURS, "ours", inputs), _hash_circuit(PEER, "circomlib", inputs)
    edges = [[0] * inputs, [R - 1] * inputs, list(range(inputs))]
    for message in edges + [[rng.randrange(R) for _ in range(inputs)] for _ in range(10)]:
        mine = server.witness(ours.wasm, {"in": message})
        theirs = server.witness(peer.wasm, {"inputs": message})
        assert mine and theirs
        assert mine[1] == theirs[1] == poseidon(message)


def test_hashes_are_those_of_circomlibjs() -> None:
    rng = Random(5)
    messages = [[rng.randrange(R) for _ in range(size)] for size in (1, 2, 5, 12, 15, 16)]
    script = (
        "const {buildPoseidon} = require('circomlibjs');"
        "const messages = JSON.parse(process.argv[1]).map(m => m.map(BigInt));"
        "buildPoseidon().then(p => console.log(JSON.stringify(messages.map(m => p.F.toString(p(m))))));"
    )
    text = json.dumps([[str(value) for value in message] for message in messages])
    run = subprocess.run(
        ["node", "-e", script, text], cwd=ROOT / "circuits", capture_output=True, text=True, check=True
    )
    assert [int(value) for value in json.loads(run.stdout)] == [poseidon(message) for message in messages]


@pytest.mark.parametrize("inputs", WIDTHS)
def test_no_more_constraints_than_circomlib(inputs: int) -> None:
    ours = read_r1cs(_hash_circuit(OURS, "ours", inputs).r1cs)
    peer = read_r1cs(_hash_circuit(PEER, "circomlib", inputs).r1cs)
    assert len(ours.rows) <= len(peer.rows)


def test_constants_are_those_of_the_papers_procedure() -> None:
    script = Path("scripts/circuits/poseidon_constants.py")
    subprocess.run([sys.executable, ROOT / script, "--check"], check=True)
