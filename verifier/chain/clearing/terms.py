"""What proofs and signatures of the clearing house are bound to (docs/clearing.md, parts 5, 6 and 9)."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any

from eth_abi.abi import encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from verifier.chain.clearing.house import BookAccount, House, Phase
from verifier.chain.connection import checksum
from verifier.field import R
from verifier.keccak import keccak
from verifier.program import Purpose

_CONTEXT_TAG = keccak(b"zkmargin.clearing.v1")


class Action(IntEnum):
    """What a proof of the clearing house is for."""

    TRADE = 0
    CASH = 1
    SETTLE = 2
    STATUS = 3
    WITHDRAW = 4
    BID = 5
    VALUE = 6
    BACKSTOP = 7


def context(house: House, key_hash: bytes, action: Action, account: str, terms: bytes) -> int:
    """Return the context element of a proof, in [0, R)."""
    types = ["bytes32", "uint256", "address", "bytes32", "uint8", "address", "bytes32"]
    values = [
        _CONTEXT_TAG,
        house.connection.chain_id,
        checksum(house.address),
        key_hash,
        int(action),
        checksum(account),
        terms,
    ]
    return int.from_bytes(keccak(encode(types, values)), "big") % R


_TRADE_FIELDS = (
    ("buyer", "address"),
    ("seller", "address"),
    ("traded", "uint256"),
    ("buyerOld", "uint256"),
    ("buyerNew", "uint256"),
    ("sellerOld", "uint256"),
    ("sellerNew", "uint256"),
    ("buyerSequence", "uint64"),
    ("sellerSequence", "uint64"),
    ("step", "uint40"),
    ("listingHash", "uint256"),
    ("epoch", "uint40"),
    ("markEpoch", "uint40"),
    ("expiry", "uint64"),
)
_TRADE_TYPE = keccak(f"Trade({','.join(f'{kind} {name}' for name, kind in _TRADE_FIELDS)})".encode())


@dataclass(frozen=True)
class Trade:
    """What both traders sign; fields as in IClearingHouse.Trade. expiry: Unix seconds."""

    buyer: str
    seller: str
    traded: int
    buyer_old: int
    buyer_new: int
    seller_old: int
    seller_new: int
    buyer_sequence: int
    seller_sequence: int
    step: int
    listing_hash: int
    epoch: int
    mark_epoch: int
    expiry: int

    @property
    def terms(self) -> bytes:
        """The EIP-712 struct hash, which is also the terms of the trade's proofs."""
        return keccak(encode(["bytes32", *(kind for _, kind in _TRADE_FIELDS)], [_TRADE_TYPE, *self.arguments()]))

    def arguments(self) -> tuple[Any, ...]:
        """Return the struct that the contract takes."""
        return (checksum(self.buyer), checksum(self.seller), *astuple(self)[2:])

    def sign(self, house: House, signer: LocalAccount) -> bytes:
        """Return a trader's signature."""
        names = [name for name, _ in _TRADE_FIELDS]
        return _sign(house, signer, "Trade", _TRADE_FIELDS, dict(zip(names, self.arguments(), strict=True)))


_CASH_TYPE = "(int128,uint256,uint64,uint40,uint40,uint64)"
_SETTLEMENT_TYPE = "(address,uint256,uint64,uint40)"
_BID_TYPE = "(address,uint32,uint8,uint256,uint256,uint256,uint64,uint40,uint40,uint128,uint64)"


@dataclass(frozen=True)
class CashMove:
    """Cash between an account's balance and its book. amount: token units into the book, negative out of it."""

    amount: int
    new_commitment: int
    sequence: int
    step: int
    epoch: int
    deadline: int

    def terms(self, account: BookAccount) -> bytes:
        values = [account.address, account.commitment, astuple(self)]
        return keccak(encode(["address", "uint256", _CASH_TYPE], values))


@dataclass(frozen=True)
class Settlement:
    """A book moves along a span of steps."""

    account: str
    new_commitment: int
    sequence: int
    to_step: int

    def arguments(self) -> tuple[Any, ...]:
        return (checksum(self.account), self.new_commitment, self.sequence, self.to_step)

    def terms(self, account: BookAccount) -> bytes:
        return keccak(encode(["uint256", _SETTLEMENT_TYPE], [account.commitment, self.arguments()]))


@dataclass(frozen=True)
class Bid:
    """A takeover of one tranche, or by the backstop of all that are left; fields as in IClearingHouse.Bid."""

    account: str
    auction: int
    parts: int
    remainder: int
    traded: int
    taker_new: int
    taker_sequence: int
    step: int
    epoch: int
    most_paid: int
    expiry: int

    def arguments(self) -> tuple[Any, ...]:
        return (checksum(self.account), *astuple(self)[1:])

    def terms(self, defaulter: BookAccount, taker: BookAccount) -> bytes:
        types = ["address", "uint256", "uint32", "uint256", _BID_TYPE]
        values = [taker.address, defaulter.commitment, defaulter.sequence, taker.commitment, self.arguments()]
        return keccak(encode(types, values))


def status_terms(account: BookAccount, epoch: int, deadline: int, phase: Phase) -> bytes:
    """Return the terms of a maintenance proof about an account as it is."""
    values = [int(Purpose.MAINTENANCE), epoch, account.sequence, account.nonce, deadline, int(phase)]
    return keccak(encode(["uint256"] * 6, values))


def withdrawal_terms(
    account: BookAccount, recipient: str, amount: int, after_epoch: int, epoch: int, deadline: int
) -> bytes:
    """Return the terms of the initial-margin proof that a requested withdrawal needs."""
    numbers = [amount, after_epoch, int(Purpose.INITIAL), epoch, account.sequence, account.nonce, deadline]
    return keccak(encode(["address"] + ["uint256"] * 7, [checksum(recipient), *numbers]))


def value_terms(auction: int, parts: int, sequence: int, epoch: int) -> bytes:
    """Return the terms of the proof that reveals an auctioned book's marked value."""
    return keccak(encode(["uint256"] * 4, [auction, parts, sequence, epoch]))


# ---- what custodians sign ----

Fields = Sequence[tuple[str, str]]
_RECEIPT_FIELDS = (("account", "address"), ("commitment", "uint256"), ("sequence", "uint64"))
_ACKNOWLEDGEMENT_FIELDS = (*_RECEIPT_FIELDS, ("demandAt", "uint40"))


def sign_receipt(house: House, custodian: LocalAccount, account: str, commitment: int, sequence: int) -> bytes:
    """Return a custodian's word that it holds the opening of a commitment, and nothing else."""
    values = {"account": checksum(account), "commitment": commitment, "sequence": sequence}
    return _sign(house, custodian, "Receipt", _RECEIPT_FIELDS, values)


def sign_acknowledgement(house: House, custodian: LocalAccount, account: BookAccount) -> bytes:
    """Return a custodian's answer to a trader's demand."""
    values = {
        "account": account.address,
        "commitment": account.commitment,
        "sequence": account.sequence,
        "demandAt": account.demand_at,
    }
    return _sign(house, custodian, "Acknowledgement", _ACKNOWLEDGEMENT_FIELDS, values)


def _sign(house: House, signer: LocalAccount, name: str, fields: Fields, message: dict[str, Any]) -> bytes:
    return bytes(signer.sign_message(_message(house, name, fields, message)).signature)


def _message(house: House, name: str, fields: Fields, message: dict[str, Any]) -> SignableMessage:
    return encode_typed_data(
        full_message={
            "domain": {
                "name": "zkmargin clearing",
                "version": "1",
                "chainId": house.connection.chain_id,
                "verifyingContract": checksum(house.address),
            },
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                name: [{"name": field, "type": kind} for field, kind in fields],
            },
            "primaryType": name,
            "message": message,
        }
    )
