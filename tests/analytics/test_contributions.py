"""Contributions add up, agree with hand-made derivatives, and say where there is none."""

from fractions import Fraction
from random import Random

import pytest

from prover.analytics.contributions import EULER, INCREMENTAL, contributions, loss_in, requirement_of
from tests.prover.venues import judge
from verifier.meaning import evaluate
from verifier.program import Purpose

ADDITIVE = ("history-es", "history-var", "greeks", "paradex", "derive-srm")
"""Models whose requirement scales with the book."""


@pytest.mark.parametrize("name", ADDITIVE)
def test_euler_contributions_add_up_to_the_requirement(name: str) -> None:
    case, tried = judge(name, Purpose.INITIAL), 0
    rng = Random(name)
    for _ in range(8):
        lots = case.positions(case.book(rng, 24))
        figure = requirement_of(case.program)
        parts = contributions(case.program, lots, figure)
        if any(part.method == INCREMENTAL for part in parts):
            continue
        tried += 1
        whole = figure(lots)
        assert abs(sum(part.usd for part in parts) - whole) <= max(Fraction(1, 10**5), whole / 10**6)
    assert tried


@pytest.mark.parametrize("name", ["history-es", "span", "deribit"])
def test_the_worst_scenarios_loss_is_the_sum_of_its_parts(name: str) -> None:
    case = judge(name, Purpose.INITIAL)
    lots = case.positions(case.book(Random(3), 22))
    row = evaluate(case.program, lots).worst_row
    assert row is not None
    figure = loss_in(case.program, row)
    parts = contributions(case.program, lots, figure)
    if all(part.method == EULER for part in parts):
        assert abs(sum(part.usd for part in parts) - figure(lots)) < Fraction(1, 100)


def test_a_tie_has_no_derivative_and_is_shown_incrementally() -> None:
    """One long option alone: its value can only fall to nothing, and a lot more or less changes which row is worst
    only where rows tie; a book of one lot has a kink at zero."""
    case = judge("span", Purpose.INITIAL)
    place = next(k for k, slot in enumerate(case.program.listing.places) if slot and slot.instrument == "BTC-PERPETUAL")
    lots = [0] * len(case.program.listing.places)
    lots[place] = 1
    figure = requirement_of(case.program)
    (only,) = contributions(case.program, lots, figure)
    assert only.instrument == "BTC-PERPETUAL"
    assert only.usd == figure(lots)
    hedged = list(lots)
    lots[place] = 0
    assert contributions(case.program, lots, figure) == []
    assert sum(part.usd for part in contributions(case.program, hedged, figure)) == figure(hedged)
