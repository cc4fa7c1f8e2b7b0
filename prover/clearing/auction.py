"""Auctions of silent accounts, from the taker's side: the book that is left, its value, tranches."""

from dataclasses import dataclass

from prover.clearing.acts import Receipts, prepared_book
from prover.clearing.custody import book_events, book_of, disclosed_opening
from prover.clearing.trader import (
    Deed,
    Trader,
    Venue,
    as_opening,
    conservation,
    keep_book,
    margin,
    next_book,
    present_span,
    revealed,
)
from prover.openings import Identity, Opening
from verifier.books import BookOpening, next_salt
from verifier.chain.clearing import acts
from verifier.chain.clearing.acts import BidProofs
from verifier.chain.clearing.house import Phase, auction_of, book_account, epoch_status, newest_step
from verifier.chain.clearing.parameters import Parameters
from verifier.chain.clearing.pricing import TrancheTerms, tranche_terms
from verifier.chain.clearing.spans import span_between
from verifier.chain.clearing.terms import Action, Bid, value_terms
from verifier.chain.connection import Transaction
from verifier.conservation import Span, Terms, conserve, tranche
from verifier.errors import ArtefactMismatch, ChainError, ClaimFalse
from verifier.program import Purpose

TEN_MINUTES = 600
ALL_PARTS = 4
UNATTENDED_BPS = 20_000
"""The band of a taker whose new book no custodian has a receipt for (a voluntary exit)."""


@dataclass(frozen=True)
class Defaulted:
    """An account in an auction and the opening of its present book."""

    account: str
    book: BookOpening


def defaulted_book(venue: Venue, account: str, identity: Identity | None) -> Defaulted:
    """Return the present book of an account in an auction, from what was disclosed and from what followed on chain."""
    opening = disclosed_opening(venue.house, account, identity, venue.listing)
    return Defaulted(account, follow(venue, account, opening))


def follow(venue: Venue, account: str, opening: Opening) -> BookOpening:
    """Return an account's present book from an opening of an earlier one: each tranche and step since then follows.

    ArtefactMismatch where it does not: the owner has traded since.
    """
    state = book_account(venue.house, account)
    book, commitment, step = BookOpening(opening.positions, opening.salt), opening.commitment, None
    parts = ALL_PARTS
    for event in book_events(venue.house, state.address):
        if event.commitment == commitment:
            step = event.step
            continue
        if event.sequence <= opening.sequence or step is None:
            continue
        if event.step == step:
            split = tranche(book.positions, parts)
            left = tuple(x - y for x, y in zip(book.positions, split, strict=True))
            book, parts = BookOpening(left, next_salt(book.salt or 0)), parts - 1
        else:
            span = span_between(venue.house, step, event.step, venue.listing)
            moved = conserve(
                span, Terms(next_salt=True), book, BookOpening.zero(venue.listing), next_salt(book.salt or 0)
            )
            book, step = moved, event.step
        commitment = event.commitment
        if commitment and book.commitment(venue.listing) != commitment:
            raise ArtefactMismatch(f"the book of {account} does not follow from the opening given; get a later one")
    made = as_opening(account, book, state.sequence, venue.listing)
    return book_of(made, state)


def reveal_value(trader: Trader, lot: Defaulted) -> tuple[int, Transaction]:
    """Reveal the marked value of the book that is left, money units, on the newest maintenance epoch."""
    house = trader.venue.house
    state, auction = book_account(house, lot.account), auction_of(house, lot.account)
    if state.phase is not Phase.AUCTION:
        raise ChainError(f"{lot.account} is in no auction, so its value is its own business", "WrongPhase")
    epoch = epoch_status(house, Purpose.MAINTENANCE).number
    terms = value_terms(auction.id, auction.parts, state.sequence, epoch)
    value, proof = revealed(trader.venue, lot.book, state.address, terms)
    return value, acts.send_value(house, trader.signer, state.address, epoch, value, proof)


def quote(trader: Trader, account: str, *, tranches: int = 1) -> TrancheTerms:
    """Return what the next tranche moves now; ChainError where its value has not been revealed on this epoch."""
    house = trader.venue.house
    state, auction = book_account(house, account), auction_of(house, account)
    status = epoch_status(house, Purpose.MAINTENANCE)
    if not auction.parts or auction.valued_epoch != status.number:
        raise ChainError("the value of the book is not revealed on the newest epoch; reveal it first", "NotValued")
    parameters = Parameters(*house.read("parameters")[1])
    now = house.connection.now()
    return tranche_terms(auction, state.balance, status.vault_scale, now, parameters, tranches=tranches)


def take(
    trader: Trader, lot: Defaulted, receipts: Receipts, *, most_paid: int | None = None, prepared: int | None = None
) -> Transaction:
    """Take the next tranche: prove the split, one's own growth, and margin for both together; settle at the price.

    `most_paid`: token units; the present price by default, which only falls. `prepared`: the commitment of a new
    opening that an earlier run stored and that custodians have receipts for.
    """
    return _take(trader, lot, receipts, Action.BID, most_paid, prepared)


def take_all(trader: Trader, lot: Defaulted, receipts: Receipts, *, prepared: int | None = None) -> Transaction:
    """Take all that is left, as the backstop: no margin is proven, and what the pool holds is what it can lose."""
    return _take(trader, lot, receipts, Action.BACKSTOP, None, prepared)


def _take(
    trader: Trader,
    lot: Defaulted,
    receipts: Receipts,
    action: Action,
    most_paid: int | None,
    prepared: int | None,
) -> Transaction:
    venue, house = trader.venue, trader.venue.house
    listing = venue.listing
    defaulter, auction, own = book_account(house, lot.account), auction_of(house, lot.account), trader.account
    backstop = action is Action.BACKSTOP
    moved = quote(trader, lot.account, tranches=auction.parts if backstop else 1)
    limit = moved.payment if most_paid is None else most_paid
    left = own.balance + moved.share + moved.deficit - limit
    if left < 0:
        raise ClaimFalse("the balance does not cover the price; deposit first, or wait for a lower one")
    newest, split = newest_step(house), 1 if backstop else auction.parts
    still: Span = span_between(house, newest, newest, listing)
    traded = trader.fresh(tranche(lot.book.positions, split))
    rest = next_book(still, Terms(sign=-1, parts=split, next_salt=True), lot.book, traded)
    span = present_span(venue, own)
    old = trader.book()
    new = next_book(span, Terms(), old, traded)
    if prepared is not None:
        new = prepared_book(trader, prepared, new, own.sequence + 1)
    bid = Bid(
        account=defaulter.address,
        auction=auction.id,
        parts=auction.parts,
        remainder=keep_book(trader.identity, trader.store, defaulter.address, rest, defaulter.sequence + 1, listing),
        traded=traded.commitment(listing),
        taker_new=trader.keep(new, own.sequence + 1, listing),
        taker_sequence=own.sequence + 1,
        step=newest,
        epoch=epoch_status(house, Purpose.INITIAL).number,
        most_paid=limit,
        expiry=house.connection.now() + TEN_MINUTES,
    )
    deed = Deed(action, bid.terms(defaulter, own))
    opening = as_opening(own.address, new, own.sequence + 1, listing)
    ratio = UNATTENDED_BPS if auction.voluntary else 10_000
    terms = Terms(sign=-1, parts=split, next_salt=True)
    proofs = BidProofs(
        conservation(venue, still, terms, (lot.book, traded, rest), defaulter.address, deed),
        conservation(venue, span, Terms(), (old, traded, new), own.address, deed),
        None if backstop else margin(venue, Purpose.INITIAL, opening, left, ratio, deed),
        () if auction.voluntary else receipts(opening),
    )
    send = acts.send_backstop if backstop else acts.send_bid
    return send(house, trader.signer, bid, proofs)
