"""Proof requests: the live side of a proof as a file, so that who proves need not be who talks to the chain.

`request.json` says what a proof is for (docs/statement.md, part 7): chain, registry, key, purpose, action, account,
epoch, sequence, nonce, deadline, ratio and vault amount. The proof's folder keeps a copy for `submit`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prover.proving import Claim
from verifier.context import Action, Context
from verifier.errors import BadInput
from verifier.files import read_json, write_json_atomic
from verifier.program import Purpose

Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
Amount = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,77})$")]
Counter = Annotated[int, Field(ge=0, lt=1 << 64, strict=True)]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["zkmargin.request"]
    version: Literal[1]
    chain_id: Annotated[int, Field(ge=0, strict=True)]
    registry: Address
    verifying_key_hash: Hash
    purpose: Literal["initial", "maintenance"]
    action: Literal["status", "withdraw", "update"]
    account: Address
    recipient: Address
    amount: Amount
    epoch: Counter
    sequence: Counter
    nonce: Counter
    deadline: Counter
    ratio_bps: Annotated[int, Field(ge=0, strict=True)]
    vault_balance: Amount


@dataclass(frozen=True)
class ProofRequest:
    """What one proof is for. vault_balance: money units that the proof counts on."""

    context: Context
    ratio_bps: int
    vault_balance: int

    @property
    def claim(self) -> Claim:
        return Claim(self.ratio_bps, self.vault_balance, self.context.element)

    def save(self, path: Path) -> None:
        """Write the request file, all or not at all."""
        c = self.context
        fields = _File.model_validate(
            {
                "format": "zkmargin.request",
                "version": 1,
                "chain_id": c.chain_id,
                "registry": c.registry,
                "verifying_key_hash": "0x" + c.verifying_key_hash.hex(),
                "purpose": c.purpose.name.lower(),
                "action": c.action.name.lower(),
                "account": c.account,
                "recipient": c.recipient,
                "amount": str(c.amount),
                "epoch": c.epoch,
                "sequence": c.sequence,
                "nonce": c.nonce,
                "deadline": c.deadline,
                "ratio_bps": self.ratio_bps,
                "vault_balance": str(self.vault_balance),
            }
        )
        write_json_atomic(path, fields.model_dump())


def load_request(path: Path) -> ProofRequest:
    """Read a request file; raises BadInput naming the first field that is wrong."""
    try:
        raw = _File.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{path}: field {place}: {first['msg'].lower()}; make the request again") from None
    context = Context(
        chain_id=raw.chain_id,
        registry=raw.registry,
        verifying_key_hash=bytes.fromhex(raw.verifying_key_hash[2:]),
        purpose=Purpose[raw.purpose.upper()],
        action=Action[raw.action.upper()],
        account=raw.account,
        recipient=raw.recipient,
        amount=int(raw.amount),
        epoch=raw.epoch,
        sequence=raw.sequence,
        nonce=raw.nonce,
        deadline=raw.deadline,
    )
    return ProofRequest(context, raw.ratio_bps, int(raw.vault_balance))


__all__ = ["ProofRequest", "load_request"]
