"""Commitments to positions (docs/statement.md, part 5).

A commitment opens only under the listing it was made for: the sponge starts from the listing hash. Positions
stand in words of five, the salt last. Nothing here logs or names a quantity; an error names the place and its
instrument.
"""

from collections.abc import Sequence

from verifier.errors import BadInput
from verifier.field import R
from verifier.listing import Listing
from verifier.poseidon import poseidon
from verifier.tiers import POSITION_BITS

POSITION_LIMIT = 1 << (POSITION_BITS - 1)
"""Positions are in [-POSITION_LIMIT, POSITION_LIMIT) lots."""
POSITIONS_PER_WORD = 5
RATE = 15
"""Elements that one permutation of width 17 absorbs beside the chaining value."""


def check_positions(listing: Listing, positions: Sequence[int]) -> None:
    """Refuse positions of a wrong count, out of range, or in an empty place (BadInput)."""
    if len(positions) != len(listing.places):
        raise BadInput(
            f"a position is needed for each of the {len(listing.places)} places of the listing, not {len(positions)}"
        )
    for place, (slot, position) in enumerate(zip(listing.places, positions, strict=True)):
        if not -POSITION_LIMIT <= position < POSITION_LIMIT:
            name = slot.instrument if slot else "no instrument"
            raise BadInput(f"place {place} ({name}): the position is larger than the circuit's range of 2^47 lots")
        if slot is None and position:
            raise BadInput(f"place {place} has no instrument in this listing, so it can hold no position")


def words(positions: Sequence[int]) -> tuple[int, ...]:
    """Return the words: five consecutive positions as unsigned 48-bit digits x + 2^47, the lowest place
    first.

    Places missing at the end of the last word count as 0, not as 2^47. Positions must be in range.
    """
    shifted = [position + POSITION_LIMIT for position in positions]
    return tuple(
        sum(digit << (POSITION_BITS * k) for k, digit in enumerate(shifted[start : start + POSITIONS_PER_WORD]))
        for start in range(0, len(shifted), POSITIONS_PER_WORD)
    )


def commit(listing: Listing, positions: Sequence[int], salt: int) -> int:
    """Return the commitment, in [0, R), to positions in lots (one a place) with a salt in [0, R).

    A salt is used once and derived from a key (prover/openings): two commitments with one salt tell an
    observer whether the book changed, and a book with a known salt can be guessed.
    """
    check_positions(listing, positions)
    if not 0 <= salt < R:
        raise BadInput("the salt is not an element of the field")
    absorbed = [*words(positions), salt]
    state = listing.hash
    for start in range(0, len(absorbed), RATE):
        block = absorbed[start : start + RATE]
        state = poseidon([state, *block, *[0] * (RATE - len(block))])
    return state
