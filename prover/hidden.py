"""Private models: blinding a program, and the files of a registry of two parties.

A blinded program is the program with a fresh random `blind`: its point is uniform among all points, whatever the
program is, so that publishing it says nothing. A blind serves one program once: the difference of two points under one
blind shows the difference of their programs to whoever guesses it.
"""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prover import artefacts
from prover.artefacts import Artefacts
from prover.schema import Address, Amount, Counter, Hash
from prover.toolchain import build_folder
from verifier.chain.bilateral import Bilateral, CommitmentTerms, compile_bilateral, connect_bilateral
from verifier.chain.connection import Connection, check_url
from verifier.errors import ArtefactMismatch, BadInput
from verifier.field import R
from verifier.files import read_json, write_json_atomic, write_text_atomic
from verifier.program import MarginProgram
from verifier.program_file import dump_program
from verifier.tiers import TIERS, Tier

F = TypeVar("F", bound=BaseModel)


def blinded(program: MarginProgram) -> MarginProgram:
    """Return the program under a fresh blind, uniform in [1, R)."""
    return replace(program, blind=1 + secrets.randbelow(R - 1))


def save_hidden(path: Path, program: MarginProgram) -> None:
    """Write a program file that its owner only can read, all or not at all."""
    write_text_atomic(path, dump_program(program), private=True)


class BilateralFile(BaseModel):
    """What `private deploy` writes and the other private verbs read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["zkmargin.bilateral"] = "zkmargin.bilateral"
    version: Literal[1] = 1
    chain_id: Annotated[int, Field(ge=0, strict=True)]
    rpc: str
    tier: str
    verifying_key_hash: Hash
    registry: Address

    def save(self, path: Path) -> None:
        """Write the file, all or not at all."""
        write_json_atomic(path, self.model_dump())


class CountersignatureFile(BaseModel):
    """The venue's word that a commitment is the trader's next book; public once it is registered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["zkmargin.countersignature"] = "zkmargin.countersignature"
    version: Literal[1] = 1
    chain_id: Annotated[int, Field(ge=0, strict=True)]
    registry: Address
    commitment: Amount
    sequence: Counter
    expiry: Counter
    signature: Annotated[str, Field(pattern=r"^0x([0-9a-f]{2}){1,512}$")]

    @classmethod
    def of(cls, terms: CommitmentTerms, signature: bytes) -> "CountersignatureFile":
        """Return the file of signed terms."""
        return cls(
            chain_id=terms.chain_id,
            registry=terms.registry,
            commitment=str(terms.commitment),
            sequence=terms.sequence,
            expiry=terms.expiry,
            signature="0x" + signature.hex(),
        )

    @property
    def terms(self) -> CommitmentTerms:
        """What was signed."""
        return CommitmentTerms(self.chain_id, self.registry, int(self.commitment), self.sequence, self.expiry)

    def save(self, path: Path) -> None:
        """Write the file, all or not at all."""
        write_json_atomic(path, self.model_dump())


def load_countersignature(path: Path) -> CountersignatureFile:
    """Read a countersignature; BadInput naming the field."""
    return _load(path, CountersignatureFile, "private sign")


@dataclass(frozen=True)
class BilateralSite:
    """A registry of two parties that was connected to and checked: contract, key and manifest belong together."""

    file: BilateralFile
    registry: Bilateral
    kit: Artefacts[Tier]


def connect_site(path: Path, rpc: str | None) -> BilateralSite:
    """Connect to a registry of two parties and check key, chain and contract code against each other."""
    file = _load(path, BilateralFile, "private deploy")
    if file.tier not in TIERS:
        raise ArtefactMismatch(f"{path}: field tier names none of {', '.join(TIERS)}")
    kit = artefacts.load(TIERS[file.tier])
    if kit.manifest.verifying_key_hash != file.verifying_key_hash:
        raise ArtefactMismatch(
            f"{path} is of another key than the one of tier {file.tier} here; deploy again or install that key"
        )
    check_url(rpc or file.rpc, "--rpc" if rpc else f"{path}: field rpc")
    connection = Connection(rpc or file.rpc)
    if connection.chain_id != file.chain_id:
        raise ArtefactMismatch(f"{path} is of chain {file.chain_id}, the node is of chain {connection.chain_id}")
    key = kit.verifying_key()
    contract = compile_bilateral(key, kit.layout, build_folder())
    return BilateralSite(file, connect_bilateral(connection, file.registry, key, kit.layout, contract), kit)


def _load(path: Path, kind: type[F], verb: str) -> F:
    try:
        return kind.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{path}: field {place}: {first['msg'].lower()}; make it with `zkmargin {verb}`") from None


__all__ = [
    "BilateralFile",
    "BilateralSite",
    "CountersignatureFile",
    "blinded",
    "connect_site",
    "load_countersignature",
    "save_hidden",
]
