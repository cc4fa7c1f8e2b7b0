"""Conservation in plain integers: what moves, what is refused, and that errors name no quantity."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.books import Case, random_case, random_listing
from verifier.books import ZERO_BOOK, BookOpening, cash_place
from verifier.commitment import POSITION_LIMIT
from verifier.conservation import (
    Span,
    Terms,
    accrued,
    check_update,
    conserve,
    moved_positions,
    public_signals,
    tranche,
)
from verifier.errors import BadInput, ClaimFalse
from verifier.field import R, from_field
from verifier.listing import Listing, Slot

PLACES = 8
LOTS = st.integers(-POSITION_LIMIT, POSITION_LIMIT - 1)
LISTING = Listing(1, 4, 0, "USD", (Slot("USD", 0), Slot("CALL", 0), Slot("PERP", -3), None))
STILL = Span.of_accruals(LISTING)


def book(*positions: int, salt: int | None = 5) -> BookOpening:
    return BookOpening(positions, salt)


@given(st.lists(LOTS, min_size=PLACES, max_size=PLACES))
def test_four_tranches_one_after_the_other_are_the_book(positions: list[int]):
    left, given_away = list(positions), [0] * PLACES
    for parts in (4, 3, 2, 1):
        part = tranche(left, parts)
        left = [whole - lots for whole, lots in zip(left, part, strict=True)]
        given_away = [sum_ + lots for sum_, lots in zip(given_away, part, strict=True)]
    assert left == [0] * PLACES
    assert given_away == positions


@given(st.lists(LOTS, min_size=PLACES, max_size=PLACES), st.integers(1, 4))
def test_a_tranche_is_rounded_towards_minus_infinity(positions: list[int], parts: int):
    for whole, part in zip(positions, tranche(positions, parts), strict=True):
        assert 0 <= whole - parts * part < parts


@pytest.mark.parametrize("parts", [0, 5, -1])
def test_a_tranche_of_no_or_too_many_parts_is_refused(parts: int):
    with pytest.raises(BadInput, match="at most 4 parts"):
        tranche([1], parts)


@pytest.mark.parametrize(
    ("rate", "lots", "cash"), [(1, 1, 0), (-1, 1, -1), (1, -1, -1), (1 << 32, 7, 7), (-(1 << 31), 3, -2), (5, 0, 0)]
)
def test_accruals_are_rounded_against_the_trader(rate: int, lots: int, cash: int):
    assert accrued(Span.of_accruals(LISTING, (0, rate, 0, 0)), (0, lots, 0, 0)) == cash


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_many_small_spans_never_pay_more_than_one(seed: int, steps: int):
    rng = Random(seed)
    listing = random_listing(rng, PLACES)
    at = cash_place(listing)
    rates = [[0 if p == at else rng.randint(-(1 << 34), 1 << 34) for p in range(PLACES)] for _ in range(steps)]
    positions = [rng.randint(-9, 9) for _ in range(PLACES)]
    apart = sum(accrued(Span.of_accruals(listing, rate), positions) for rate in rates)
    at_once = accrued(Span.of_accruals(listing, *rates), positions)
    assert at_once - steps < apart <= at_once


@given(st.integers(0, 2**32), st.booleans())
def test_the_new_book_is_the_old_one_with_trade_accruals_and_cash(seed: int, edge: bool):
    case = random_case(Random(seed), PLACES, edge=edge)
    at = cash_place(case.span.listing_old)
    cash = case.terms.amount + accrued(case.span, case.old.positions)
    for place in range(PLACES):
        kept = case.old.positions[place] if case.span.keep[place] else 0
        change = case.terms.sign * case.traded.positions[place] + (cash if place == at else 0)
        assert case.new.positions[place] == kept + change


@given(st.integers(0, 2**32))
def test_signals_stand_in_the_order_of_the_layout(seed: int):
    case = random_case(Random(seed), PLACES)
    update = check_update(case.span, case.terms, case.old, case.traded, case.new)
    signals = [from_field(value) for value in public_signals(case.span, update, 77)]
    assert all(0 <= value < R for value in public_signals(case.span, update, 77))
    assert signals[2 : 2 + 3 * PLACES] == [*case.span.keep, *case.span.cash, *case.span.accrual]
    sign, parts, next_salt, amount, old, traded, new, context = signals[2 + 3 * PLACES :]
    terms = (case.terms.sign, case.terms.parts, int(case.terms.next_salt), case.terms.amount)
    assert (sign, parts, next_salt, amount, context) == (*terms, 77)
    openings = ((old, case.old), (traded, case.traded), (new, case.new))
    assert all((commitment == ZERO_BOOK) == (opening.salt is None) for commitment, opening in openings)


def test_a_fresh_account_takes_in_cash_and_gives_it_back():
    zero = BookOpening.zero(LISTING)
    funded = conserve(STILL, Terms(amount=100), zero, zero, 9)
    assert funded.positions == (100, 0, 0, 0)
    update = check_update(STILL, Terms(amount=100), zero, zero, funded)
    assert (update.old, update.traded) == (ZERO_BOOK, ZERO_BOOK)
    assert conserve(STILL, Terms(amount=-100), funded, zero, None) == zero


def test_both_sides_of_a_trade_add_up():
    trade = book(-30, 2, 0, 0, salt=8)
    buyer = conserve(STILL, Terms(), book(50, 0, 0, 0), trade, 1)
    seller = conserve(STILL, Terms(sign=-1), book(10, 1, 4, 0), trade, 2)
    assert (buyer.positions, seller.positions) == ((20, 2, 0, 0), (40, -1, 4, 0))


def test_a_place_that_is_not_kept_becomes_cash():
    later = replace(LISTING, places=(*LISTING.places[:1], Slot("LATER", 0), *LISTING.places[2:]))
    span = Span.of_relisting(LISTING, later, (1, 0, 1, 1), (0, 3 << 32, 0, 0))
    settled = conserve(span, Terms(), book(1, -5, 7, 0), BookOpening.zero(later), 6)
    assert settled.positions == (1 - 15, 0, 7, 0)


def test_a_trade_that_is_not_the_part_is_refused_by_name():
    terms = Terms(sign=-1, parts=3)
    whole = book(9, -7, 4, 0)
    conserve(STILL, terms, whole, book(*tranche(whole.positions, 3)), 1)
    for place, name in ((0, "USD"), (1, "CALL"), (2, "PERP")):
        for change in (1, -1):
            part = [*tranche(whole.positions, 3)]
            part[place] += change
            with pytest.raises(ClaimFalse, match=rf"place {place} \({name}\)"):
                conserve(STILL, terms, whole, book(*part), 1)


@pytest.mark.parametrize("place", range(3))
def test_another_new_book_is_refused(place: int):
    new = conserve(STILL, Terms(), book(1, 2, 3, 0), book(-1, 0, 4, 0), 3)
    wrong = replace(new, positions=tuple(lots + (k == place) for k, lots in enumerate(new.positions)))
    with pytest.raises(ClaimFalse, match="the new book is not"):
        check_update(STILL, Terms(), book(1, 2, 3, 0), book(-1, 0, 4, 0), wrong)


def test_the_salt_that_an_auction_needs_is_demanded():
    terms = Terms(sign=-1, parts=2, next_salt=True)
    whole, part = book(4, 4, 4, 0), book(2, 2, 2, 0, salt=7)
    check_update(STILL, terms, whole, part, book(2, 2, 2, 0, salt=6))
    with pytest.raises(ClaimFalse, match="salt"):
        check_update(STILL, terms, whole, part, book(2, 2, 2, 0, salt=5))
    last = Terms(sign=-1, parts=1, next_salt=True)
    check_update(STILL, last, part, book(2, 2, 2, 0, salt=9), BookOpening.zero(LISTING))


def test_a_book_without_a_salt_holds_nothing():
    with pytest.raises(BadInput, match="zero book"):
        check_update(STILL, Terms(), book(0, 1, 0, 0, salt=None), book(0, 0, 0, 0), book(0, 1, 0, 0))


@pytest.mark.parametrize("change", [{"sign": 0}, {"sign": 2}, {"parts": 5}, {"parts": -1}, {"amount": 1 << 47}])
def test_terms_that_the_contract_refuses_are_refused(change: dict):
    with pytest.raises(BadInput):
        Terms(**change)


def test_a_position_that_leaves_its_range_is_refused_by_name_and_without_its_size():
    high = POSITION_LIMIT - 1
    for place, name in ((0, "USD"), (1, "CALL")):
        full = book(*(high if k == place else 0 for k in range(4)))
        one = book(*(int(k == place) for k in range(4)))
        with pytest.raises(BadInput, match=rf"place {place} \({name}\)") as caught:
            conserve(STILL, Terms(), full, one, 1)
        assert str(POSITION_LIMIT) not in str(caught.value)
    with pytest.raises(BadInput, match="USD"):
        conserve(STILL, Terms(amount=(1 << 47) - 1), book(1, 0, 0, 0), BookOpening.zero(LISTING), 1)


SPAN = Span.of_accruals(LISTING, (0, 1, 2, 3))


@pytest.mark.parametrize(
    "change",
    [
        {"keep": (1, 1, 1)},
        {"keep": (0, 1, 1, 1)},
        {"keep": (1, 2, 1, 1)},
        {"cash": (0, 1, 0, 0)},
        {"cash": (1, 1, 0, 0)},
        {"accrual": (1, 0, 0, 0)},
        {"accrual": (0, 1 << 63, 0, 0)},
        {"listing_new": replace(LISTING, places=(*LISTING.places[:2], Slot("PERP", -4), None))},
        {"listing_new": replace(LISTING, places=(None, Slot("USD", 0), None, None)), "keep": (1, 0, 0, 0)},
        {"listing_new": replace(LISTING, settlement_unit="EUR")},
    ],
)
def test_what_is_no_span_is_refused(change: dict):
    with pytest.raises(BadInput):
        replace(SPAN, **change)


def test_an_accrual_of_another_listing_is_refused():
    with pytest.raises(BadInput, match="each place"):
        Span.of_accruals(LISTING, (0, 1, 2))


@pytest.mark.parametrize("context", [-1, R])
def test_a_context_outside_the_field_is_refused(context: int):
    case = random_case(Random(1), PLACES)
    update = check_update(case.span, case.terms, case.old, case.traded, case.new)
    with pytest.raises(BadInput, match="context"):
        public_signals(case.span, update, context)


def test_openings_are_not_shown():
    case: Case = random_case(Random(2), PLACES)
    assert repr(case.old) == "BookOpening()"


def test_moved_positions_are_not_checked():
    assert moved_positions(STILL, Terms(), (0, POSITION_LIMIT - 1, 0, 0), (0, 1, 0, 0))[1] == POSITION_LIMIT
