"""Files of clearing houses: where one stands, for which keys; and how the command line connects to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prover.clearing.kit import Kit
from prover.clearing.trader import Venue
from prover.toolchain import build_folder
from verifier.chain.clearing.contracts import CompiledClearing, compile_clearing
from verifier.chain.clearing.house import House, connect_house
from verifier.chain.connection import Connection, check_url
from verifier.errors import ArtefactMismatch, BadInput
from verifier.files import read_json, write_json_atomic
from verifier.program import Purpose
from verifier.program_file import load_program
from verifier.tiers import TIERS

Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
FORMAT = "zkmargin.house"


class HouseFile(BaseModel):
    """What `house deploy` writes and every verb of the clearing house reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["zkmargin.house"] = "zkmargin.house"
    version: Literal[1] = 1
    chain_id: Annotated[int, Field(ge=0, strict=True)]
    rpc: str
    tier: str
    keys_hash: Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
    """keccak256 over the three keys' hashes."""
    house: Address
    token: Address
    token_decimals: Annotated[int, Field(ge=0, le=36, strict=True)]
    local_token: bool
    """The token is the one for local chains that anyone can mint."""

    def save(self, path: Path) -> None:
        """Write the file, all or not at all."""
        write_json_atomic(path, self.model_dump())


@dataclass(frozen=True)
class HouseSite:
    """A clearing house that was connected to and checked: contracts and keys belong together."""

    file: HouseFile
    house: House
    kit: Kit
    compiled: CompiledClearing

    def venue(self, initial: Path, maintenance: Path) -> Venue:
        """Return the venue with the programs of its newest epochs; BadInput where a file is of the other purpose."""
        programs = []
        for path, purpose in ((initial, Purpose.INITIAL), (maintenance, Purpose.MAINTENANCE)):
            program = load_program(path)
            if program.purpose is not purpose:
                raise BadInput(f"{path} is a program of the other purpose; give one of {purpose.name.lower()} margin")
            if program.tier != self.kit.keys.tier:
                raise ArtefactMismatch(
                    f"{path} is of tier {program.tier.name}, the clearing house of tier {self.kit.keys.tier.name}"
                )
            programs.append(program)
        return Venue(self.house, self.kit, *programs)


def is_house_file(path: Path) -> bool:
    """Return whether a deployment file is of a clearing house; what cannot be read is none."""
    try:
        raw = read_json(path)
    except BadInput:
        return False
    return isinstance(raw, dict) and raw.get("format") == FORMAT


def connect_site(path: Path, rpc: str | None) -> HouseSite:
    """Connect to a clearing house and check chain, keys and code against each other."""
    try:
        file = HouseFile.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{path}: field {place}: {first['msg'].lower()}; make it with `zkmargin house deploy`") from None
    if file.tier not in TIERS:
        raise ArtefactMismatch(f"{path}: field tier names none of {', '.join(TIERS)}")
    kit = Kit.load(TIERS[file.tier])
    if f"0x{kit.keys.hash.hex()}" != file.keys_hash:
        raise ArtefactMismatch(f"{path} is of other keys than those of tier {file.tier} here; deploy again")
    check_url(rpc or file.rpc, "--rpc" if rpc else f"{path}: field rpc")
    connection = Connection(rpc or file.rpc)
    if connection.chain_id != file.chain_id:
        raise ArtefactMismatch(f"{path} is of chain {file.chain_id}, the node is of chain {connection.chain_id}")
    compiled = compile_clearing(kit.keys, build_folder())
    return HouseSite(file, connect_house(connection, file.house, kit.keys, compiled), kit, compiled)
