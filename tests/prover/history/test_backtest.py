"""The backtest: statistics by hand, and what the real series shows."""

from datetime import date, timedelta
from math import log

import pytest

from prover.models.history.backtest import Evening, Exposure, judge, run
from tests.prover.history_market import RETURNS, parameters
from verifier.errors import BadInput


def evenings(pattern: str) -> list[Evening]:
    """Return a day for each character; x: the requirement is exceeded."""
    start = date(2020, 1, 1)
    return [Evening(start + timedelta(days=t), 10.0, 11.0 if c == "x" else 5.0) for t, c in enumerate(pattern)]


def test_kupiecs_statistic_of_known_counts() -> None:
    """Kupiec's own example: 255 days at 99 %; the 95 % region is fewer than 7 exceedances."""
    for count, kept in ((1, True), (6, True), (7, False)):
        found = judge(evenings("x" * count + "." * (255 - count)), 0.01)
        assert (found.kupiec.statistic < 3.841) is kept
        assert (found.kupiec.p_value > 0.05) is kept
    none = judge(evenings("." * 255), 0.01)
    assert none.kupiec.statistic == pytest.approx(5.1257, abs=1e-4)  # -2 * 255 * ln(0.99)
    assert none.expected == pytest.approx(2.55)


def test_exceedances_in_a_row_are_not_independent() -> None:
    spread = judge(evenings(("x" + "." * 49) * 6), 0.02)
    run_of = judge(evenings("x" * 6 + "." * 294), 0.02)
    assert spread.kupiec == run_of.kupiec
    assert spread.independence.p_value > 0.5
    assert run_of.independence.p_value < 1e-6
    assert run_of.coverage.statistic == pytest.approx(run_of.kupiec.statistic + run_of.independence.statistic)


def test_independence_by_hand() -> None:
    """Pairs of x..xx.: 00 once, 01 once, 10 twice, 11 once."""
    found = judge(evenings("x..xx."), 0.5)
    apart = (1 / 2) * (1 / 2) * (2 / 3) ** 2 * (1 / 3)
    together = (3 / 5) ** 3 * (2 / 5) ** 2
    assert found.independence.statistic == pytest.approx(2 * (log(apart) - log(together)))


def test_march_2020_on_the_real_series() -> None:
    """A long bitcoin book through the crash: exceeded on the 12th, by several times what was required."""
    p = parameters(window=200, initial_confidence="0.99", maintenance_confidence="0.99")
    found = run(p, RETURNS, {"long": {"BTC": Exposure(1000.0)}}, date(2020, 3, 9), date(2020, 3, 14))["long"]
    (crash,) = (evening for evening in found.evenings if evening.day == date(2020, 3, 12))
    assert crash.lost == pytest.approx(371.695, abs=1e-3)
    assert crash.exceeded
    assert 3 < crash.lost / crash.required < 6
    after = next(evening for evening in found.evenings if evening.day == date(2020, 3, 13))
    assert after.required > crash.required, "the evening after knows the crash"


def test_a_short_straddle_is_hurt_by_moves_either_way() -> None:
    p = parameters(window=100, initial_confidence="0.95", maintenance_confidence="0.95")
    book = {"BTC": Exposure(0.0, straddle_usd=-1000.0)}
    found = run(p, RETURNS, {"short": book}, date(2020, 3, 10), date(2020, 3, 16))["short"]
    assert all(evening.required > 0 for evening in found.evenings)
    assert found.worst.day == date(2020, 3, 12)


def test_what_the_closes_do_not_hold_is_refused() -> None:
    with pytest.raises(BadInput, match="no SOL"):
        run(parameters(), RETURNS, {"one": {"SOL": Exposure(1.0)}}, date(2020, 1, 1), date(2020, 2, 1))
    with pytest.raises(BadInput, match="no day from"):
        run(parameters(), RETURNS, {"one": {"BTC": Exposure(1.0)}}, date(2021, 1, 1), date(2021, 2, 1))
