#!/usr/bin/env python3
"""Write a good file of each format, as the fuzzer's first inputs, into a folder: the format's number, then the file."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from prover import _core  # noqa: E402
from tests.core.toolbox import compiled, scalars  # noqa: E402

INPUTS = {"product": [5, 7, 11], "comparator": [1 << 41, -17, 0, 5, 3]}


def seeds(name: str, folder: Path) -> list[bytes]:
    """Return a file of each format for one of the tests' circuits, in the order of fuzz_targets/parsers.rs."""
    source = compiled(name, folder)
    circuit = source.circuit()
    plan = _core.WitnessPlan.derive(circuit)
    zkey = _core.setup(circuit, seed=b"fuzz")
    key = _core.ProvingKey(zkey, plan)
    proof, public = key.prove(scalars(INPUTS[name]))
    stored = folder / "stored.keys"
    _core.ProvingKey.store(stored, zkey, plan, budget=1 << 16)
    data = stored.read_bytes()
    return [
        source.r1cs,
        plan.solve(scalars(INPUTS[name])),
        plan.to_bytes()[: -hashlib.sha256().digest_size],
        zkey,
        proof,
        key.verifying_key.to_json().encode(),
        _core.proof_to_json(proof).encode(),
        _core.public_to_json(public).encode(),
        data[56 : 56 + int.from_bytes(data[16:24], "little")],
    ]


def main() -> None:
    os.environ["ZKMARGIN_KERNELS"] = "portable"  # the arithmetic that the fuzzer's stored keys are of
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name in INPUTS:
        with tempfile.TemporaryDirectory() as folder:
            for kind, file in enumerate(seeds(name, Path(folder))):
                (out / f"{name}-{kind}").write_bytes(bytes([kind]) + file)


if __name__ == "__main__":
    main()
