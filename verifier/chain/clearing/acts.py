"""What parties send to a clearing house, with the proofs that each act needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from verifier.chain.clearing.house import House, listing_text
from verifier.chain.clearing.terms import Bid, CashMove, Settlement, Trade
from verifier.chain.connection import Transaction, checksum
from verifier.chain.tokens import approve
from verifier.groth16.proof import Proof
from verifier.listing import Listing


@dataclass(frozen=True)
class MarginProof:
    """A margin proof with what it says. vault_balance: money units; point_y: y of the epoch's prepared point."""

    ratio_bps: int
    vault_balance: int
    point_y: int
    proof: Proof

    def arguments(self) -> tuple[Any, ...]:
        return (self.ratio_bps, self.vault_balance, self.point_y, words(self.proof))


NO_MARGIN = (0, 0, 0, [0] * 8)
"""What stands in place of a margin proof where the book is the zero book."""


def words(proof: Proof) -> list[int]:
    """Return a proof's eight words, as contracts take them."""
    data = proof.to_evm()
    return [int.from_bytes(data[k : k + 32], "big") for k in range(0, len(data), 32)]


def margin_words(margin: MarginProof | None) -> tuple[Any, ...]:
    return margin.arguments() if margin is not None else NO_MARGIN


@dataclass(frozen=True)
class Side:
    """One side of a trade, or a cash move: conservation, margin (None for the zero book), signature, receipts."""

    conservation: Proof
    margin: MarginProof | None
    signature: bytes
    receipts: tuple[bytes, ...]

    def arguments(self) -> tuple[Any, ...]:
        return (words(self.conservation), margin_words(self.margin), self.signature, list(self.receipts))


@dataclass(frozen=True)
class Claim:
    """A margin proof about an account as it is."""

    account: str
    epoch: int
    sequence: int
    nonce: int
    deadline: int
    margin: MarginProof | None

    def arguments(self) -> tuple[Any, ...]:
        head = (checksum(self.account), self.epoch, self.sequence, self.nonce, self.deadline)
        return (*head, margin_words(self.margin))


@dataclass(frozen=True)
class BidProofs:
    """What a taker proves: the split of the defaulted book, its own growth, its margin."""

    split: Proof
    conservation: Proof
    margin: MarginProof | None
    receipts: tuple[bytes, ...]

    def arguments(self) -> tuple[Any, ...]:
        return (words(self.split), words(self.conservation), margin_words(self.margin), list(self.receipts))


# ---- money ----


def deposit(house: House, signer: LocalAccount, account: str, amount: int) -> list[Transaction]:
    """Deposit token units into any account."""
    return _paid(house, signer, amount, "depositing", "deposit", checksum(account), amount)


def deposit_escrow(house: House, signer: LocalAccount, account: str, amount: int) -> list[Transaction]:
    """Add to what an account with a book locks."""
    return _paid(house, signer, amount, "locking escrow", "depositEscrow", checksum(account), amount)


def deposit_fund(house: House, signer: LocalAccount, amount: int) -> list[Transaction]:
    return _paid(house, signer, amount, "adding to the insurance fund", "depositFund", amount)


def bond_liquidator(house: House, signer: LocalAccount, encryption_key: bytes) -> list[Transaction]:
    """Become a bonded liquidator; openings are encrypted to the key (32 bytes, X25519)."""
    bond = house.read("parameters")[1][15]
    return _paid(house, signer, bond, "bonding", "bondLiquidator", encryption_key)


def bond_custodians(house: House, signer: LocalAccount, amount: int) -> list[Transaction]:
    return _paid(house, signer, amount, "bonding the custodians", "bondCustodians", amount)


def _paid(
    house: House, signer: LocalAccount, amount: int, action: str, name: str, *arguments: Any
) -> list[Transaction]:
    approved = approve(house.connection, signer, house.token, house.address, amount)
    return [approved, house.send(signer, action, name, *arguments)]


def release_escrow(house: House, signer: LocalAccount) -> Transaction:
    return house.send(signer, "releasing the escrow", "releaseEscrow")


def request_withdrawal(house: House, signer: LocalAccount, recipient: str, amount: int) -> Transaction:
    return house.send(signer, "requesting the withdrawal", "requestWithdrawal", checksum(recipient), amount)


def cancel_withdrawal(house: House, signer: LocalAccount) -> Transaction:
    return house.send(signer, "cancelling the withdrawal", "cancelWithdrawal")


def execute_withdrawal(house: House, signer: LocalAccount, claim: Claim) -> Transaction:
    return house.send(signer, "executing the withdrawal", "executeWithdrawal", claim.arguments())


# ---- books ----


def send_trade(house: House, signer: LocalAccount, trade: Trade, buyer: Side, seller: Side, band: Proof) -> Transaction:
    arguments = trade.arguments(), buyer.arguments(), seller.arguments(), words(band)
    return house.send(signer, "the trade", "trade", *arguments)


def send_cash(house: House, signer: LocalAccount, move: CashMove, side: Side) -> Transaction:
    values = (move.amount, move.new_commitment, move.sequence, move.step, move.epoch, move.deadline)
    return house.send(signer, "moving cash", "moveCash", values, side.arguments())


def send_settlement(house: House, signer: LocalAccount, settlement: Settlement, proof: Proof) -> Transaction:
    return house.send(signer, "settling the book", "settle", settlement.arguments(), words(proof))


def accrue(house: House, authority: LocalAccount, accruals: Sequence[int]) -> Transaction:
    """Add an accrual of the present listing: cash lots times 2^32 per lot of each place."""
    return house.send_steps(authority, "adding the accrual", "accrue", list(accruals))


def relist(
    house: House,
    authority: LocalAccount,
    present: Listing,
    following: Listing,
    keep: Sequence[int],
    prices: Sequence[int],
) -> Transaction:
    """Add a relisting: kept places hold the same instrument and lot in both listings, others become cash at a price.

    prices: cash lots times 2^32 per lot of each place.
    """
    kept = [bool(flag) for flag in keep]
    arguments = listing_text(present), listing_text(following), kept, list(prices)
    return house.send_steps(authority, "adding the relisting", "relist", *arguments)


def prepare_marks(house: House, signer: LocalAccount, epoch: int, marks: bytes) -> Transaction:
    """Show an epoch's marks, so that values can be proven against it."""
    return house.send_valuation(signer, "showing the marks", "prepareMarks", epoch, marks)


# ---- proofs, calls, auctions ----


def send_status(house: House, signer: LocalAccount, claim: Claim) -> Transaction:
    return house.send(signer, "the maintenance proof", "prove", claim.arguments())


def call(house: House, signer: LocalAccount, account: str) -> Transaction:
    return house.send(signer, "the margin call", "call", checksum(account))


def allege(house: House, custodian: LocalAccount, account: str) -> Transaction:
    bond = house.read("parameters")[1][17]
    return house.send(custodian, "alleging a shortfall", "allege", checksum(account), value=bond)


def escalate(house: House, signer: LocalAccount, account: str) -> Transaction:
    return house.send(signer, "escalating the call", "escalate", checksum(account))


def demand_receipt(house: House, signer: LocalAccount) -> Transaction:
    return house.send(signer, "demanding a receipt", "demandReceipt")


def acknowledge(house: House, signer: LocalAccount, account: str, signatures: Sequence[bytes]) -> Transaction:
    return house.send(signer, "acknowledging the demand", "acknowledge", checksum(account), list(signatures))


def exit_book(house: House, signer: LocalAccount) -> Transaction:
    """Auction one's own book after the custodians' silence."""
    return house.send(signer, "the exit", "exit")


def disclose(house: House, signer: LocalAccount, account: str, data: bytes) -> Transaction:
    return house.send(signer, "disclosing the opening", "disclose", checksum(account), data)


def send_value(house: House, signer: LocalAccount, account: str, epoch: int, value: int, proof: Proof) -> Transaction:
    arguments = checksum(account), epoch, value, words(proof)
    return house.send(signer, "revealing the value", "value", *arguments)


def send_bid(house: House, taker: LocalAccount, bid: Bid, proofs: BidProofs) -> Transaction:
    return house.send(taker, "the bid", "bid", bid.arguments(), proofs.arguments())


def send_backstop(house: House, taker: LocalAccount, bid: Bid, proofs: BidProofs) -> Transaction:
    return house.send(taker, "the backstop's takeover", "backstop", bid.arguments(), proofs.arguments())
