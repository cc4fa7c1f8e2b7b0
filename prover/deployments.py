"""Deployment files: where a registry stands, for which key, and who its parties are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prover import artefacts
from prover.toolchain import build_folder
from verifier.chain.artefacts import CompiledRegistry, compile_registry
from verifier.chain.connection import Connection, check_url
from verifier.chain.registry import Registry, connect_registry
from verifier.errors import ArtefactMismatch, BadInput
from verifier.files import read_json, write_json_atomic
from verifier.tiers import TIERS

Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]


class DeploymentFile(BaseModel):
    """What `deploy` writes and every other chain verb reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["zkmargin.deployment"] = "zkmargin.deployment"
    version: Literal[1] = 1
    chain_id: Annotated[int, Field(ge=0, strict=True)]
    rpc: str
    tier: str
    verifying_key_hash: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
    registry: Address
    token: Address
    epoch_authority: Address
    custodian: Address
    ic_contracts: list[Address]
    local_token: bool
    """The token is the one for local chains that anyone can mint."""

    def save(self, path: Path) -> None:
        """Write the file, all or not at all."""
        write_json_atomic(path, self.model_dump())


@dataclass(frozen=True)
class Site:
    """A deployment that was connected to and checked: contract code, key and manifest belong together."""

    file: DeploymentFile
    registry: Registry
    compiled: CompiledRegistry


def load_deployment(path: Path) -> DeploymentFile:
    """Read a deployment file; raises BadInput naming the field."""
    try:
        return DeploymentFile.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{path}: field {place}: {first['msg'].lower()}; make it with `zkmargin deploy`") from None


def connect(path: Path, rpc: str | None) -> Site:
    """Connect to a deployment and check key, chain and contract code against each other."""
    file = load_deployment(path)
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
    compiled = compile_registry(key, kit.layout, build_folder())
    registry = connect_registry(connection, file.registry, key, kit.layout, compiled)
    return Site(file, registry, compiled)
