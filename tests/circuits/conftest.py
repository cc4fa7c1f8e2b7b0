"""The node process that runs circom's own witness calculators, one for the whole session."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prover.circom import ROOT


class WitnessServer:
    """circom's wasm as an oracle."""

    def __init__(self) -> None:
        command = [
            "node",
            str(Path(__file__).with_name("witness_server.mjs")),
            str(ROOT / "circuits" / "node_modules" / "snarkjs" / "package.json"),
        ]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def witness(self, wasm: Path, inputs: dict[str, Any]) -> list[int] | None:
        """Return the witness, or None where the calculator refuses the inputs."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"wasm": str(wasm), "inputs": _text(inputs)}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            assert "Assert Failed" in answer["error"], answer["error"]
            return None
        return [int(value) for value in answer["witness"]]


def _text(value: Any) -> Any:
    """Return integers as strings: JSON numbers would lose digits."""
    if isinstance(value, dict):
        return {name: _text(part) for name, part in value.items()}
    return [_text(part) for part in value] if isinstance(value, list) else str(value)


@pytest.fixture(scope="session")
def server() -> Iterator[WitnessServer]:
    running = WitnessServer()
    yield running
    assert running.process.stdin
    running.process.stdin.close()
    running.process.wait()
