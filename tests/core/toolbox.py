"""circom and snarkjs as peers, and the encodings of the native core's border."""

import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from prover import _core
from verifier.field import R

ROOT = Path(__file__).resolve().parents[2]
CIRCUITS = Path(__file__).resolve().parent / "circuits"
MODULES = ROOT / "circuits" / "node_modules"


def scalars(values: Iterable[int]) -> bytes:
    """Encode integers, signed ones included, as the border's scalars."""
    return b"".join((value % R).to_bytes(32, "big") for value in values)


def integers(data: bytes) -> list[int]:
    """Decode the border's scalars."""
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


def node(script: str, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of an npm package of circuits/."""
    command = ["node", str(MODULES / script), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def snarkjs(*arguments: str | Path, cwd: Path) -> str:
    """Run snarkjs and return what it said; fails the test if snarkjs fails."""
    done = node("snarkjs/build/cli.cjs", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Compiled:
    """A compiled circuit in a folder of its own."""

    name: str
    folder: Path

    @property
    def r1cs(self) -> bytes:
        return (self.folder / f"{self.name}.r1cs").read_bytes()

    @property
    def sym(self) -> str:
        return (self.folder / f"{self.name}.sym").read_text()

    @property
    def wasm(self) -> Path:
        return self.folder / f"{self.name}_js" / f"{self.name}.wasm"

    def circuit(self) -> _core.Circuit:
        return _core.Circuit(self.r1cs)


def compiled(name: str, folder: Path, optimise: str = "--O2") -> Compiled:
    """Compile one of the circuits beside this file into `folder`."""
    (folder / f"{name}.circom").write_text((CIRCUITS / f"{name}.circom").read_text())
    done = node("circom2/cli.js", f"{name}.circom", "--r1cs", "--wasm", "--sym", optimise, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return Compiled(name, folder)


def section(file: bytes, kind: int) -> bytes:
    """Return one section of a file of circom's or snarkjs's."""
    at = 12
    while at < len(file):
        found, length = struct.unpack_from("<IQ", file, at)
        if found == kind:
            return file[at + 12 : at + 12 + length]
        at += 12 + length
    raise KeyError(kind)
