"""Valuation: the exact meaning of docs/clearing.md, part 4.

A committed book at the marks of an epoch. Either its value is shown, or it stays hidden and only lies inside a band
around zero: a trade whose legs, cash included, are worth about nothing was made near the marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.books import BookOpening
from verifier.circuits import ValuationLayout
from verifier.commitment import check_positions
from verifier.errors import BadInput, ClaimFalse
from verifier.field import R
from verifier.listing import Listing
from verifier.program import MarginProgram

BPS = 10_000


@dataclass(frozen=True)
class Marks:
    """What one lot of each place is worth, in money; an epoch's section `mark`."""

    listing: Listing
    mark: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse marks of a wrong count or out of range (BadInput)."""
        places = len(self.listing.places)
        if len(self.mark) != places:
            raise BadInput(f"a mark is needed for each of the {places} places of the listing, not {len(self.mark)}")
        section = ValuationLayout(places, domain_log2=0).sections[1]
        for place, mark in enumerate(self.mark):
            if not section.low <= mark < section.high:
                raise BadInput(f"the mark of place {place} is outside the range of the section mark")

    @classmethod
    def of_program(cls, program: MarginProgram) -> "Marks":
        """Return the marks that a margin program states."""
        return cls(program.listing, program.mark)

    def prepared_values(self) -> tuple[int, ...]:
        """Return the prepared public inputs as signed integers, in the order of the signals."""
        return (self.listing.hash, *self.mark)


@dataclass(frozen=True)
class Valuation:
    """The live side of a valuation proof.

    revealed: whether `value`, money, is the book's value; if not, it is 0 and the value is within band_bps / 10^4 of
    the gross value.
    """

    revealed: bool
    band_bps: int
    value: int
    commitment: int

    def __post_init__(self) -> None:
        """Refuse what the contract would not take (BadInput)."""
        if not 0 <= self.band_bps <= BPS:
            raise BadInput(f"a band is between 0 and {BPS} basis points")

    def signals(self, context: int) -> tuple[int, ...]:
        """Return the live signals in [0, R), in order."""
        if not 0 <= context < R:
            raise BadInput("the context is not below the field's order")
        return (int(self.revealed), self.band_bps, self.value % R, self.commitment, context)


def leg_values(marks: Marks, positions: Sequence[int]) -> tuple[int, ...]:
    """Return mark times position of each place, money."""
    return tuple(mark * lots for mark, lots in zip(marks.mark, positions, strict=True))


def value_of(marks: Marks, positions: Sequence[int]) -> int:
    """Return V, the sum of the legs' values, money."""
    return sum(leg_values(marks, positions))


def gross_value(marks: Marks, positions: Sequence[int]) -> int:
    """Return the sum of the legs' absolute values, money."""
    return sum(map(abs, leg_values(marks, positions)))


def reveal(marks: Marks, book: BookOpening) -> Valuation:
    """Return the valuation that shows a book's value."""
    commitment = _commitment(marks, book)
    return Valuation(True, 0, value_of(marks, book.positions), commitment)


def within_band(marks: Marks, trade: BookOpening, band_bps: int) -> Valuation:
    """Return the valuation that shows no more than that a trade is inside a band; ClaimFalse where it is not."""
    return check_valuation(marks, trade, Valuation(False, band_bps, 0, _commitment(marks, trade)))


def check_valuation(marks: Marks, book: BookOpening, claim: Valuation) -> Valuation:
    """Return `claim` if it is true of the book; raises ClaimFalse, or BadInput for an opening that is none."""
    if claim.commitment != _commitment(marks, book):
        raise ClaimFalse("the book is not the one of the commitment; give the opening that belongs to it")
    value = value_of(marks, book.positions)
    if claim.value != (value if claim.revealed else 0):
        raise ClaimFalse("the value shown is not that of the book at the epoch's marks; compute it again")
    if not claim.revealed and BPS * abs(value) > claim.band_bps * gross_value(marks, book.positions):
        raise ClaimFalse("the trade is outside the price band at the epoch's marks; trade closer to them")
    return claim


def public_signals(marks: Marks, claim: Valuation, context: int) -> tuple[int, ...]:
    """Return all public signals in [0, R), in the order of the circuit."""
    return (*(value % R for value in marks.prepared_values()), *claim.signals(context))


def _commitment(marks: Marks, book: BookOpening) -> int:
    check_positions(marks.listing, book.positions)
    if book.salt is None:
        raise BadInput("the zero book is worth nothing and needs no proof; give a book with a salt")
    return book.commitment(marks.listing)
