"""The context: which action a proof is for, on which chain, for whom, until when (statement, part 7)."""

from dataclasses import dataclass
from enum import IntEnum

from verifier.abi import encode
from verifier.errors import BadInput
from verifier.field import R
from verifier.keccak import keccak
from verifier.program import Purpose

CONTEXT_TAG = keccak(b"zkmargin.context.v1")
ZERO_ADDRESS = "0x" + "00" * 20


class Action(IntEnum):
    """What an accepted proof does. A proof serves one action, once."""

    STATUS = 0
    WITHDRAW = 1
    UPDATE = 2


@dataclass(frozen=True)
class Context:
    """Everything outside the statement that a proof is bound to. Addresses are 0x and 40 hexadecimal digits.

    amount: in the settlement token's smallest unit, as executed; deadline: Unix seconds, the last at which
    the proof counts; nonce: the account's proof counter; sequence: the commitment's number, the new one for
    an update.
    """

    chain_id: int
    registry: str
    verifying_key_hash: bytes
    purpose: Purpose
    action: Action
    account: str
    recipient: str
    amount: int
    epoch: int
    sequence: int
    nonce: int
    deadline: int

    def __post_init__(self) -> None:
        """Refuse what no contract could recompute (BadInput)."""
        if len(self.verifying_key_hash) != 32:
            raise BadInput("the verifying-key hash must have 32 bytes")
        for name, bits in (("chain_id", 256), ("amount", 256)):
            _check_unsigned(name, getattr(self, name), bits)
        for name in ("epoch", "sequence", "nonce", "deadline"):
            _check_unsigned(name, getattr(self, name), 64)
        if self.action is not Action.WITHDRAW and (self.amount or address_bytes(self.recipient) != bytes(20)):
            raise BadInput("only a withdrawal has a recipient and an amount")

    @property
    def element(self) -> int:
        """The context's public signal: keccak256 of the encoding, mod R."""
        data = encode(
            [
                CONTEXT_TAG,
                self.chain_id,
                _address_integer(self.registry),
                self.verifying_key_hash,
                int(self.purpose),
                int(self.action),
                _address_integer(self.account),
                _address_integer(self.recipient),
                self.amount,
                self.epoch,
                self.sequence,
                self.nonce,
                self.deadline,
            ]
        )
        return int.from_bytes(keccak(data), "big") % R


def _check_unsigned(name: str, value: int, bits: int) -> None:
    if not 0 <= value < 1 << bits:
        raise BadInput(f"{name} is outside [0, 2^{bits})")


def check_address(text: str, name: str = "the address") -> None:
    """Refuse what is no address, and mixed case that breaks the EIP-55 checksum (BadInput); `name` says which one."""
    try:
        address_bytes(text)
    except BadInput:
        raise BadInput(f"{name} is not 0x and 40 hexadecimal digits; copy it whole") from None
    if not _checksum_holds(text):
        raise BadInput(f"{name} breaks its EIP-55 checksum, so a letter is mistyped; copy it whole")


def _checksum_holds(text: str) -> bool:
    """Whether letters of both cases are those of EIP-55: upper where the hash's digit is 8 or more."""
    digits = text.removeprefix("0x")
    if digits in (digits.lower(), digits.upper()):
        return True
    marks = keccak(digits.lower().encode()).hex()
    return all(digit.isupper() == (mark >= "8") for digit, mark in zip(digits, marks, strict=False) if digit.isalpha())


def _address_integer(text: str) -> int:
    return int.from_bytes(address_bytes(text), "big")


def address_bytes(text: str) -> bytes:
    """Return an address's 20 bytes; upper and lower case are equal."""
    try:
        data = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        data = b""
    if len(data) != 20 or not text.startswith("0x") or len(text) != 42:
        raise BadInput("an address must be 0x and 40 hexadecimal digits")
    return data
