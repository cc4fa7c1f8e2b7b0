"""The custodians' side: receipts over openings that they hold, and passing an opening on in a default.

A receipt says nothing about margin or positions. Openings travel encrypted: to the custodians before they sign, to the
bonded liquidators in an auction's fast phase; in the slow phase they may be public.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bech32 import bech32_decode, bech32_encode, convertbits
from eth_account.signers.local import LocalAccount
from pyrage import RecipientError, encrypt, x25519  # type: ignore[import-untyped]

from prover.openings import Identity, Opening, opening_bytes, parse_opening
from verifier.books import BookOpening
from verifier.chain.clearing.house import BookAccount, House
from verifier.chain.clearing.terms import sign_receipt
from verifier.chain.connection import checksum
from verifier.commitment import commit
from verifier.errors import ArtefactMismatch, BadInput
from verifier.listing import Listing

_PREFIX = "age"


def sign_receipts(
    house: House, custodians: Sequence[LocalAccount], opening: Opening, listing: Listing
) -> tuple[bytes, ...]:
    """Return the custodians' receipts in ascending order of their addresses, after opening the commitment.

    ArtefactMismatch where the opening does not open it: a receipt for a book that cannot be opened would be a lie.
    """
    if opening.listing_hash != listing.hash or commit(listing, opening.positions, opening.salt) != opening.commitment:
        raise ArtefactMismatch("the opening does not open its commitment under this listing; no receipt is given")
    ordered = sorted(custodians, key=lambda custodian: int(custodian.address, 16))
    return tuple(
        sign_receipt(house, custodian, opening.account, opening.commitment, opening.sequence) for custodian in ordered
    )


def encryption_key(identity: Identity) -> bytes:
    """Return an identity's public X25519 key, 32 bytes, as liquidators bond with it."""
    _, words = bech32_decode(identity.recipient)
    return bytes(_regrouped(words or [], 5, 8, pad=False))


def recipient_of(key: bytes) -> str:
    """Return the age recipient of an X25519 key."""
    return str(bech32_encode(_PREFIX, _regrouped(key, 8, 5, pad=True)))


def _regrouped(values: Iterable[int], have: int, want: int, *, pad: bool) -> list[int]:
    out = convertbits(values, have, want, pad)
    if out is None:
        raise BadInput("the encryption key is malformed")
    return out


def bonded_keys(house: House) -> dict[str, bytes]:
    """Return the encryption keys of the liquidators that are bonded now, by address."""
    out = {}
    for who in _bonded_ever(house):
        bond, leaving_at, key = house.read("liquidatorOf", who)
        if bond and not leaving_at:
            out[who] = bytes(key)
    return out


def _bonded_ever(house: House) -> list[str]:
    return list(dict.fromkeys(log["args"]["who"] for log in _events(house, "LiquidatorBonded")))


def seal_for(keys: Sequence[bytes], opening: Opening) -> bytes:
    """Encrypt an opening to X25519 keys; BadInput where there is none, or one is none."""
    if not keys:
        raise BadInput("no liquidator is bonded, so the opening would reach nobody; wait for the slow phase")
    return seal_to([recipient_of(key) for key in keys], opening)


def seal_to(recipients: Sequence[str], opening: Opening) -> bytes:
    """Encrypt an opening to age recipients; BadInput where one is none."""
    try:
        public = [x25519.Recipient.from_str(recipient) for recipient in recipients]
    except RecipientError:
        raise BadInput('a recipient is no age X25519 key; give it as "age1..."') from None
    sealed: bytes = encrypt(opening_bytes(opening), public)
    return sealed


def public_disclosure(opening: Opening) -> bytes:
    """Return an opening for everybody to read, in the slow phase."""
    return opening_bytes(opening)


def disclosed_opening(house: House, account: str, identity: Identity | None, listing: Listing) -> Opening:
    """Return the opening of an auctioned book from what was disclosed on chain.

    Disclosures that do not open a commitment of the account are passed over: anyone of the custodians may send one.
    """
    auction = house.read("auctionOf", checksum(account))[0]
    source = Path(f"the disclosure of {account}")
    for log in reversed(_events(house, "Disclosed")):
        if log["args"]["account"] != checksum(account) or log["args"]["auction"] != auction:
            continue
        data = bytes(log["args"]["data"])
        try:
            if not data.startswith(b"{"):
                if identity is None:
                    continue
                data = identity.unseal(data, source)
            opening = parse_opening(data, source)
            if commit(listing, opening.positions, opening.salt) == opening.commitment:
                return opening
        except (ArtefactMismatch, BadInput):
            continue
    raise ArtefactMismatch(f"nothing that this identity can read was disclosed about {account}; ask a custodian")


def _events(house: House, name: str) -> list[Any]:
    contract = house.connection.web3.eth.contract(address=checksum(house.address), abi=cast(Any, house.contract.abi))
    event = contract.events[name]()
    wanted = {"address": checksum(house.address), "fromBlock": "0x0", "toBlock": "latest"}
    logs = house.connection.logs({**wanted, "topics": [event.topic]})
    return [event.process_log(log) for log in logs]


@dataclass(frozen=True)
class BookEvent:
    """A new commitment of an account."""

    commitment: int
    sequence: int
    step: int


def book_events(house: House, account: str) -> list[BookEvent]:
    """Return how an account's book has changed, in order."""
    rows = (log["args"] for log in _events(house, "BookChanged") if log["args"]["account"] == checksum(account))
    return [BookEvent(row["commitment"], row["sequence"], row["step"]) for row in rows]


def book_of(opening: Opening, account: BookAccount) -> BookOpening:
    """Return an opening as a book; ArtefactMismatch where it is not the account's present one."""
    if opening.commitment != account.commitment:
        raise ArtefactMismatch("the disclosed opening is not that of the account's present book")
    return BookOpening(opening.positions, opening.salt)
