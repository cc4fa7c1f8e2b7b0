"""Proof requests: the live side of a proof as a file, so that who proves need not be who talks to the chain.

`request.json` says what a proof is for (docs/statement.md, part 7): chain, registry, key, purpose, action, account,
epoch, sequence, nonce, deadline, ratio and vault amount. The proof's folder keeps a copy for `submit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.fields import Fields
from prover.openings import Opening
from prover.proving import Claim
from verifier.context import Action, Context, address_bytes
from verifier.errors import ArtefactMismatch, BadInput
from verifier.files import read_json, write_json_atomic
from verifier.program import MarginProgram, Purpose

FORMAT = "zkmargin.request"
VERSION = 1
_ADDRESS = ("0x[0-9a-fA-F]{40}", "0x and 40 hexadecimal digits")
_HASH = ("0x[0-9a-f]{64}", "0x and 64 lower-case hexadecimal digits")
_AMOUNT = ("0|[1-9][0-9]{0,77}", "a string of at most 78 decimal digits")
_NAMES = (
    "format", "version", "chain_id", "registry", "verifying_key_hash", "purpose", "action", "account", "recipient",
    "amount", "epoch", "sequence", "nonce", "deadline", "ratio_bps", "vault_balance",
)  # fmt: skip


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
        request = {
            "format": FORMAT,
            "version": VERSION,
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
        _parse(request)
        write_json_atomic(path, request)


def load_request(path: Path) -> ProofRequest:
    """Read a request file; raises BadInput naming the first field that is wrong."""
    data = read_json(path)
    try:
        return _parse(data)
    except BadInput as error:
        raise BadInput(f"{path}: {error}; make the request again") from None


def _parse(data: Any) -> ProofRequest:
    fields = Fields(data, _NAMES)
    fields.choice("format", [FORMAT])
    fields.choice("version", [VERSION])
    context = Context(
        chain_id=fields.integer("chain_id"),
        registry=fields.text("registry", *_ADDRESS),
        verifying_key_hash=bytes.fromhex(fields.text("verifying_key_hash", *_HASH)[2:]),
        purpose=Purpose[fields.choice("purpose", [purpose.name.lower() for purpose in Purpose]).upper()],
        action=Action[fields.choice("action", [action.name.lower() for action in Action]).upper()],
        account=fields.text("account", *_ADDRESS),
        recipient=fields.text("recipient", *_ADDRESS),
        amount=int(fields.text("amount", *_AMOUNT)),
        epoch=fields.integer("epoch", 64),
        sequence=fields.integer("sequence", 64),
        nonce=fields.integer("nonce", 64),
        deadline=fields.integer("deadline", 64),
    )
    return ProofRequest(context, fields.integer("ratio_bps"), int(fields.text("vault_balance", *_AMOUNT)))


def check_request(wanted: ProofRequest, program: MarginProgram, openings: Sequence[Opening], key_hash: str) -> None:
    """Refuse a request that no proof of this program, key and opening serves.

    `key_hash`: of the tier's key, 0x and 64 digits. Raises ArtefactMismatch for another purpose, key, account or
    sequence, BadInput for a withdrawal that the contract refuses whatever the proof says.
    """
    context = wanted.context
    if context.purpose is not program.purpose:
        raise ArtefactMismatch(
            f"the request is for {context.purpose.name.lower()} margin, the program is of "
            f"{program.purpose.name.lower()} margin; give the program that the request is for"
        )
    if "0x" + context.verifying_key_hash.hex() != key_hash:
        raise ArtefactMismatch(
            f"the request is for another verifying key than the one of tier {program.tier.name} here; make the "
            "request again or install the registry's keys"
        )
    for opening in openings:
        if address_bytes(opening.account) != address_bytes(context.account):
            raise ArtefactMismatch(
                f"the request is for account {context.account}, the opening is of account {opening.account}; "
                "give that account's opening"
            )
        if opening.sequence != context.sequence:
            raise ArtefactMismatch(
                f"the request is for the commitment of sequence {context.sequence}, the opening is of sequence "
                f"{opening.sequence}; give that commitment's opening, or make the request again"
            )
    if context.action is Action.WITHDRAW:
        check_withdrawal(context.recipient, context.amount)


def check_withdrawal(recipient: str, amount: int) -> None:
    """Refuse a withdrawal to the zero address or of nothing (BadInput)."""
    if address_bytes(recipient) == bytes(20):
        raise BadInput("the withdrawal goes to the zero address, which nobody owns; name another recipient")
    if amount == 0:
        raise BadInput("the withdrawal is of nothing; name its amount")


def check_deadline(wanted: ProofRequest, now: float) -> None:
    """Refuse a request whose deadline has passed (BadInput); `now` in Unix seconds."""
    if wanted.context.deadline < now:
        raise BadInput("the request's deadline has passed, so no proof for it would be accepted; make it again")


__all__ = ["ProofRequest", "check_deadline", "check_request", "check_withdrawal", "load_request"]
