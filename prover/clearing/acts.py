"""Acts of a trader: each makes what the contract wants and sends it. Errors are found before anything is sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from prover.clearing.trader import (
    Deed,
    Trader,
    as_opening,
    band,
    conservation,
    load_book,
    margin,
    next_book,
    present_span,
)
from prover.openings import Opening
from verifier.books import BookOpening
from verifier.chain.clearing import acts
from verifier.chain.clearing.acts import Claim, Side
from verifier.chain.clearing.house import Phase, auction_of, book_account, epoch_status, newest_step
from verifier.chain.clearing.terms import (
    Action,
    CashMove,
    Settlement,
    Trade,
    status_terms,
    withdrawal_terms,
)
from verifier.chain.connection import Transaction
from verifier.conservation import Terms
from verifier.errors import BadInput, ChainError, ClaimFalse
from verifier.groth16.proof import Proof
from verifier.listing import Listing
from verifier.program import Purpose

Receipts = Callable[[Opening], tuple[bytes, ...]]
"""Asks the custodians for their signatures over a new opening, in ascending order of their addresses."""
TEN_MINUTES = 600


@dataclass(frozen=True)
class Ticket:
    """What two traders share: the traded book, and the trade. Until the seller has accepted, seller_new is -1."""

    traded: BookOpening
    trade: Trade


def offer(trader: Trader, seller: str, positions: tuple[int, ...], expiry: int, *, close: bool = False) -> Ticket:
    """Offer to receive `positions` (lots a place, cash included, negative: to give) from a seller.

    `close`: a book that this leaves empty becomes the zero book, which everybody sees.
    """
    venue, house = trader.venue, trader.venue.house
    if not any(positions):
        raise BadInput("the trade moves nothing; name an instrument and a quantity")
    own, other = trader.account, book_account(house, seller)
    traded = trader.fresh(positions)
    new = _after(trader, Terms(), traded, close=close)
    trade = Trade(
        buyer=trader.address,
        seller=other.address,
        traded=traded.commitment(venue.listing),
        buyer_old=own.commitment,
        buyer_new=trader.keep(new, own.sequence + 1, venue.listing),
        seller_old=other.commitment,
        seller_new=-1,
        buyer_sequence=own.sequence + 1,
        seller_sequence=other.sequence + 1,
        step=newest_step(house),
        listing_hash=venue.listing.hash,
        epoch=epoch_status(house, Purpose.INITIAL).number,
        mark_epoch=epoch_status(house, Purpose.MAINTENANCE).number,
        expiry=expiry,
    )
    return Ticket(traded, trade)


def accept(trader: Trader, ticket: Ticket, *, close: bool = False) -> Ticket:
    """Accept an offer as its seller: the trade is complete and nobody can change it any more."""
    venue, trade = trader.venue, ticket.trade
    if trade.seller != trader.address:
        raise BadInput(f"the offer is for {trade.seller}, not for {trader.address}")
    if trade.traded != ticket.traded.commitment(venue.listing):
        raise BadInput("the offer's commitment is not that of the traded book; refuse it")
    new = _after(trader, Terms(sign=-1), ticket.traded, close=close)
    seller_new = trader.keep(new, trade.seller_sequence, venue.listing)
    return replace(ticket, trade=replace(trade, seller_new=seller_new))


def _after(trader: Trader, terms: Terms, traded: BookOpening, *, close: bool) -> BookOpening:
    new = next_book(present_span(trader.venue, trader.account), terms, trader.book(), traded)
    return BookOpening(new.positions, None) if close and not any(new.positions) else new


def side(trader: Trader, ticket: Ticket, receipts: Receipts) -> Side:
    """Make one trader's side of an accepted trade: conservation, initial margin, signature, receipts."""
    venue, trade = trader.venue, ticket.trade
    if trade.seller_new < 0:
        raise BadInput("the seller has not accepted the trade yet")
    buying = trade.buyer == trader.address
    if not buying and trade.seller != trader.address:
        raise BadInput(f"the trade is between {trade.buyer} and {trade.seller}, not of {trader.address}")
    commitment = trade.buyer_new if buying else trade.seller_new
    account, deed = trader.account, Deed(Action.TRADE, trade.terms)
    terms = Terms(sign=1 if buying else -1)
    span, old = present_span(venue, account), trader.book()
    new = prepared_book(trader, commitment, next_book(span, terms, old, ticket.traded), account.sequence + 1)
    opening = as_opening(trader.address, new, account.sequence + 1, venue.listing)
    return Side(
        conservation(venue, span, terms, (old, ticket.traded, new), trader.address, deed),
        margin(venue, Purpose.INITIAL, opening, account.balance, 10_000, deed),
        trade.sign(venue.house, trader.signer),
        receipts(opening) if commitment else (),
    )


def prepared_book(trader: Trader, commitment: int, like: BookOpening, sequence: int) -> BookOpening:
    """Return the opening of a commitment that the trader made before: its salt is in the store."""
    if commitment == 0:
        return BookOpening(like.positions, None)
    opening = trader.stored(commitment)
    if opening.sequence != sequence or opening.positions != like.positions:
        raise ClaimFalse("the account's book has changed since the opening was made; make a new one")
    return BookOpening(opening.positions, opening.salt)


def trade_band(trader: Trader, ticket: Ticket) -> Proof:
    """Prove that a trade is inside the price band."""
    bps = trader.venue.house.read("parameters")[1][9]
    return band(trader.venue, ticket.traded, bps, ticket.trade.terms)


def move_cash(
    trader: Trader, amount: int, receipts: Receipts, *, close: bool = False, prepared: int | None = None
) -> Transaction:
    """Move token units from the balance into the book, or out of it (negative), with initial margin.

    `prepared`: the commitment of a new opening that an earlier run stored and that custodians have receipts for.
    """
    venue, account = trader.venue, trader.account
    terms, span, old = Terms(amount=amount), present_span(venue, account), trader.book()
    nothing = BookOpening.zero(venue.listing)
    new = _after(trader, terms, nothing, close=close)
    sequence = account.sequence + 1
    if prepared is not None:
        new = prepared_book(trader, prepared, new, sequence)
    move = CashMove(
        amount=amount,
        new_commitment=trader.keep(new, sequence, venue.listing),
        sequence=sequence,
        step=newest_step(venue.house),
        epoch=epoch_status(venue.house, Purpose.INITIAL).number,
        deadline=venue.house.connection.now() + TEN_MINUTES,
    )
    if amount > account.balance:
        raise ClaimFalse("the balance is smaller than the cash that is to enter the book; deposit first")
    deed = Deed(Action.CASH, move.terms(account))
    opening = as_opening(trader.address, new, sequence, venue.listing)
    made = Side(
        conservation(venue, span, terms, (old, nothing, new), trader.address, deed),
        margin(venue, Purpose.INITIAL, opening, account.balance - amount, 10_000, deed),
        b"",
        receipts(opening) if move.new_commitment else (),
    )
    return acts.send_cash(venue.house, trader.signer, move, made)


def settle(trader: Trader, account: str, book: BookOpening, old_listing: Listing | None = None) -> Transaction:
    """Move any account's book, whose opening is known, to the newest step. The new opening is stored."""
    venue = trader.venue
    state = book_account(venue.house, account)
    span, terms = present_span(venue, state, old_listing), Terms(next_salt=True)
    nothing = BookOpening.zero(venue.listing)
    new = next_book(span, terms, book, nothing)
    sequence = state.sequence + 1
    commitment = keep_for(trader, state.address, new, sequence)
    settlement = Settlement(state.address, commitment, sequence, newest_step(venue.house))
    deed = Deed(Action.SETTLE, settlement.terms(state))
    proof = conservation(venue, span, terms, (book, nothing, new), state.address, deed)
    return acts.send_settlement(venue.house, trader.signer, settlement, proof)


def settle_stored(trader: Trader, account: str, old_listing: Listing | None = None) -> Transaction:
    """Settle an account's book whose opening is in the trader's store."""
    state = book_account(trader.venue.house, account)
    if state.commitment == 0:
        raise ChainError(f"{account} has the zero book, which has nothing to settle", "ZeroBook")
    if state.step == newest_step(trader.venue.house):
        raise ChainError(f"the book of {account} is at the newest step already", "StepMismatch")
    return settle(trader, account, load_book(trader.venue, state, trader.identity, trader.store), old_listing)


def keep_for(trader: Trader, account: str, book: BookOpening, sequence: int) -> int:
    """Store another account's opening beside the trader's own."""
    return trader.keep(book, sequence, trader.venue.listing, account=account)


def status_claim(trader: Trader, ratio_bps: int) -> Claim:
    """Prove maintenance margin on the newest epoch: a status, an answer to a call, or a cure."""
    venue, account = trader.venue, trader.account
    balance = account.balance
    if account.phase is Phase.AUCTION:
        balance += auction_of(venue.house, account.address).proceeds
    epoch = epoch_status(venue.house, Purpose.MAINTENANCE).number
    deadline = venue.house.connection.now() + TEN_MINUTES
    deed = Deed(Action.STATUS, status_terms(account, epoch, deadline, account.phase))
    opening = as_opening(account.address, trader.book(), account.sequence, venue.listing)
    made = margin(venue, Purpose.MAINTENANCE, opening, balance, ratio_bps, deed)
    return Claim(account.address, epoch, account.sequence, account.nonce, deadline, made)


def prove_status(trader: Trader, ratio_bps: int = 10_000) -> Transaction:
    """Prove and submit maintenance margin on the newest epoch."""
    return acts.send_status(trader.venue.house, trader.signer, status_claim(trader, ratio_bps))


def execute_withdrawal(trader: Trader) -> Transaction:
    """Execute the account's requested withdrawal with initial margin on a later epoch."""
    venue, account = trader.venue, trader.account
    recipient, amount, after = venue.house.read("withdrawalOf", account.address)
    if not amount:
        raise ChainError("no withdrawal is requested", "NothingOpen")
    epoch = epoch_status(venue.house, Purpose.INITIAL).number
    deadline = venue.house.connection.now() + TEN_MINUTES
    terms = withdrawal_terms(account, recipient, amount, after, epoch, deadline)
    opening = as_opening(account.address, trader.book(), account.sequence, venue.listing)
    made = margin(venue, Purpose.INITIAL, opening, account.balance, 10_000, Deed(Action.WITHDRAW, terms))
    claim = Claim(account.address, epoch, account.sequence, account.nonce, deadline, made)
    return acts.execute_withdrawal(venue.house, trader.signer, claim)
