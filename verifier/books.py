"""Books of the clearing house: positions with the salt of their commitment (docs/clearing.md, part 1).

The commitment 0 is the zero book. Nothing here logs or names a quantity; a repr hides the opening.
"""

from dataclasses import dataclass, field

from verifier.commitment import check_positions, commit
from verifier.errors import BadInput
from verifier.field import R
from verifier.listing import Listing

ZERO_BOOK = 0
"""The commitment of a book without any position: nobody knows another opening of it."""


@dataclass(frozen=True)
class BookOpening:
    """What opens a commitment: positions in lots, one a place, and a salt in [0, R).

    No salt: the book is the zero book and its commitment 0. A book of zeros may have a salt as well; then nobody sees
    that it is empty.
    """

    positions: tuple[int, ...] = field(repr=False)
    salt: int | None = field(repr=False)

    @classmethod
    def zero(cls, listing: Listing) -> "BookOpening":
        """Return the zero book, which every account starts from."""
        return cls((0,) * len(listing.places), None)

    def commitment(self, listing: Listing) -> int:
        """Return the book's commitment under a listing, in [0, R).

        Raises BadInput naming the instrument of a position out of range, or for positions without a salt.
        """
        if self.salt is not None:
            return commit(listing, self.positions, self.salt)
        check_positions(listing, self.positions)
        if any(self.positions):
            raise BadInput("the zero book holds no position; a book that holds one needs a salt")
        return ZERO_BOOK


def next_salt(salt: int) -> int:
    """Return the salt that follows, in [0, R): of the book after a step or a tranche."""
    return (salt + 1) % R


def cash_place(listing: Listing) -> int:
    """Return the place of cash: the instrument that is the settlement unit. A listing has exactly one (BadInput)."""
    names = [slot.instrument if slot else None for slot in listing.places]
    if names.count(listing.settlement_unit) != 1:
        raise BadInput(f"the listing must have exactly one place for its settlement unit, {listing.settlement_unit}")
    return names.index(listing.settlement_unit)
