#!/usr/bin/env python3
"""Compile tiers to build/circuits/<tier>/<tier>.r1cs, .sym, .wasm, with --O2.

Does nothing for a tier whose sources, compiler and options are those of its last build. A build appears
whole or not at all: it is made in a directory beside its place and moved there.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPILER = ROOT / "circuits" / "node_modules" / "circom2"
TIERS = ("grid", "portfolio")
OPTIMISED = "--O2"
PLAIN = "--O0"
"""No simplification: every signal is a wire and every line of a template a constraint."""

_INCLUDE = re.compile(r'^include "([^"]+)";', re.MULTILINE)


class BuildError(Exception):
    """The compiler is missing or refused a source; the message holds what it said."""


@dataclass(frozen=True)
class Circuit:
    """The files of one compiled circuit."""

    name: str
    folder: Path

    @property
    def r1cs(self) -> Path:
        return self.folder / f"{self.name}.r1cs"

    @property
    def sym(self) -> Path:
        return self.folder / f"{self.name}.sym"

    @property
    def wasm(self) -> Path:
        return self.folder / f"{self.name}.wasm"

    @property
    def stamp(self) -> Path:
        """Holds the hash of what the circuit was made from."""
        return self.folder / "sources.sha256"


def compile_circuit(
    source: Path, *, tree: Path = ROOT, level: str = OPTIMISED, out: Path | None = None
) -> Circuit:
    """Compile `source`, a circom file inside `tree`, unless it is up to date; raises BuildError.

    The compiler sees only `tree`. `out` is the folder of the results, by default build/circuits/<name> of
    the tree.
    """
    name = source.stem
    circuit = Circuit(
        name, out or tree / "build" / "circuits" / (name if level == OPTIMISED else f"{name}{level}")
    )
    digest = _digest(source, level)
    if circuit.stamp.exists() and circuit.stamp.read_text() == digest:
        return circuit
    circuit.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=circuit.folder.parent, prefix=".new-") as temporary:
        made = Path(temporary)
        command = [
            "node",
            str(COMPILER / "cli.js"),
            str(source.relative_to(tree)),
            "--r1cs",
            "--sym",
            "--wasm",
            level,
            "-o",
            str(made.relative_to(tree)),
        ]
        try:
            run = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise BuildError("node is not installed; the circuits' compiler runs on it") from None
        if run.returncode or not (made / f"{name}.r1cs").exists():
            raise BuildError(f"{source} does not compile:\n{run.stdout}{run.stderr}")
        (made / f"{name}_js" / f"{name}.wasm").rename(made / f"{name}.wasm")
        shutil.rmtree(made / f"{name}_js")
        (made / circuit.stamp.name).write_text(digest)
        made.chmod(0o755)
        _swap(made, circuit.folder)
    return circuit


def compile_tier(tier: str) -> Circuit:
    """Compile one of the product's tiers into build/circuits/<tier>; raises BuildError."""
    return compile_circuit(ROOT / "circuits" / "tiers" / f"{tier}.circom")


def _digest(source: Path, level: str) -> str:
    """Return the hash of the source, all that it includes, the compiler's version and the level."""
    if not COMPILER.exists():
        raise BuildError("the circuits' compiler is not installed; run: npm ci --prefix circuits")
    total = hashlib.sha256(level.encode())
    total.update((COMPILER / "package.json").read_bytes())
    waiting, seen = [source.resolve()], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        text = path.read_text()
        total.update(path.name.encode() + b"\0" + text.encode() + b"\0")
        waiting += [(path.parent / included).resolve() for included in reversed(_INCLUDE.findall(text))]
    return total.hexdigest()


def _swap(made: Path, place: Path) -> None:
    """Move a new folder to its place; an old one goes first. A second builder of the same sources may win."""
    old = place.with_name(f".old-{place.name}-{os.getpid()}")
    if place.exists():
        place.rename(old)
    try:
        made.rename(place)
    except OSError:
        if not place.exists():
            raise
    shutil.rmtree(old, ignore_errors=True)
    made.mkdir(exist_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tiers", nargs="*", default=TIERS, help="tiers to compile (default: all)")
    for tier in parser.parse_args(arguments).tiers:
        print(f"circuit {tier}: ", end="", file=sys.stderr, flush=True)
        start = time.monotonic()
        try:
            circuit = compile_tier(tier)
        except (BuildError, FileNotFoundError) as error:
            print(f"failed\n{error}", file=sys.stderr)
            return 1
        print(f"{circuit.folder} ({time.monotonic() - start:.1f} s)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
