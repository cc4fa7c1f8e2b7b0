"""Compiled circuits and keys, made once a run."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from prover import _core
from tests.core.toolbox import Compiled, compiled, snarkjs

INPUTS: dict[str, dict[str, object]] = {
    "product": {"scale": 5, "left": 7, "right": 11},
    "comparator": {"limit": 1 << 41, "x": ["-17", "0", "5", str(-(1 << 40) + 1)]},
    "mixing": {"in": [1, 2, 3, 4, 5]},
}


@dataclass(frozen=True)
class Proven:
    """A circuit with snarkjs's witness for `INPUTS` and a key of ours."""

    source: Compiled
    circuit: _core.Circuit
    wtns: bytes
    zkey: bytes
    key: _core.ProvingKey

    @property
    def inputs(self) -> bytes:
        """The input wires of the witness as scalars."""
        circuit = self.circuit
        start = 1 + circuit.n_outputs
        end = start + circuit.n_public_inputs + circuit.n_private_inputs
        return _core.read_wtns(self.wtns)[32 * start : 32 * end]


def snarkjs_witness(source: Compiled, inputs: dict[str, object]) -> bytes:
    """The .wtns file of snarkjs and circom's own calculator."""
    folder = source.folder
    (folder / "input.json").write_text(json.dumps(inputs))
    snarkjs("wtns", "calculate", source.wasm, "input.json", "witness.wtns", cwd=folder)
    return (folder / "witness.wtns").read_bytes()


@pytest.fixture(scope="session")
def compile_circuit(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Compiled]:
    @cache
    def make(name: str) -> Compiled:
        return compiled(name, tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="session")
def proven(compile_circuit: Callable[[str], Compiled]) -> Callable[[str], Proven]:
    @cache
    def make(name: str) -> Proven:
        source = compile_circuit(name)
        circuit = source.circuit()
        wtns = snarkjs_witness(source, INPUTS[name])
        zkey = _core.setup(circuit)
        Path(source.folder / "ours.zkey").write_bytes(zkey)
        key = _core.ProvingKey(zkey, _core.WitnessPlan.derive(circuit))
        return Proven(source, circuit, wtns, zkey, key)

    return make
