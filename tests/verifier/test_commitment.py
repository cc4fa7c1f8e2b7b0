"""A commitment binds positions, salt and listing; an error names the instrument and never the quantity."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import random_listing, random_positions, random_program
from verifier.commitment import POSITION_LIMIT, commit, words
from verifier.errors import BadInput
from verifier.field import R
from verifier.listing import Listing, Slot
from verifier.poseidon import poseidon
from verifier.tiers import GRID, PORTFOLIO

LISTING = random_listing(Random(1), GRID, fill=1)
ZERO = (0,) * 64


def test_words_hold_five_shifted_positions_and_missing_places_count_zero():
    positions = [-POSITION_LIMIT, POSITION_LIMIT - 1, 0, 1, -1, 7]
    first, second = words(positions)
    assert [(first >> 48 * k) % (1 << 48) for k in range(5)] == [0, 2**48 - 1, 2**47, 2**47 + 1, 2**47 - 1]
    assert second == 7 + 2**47


def test_the_sponge_starts_from_the_listing_and_takes_the_salt_last():
    absorbed = [*words(ZERO), 5]
    assert len(absorbed) == 14
    assert commit(LISTING, ZERO, 5) == poseidon([LISTING.hash, *absorbed, 0])


def test_a_wide_book_takes_two_blocks():
    program = random_program(Random(3), PORTFOLIO)
    positions = random_positions(Random(4), program)
    absorbed = [*words(positions), 9]
    state = poseidon([program.listing.hash, *absorbed[:15]])
    assert commit(program.listing, positions, 9) == poseidon([state, *absorbed[15:], *[0] * 3])


@given(st.integers(0, 63), st.integers(1 - POSITION_LIMIT, POSITION_LIMIT - 1), st.integers(0, R - 1))
def test_another_position_salt_or_listing_gives_another_commitment(place: int, lots: int, salt: int):
    book = tuple(lots if k == place else 0 for k in range(64))
    moved = replace(LISTING, settlement_unit="EUR")
    seen = {
        commit(LISTING, book, salt),
        commit(LISTING, book, (salt + 1) % R),
        commit(moved, book, salt),
    }
    seen.add(commit(LISTING, tuple(lots - 1 if k == place else 0 for k in range(64)), salt))
    assert len(seen) == 4
    assert all(0 <= value < R for value in seen)


@pytest.mark.parametrize("lots", [POSITION_LIMIT, -POSITION_LIMIT - 1])
def test_a_position_out_of_range_is_refused_by_name_and_without_its_size(lots: int):
    book = tuple(lots if k == 7 else 0 for k in range(64))
    with pytest.raises(BadInput, match=r"place 7 \(INSTRUMENT-7\)") as caught:
        commit(LISTING, book, 1)
    assert str(abs(lots)) not in str(caught.value)


def test_a_position_without_an_instrument_is_refused():
    listing = replace(LISTING, places=(*LISTING.places[:5], None, *LISTING.places[6:]))
    with pytest.raises(BadInput, match="place 5 has no instrument"):
        commit(listing, tuple(int(k == 5) for k in range(64)), 1)


@pytest.mark.parametrize("salt", [-1, R])
def test_a_salt_out_of_range_is_refused_without_its_value(salt: int):
    with pytest.raises(BadInput, match="salt") as caught:
        commit(LISTING, ZERO, salt)
    assert str(abs(salt)) not in str(caught.value)


def test_a_wrong_number_of_positions_is_refused():
    with pytest.raises(BadInput, match="64 places"):
        commit(LISTING, ZERO[1:], 1)


def test_the_listing_hash_covers_everything_that_gives_a_position_its_meaning():
    base = Listing(1, 2, -12, "USD", (Slot("A", -6), None))
    others = [
        replace(base, groups=2, slots=1),
        replace(base, money_exponent=-11),
        replace(base, settlement_unit="EUR"),
        replace(base, places=(Slot("B", -6), None)),
        replace(base, places=(Slot("A", -5), None)),
        replace(base, places=(None, Slot("A", -6))),
    ]
    assert len({base.hash, *(other.hash for other in others)}) == 7


@pytest.mark.parametrize(
    "change",
    [{"slots": 3}, {"money_exponent": 10**6}, {"settlement_unit": "\ud800"}, {"settlement_unit": "x" * 999}],
)
def test_a_listing_that_cannot_be_hashed_or_printed_is_refused(change: dict):
    with pytest.raises(BadInput):
        replace(Listing(1, 2, -12, "USD", (Slot("A", -6), None)), **change)
