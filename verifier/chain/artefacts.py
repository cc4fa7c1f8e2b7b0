"""Compiled contracts: the registry of a verifying key, and the token for local chains.

The generated source is compiled by forge in a build folder of its own, with the sources of contracts/src and the
compiler that npm installed there. Nothing outside that folder is written.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.chain.codegen import reader_name, registry_name, registry_source
from verifier.chain.key_literals import POINTS_PER_CONTRACT, ic_blobs
from verifier.errors import ArtefactMismatch, MissingTool
from verifier.files import write_bytes_atomic, write_text_atomic
from verifier.groth16.keys import VerifyingKey
from verifier.tiers import Tier

_MANIFEST = """[profile.default]
src = "src"
out = "out"
cache_path = "cache"
libs = []
solc = "{contracts}/tools/solc"
offline = true
auto_detect_remappings = false
remappings = [
    "zkmargin/={contracts}/src/",
    "@openzeppelin/contracts/={contracts}/node_modules/@openzeppelin/contracts/",
]
evm_version = "osaka"
optimizer = true
optimizer_runs = 1_000_000
bytecode_hash = "none"
cbor_metadata = false

[lint]
lint_on_build = false
"""
MAX_CODE = 24_576
"""Bytes of code that a contract may have (EIP-170)."""
_CONTRACT = re.compile(r"^contract (\w+) ", re.MULTILINE)
_LITERAL = re.compile(r"(?:mstore\(add\(memoryAt, 0x[0-9a-f]{3}\), |return )0x([0-9a-f]{64})")
"""A coordinate that every proof meets, or a hash; other literals of a source may stand in a function without use."""
_PLACEHOLDER = re.compile(r"__\$[0-9a-f]{34}\$__")
"""What the compiler writes where a library's address goes."""
_TOKEN_SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LocalToken} from "zkmargin/local/LocalToken.sol";
"""


@dataclass(frozen=True)
class Compiled:
    """A contract's interface and creation code."""

    name: str
    abi: tuple[Mapping[str, Any], ...]
    creation_code: bytes
    runtime_code: bytes
    """Immutables are zero in it."""
    immutables: tuple[tuple[int, int], ...]
    """Where they stand: start and length."""
    links: tuple[tuple[str, int], ...] = ()
    """Libraries that the creation code calls: name, and where its 20 bytes of address stand."""
    runtime_links: tuple[tuple[str, int], ...] = ()
    """The same in the runtime code."""

    def linked(self, libraries: Mapping[str, str]) -> bytes:
        """Return the creation code with the addresses of its libraries in place."""
        code = bytearray(self.creation_code)
        for name, start in self.links:
            code[start : start + 20] = bytes.fromhex(libraries[name].removeprefix("0x"))
        return bytes(code)

    def matches(self, code: bytes) -> bool:
        """Return whether deployed code is this contract's, whatever its immutables are."""
        masked = bytearray(code)
        for start, length in self.immutables:
            masked[start : start + length] = bytes(length)
        return bytes(masked) == self.runtime_code


@dataclass(frozen=True)
class CompiledRegistry:
    """The contracts of one verifying key."""

    registry: Compiled
    reader: Compiled
    """Reads programs for the registry, which makes it."""
    points: tuple[bytes, ...]
    """Code of the data contracts that the reader sums."""
    local_token: Compiled


@dataclass(frozen=True)
class Project:
    """Generated sources that are compiled together in a folder of their own."""

    name: str
    """Of the folder; holds the start of the hash of the key, or keys."""
    sources: Mapping[str, str]
    """Name of each file, without its ending, to its text."""

    def folder(self, build_folder: Path) -> Path:
        return build_folder.resolve() / "contracts" / self.name


def contracts_folder() -> Path:
    """Return contracts/ of the checkout: $ZKMARGIN_ROOT, or where this package is. Raises MissingTool."""
    named = os.environ.get("ZKMARGIN_ROOT")
    root = Path(named) if named else Path(__file__).resolve().parents[2]
    folder = root / "contracts"
    if not (folder / "foundry.toml").is_file():
        raise MissingTool(
            f"{root} is no zkmargin checkout (contracts/foundry.toml is not there); clone the repository and set "
            "ZKMARGIN_ROOT to it"
        )
    return folder.resolve()


def npm_binary(name: str) -> Path:
    """Return forge or anvil: $ZKMARGIN_FORGE, $ZKMARGIN_ANVIL, or what npm installed. Raises MissingTool."""
    named = os.environ.get(f"ZKMARGIN_{name.upper()}")
    path = (
        Path(named)
        if named
        else contracts_folder() / "node_modules" / "@foundry-rs" / f"{name}-linux-amd64" / "bin" / name
    )
    if not path.is_file():
        raise MissingTool(
            f"{name} is missing ({path}); run scripts/setup, or set ZKMARGIN_{name.upper()} to the program"
        )
    return path


def registry_project(key: VerifyingKey, tier: Tier) -> Project:
    """Return the generated sources of the registry of a key, from the key alone."""
    return _registry_project(key, tier, ic_blobs(key, tier))


def _registry_project(key: VerifyingKey, tier: Tier, points: Sequence[bytes]) -> Project:
    sources = {registry_name(tier): registry_source(key, tier, points), "Token": _TOKEN_SOURCE}
    return Project(_registry_folder(key), sources)


def _registry_folder(key: VerifyingKey) -> str:
    return key.hash.hex()[:16]


def compile_registry(key: VerifyingKey, tier: Tier, build_folder: Path) -> CompiledRegistry:
    """Generate and compile the registry of a key under `build_folder`/contracts; what is current is not compiled again.

    Raises MissingTool for forge, solc or node, ArtefactMismatch where the compiler refuses or the code is too large.
    """
    name = registry_name(tier)
    points = kept_points(key, tier, build_folder)
    with compiled_project(build_folder, _registry_project(key, tier, points)) as read:
        return CompiledRegistry(
            registry=read(name, name),
            reader=read(name, reader_name(tier)),
            points=points,
            local_token=read("LocalToken", "LocalToken"),
        )


def kept_points(key: VerifyingKey, tier: Tier, build_folder: Path) -> tuple[bytes, ...]:
    """Return `ic_blobs`, kept beside the compiled contracts: the widest tier's take seconds to compute.

    The file is as trusted as the compiled contracts around it. One that is damaged, or of another key, is made anew.
    """
    path = build_folder.resolve() / "contracts" / _registry_folder(key) / "points.bin"
    blobs = _read_points(path, key, tier)
    if blobs is None:
        blobs = ic_blobs(key, tier)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomic(path, _points_hash(key, tier, blobs) + b"".join(blobs))
    return blobs


def _read_points(path: Path, key: VerifyingKey, tier: Tier) -> tuple[bytes, ...] | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    size = 1 + 64 * POINTS_PER_CONTRACT
    blobs = tuple(data[start : start + size] for start in range(32, len(data), size))
    return blobs if data[:32] == _points_hash(key, tier, blobs) else None


def _points_hash(key: VerifyingKey, tier: Tier, blobs: Sequence[bytes]) -> bytes:
    return hashlib.sha256(b"".join((key.hash, tier.name.encode(), b"\0", *blobs))).digest()


Reader = Callable[[str, str], Compiled]
"""Takes the name of a source file and of a contract in it."""


@contextmanager
def compiled_project(build_folder: Path, project: Project) -> Iterator[Reader]:
    """Compile a project with contracts/src in a folder of its own; gives what reads a contract.

    What is current is not compiled again. Raises MissingTool for forge, solc or node, ArtefactMismatch where the
    compiler refuses or a contract is larger than a chain allows.
    """
    contracts = contracts_folder()
    forge = npm_binary("forge")
    if not (contracts / "node_modules" / "solc" / "package.json").is_file():
        raise MissingTool(f"solc is missing ({contracts}/node_modules/solc); run scripts/setup")
    if shutil.which("node") is None:
        raise MissingTool("Node.js 20 or later is missing and solc runs on it; install it (nodejs.org), then try again")
    folder = project.folder(build_folder)
    (folder / "src").mkdir(parents=True, exist_ok=True)

    def read(source: str, contract: str) -> Compiled:
        compiled = _read(folder, source, contract)
        if len(compiled.runtime_code) > MAX_CODE:
            raise ArtefactMismatch(f"the contract {contract} is larger than a chain allows")
        return compiled

    with _locked(folder):
        _write_if_changed(folder / "foundry.toml", _MANIFEST.format(contracts=contracts))
        for file, text in project.sources.items():
            _write_if_changed(folder / "src" / f"{file}.sol", text)
        _run_forge(forge, folder)
        yield read


def check_literals(build_folder: Path, project: Project) -> bool:
    """Compare a compiled project with its keys, without compiling; False where nothing was compiled yet.

    The sources must be those that the keys give, and their points and hashes must stand in the compiled code.
    Raises ArtefactMismatch naming the file.
    """
    folder = project.folder(build_folder)
    if not (folder / "out").is_dir():
        return False
    for file, text in project.sources.items():
        path = folder / "src" / f"{file}.sol"
        if not path.is_file() or path.read_bytes() != text.encode():
            raise ArtefactMismatch(f"{path} is not the contract of the key here; delete {folder} and deploy again")
        names = _CONTRACT.findall(text)
        compiled = [_read(folder, file, name) for name in names]
        code = b"".join(part for contract in compiled for part in (contract.creation_code, contract.runtime_code))
        literals = {bytes.fromhex(literal).lstrip(b"\0") for literal in _LITERAL.findall(text)}
        if not all(literal in code for literal in literals):
            raise ArtefactMismatch(
                f"{folder / 'out' / path.name} does not hold the points and hashes of the key here; delete {folder} "
                "and deploy again"
            )
    return True


def _write_if_changed(path: Path, text: str) -> None:
    """Write a file unless it holds the text already, so that its time tells forge the truth."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_text_atomic(path, text)


def _run_forge(forge: Path, folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FOUNDRY_", "DAPP_"))}
    try:
        done = subprocess.run(
            [str(forge), "build", "--root", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise MissingTool(f"{forge} cannot be started ({error.strerror}); run scripts/setup") from None
    if done.returncode != 0:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        reason = next((line for line in lines if "rror" in line), lines[-1] if lines else "no output")
        raise ArtefactMismatch(f"the contracts do not compile: {reason.strip()[:300]}")


def _read(folder: Path, source: str, name: str) -> Compiled:
    path = folder / "out" / f"{source}.sol" / f"{name}.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Compiled(
            name=name,
            abi=tuple(document["abi"]),
            creation_code=_code(document["bytecode"]["object"]),
            runtime_code=_code(document["deployedBytecode"]["object"]),
            immutables=tuple(
                (int(place["start"]), int(place["length"]))
                for places in document["deployedBytecode"].get("immutableReferences", {}).values()
                for place in places
            )
            + tuple((start, 20) for _, start in _links(document["deployedBytecode"])),
            links=_links(document["bytecode"]),
            runtime_links=_links(document["deployedBytecode"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise ArtefactMismatch(f"{path} is no compiled contract; delete {folder} and try again") from None


def _code(text: str) -> bytes:
    return bytes.fromhex(_PLACEHOLDER.sub("0" * 40, text.removeprefix("0x")))


def _links(bytecode: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    files = bytecode.get("linkReferences", {}).values()
    return tuple(
        (library, int(place["start"])) for file in files for library, places in file.items() for place in places
    )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process: two forges in one folder would spoil each other's cache."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
