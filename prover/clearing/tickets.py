"""Files that traders of a clearing house exchange: tickets, sides, receipts.

A ticket holds the traded book and its salt: both traders know it, nobody else should; it is written for its owner only.
Sides and receipts are public in what they say, since they end up on chain.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prover.clearing.acts import Ticket
from prover.schema import Address
from verifier.books import BookOpening
from verifier.chain.clearing.acts import MarginProof, Side
from verifier.chain.clearing.terms import Trade
from verifier.errors import BadInput
from verifier.files import read_json, write_json_atomic
from verifier.groth16.proof import Proof

Number = Annotated[str, Field(pattern=r"^-?(0|[1-9][0-9]{0,77})$")]
Hex = Annotated[str, Field(pattern=r"^0x([0-9a-f]{2})*$")]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


F = TypeVar("F", bound=_File)


class _Ticket(_File):
    format: Literal["zkmargin.ticket"] = "zkmargin.ticket"
    version: Literal[1] = 1
    positions: list[Number]
    salt: Number
    trade: dict[str, str]


class _Margin(_File):
    ratio_bps: int
    vault_balance: Number
    point_y: Number
    proof: Hex


class _Side(_File):
    format: Literal["zkmargin.side"] = "zkmargin.side"
    version: Literal[1] = 1
    account: Address
    conservation: Hex
    margin: _Margin | None
    signature: Hex
    receipts: list[Hex]
    band: Hex


class _Receipt(_File):
    format: Literal["zkmargin.receipt"] = "zkmargin.receipt"
    version: Literal[1] = 1
    account: Address
    commitment: Number
    sequence: int
    custodian: Address
    signature: Hex


def save_ticket(path: Path, ticket: Ticket) -> None:
    """Write a ticket, readable by its owner only."""
    fields = {name: str(value) for name, value in vars(ticket.trade).items()}
    file = _Ticket(positions=[str(x) for x in ticket.traded.positions], salt=str(ticket.traded.salt), trade=fields)
    write_json_atomic(path, file.model_dump(), private=True)


def load_ticket(path: Path) -> Ticket:
    """Read a ticket; BadInput naming the field."""
    file = _load(path, _Ticket, "trade offer")
    names = Trade.__dataclass_fields__
    try:
        values: dict[str, Any] = {name: _typed(name, file.trade[name]) for name in names}
    except (KeyError, ValueError):
        raise BadInput(f"{path}: field trade is not that of a ticket; make it with `zkmargin trade offer`") from None
    return Ticket(BookOpening(tuple(int(x) for x in file.positions), int(file.salt)), Trade(**values))


def _typed(name: str, text: str) -> str | int:
    return text if name in ("buyer", "seller") else int(text)


def save_side(path: Path, account: str, side: Side, band: Proof) -> None:
    """Write one trader's side of a trade, with the band proof that either of them can make."""
    margin = side.margin
    made = None
    if margin is not None:
        made = _Margin(
            ratio_bps=margin.ratio_bps,
            vault_balance=str(margin.vault_balance),
            point_y=str(margin.point_y),
            proof=_hex(margin.proof.to_evm()),
        )
    file = _Side(
        account=account,
        conservation=_hex(side.conservation.to_evm()),
        margin=made,
        signature=_hex(side.signature),
        receipts=[_hex(receipt) for receipt in side.receipts],
        band=_hex(band.to_evm()),
    )
    write_json_atomic(path, file.model_dump())


def load_side(path: Path) -> tuple[str, Side, Proof]:
    """Return a side with its account and band proof."""
    file = _load(path, _Side, "trade sign")
    margin = None
    if file.margin is not None:
        m = file.margin
        margin = MarginProof(m.ratio_bps, int(m.vault_balance), int(m.point_y), Proof.from_evm(_bytes(m.proof)))
    side = Side(
        Proof.from_evm(_bytes(file.conservation)),
        margin,
        _bytes(file.signature),
        tuple(_bytes(receipt) for receipt in file.receipts),
    )
    return file.account, side, Proof.from_evm(_bytes(file.band))


def save_receipt(path: Path, account: str, commitment: int, sequence: int, custodian: str, signature: bytes) -> None:
    """Write a custodian's receipt."""
    file = _Receipt(
        account=account, commitment=str(commitment), sequence=sequence, custodian=custodian, signature=_hex(signature)
    )
    write_json_atomic(path, file.model_dump())


def receipted(paths: tuple[Path, ...]) -> int | None:
    """Return the commitment that receipts are about, None without any."""
    return int(_load(paths[0], _Receipt, "house receipt").commitment) if paths else None


def load_receipts(paths: tuple[Path, ...], commitment: int) -> tuple[bytes, ...]:
    """Return the signatures of receipts in ascending order of the custodians; BadInput where one is of another book."""
    files = [_load(path, _Receipt, "house receipt") for path in paths]
    for path, file in zip(paths, files, strict=True):
        if int(file.commitment) != commitment:
            raise BadInput(f"{path} is the receipt of another commitment; ask the custodian for this one's")
    return tuple(_bytes(file.signature) for file in sorted(files, key=lambda file: int(file.custodian, 16)))


def _load(path: Path, kind: type[F], verb: str) -> F:
    try:
        return kind.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{path}: field {place}: {first['msg'].lower()}; make it with `zkmargin {verb}`") from None


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
