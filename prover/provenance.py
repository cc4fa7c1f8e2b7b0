"""The chain of hashes from circom sources to contracts: each link of a circuit's artefacts checked by itself.

    circom sources + compiler -> .r1cs -> witness plan -> proving key -> stored tables
                                                          proving key -> verifying key -> contracts

A link says that a file is the one its manifest names, and that it was made from the one before it. Points of a proving
key cannot be derived from the circuit again: what is checked of them is their file's hash, the constraints that stand
beside them, and that the verifying key is theirs. Nothing is compiled or written.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from prover import _core, artefacts
from prover.artefacts import Artefacts
from prover.circom import ROOT, check_sources, digest_of_sources
from prover.clearing.kit import Kit
from prover.toolchain import build_folder
from verifier.chain.artefacts import Project, check_literals, registry_project
from verifier.chain.bilateral import bilateral_project
from verifier.chain.clearing.contracts import clearing_project
from verifier.circuits import CLEARING, PublicLayout
from verifier.errors import ArtefactMismatch, BadInput, MissingTool
from verifier.files import read_json
from verifier.groth16.keys import VerifyingKey
from verifier.tiers import Tier

T = TypeVar("T")
State = Literal["ok", "none", "broken", "not checked"]
COMMITTED = ROOT / "circuits" / "budget.json"
"""Holds the SHA-256 of the .r1cs of each circuit, as the repository's sources compile."""


@dataclass(frozen=True)
class Link:
    """One link of one circuit's chain."""

    circuit: str
    name: str
    state: State
    """none: there is nothing to check yet. not checked: what it hangs on is broken, or a tool is missing."""
    reason: str = ""
    """Where the state is not ok: what is wrong and what to do."""


class _NotChecked(Exception):  # noqa: N818  it carries a state, not an error
    """A link cannot be judged."""


class _NothingThere(Exception):  # noqa: N818
    """A link has nothing to check."""


class _Chain:
    """One circuit's links. Each method is a link: it raises ArtefactMismatch where that one is broken."""

    def __init__(self, kit: Artefacts[PublicLayout]) -> None:
        self.kit = kit
        self.name = kit.layout.name

    def sources(self) -> None:
        try:
            now = digest_of_sources(self.name)
        except MissingTool as error:
            raise _NotChecked(str(error)) from None
        if now != self.kit.manifest.circuit_source:
            raise ArtefactMismatch(
                f"the circom sources or the compiler are not those that {self.kit.folder} was built from; restore "
                f"them, or run `zkmargin setup --tier {self.name}`"
            )

    def constraints(self) -> None:
        manifest, circuit = self.kit.manifest, self.circuit
        counts = (circuit.n_constraints, circuit.n_wires, circuit.n_outputs + circuit.n_public_inputs)
        if counts != (manifest.constraints, manifest.wires, manifest.public_signals):
            raise ArtefactMismatch(
                f"{self.kit.path('manifest.json')} counts another constraint system; {self.kit.remedy}"
            )
        self.kit.data(f"{self.name}.sym")
        committed = _committed_hash(self.name)
        if committed != circuit.sha256.hex():
            raise ArtefactMismatch(
                f"{self.kit.path(f'{self.name}.r1cs')} is not what the repository's sources compile to; "
                f"{self.kit.remedy}, and scripts/circuits/budget.py where circuits were changed on purpose"
            )

    def plan(self) -> None:
        _needs(lambda: self.circuit, "the constraint system")
        if not self.kit.witness_plan().complete:
            raise ArtefactMismatch(f"{self.kit.path('witness.plan')} does not reach every wire; {self.kit.remedy}")

    def proving_key(self) -> None:
        zkey = self.zkey
        circuit = _needs(lambda: self.circuit, "the constraint system")
        try:
            circuit.check_key(zkey)
        except _core.FormatError as error:
            raise ArtefactMismatch(f"{self.kit.path('proving.zkey')} is refused: {error}; {self.kit.remedy}") from None

    def tables(self) -> None:
        stored = sorted(self.kit.folder.glob("tables-*.keys"))
        if not stored:
            raise _NothingThere("made by the first proof")
        for path in stored:
            self._check_stored(path, _needs(lambda: self.zkey, "the proving key"))

    def verifying_key(self) -> None:
        raw = self.kit.data("verification_key.json")
        self.kit.verifying_key()
        zkey = _needs(lambda: self.zkey, "the proving key")
        try:
            theirs = _core.verification_key_json(zkey)
        except _core.FormatError as error:
            raise ArtefactMismatch(f"{self.kit.path('proving.zkey')} is refused: {error}; {self.kit.remedy}") from None
        if json.loads(theirs) != json.loads(raw):
            path = self.kit.path("verification_key.json")
            raise ArtefactMismatch(f"{path} is not the verifying key of proving.zkey beside it; {self.kit.remedy}")

    def contracts(self) -> None:
        layout = self.kit.layout
        if not isinstance(layout, Tier) or layout.accounts != 1 or not (build_folder() / "contracts").is_dir():
            raise _NothingThere("made by the first deployment")
        key = _needs(self.kit.verifying_key, "the verifying key")
        found = [check_literals(build_folder(), project) for project in _projects(key, layout)]
        if not any(found):
            raise _NothingThere("made by the first deployment")

    @cached_property
    def circuit(self) -> "_core.Circuit":
        return self.kit.circuit()

    @cached_property
    def zkey(self) -> bytes:
        return self.kit.data("proving.zkey")

    def _check_stored(self, path: Path, zkey: bytes) -> None:
        remedy = "delete it; the next proof makes it again"
        try:
            key = _core.ProvingKey.open(path, hashlib.sha256(zkey).digest())
        except _core.FormatError as error:
            raise ArtefactMismatch(f"{path} is refused: {error}; {remedy}") from None
        plan = _needs(lambda: self.kit.data("witness.plan"), "the witness plan")
        if key.plan is None or key.plan.to_bytes() != plan:
            raise ArtefactMismatch(f"{path} holds another witness plan than {self.kit.path('witness.plan')}; {remedy}")
        if json.loads(key.verifying_key.to_json()) != json.loads(_core.verification_key_json(zkey)):
            raise ArtefactMismatch(f"{path} holds another verifying key than proving.zkey beside it; {remedy}")
        if not key.tables_are_whole():
            raise ArtefactMismatch(f"{path} has damaged tables; {remedy}")


LINKS: dict[str, Callable[[_Chain], None]] = {
    "sources": _Chain.sources,
    "r1cs": _Chain.constraints,
    "plan": _Chain.plan,
    "proving key": _Chain.proving_key,
    "tables": _Chain.tables,
    "verifying key": _Chain.verifying_key,
    "contracts": _Chain.contracts,
}
"""Name to check, in the order of the chain; a broken manifest stands before all of them."""


def inspect(layout: PublicLayout, folder: Path | None = None) -> tuple[Link, ...]:
    """Return a circuit's links, the manifest's first. None of them raises; a circuit that was not set up is `none`."""
    folder = folder or artefacts.tier_folder(layout)
    if not folder.exists():
        return (Link(layout.name, "manifest", "none", f"not set up; run `zkmargin setup --tier {layout.name}`"),)
    try:
        chain = _Chain(artefacts.load(layout, folder))
    except ArtefactMismatch as error:
        return (Link(layout.name, "manifest", "broken", str(error)),)
    return (Link(layout.name, "manifest", "ok"), *(_judged(chain, name, check) for name, check in LINKS.items()))


def inspect_all(layouts: Sequence[PublicLayout]) -> list[tuple[Link, ...]]:
    """Return the links of several circuits, in their order; the cores share the work."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(inspect, layouts))


def _judged(chain: _Chain, name: str, check: Callable[[_Chain], None]) -> Link:
    try:
        check(chain)
    except ArtefactMismatch as error:
        return Link(chain.name, name, "broken", str(error))
    except BadInput as error:
        return Link(chain.name, name, "broken", f"{error}; restore the file")
    except _NotChecked as why:
        return Link(chain.name, name, "not checked", str(why))
    except _NothingThere as why:
        return Link(chain.name, name, "none", str(why))
    return Link(chain.name, name, "ok")


def _needs(read: Callable[[], T], what: str) -> T:
    """Return what a link hangs on, which has a link of its own."""
    try:
        return read()
    except ArtefactMismatch:
        raise _NotChecked(f"{what} is broken") from None


def _committed_hash(name: str) -> str:
    """Return the SHA-256 that the repository has of a circuit's .r1cs; raises ArtefactMismatch where it has none."""
    try:
        check_sources()
    except MissingTool as error:
        raise _NotChecked(str(error)) from None
    record = read_json(COMMITTED)
    try:
        found: str = record["clearing" if name in CLEARING else "tiers"][name]["r1cs_sha256"]
    except (KeyError, TypeError):
        raise ArtefactMismatch(f"{COMMITTED} has no hash of {name}; run scripts/circuits/budget.py") from None
    return found


def _projects(key: VerifyingKey, tier: Tier) -> Iterator[Project]:
    """The contracts that deployments under a tier's key compile."""
    yield registry_project(key, tier)
    yield bilateral_project(key, tier)
    if any((build_folder() / "contracts").glob("clearing-*")) and f"conservation{tier.positions}" in CLEARING:
        try:
            keys = Kit.load(tier).keys
        except ArtefactMismatch:
            return  # a circuit of books is missing or broken, which its own links say
        yield clearing_project(keys)


__all__ = ["LINKS", "Link", "State", "inspect", "inspect_all"]
