"""Updates and valuations at the ends of every range, through the circuits of the clearing house."""

from random import Random

import pytest

from tests.books import ACCRUAL_END, ENDS, MARK_END, Case, opening, random_listing
from tests.circuits.clearing.harness import (
    CONSERVATION8,
    VALUATION8,
    Move,
    Priced,
    input_names,
    random_move,
    solves,
)
from verifier.books import BookOpening, cash_place
from verifier.circuits import (
    CONSERVATION64,
    CONSERVATION128,
    VALUATION64,
    VALUATION128,
    ConservationLayout,
    ValuationLayout,
)
from verifier.commitment import POSITION_LIMIT
from verifier.conservation import Span, Terms, tranche
from verifier.field import R
from verifier.valuation import BPS, Marks, Valuation, reveal, value_of, within_band

CONSERVATIONS = pytest.mark.parametrize(
    "layout", [CONSERVATION8, CONSERVATION64, CONSERVATION128], ids=lambda layout: layout.name
)
VALUATIONS = pytest.mark.parametrize("layout", [VALUATION8, VALUATION64, VALUATION128], ids=lambda layout: layout.name)


@CONSERVATIONS
def test_an_auction_gives_the_whole_book_away_in_four_tranches(layout: ConservationLayout) -> None:
    """Books with dust and short positions at the end of the range; the last book is the zero book."""
    rng = Random(layout.name)
    listing = random_listing(rng, layout.places)
    span = Span.of_accruals(listing)
    left = BookOpening(tuple(rng.choice([-3, -1, 1, 2, *ENDS]) for _ in listing.places), 5)
    for parts in (4, 3, 2, 1):
        terms = Terms(sign=-1, parts=parts, next_salt=True)
        traded = BookOpening(tranche(left.positions, parts), parts)
        case = Case(span, terms, left, traded, left.salt + 1 if parts > 1 else None)
        assert solves(layout, Move(case).inputs)
        left = case.new
    assert left == BookOpening.zero(listing)


@CONSERVATIONS
def test_an_account_starts_from_the_zero_book_and_may_return_to_it(layout: ConservationLayout) -> None:
    listing = random_listing(Random(layout.name), layout.places)
    span, zero = Span.of_accruals(listing), BookOpening.zero(listing)
    funding = Case(span, Terms(amount=(1 << 47) - 1), zero, zero, 3)
    closing = Case(span, Terms(amount=1 - (1 << 47)), funding.new, zero, None)
    hidden = Case(span, Terms(amount=1 - (1 << 47)), funding.new, BookOpening(zero.positions, 8), 9)
    for case in (funding, closing, hidden):
        assert solves(layout, Move(case).inputs)
    assert closing.new == zero


@CONSERVATIONS
def test_positions_stay_in_range_to_the_last_lot(layout: ConservationLayout) -> None:
    """A book of the largest or smallest positions that is doubled to zero, and one that reaches them."""
    listing = random_listing(Random(layout.name), layout.places)
    span = Span.of_accruals(listing)
    for end, sign in ((-POSITION_LIMIT, -1), (POSITION_LIMIT - 1, -1), (POSITION_LIMIT - 1, 1), (-POSITION_LIMIT, 1)):
        full = BookOpening((end,) * layout.places, 5)
        start = full if sign == -1 else BookOpening.zero(listing)
        assert solves(layout, Move(Case(span, Terms(sign=sign), start, full, 4)).inputs)


@CONSERVATIONS
def test_the_widest_accruals_do_not_wrap(layout: ConservationLayout) -> None:
    """Every place but cash accrues as much as it can; only the sum is small, and it is rounded down."""
    listing = random_listing(Random(layout.name), layout.places)
    at = cash_place(listing)
    others = [place for place in range(layout.places) if place != at]
    positions, accrual = [0] * layout.places, [0] * layout.places
    for turn, place in enumerate(others):
        positions[place] = -POSITION_LIMIT
        accrual[place] = ACCRUAL_END if turn % 2 else -ACCRUAL_END
    accrual[others[-1]] = -1  # their number is odd, so that this one has no counterpart
    for lots, cash in ((-POSITION_LIMIT, 1 << 15), (1, -1), (-1, 0)):
        positions[others[-1]] = lots
        case = Case(
            Span.of_accruals(listing, accrual),
            Terms(),
            opening(Random(1), positions),
            BookOpening.zero(listing),
            7,
        )
        assert case.new.positions[at] == cash
        assert solves(layout, Move(case).inputs)


@CONSERVATIONS
def test_a_position_beyond_the_range_is_refused(layout: ConservationLayout) -> None:
    move = random_move(Random(layout.name), layout.places)
    for name in ("x", "y"):
        place = input_names(layout).index(name)
        for value in (1 << 47, -(1 << 47) - 1, R // 2, 1 << 200):
            inputs = list(move.inputs)
            inputs[place] = value % R
            assert not solves(layout, inputs)


@VALUATIONS
@pytest.mark.parametrize("sign", [1, -1])
def test_the_widest_book_is_in_the_widest_band_and_in_no_narrower_one(layout: ValuationLayout, sign: int) -> None:
    """All legs have one sign, so that |V| is the gross value: both sides of the band are as large as they can be."""
    listing = random_listing(Random(layout.name), layout.places)
    marks = Marks(listing, (sign * MARK_END,) * layout.places)
    book = BookOpening((-POSITION_LIMIT,) * layout.places, 5)
    wide = Priced(marks, book, within_band(marks, book, BPS))
    assert solves(layout, wide.inputs)
    narrow = list(wide.inputs)
    narrow[layout.prepared_count + layout.live_names.index("band_bps")] = BPS - 1
    assert not solves(layout, narrow)
    assert solves(layout, Priced(marks, book, reveal(marks, book)).inputs)


@VALUATIONS
def test_a_shown_value_is_under_no_band(layout: ValuationLayout) -> None:
    listing = random_listing(Random(layout.name), layout.places)
    marks = Marks(listing, (7,) * layout.places)
    book = BookOpening((5,) * layout.places, 5)
    for band in (0, 1, BPS):
        shown = Valuation(True, band, value_of(marks, book.positions), book.commitment(listing))
        assert solves(layout, Priced(marks, book, shown).inputs)


@VALUATIONS
def test_a_wrong_sign_of_a_size_only_narrows_the_band(layout: ValuationLayout) -> None:
    listing = random_listing(Random(layout.name), layout.places)
    marks, half = Marks(listing, (7,) * layout.places), layout.places // 2
    even, lone = (BookOpening((5,) * half + (sign * 5,) * half, 5) for sign in (-1, 1))
    for book, band, true in ((even, 0, True), (lone, BPS, False)):
        claim = Priced(marks, book, within_band(marks, book, band))
        turned = [*claim.inputs[:-1], -claim.inputs[-1] % R]
        assert claim.true(turned) == solves(layout, turned) == true
