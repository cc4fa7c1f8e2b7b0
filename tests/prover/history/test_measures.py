"""Value at risk and expected shortfall by definition, by hand, and by Rockafellar and Uryasev's minimum."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from prover.models.history.measures import expected_shortfall, value_at_risk, waived_rows

LOSSES = st.lists(st.integers(-(10**6), 10**6).map(Fraction), min_size=2, max_size=40)
CONFIDENCES = st.integers(5_000, 9_999).map(lambda n: Fraction(n, 10_000))


def minimum(losses: list[Fraction], odds: list[Fraction], confidence: Fraction) -> Fraction:
    """Return min over t of t + E[max(0, L - t)] / (1 - a): convex, with its corners at the losses."""

    def cost(t: Fraction) -> Fraction:
        above = sum((o * max(Fraction(0), loss - t) for o, loss in zip(odds, losses, strict=True)), Fraction(0))
        return t + above / (1 - confidence)

    return min(cost(t) for t in losses)


@given(LOSSES, CONFIDENCES, st.data())
def test_the_mean_of_the_tail_is_rockafellar_and_uryasevs_minimum(
    losses: list[Fraction], confidence: Fraction, data: st.DataObject
) -> None:
    parts = data.draw(st.lists(st.integers(1, 1000), min_size=len(losses), max_size=len(losses)))
    odds = [Fraction(part, sum(parts)) for part in parts]
    assert expected_shortfall(losses, odds, confidence) == minimum(losses, odds, confidence)


@given(LOSSES, CONFIDENCES)
def test_expected_shortfall_lies_between_value_at_risk_and_the_largest_loss(
    losses: list[Fraction], confidence: Fraction
) -> None:
    odds = [Fraction(1, len(losses))] * len(losses)
    risk = value_at_risk(losses, confidence)
    assert risk <= expected_shortfall(losses, odds, confidence) <= max(losses)
    assert sum(loss > risk for loss in losses) <= waived_rows(len(losses), confidence) < len(losses)


def test_figures_by_hand() -> None:
    losses = [Fraction(n) for n in (-5, 1, 2, 3, 10)]
    fifths = [Fraction(1, 5)] * 5
    assert value_at_risk(losses, Fraction(4, 5)) == 3
    assert value_at_risk(losses, Fraction(9, 10)) == 10
    assert expected_shortfall(losses, fifths, Fraction(4, 5)) == 10
    assert expected_shortfall(losses, fifths, Fraction(7, 10)) == Fraction(10 * 2 + 3 * 1, 3)
    assert expected_shortfall(losses, fifths, Fraction(1, 2)) == Fraction(10 * 2 + 3 * 2 + 2, 5)
