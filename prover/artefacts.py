"""What a circuit is proven with: the compiled circuit, the witness plan, the keys, and the manifest that binds them.

A manifest names every artefact by SHA-256; loading checks each file before it is used. Everything is made in a
folder of its own beside the target and renamed in one step, so an interrupted set-up leaves the old one in place.
"""

import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from prover import _core, tables
from prover.circom import compile_named
from prover.fields import Fields
from prover.toolchain import build_folder, node_script
from verifier.circuits import CLEARING, PublicLayout
from verifier.errors import ArtefactMismatch, BadInput
from verifier.files import parse_json, read_json, write_bytes_atomic, write_json_atomic
from verifier.groth16.keys import VerifyingKey, parse_key

L = TypeVar("L", bound=PublicLayout)

FORMAT = "zkmargin-manifest"
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The binding of one circuit's artefacts. `development` keys are forgeable by whoever made them."""

    tier: str
    """Name of the tier, or of another circuit."""
    development: bool
    circuit_source: str
    """SHA-256 over the circom sources, the compiler's version and its options."""
    compiler: str
    constraints: int
    public_signals: int
    wires: int
    verifying_key_hash: str
    """keccak256 of docs/statement.md, part 6."""
    files: dict[str, str]
    """File name to SHA-256."""

    @classmethod
    def parse(cls, data: Any) -> "Manifest":
        """Return the manifest that a JSON value is; raises BadInput for anything else."""
        fields = Fields(data, ("format", "version", *(field.name for field in dataclasses.fields(cls))))
        fields.choice("format", [FORMAT])
        fields.choice("version", [VERSION])
        return cls(
            tier=fields.text("tier", ".+", "a name"),
            development=fields.truth("development"),
            circuit_source=fields.text("circuit_source", ".+", "a hash"),
            compiler=fields.text("compiler", ".+", "a version"),
            constraints=fields.integer("constraints", 32),
            public_signals=fields.integer("public_signals", 32),
            wires=fields.integer("wires", 32),
            verifying_key_hash=fields.text("verifying_key_hash", "0x[0-9a-f]{64}", "0x and 64 hexadecimal digits"),
            files=fields.texts("files"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return what `parse` reads."""
        return {"format": FORMAT, "version": VERSION, **dataclasses.asdict(self)}


@dataclass(frozen=True)
class Artefacts(Generic[L]):
    """A circuit's loaded folder. `layout`: its public signals, a tier or another circuit's."""

    folder: Path
    layout: L
    manifest: Manifest

    @property
    def remedy(self) -> str:
        """What to do where an artefact is missing or damaged."""
        return f"run `zkmargin setup --tier {self.layout.name} --force`"

    def path(self, name: str) -> Path:
        return self.folder / name

    def data(self, name: str) -> bytes:
        """Return a file's bytes after comparing its hash with the manifest's."""
        path = self.path(name)
        try:
            data = path.read_bytes()
        except OSError:
            raise ArtefactMismatch(f"{path} is missing or cannot be read; {self.remedy}") from None
        if hashlib.sha256(data).hexdigest() != self.manifest.files.get(name):
            raise ArtefactMismatch(
                f"{path} is not the file its manifest names (damaged or of another build); {self.remedy}"
            )
        return data

    def verifying_key(self) -> VerifyingKey:
        """Return the verifying key, checked against the manifest and the layout."""
        path, data = self.path("verification_key.json"), self.data("verification_key.json")
        try:
            key = parse_key(parse_json(data.decode(), str(path)), str(path))
        except (BadInput, UnicodeDecodeError):
            raise ArtefactMismatch(f"{path} is no JSON file; {self.remedy}") from None
        key.check_tier(self.layout)
        if f"0x{key.hash.hex()}" != self.manifest.verifying_key_hash:
            raise ArtefactMismatch(f"{path} is not the key its manifest names; {self.remedy}")
        return key

    def circuit(self) -> "_core.Circuit":
        """Return the constraint system."""
        try:
            return _core.Circuit(self.data(f"{self.layout.name}.r1cs"))
        except _core.FormatError as error:
            raise self._refused(error) from None

    def witness_plan(self) -> "_core.WitnessPlan":
        """Return the circuit's witness plan; solving it checks every constraint."""
        circuit = self.circuit()
        try:
            return _core.WitnessPlan.load(self.data("witness.plan"), circuit)
        except _core.FormatError as error:
            raise self._refused(error) from None

    def proving_key(self) -> "_core.ProvingKey":
        """Return the proving key with its witness plan and, unless the budget is 0, stored tables of its points.

        The points were checked when this machine made the manifest.
        """
        tables.check_kernels()
        size = tables.budget()
        if size:
            zkey_hash = bytes.fromhex(self.manifest.files.get("proving.zkey", ""))
            stored = tables.opened(self.folder, zkey_hash, size, self._store)
            if stored is not None:
                return stored
        plan = self.witness_plan()
        try:
            return _core.ProvingKey(self.data("proving.zkey"), plan, trusted=True)
        except _core.FormatError as error:
            raise self._refused(error) from None

    def prove(self, inputs: bytes, key: "_core.ProvingKey | None" = None) -> bytes:
        """Return a proof's bytes; `inputs` as the plan takes them, `key` saves opening it again.

        Tables that are found to be damaged are made anew. Raises what `_core.ProvingKey.prove` does.
        """
        key = key or self.proving_key()
        try:
            return key.prove(inputs)[0]
        except _core.ProofError:
            if not tables.repaired(self.folder, key, tables.budget()):
                raise
        return self.proving_key().prove(inputs)[0]

    def _store(self, path: Path, size: int) -> None:
        plan, zkey = self.witness_plan(), self.data("proving.zkey")
        try:
            _core.ProvingKey.store(path, zkey, plan, trusted=True, budget=size)
        except _core.FormatError as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> ArtefactMismatch:
        return ArtefactMismatch(f"{self.folder} holds an artefact that is refused: {error}; {self.remedy}")


def tier_folder(layout: PublicLayout) -> Path:
    return build_folder() / "tiers" / layout.name


def load(layout: L, folder: Path | None = None) -> Artefacts[L]:
    """Return a circuit's artefacts; raises ArtefactMismatch where they are missing, damaged or of another circuit."""
    folder = folder or tier_folder(layout)
    path = folder / "manifest.json"
    if not path.is_file():
        raise ArtefactMismatch(f"{path} is missing; run `zkmargin setup --tier {layout.name}`")
    try:
        manifest = Manifest.parse(read_json(path))
    except BadInput:
        raise ArtefactMismatch(
            f"{path} is no manifest of this version; run `zkmargin setup --tier {layout.name} --force`"
        ) from None
    if manifest.tier != layout.name or manifest.public_signals != layout.public_count:
        kind = "tier" if manifest.tier not in CLEARING else "circuit"
        raise ArtefactMismatch(f"{path} is of {kind} {manifest.tier}, {layout.name} is needed; give the right folder")
    return Artefacts(folder, layout, manifest)


def build(layout: L, *, force: bool = False, say: Callable[[str], None] = lambda _: None) -> Artefacts[L]:
    """Compile a circuit and make development keys, unless current ones are there. Returns the artefacts.

    `say` is told each step. The keys are made by this machine alone and are for local chains only.
    """
    folder = tier_folder(layout)
    say(f"{layout.name}: compiling the circuit")
    compiled = compile_named(layout.name, force=force)
    if not force:
        try:
            current = load(layout, folder)
            if current.manifest.circuit_source == compiled.digest:
                return current
        except ArtefactMismatch:
            pass
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{layout.name}-") as name:
        scratch = Path(name) / layout.name
        scratch.mkdir()
        for path in (compiled.r1cs, compiled.sym):
            shutil.copyfile(path, scratch / path.name)
        r1cs = compiled.r1cs.read_bytes()
        say(f"{layout.name}: deriving the witness plan")
        circuit = _core.Circuit(r1cs)
        plan = _core.WitnessPlan.derive(circuit)
        if not plan.determined:
            raise ArtefactMismatch(f"the circuit {layout.name} has wires that its inputs do not determine; mend it")
        write_bytes_atomic(scratch / "witness.plan", plan.to_bytes())
        say(f"{layout.name}: making a development key (never for value)")
        tables.check_kernels()
        zkey = _core.setup(circuit)
        write_bytes_atomic(scratch / "proving.zkey", zkey)
        raw = json.loads(_core.verification_key_json(zkey))
        write_json_atomic(scratch / "verification_key.json", raw)
        key = parse_key(raw, "the new verification key")
        key.check_tier(layout)
        names = (f"{layout.name}.r1cs", f"{layout.name}.sym", "witness.plan", "proving.zkey", "verification_key.json")
        manifest = Manifest(
            tier=layout.name,
            development=True,
            circuit_source=compiled.digest,
            compiler="circom2 " + _compiler_version(),
            constraints=circuit.n_constraints,
            public_signals=circuit.n_public_inputs,
            wires=circuit.n_wires,
            verifying_key_hash=f"0x{key.hash.hex()}",
            files={n: hashlib.sha256((scratch / n).read_bytes()).hexdigest() for n in names},
        )
        write_json_atomic(scratch / "manifest.json", manifest.to_json())
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    return load(layout, folder)


def _compiler_version() -> str:
    path = node_script("circuits", "circom2/package.json")
    version: str = json.loads(path.read_text())["version"]
    return version
