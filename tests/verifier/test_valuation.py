"""Valuation in plain integers: the value, the band to the last unit, and what is refused."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.books import MARK_END, opening, random_listing, random_marks, random_positions
from tests.builders import random_program
from verifier.books import BookOpening
from verifier.errors import BadInput, ClaimFalse
from verifier.field import R, from_field
from verifier.listing import Listing, Slot
from verifier.tiers import GRID
from verifier.valuation import (
    BPS,
    Marks,
    Valuation,
    check_valuation,
    gross_value,
    leg_values,
    public_signals,
    reveal,
    value_of,
    within_band,
)

LISTING = Listing(1, 4, 0, "USD", (Slot("USD", 0), Slot("CALL", 0), Slot("PERP", 0), None))
MARKS = Marks(LISTING, (1, 100, -3, 0))


def trade(cash: int, calls: int, perps: int = 0) -> BookOpening:
    return BookOpening((cash, calls, perps, 0), 5)


def test_value_and_gross_count_cash_and_marks_of_both_signs():
    book = (-90, 1, 2, 0)
    assert leg_values(MARKS, book) == (-90, 100, -6, 0)
    assert (value_of(MARKS, book), gross_value(MARKS, book)) == (4, 196)


@given(st.integers(0, 2**32), st.booleans())
def test_the_narrowest_band_is_accepted_and_the_next_narrower_one_refused(seed: int, edge: bool):
    rng = Random(seed)
    listing = random_listing(rng, 8)
    marks = random_marks(rng, listing, edge=edge)
    book = BookOpening(random_positions(rng, listing, edge=edge), 3)
    gross, value = gross_value(marks, book.positions), abs(value_of(marks, book.positions))
    least = -(-BPS * value // gross) if gross else 0
    assert 0 <= least <= BPS
    within_band(marks, book, least)
    if least:
        with pytest.raises(ClaimFalse, match="outside the price band"):
            within_band(marks, book, least - 1)


def test_a_band_that_is_just_met():
    marks = Marks(LISTING, (1, 100, 0, 0))
    assert within_band(marks, trade(-9900, 101), 100).value == 0  # V = 200, gross = 20000
    with pytest.raises(ClaimFalse):
        within_band(marks, trade(-9899, 101), 100)


def test_a_shown_value_is_the_value_and_needs_no_band():
    claim = reveal(MARKS, trade(7, 3, 2))
    assert claim == Valuation(True, 0, 7 + 300 - 6, trade(7, 3, 2).commitment(LISTING))
    for value in (claim.value + 1, claim.value - 1, -claim.value, 0):
        with pytest.raises(ClaimFalse, match="value"):
            check_valuation(MARKS, trade(7, 3, 2), replace(claim, value=value))


def test_a_hidden_value_is_written_as_zero():
    claim = within_band(MARKS, trade(-100, 1), 0)
    with pytest.raises(ClaimFalse, match="value"):
        check_valuation(MARKS, trade(-100, 1), replace(claim, value=1))


def test_the_book_must_be_the_committed_one():
    claim = reveal(MARKS, trade(1, 1))
    with pytest.raises(ClaimFalse, match="commitment"):
        check_valuation(MARKS, trade(1, 2), claim)


def test_the_zero_book_has_no_proof():
    with pytest.raises(BadInput, match="zero book"):
        reveal(MARKS, BookOpening.zero(LISTING))


@given(st.integers(0, 2**32))
def test_signals_stand_in_the_order_of_the_layout(seed: int):
    rng = Random(seed)
    listing = random_listing(rng, 8)
    marks = random_marks(rng, listing)
    book = opening(rng, [1, *random_positions(rng, listing)[1:]])
    claim = reveal(marks, book)
    signals = public_signals(marks, claim, 77)
    assert all(0 <= value < R for value in signals)
    assert signals[0] == listing.hash
    assert tuple(map(from_field, signals[1:9])) == marks.mark
    revealed, band, value, commitment, context = signals[9:]
    assert (revealed, band, from_field(value), context) == (1, 0, value_of(marks, book.positions), 77)
    assert commitment == book.commitment(listing)


def test_marks_of_a_program_are_its_section():
    program = random_program(Random(1), GRID)
    assert Marks.of_program(program).mark == program.mark


@pytest.mark.parametrize("mark", [(1, 2, 3), (1, MARK_END + 1, 0, 0), (1, -MARK_END - 1, 0, 0)])
def test_marks_out_of_range_are_refused(mark: tuple[int, ...]):
    with pytest.raises(BadInput):
        Marks(LISTING, mark)


@pytest.mark.parametrize("band", [-1, BPS + 1])
def test_a_band_out_of_range_is_refused(band: int):
    with pytest.raises(BadInput, match="band"):
        within_band(MARKS, trade(0, 0), band)


@pytest.mark.parametrize("context", [-1, R])
def test_a_context_outside_the_field_is_refused(context: int):
    with pytest.raises(BadInput, match="context"):
        public_signals(MARKS, reveal(MARKS, trade(0, 0)), context)
