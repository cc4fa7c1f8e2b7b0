"""Conservation: the exact meaning of docs/clearing.md, part 3.

A book moves along a span of steps, takes in a trade (or gives it away) and cash from the vault. Whoever checks sees
three commitments and the terms; that nothing else was made or lost is proven. Errors name a place and its
instrument, never a quantity.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.books import BookOpening, cash_place, next_salt
from verifier.circuits import ACCRUAL_BITS
from verifier.commitment import check_positions
from verifier.errors import BadInput, ClaimFalse
from verifier.field import R
from verifier.listing import Listing

ACCRUAL_SCALE_BITS = 32
"""Accruals are cash lots times 2^32 per lot."""
MAX_PARTS = 4
AMOUNT_LIMIT = 1 << 47


@dataclass(frozen=True)
class Span:
    """What books go through from one step to a later one, the same for all of them.

    keep: 1 where the place has the same instrument and lot in both listings and positions stay, 0 where they are
    settled; cash: 1 at the cash place; accrual: cash lots times 2^32 per lot. One entry a place each.
    """

    listing_old: Listing
    listing_new: Listing
    keep: tuple[int, ...]
    cash: tuple[int, ...]
    accrual: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse what is no span (BadInput): the contract of steps makes no other."""
        old, new = self.listing_old, self.listing_new
        places = len(old.places)
        if not places == len(new.places) == len(self.keep) == len(self.cash) == len(self.accrual):
            raise BadInput("a span has one entry of keep, cash and accrual for each place of both listings")
        at = cash_place(old)
        if cash_place(new) != at or self.cash != tuple(int(place == at) for place in range(places)):
            raise BadInput("the cash place must be that of both listings")
        if self.keep[at] != 1 or self.accrual[at]:
            raise BadInput("cash is kept and accrues nothing")
        for place, (keep, accrual) in enumerate(zip(self.keep, self.accrual, strict=True)):
            if keep not in (0, 1) or (keep and old.places[place] != new.places[place]):
                raise BadInput(f"place {place} is kept, but has another instrument or lot in the new listing")
            if abs(accrual) >= 1 << ACCRUAL_BITS:
                raise BadInput(f"the accrual of place {place} is not below 2^{ACCRUAL_BITS}")

    @classmethod
    def of_accruals(cls, listing: Listing, *steps: Sequence[int]) -> "Span":
        """Return the span of any number of accruals under one listing: their sums. None: the book stays at its step."""
        places = len(listing.places)
        if any(len(step) != places for step in steps):
            raise BadInput("an accrual has one entry for each place of the listing")
        cash = _one_hot(cash_place(listing), places)
        sums = tuple(sum(step[place] for step in steps) for place in range(places))
        return cls(listing, listing, (1,) * places, cash, sums)

    @classmethod
    def of_relisting(cls, old: Listing, new: Listing, keep: Sequence[int], accrual: Sequence[int]) -> "Span":
        """Return the span of one relisting: positions of a place that is not kept become cash at its accrual."""
        cash = _one_hot(cash_place(old), len(old.places))
        return cls(old, new, tuple(keep), cash, tuple(accrual))

    def prepared_values(self) -> tuple[int, ...]:
        """Return the prepared public inputs as signed integers, in the order of the signals."""
        return (self.listing_old.hash, self.listing_new.hash, *self.keep, *self.cash, *self.accrual)


@dataclass(frozen=True)
class Terms:
    """What an update shows besides its commitments.

    sign: 1, or -1 where the traded book is given away; parts: 0, or n where the traded book is the n-th part of the
    old one; next_salt: the new book's salt is the old one's plus 1; amount: cash lots from the vault into the book,
    negative out of it.
    """

    sign: int = 1
    parts: int = 0
    next_salt: bool = False
    amount: int = 0

    def __post_init__(self) -> None:
        """Refuse terms that the contract would not take (BadInput)."""
        if self.sign not in (1, -1):
            raise BadInput("the sign of a trade is 1 or -1")
        if not 0 <= self.parts <= MAX_PARTS:
            raise BadInput(f"a tranche is one of at most {MAX_PARTS} parts")
        if not abs(self.amount) < AMOUNT_LIMIT:
            raise BadInput("the amount of cash is larger than the circuit's range of 2^47 lots")


@dataclass(frozen=True)
class Update:
    """The live side of a conservation proof: terms and commitments."""

    terms: Terms
    old: int
    traded: int
    new: int

    def signals(self, context: int) -> tuple[int, ...]:
        """Return the live signals in [0, R), in order."""
        terms = self.terms
        values = (terms.sign, terms.parts, int(terms.next_salt), terms.amount, self.old, self.traded, self.new)
        if not 0 <= context < R:
            raise BadInput("the context is not below the field's order")
        return (*(value % R for value in values), context)


def accrued(span: Span, positions: Sequence[int]) -> int:
    """Return the cash lots that positions have accrued along a span.

    Rounded towards minus infinity, against the trader: so no account gains by moving in many small spans, and what
    rounding leaves belongs to the clearing house.
    """
    total = sum(accrual * lots for accrual, lots in zip(span.accrual, positions, strict=True))
    return total >> ACCRUAL_SCALE_BITS


def tranche(positions: Sequence[int], parts: int) -> tuple[int, ...]:
    """Return the first of `parts` parts of a book, each place rounded towards minus infinity.

    Taken one after the other, of n parts, then n - 1 of what is left, down to one, the tranches are the whole book.
    """
    if not 1 <= parts <= MAX_PARTS:
        raise BadInput(f"a tranche is one of at least 1 and at most {MAX_PARTS} parts")
    return tuple(lots // parts for lots in positions)


def moved_positions(span: Span, terms: Terms, old: Sequence[int], traded: Sequence[int]) -> tuple[int, ...]:
    """Return the new book's positions, whether or not they are in range."""
    cash = terms.amount + accrued(span, old)
    rows = zip(span.keep, old, traded, span.cash, strict=True)
    return tuple(keep * x + terms.sign * y + at * cash for keep, x, y, at in rows)


def conserve(span: Span, terms: Terms, old: BookOpening, traded: BookOpening, salt: int | None) -> BookOpening:
    """Return the opening of the new book; `salt` None where it is to be the zero book.

    Raises BadInput naming the instrument of a position out of range, ClaimFalse where the trade is not the part of
    the book that the terms say.
    """
    check_positions(span.listing_old, old.positions)
    check_positions(span.listing_new, traded.positions)
    if terms.parts:
        _check_part(span, terms.parts, old.positions, traded.positions)
    new = BookOpening(moved_positions(span, terms, old.positions, traded.positions), salt)
    check_positions(span.listing_new, new.positions)
    return new


def check_update(span: Span, terms: Terms, old: BookOpening, traded: BookOpening, new: BookOpening) -> Update:
    """Return what a conservation proof of these openings shows.

    Raises BadInput for an opening that is none, ClaimFalse where the new book is not what the update makes.
    """
    if conserve(span, terms, old, traded, new.salt).positions != new.positions:
        raise ClaimFalse("the new book is not the old one with the trade, the accruals and the cash; make it again")
    if terms.next_salt and old.salt is not None and new.salt is not None and new.salt != next_salt(old.salt):
        raise ClaimFalse(
            "the new book must have the salt that follows the old one's, so that who knows the old book can open it"
        )
    return Update(
        terms, old.commitment(span.listing_old), traded.commitment(span.listing_new), new.commitment(span.listing_new)
    )


def public_signals(span: Span, update: Update, context: int) -> tuple[int, ...]:
    """Return all public signals in [0, R), in the order of the circuit."""
    return (*(value % R for value in span.prepared_values()), *update.signals(context))


def _check_part(span: Span, parts: int, whole: Sequence[int], part: Sequence[int]) -> None:
    for place, (expected, lots) in enumerate(zip(tranche(whole, parts), part, strict=True)):
        if lots != expected:
            slot = span.listing_old.places[place]
            name = slot.instrument if slot else "no instrument"
            raise ClaimFalse(f"place {place} ({name}): the trade is not one of {parts} parts of the book")


def _one_hot(at: int, places: int) -> tuple[int, ...]:
    return tuple(int(place == at) for place in range(places))
