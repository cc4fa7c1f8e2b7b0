"""Running the circuits' compiler: .r1cs, .sym and .wasm of a circom file, with --O2, kept while the sources last.

Does nothing for a circuit whose sources, compiler and options are those of its last build. A build appears whole or not
at all: it is made in a directory beside its place and moved there. circom is a GPL program that is run as a tool.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from prover.toolchain import node, node_script
from verifier.circuits import CLEARING
from verifier.errors import ArtefactMismatch, MissingTool

ROOT = Path(__file__).resolve().parents[1]
"""The checkout this module is in: compiled circuits are kept in its build folder."""
OPTIMISED = "--O2"
PLAIN = "--O0"
"""No simplification: every signal is a wire and every line of a template a constraint."""

_INCLUDE = re.compile(r'^include "([^"]+)";', re.MULTILINE)


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
    def digest(self) -> str:
        """The hash of what the circuit was made from."""
        return self.stamp.read_text()

    @property
    def stamp(self) -> Path:
        """Holds the hash of what the circuit was made from."""
        return self.folder / "sources.sha256"


def compile_circuit(
    source: Path, *, tree: Path = ROOT, level: str = OPTIMISED, out: Path | None = None, force: bool = False
) -> Circuit:
    """Compile `source`, a circom file inside `tree`, unless it is up to date; with `force` in any case.

    Raises MissingTool without node or the compiler, ArtefactMismatch where it refuses the source.

    The compiler sees only `tree`. `out` is the folder of the results, by default build/circuits/<name> of
    the tree.
    """
    name = source.stem
    circuit = Circuit(name, out or tree / "build" / "circuits" / (name if level == OPTIMISED else f"{name}{level}"))
    digest = _digest(source, level)
    if not force and circuit.stamp.exists() and circuit.stamp.read_text() == digest:
        return circuit
    circuit.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=circuit.folder.parent, prefix=".new-") as temporary:
        made = Path(temporary)
        compiler = str(node_script("circuits", "circom2/cli.js"))
        command = [node(), compiler, str(source.relative_to(tree)), "--r1cs", "--sym", "--wasm", level]
        command += ["-o", str(made.relative_to(tree))]
        run = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        if run.returncode or not (made / f"{name}.r1cs").exists():
            said = " ".join(line.strip() for line in (run.stdout + run.stderr).splitlines() if "error" in line.lower())
            raise ArtefactMismatch(f"{source} does not compile: {said[:500] or 'the compiler gave no reason'}")
        (made / f"{name}_js" / f"{name}.wasm").rename(made / f"{name}.wasm")
        shutil.rmtree(made / f"{name}_js")
        (made / circuit.stamp.name).write_text(digest)
        made.chmod(0o755)
        _swap(made, circuit.folder)
    return circuit


def named_source(name: str) -> Path:
    """Return the file of one of the product's circuits, relative to a checkout's root."""
    return Path("circuits") / ("clearing" if name in CLEARING else "tiers") / f"{name}.circom"


def compile_named(name: str, *, force: bool = False) -> Circuit:
    """Compile one of the product's circuits into build/circuits/<name>; `force` as in `compile_circuit`."""
    return compile_circuit(ROOT / named_source(name), force=force)


def check_sources() -> None:
    """Raise MissingTool where this installation has no circom sources: a wheel has none."""
    if not (ROOT / "circuits").is_dir():
        raise MissingTool("the circom sources are not installed; clone the repository and run scripts/setup there")


def digest_of_sources(name: str) -> str:
    """Return the hash that a build of one of the product's circuits would have now, without compiling.

    Raises MissingTool without the compiler, ArtefactMismatch where a source is missing or is no text.
    """
    check_sources()
    try:
        return _digest(ROOT / named_source(name), OPTIMISED)
    except (OSError, UnicodeDecodeError) as error:
        file = getattr(error, "filename", None) or f"a source of {name}"
        raise ArtefactMismatch(f"{file} cannot be read; restore it from the repository") from None


def _digest(source: Path, level: str) -> str:
    """Return the hash of the source, all that it includes, the compiler's version and the level."""
    total = hashlib.sha256(level.encode())
    total.update(node_script("circuits", "circom2/package.json").read_bytes())
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
