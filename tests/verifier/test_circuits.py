"""The public layouts: order, widths and bounds of the clearing house's circuits, and what tiers share with them."""

from itertools import groupby, product
from math import prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.books import random_case, random_marks
from verifier.circuits import CIRCUITS, CLEARING, CONSERVATION64, VALUATION64, VALUATION128, PublicLayout
from verifier.encoding import decode_chunk, encode_chunk, spans
from verifier.field import R
from verifier.tiers import GRID, MATRIX, PAIR_SHIFT, PORTFOLIO, TIERS, VENUE, Section, digit_limit, fold


@pytest.mark.parametrize("layout", CIRCUITS.values(), ids=list(CIRCUITS))
def test_signals_are_counted_and_runs_of_equal_width_stand_together(layout: PublicLayout):
    assert layout.prepared_count == sum(prod(section.signal_shape) for section in layout.sections)
    assert layout.public_count == layout.prepared_count + len(layout.live_names)
    widths = [width for width, _ in groupby(section.width for section in layout.sections)]
    assert len(widths) == len(set(widths))
    assert layout.live_names[-1] == "context"


@pytest.mark.parametrize("layout", CIRCUITS.values(), ids=list(CIRCUITS))
def test_each_bound_fits_its_width(layout: PublicLayout):
    for section in layout.sections:
        assert max(-section.low, section.high - 1) <= digit_limit(section.width)


def test_conservation_has_the_order_of_the_page():
    assert [section.name for section in CONSERVATION64.sections] == [
        "listing_old",
        "listing_new",
        "keep",
        "cash",
        "accrual",
    ]
    assert (CONSERVATION64.prepared_count, CONSERVATION64.public_count) == (2 + 3 * 64, 2 + 3 * 64 + 8)
    accrual = CONSERVATION64.sections[-1]
    assert (accrual.low, accrual.high, accrual.width) == (1 - (1 << 63), 1 << 63, 9)


@pytest.mark.parametrize("tier", [GRID, PORTFOLIO, MATRIX], ids=lambda tier: tier.name)
def test_marks_are_those_of_the_tiers_with_as_many_places(tier):
    mark = next(section for section in tier.sections if section.name == "mark")
    assert CLEARING[f"valuation{tier.positions}"].sections[1] == mark
    assert f"conservation{tier.positions}" in CLEARING


def test_only_the_risk_numbers_of_the_wide_tier_are_paired():
    paired = [(name, s.name) for name, layout in CIRCUITS.items() for s in layout.sections if s.paired]
    assert paired == [("venue", "risk_array")]
    assert VENUE.prepared_count == sum(section.count for section in VENUE.sections) - 12 * 1344


def test_a_signal_of_two_rows_is_the_sum_of_its_terms():
    pair = Section("risk_array", (2, 4, 3), 5, -10, 11, paired=True)
    single = Section("unit", (), 5, 1, 1 << 32)
    values = [7, *range(24)]
    signals = fold((single, pair), values)
    assert len(signals) == 1 + 12
    for g, s, i in product(range(2), range(2), range(3)):
        low, high = values[1 + 12 * g + 3 * s + i], values[1 + 12 * g + 3 * (s + 2) + i]
        assert signals[1 + 6 * g + 3 * s + i] == low + (1 << 98) * high
    assert signals[0] == 7


def test_the_sums_of_a_pair_of_rows_come_apart_in_one_way():
    """Each is below 2^97 in magnitude, so that both are read back from the sum of the signals."""
    limit = (1 << PAIR_SHIFT - 1) - 1
    risk = next(section for section in VENUE.sections if section.name == "risk_array")
    assert VENUE.positions * (risk.high - 1) << 47 <= limit
    for low, high in product((-limit - 1, -1, 0, 1, limit), repeat=2):
        shifted = low + (high << PAIR_SHIFT) + (1 << PAIR_SHIFT - 1) + (1 << 2 * PAIR_SHIFT - 1)
        assert 0 <= shifted < 1 << 2 * PAIR_SHIFT < R
        top, bottom = divmod(shifted, 1 << PAIR_SHIFT)
        assert (bottom - (1 << PAIR_SHIFT - 1), top - (1 << PAIR_SHIFT - 1)) == (low, high)


def test_names_are_unique():
    assert len(CIRCUITS) == len(TIERS) + len(CLEARING)
    assert all(name == layout.name for name, layout in CIRCUITS.items())
    assert VALUATION128.live_names == ("revealed", "band_bps", "value", "commitment", "context")


@given(st.integers(0, 2**32), st.booleans())
def test_prepared_values_are_encoded_and_read_back(seed: int, edge: bool):
    rng = Random(seed)
    case = random_case(rng, 64, edge=edge)
    marks = random_marks(rng, case.span.listing_old, edge=edge)
    for layout, values in ((CONSERVATION64, case.span.prepared_values()), (VALUATION64, marks.prepared_values())):
        chunks = [(chunk, values[chunk.first : chunk.first + chunk.count]) for chunk in spans(layout)]
        assert sum(chunk.count for chunk, _ in chunks) == layout.prepared_count
        for chunk, part in chunks:
            assert decode_chunk(encode_chunk(part, chunk.width), chunk.width) == part
