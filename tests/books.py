"""Random books, spans and updates of the clearing house, for property tests of every part.

`random.Random` in, plain values out, so that a seed names a case in a failing test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from verifier.books import BookOpening, cash_place, next_salt
from verifier.commitment import POSITION_LIMIT
from verifier.conservation import AMOUNT_LIMIT, Span, Terms, accrued, conserve, tranche
from verifier.listing import Listing, Slot
from verifier.tiers import SALT_BITS
from verifier.valuation import Marks

ENDS = (-POSITION_LIMIT, POSITION_LIMIT - 1, 1 - POSITION_LIMIT, 0, 1, -1)
ACCRUAL_END = (1 << 63) - 1
MARK_END = 127 * (256**5 - 1) // 255
LOT_EXPONENT = -6


@dataclass(frozen=True)
class Case:
    """A true update with its openings."""

    span: Span
    terms: Terms
    old: BookOpening
    traded: BookOpening
    salt: int | None
    """Of the new book."""

    @property
    def new(self) -> BookOpening:
        return conserve(self.span, self.terms, self.old, self.traded, self.salt)


def random_listing(rng: Random, places: int, *, fill: float = 1.0) -> Listing:
    """Return a listing in one group with cash in any place."""
    cash = rng.randrange(places)
    slots = [Slot(f"INSTRUMENT-{place}", LOT_EXPONENT) if rng.random() < fill else None for place in range(places)]
    slots[cash] = Slot("USD", LOT_EXPONENT)
    return Listing(1, places, -12, "USD", tuple(slots))


def random_positions(rng: Random, listing: Listing, *, edge: bool = False) -> tuple[int, ...]:
    """Return positions in lots, sparse or dense, zero in empty places; `edge`: at the ends of the range or near 0."""
    density, bits = rng.choice([0.1, 0.5, 1.0]), rng.choice([3, 24, 44])
    return tuple(
        rng.choice(ENDS) if edge else rng.randint(-(1 << bits), 1 << bits) if slot and rng.random() < density else 0
        for slot in listing.places
    )


def opening(rng: Random, positions: Sequence[int]) -> BookOpening:
    """Return an opening; positions that are all zero have a salt or not."""
    hidden = any(positions) or rng.random() < 0.5
    return BookOpening(tuple(positions), rng.getrandbits(SALT_BITS) if hidden else None)


def random_span(rng: Random, listing: Listing, positions: Sequence[int]) -> Span:
    """Return accruals or a relisting along which `positions` accrue at most 2^46 lots of cash."""
    places, at = len(listing.places), cash_place(listing)
    bits = rng.choice([0, 8, 33, 61])
    accrual = [rng.randint(-(1 << bits), 1 << bits) if bits else 0 for _ in range(places)]
    accrual[at] = 0
    size = abs(sum(rate * lots for rate, lots in zip(accrual, positions, strict=True))) >> 32
    accrual = [rate >> max(0, size.bit_length() - 45) for rate in accrual]
    if rng.random() < 0.5:
        return Span.of_accruals(listing, accrual)
    keep = [int(place == at or rng.random() < 0.7) for place in range(places)]
    slots = [
        slot if kept else Slot(f"LATER-{place}", LOT_EXPONENT)
        for place, (slot, kept) in enumerate(zip(listing.places, keep, strict=True))
    ]
    later = Listing(1, places, -12, "USD", tuple(slots))
    return Span.of_relisting(listing, later, keep, accrual)


def random_case(rng: Random, places: int, *, edge: bool = False) -> Case:
    """Return a true update; `edge`: positions at the ends of their range, before and after."""
    while True:
        listing = random_listing(rng, places)
        x = (0,) * places if rng.random() < 0.1 else random_positions(rng, listing, edge=edge)
        span = random_span(rng, listing, x)
        parts = rng.choice([0, 0, 1, 2, 3, 4])
        sign = -1 if parts else rng.choice([1, -1])
        if parts and 0 in span.keep:
            continue
        y = tranche(x, parts) if parts else _fitting_trade(rng, span, sign, x)
        amount = _fitting_amount(rng, span, sign, x, y)
        if amount is None:
            continue
        old, traded = opening(rng, x), opening(rng, y)
        following = rng.random() < 0.3
        terms = Terms(sign, parts, following, amount)
        empty = not any(conserve(span, terms, old, traded, 0).positions)
        salt = next_salt(old.salt) if following and old.salt is not None else rng.getrandbits(SALT_BITS)
        return Case(span, terms, old, traded, None if empty and rng.random() < 0.5 else salt)


def random_marks(rng: Random, listing: Listing, *, edge: bool = False) -> Marks:
    """Return marks of any sign; `edge`: at the ends of their range."""
    bits = rng.choice([4, 20, 38])
    ends = (-MARK_END, MARK_END, 0, 1)
    return Marks(
        listing,
        tuple(rng.choice(ends) if edge else rng.randint(-(1 << bits), 1 << bits) for _ in listing.places),
    )


def _fitting_trade(rng: Random, span: Span, sign: int, x: Sequence[int]) -> tuple[int, ...]:
    """Return a trade that leaves each position in range; at times one that closes the whole book."""
    closing = rng.random() < 0.2
    wanted = random_positions(rng, span.listing_new)
    out = []
    for keep, lots, y in zip(span.keep, x, wanted, strict=True):
        choices = [-sign * keep * lots] if closing else [y, *ENDS, -sign * keep * lots]
        fit = [
            trade
            for trade in choices
            if -POSITION_LIMIT <= trade < POSITION_LIMIT
            and -POSITION_LIMIT <= keep * lots + sign * trade < POSITION_LIMIT
        ]
        out.append(fit[0] if rng.random() < 0.5 and fit else rng.choice(fit or [0]))
    return tuple(out)


def _fitting_amount(rng: Random, span: Span, sign: int, x: Sequence[int], y: Sequence[int]) -> int | None:
    """Return an amount that leaves cash in range, None where there is none; at times one that empties it."""
    at = cash_place(span.listing_old)
    before = x[at] + sign * y[at] + accrued(span, x)
    choices = [0, -before, POSITION_LIMIT - 1 - before, -POSITION_LIMIT - before, rng.randint(-1000, 1000)]
    fit = [
        amount
        for amount in choices
        if abs(amount) < AMOUNT_LIMIT and -POSITION_LIMIT <= before + amount < POSITION_LIMIT
    ]
    return rng.choice(fit) if fit else None
