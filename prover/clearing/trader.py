"""A trader of a clearing house: its book, kept encrypted in a store, and the proofs that its acts need.

Each new book has a fresh random salt, except where the contract wants the one that follows. A new opening is stored
before anything is sent, so that no book on chain is ever without its opening.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from prover import proving
from prover.books import prove_conservation, prove_valuation
from prover.clearing.kit import Kit
from prover.openings import Identity, Opening, load_opening, opening_path, write_opening
from verifier.books import BookOpening, next_salt
from verifier.chain.clearing.acts import MarginProof
from verifier.chain.clearing.house import BookAccount, House, book_account, epoch_status, newest_step
from verifier.chain.clearing.spans import span_between
from verifier.chain.clearing.terms import Action, context
from verifier.chain.epochs import read_epoch
from verifier.conservation import Span, Terms, conserve
from verifier.context import ZERO_ADDRESS
from verifier.encoding import program_hash
from verifier.errors import ArtefactMismatch, ChainError
from verifier.groth16.proof import Proof
from verifier.listing import Listing
from verifier.program import MarginProgram, Purpose
from verifier.tiers import SALT_BITS, VAULT_BITS
from verifier.valuation import Marks, reveal, within_band


@dataclass(frozen=True)
class Venue:
    """A clearing house with the programs of its newest epochs."""

    house: House
    kit: Kit
    initial: MarginProgram
    maintenance: MarginProgram

    @property
    def listing(self) -> Listing:
        return self.maintenance.listing

    def program(self, purpose: Purpose) -> MarginProgram:
        return self.initial if purpose is Purpose.INITIAL else self.maintenance

    @property
    def marks(self) -> Marks:
        return Marks.of_program(self.maintenance)


@dataclass(frozen=True)
class Deed:
    """What proofs are made for: an act and its terms."""

    action: Action
    terms: bytes


@dataclass(frozen=True)
class Trader:
    """Who holds the keys of one account and the openings of its books."""

    venue: Venue
    signer: LocalAccount
    identity: Identity
    store: Path

    @property
    def address(self) -> str:
        return str(self.signer.address)

    @property
    def account(self) -> BookAccount:
        """The account as the chain holds it now."""
        return book_account(self.venue.house, self.address)

    def book(self) -> BookOpening:
        """Return the opening of the account's present book; ArtefactMismatch where the store has it not."""
        return load_book(self.venue, self.account, self.identity, self.store)

    def fresh(self, positions: tuple[int, ...]) -> BookOpening:
        """Return a book with a fresh salt."""
        return BookOpening(positions, secrets.randbits(SALT_BITS))

    def keep(self, book: BookOpening, sequence: int, listing: Listing, *, account: str | None = None) -> int:
        """Store the opening of an account's book (its own by default) and return its commitment."""
        return keep_book(self.identity, self.store, account or self.address, book, sequence, listing)

    def stored(self, commitment: int) -> Opening:
        """Return the opening of a commitment from the store."""
        path = opening_path(self.store, commitment)
        if not path.is_file():
            raise ArtefactMismatch(f"{self.store} has no opening of this commitment; give the store that made it")
        return load_opening(path, self.identity)


def load_book(venue: Venue, account: BookAccount, identity: Identity, store: Path) -> BookOpening:
    """Return the opening of an account's present book from a store."""
    if account.commitment == 0:
        return BookOpening.zero(venue.listing)
    path = opening_path(store, account.commitment)
    if not path.is_file():
        raise ArtefactMismatch(f"{store} has no opening of the present book of {account.address}; give its own store")
    opening = load_opening(path, identity)
    return BookOpening(opening.positions, opening.salt)


def keep_book(identity: Identity, store: Path, account: str, book: BookOpening, sequence: int, listing: Listing) -> int:
    """Store a book's opening, encrypted, and return its commitment; the zero book needs none."""
    commitment = book.commitment(listing)
    if book.salt is not None:
        write_opening(store, identity, as_opening(account, book, sequence, listing))
    return commitment


def as_opening(account: str, book: BookOpening, sequence: int, listing: Listing) -> Opening:
    """Return a book as the opening that margin proofs take."""
    salt = book.salt or 0
    return Opening(account, sequence, listing.hash, book.commitment(listing), book.positions, salt)


# ---- proofs ----


def conservation(
    venue: Venue,
    span: Span,
    terms: Terms,
    books: tuple[BookOpening, BookOpening, BookOpening],
    account: str,
    deed: Deed,
) -> Proof:
    """Prove that the last of (old, traded, new) is the first, moved and traded as the terms say."""
    kit = venue.kit
    element = context(venue.house, kit.keys.conservation.hash, deed.action, account, deed.terms)
    return prove_conservation(kit.conservation, span, terms, *books, context=element, key=kit.conservation_key).proof


def margin(
    venue: Venue, purpose: Purpose, opening: Opening, balance: int, ratio_bps: int, deed: Deed
) -> MarginProof | None:
    """Prove an account's margin on the newest epoch, with `balance` token units beside the book.

    None for the zero book, which has nothing to prove. The program must be the epoch's own (ArtefactMismatch).
    """
    if opening.commitment == 0:
        return None
    house, program = venue.house, venue.program(purpose)
    status = epoch_status(house, purpose)
    epoch = read_epoch(house.epochs, purpose, status.number) if status.number else None
    if epoch is None:
        raise ChainError("no epoch of this purpose has been published, so nothing can be proven", "EpochUnset")
    if epoch.program_hash != program_hash(program):
        raise ArtefactMismatch(
            f"the {purpose.name.lower()} program is not that of the newest epoch, {epoch.number}; get the present one"
        )
    vault = min(balance * epoch.vault_scale, (1 << VAULT_BITS) - 1)
    element = context(house, venue.kit.keys.margin.hash, deed.action, opening.account, deed.terms)
    claim = proving.Claim(ratio_bps, vault, element)
    made = proving.prove(venue.kit.margin, program, [opening], claim, key=venue.kit.margin_key)
    return MarginProof(ratio_bps, vault, epoch.point[1], made.proof)


def band(venue: Venue, traded: BookOpening, band_bps: int, terms: bytes) -> Proof:
    """Prove that a traded book is inside the price band."""
    claim = within_band(venue.marks, traded, band_bps)
    element = context(venue.house, venue.kit.keys.valuation.hash, Action.TRADE, ZERO_ADDRESS, terms)
    made = prove_valuation(venue.kit.valuation, venue.marks, traded, claim, element, key=venue.kit.valuation_key)
    return made.proof


def revealed(venue: Venue, book: BookOpening, account: str, terms: bytes) -> tuple[int, Proof]:
    """Return a book's marked value in money units with the proof that reveals it."""
    claim = reveal(venue.marks, book)
    element = context(venue.house, venue.kit.keys.valuation.hash, Action.VALUE, account, terms)
    made = prove_valuation(venue.kit.valuation, venue.marks, book, claim, element, key=venue.kit.valuation_key)
    return claim.value, made.proof


# ---- books to come ----


def present_span(venue: Venue, account: BookAccount, old_listing: Listing | None = None) -> Span:
    """Return the span that brings an account to the newest step; the zero book is there already.

    `old_listing`: what the account's book is under, where the way there is a relisting.
    """
    newest = newest_step(venue.house)
    if account.commitment == 0 or account.step == newest:
        return span_between(venue.house, newest, newest, venue.listing)
    if old_listing is not None and old_listing != venue.listing:
        return span_between(venue.house, account.step, newest, old_listing, venue.listing)
    return span_between(venue.house, account.step, newest, venue.listing)


def next_book(span: Span, terms: Terms, old: BookOpening, traded: BookOpening) -> BookOpening:
    """Return the book that an update leaves, with a fresh salt or the one that follows; after the last tranche the
    zero book."""
    if terms.next_salt:
        salt = next_salt(old.salt or 0)
        book = conserve(span, terms, old, traded, salt)
        return BookOpening(book.positions, None) if terms.parts == 1 else book
    return conserve(span, terms, old, traded, secrets.randbits(SALT_BITS))
