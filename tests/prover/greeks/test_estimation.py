"""Volatilities and correlations of the daily closes in examples/market."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from prover.models.greeks.estimation import RISKMETRICS_DECAY, START_DAYS, estimate, load_closes
from tests.prover.greeks.documents import document
from tests.prover.market_files import EXAMPLES
from verifier.errors import BadInput

SERIES = {coin: load_closes(EXAMPLES / "market" / f"{coin.lower()}_usd_daily.csv") for coin in ("BTC", "ETH")}


def until(day: str) -> dict[str, tuple[tuple[str, float], ...]]:
    """Return the closes up to and with a day."""
    return {coin: tuple(row for row in rows if row[0] <= day) for coin, rows in SERIES.items()}


def test_the_series() -> None:
    assert [len(rows) for rows in SERIES.values()] == [1824, 1824]
    assert dict(SERIES["BTC"])["2020-03-12"] == pytest.approx(4970.79, abs=0.01)


def test_the_example_has_the_estimate_of_riskmetrics() -> None:
    made = estimate(SERIES)
    example = document()
    assert {coin: str(v) for coin, v in made.volatilities.items()} == example["prices"]
    assert str(made.correlation[0][1]) == example["correlation"][0][1]


def test_it_is_the_weighted_sum_of_squares() -> None:
    """Unrolled: sum over days of (1 - L) L^age r r', and what is left of the start."""
    returns = np.diff(np.log([[close for _, close in rows] for rows in SERIES.values()]), axis=1)
    days = returns.shape[1] - START_DAYS
    weights = (1 - RISKMETRICS_DECAY) * RISKMETRICS_DECAY ** np.arange(days)[::-1]
    start = returns[:, :START_DAYS] @ returns[:, :START_DAYS].T / START_DAYS * RISKMETRICS_DECAY**days
    s = (returns[:, START_DAYS:] * weights) @ returns[:, START_DAYS:].T + start
    made = estimate(SERIES)
    for j, coin in enumerate(SERIES):
        annual = np.sqrt(s[j, j] * 365)
        assert 0 <= float(made.volatilities[coin]) - annual < 1.0001e-4
    assert float(made.correlation[0][1]) == pytest.approx(s[0, 1] / np.sqrt(s[0, 0] * s[1, 1]), abs=5.1e-5)


def test_12_march_2020_doubles_the_volatility_in_a_day() -> None:
    before, after = (estimate(until(day)) for day in ("2020-03-11", "2020-03-12"))
    for coin in SERIES:
        assert after.volatilities[coin] > 2 * before.volatilities[coin]
    assert after.correlation[0][1] > Decimal("0.9")


BAD = {
    "the header is not date,close": "day,close\n2020-01-01,1\n",
    "row 3: it is no date with a positive close": "date,close\n2020-01-01,1\n2020-01-02,-1\n",
    "row 2: it is no date with a positive close": "date,close\n2020-01-01\n",
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_files(sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "closes.csv"
    path.write_text(BAD[sentence])
    with pytest.raises(BadInput, match=sentence):
        load_closes(path)


def test_series_that_make_no_estimate() -> None:
    with pytest.raises(BadInput, match="have not the same dates"):
        estimate({"BTC": SERIES["BTC"], "ETH": SERIES["ETH"][1:]})
    with pytest.raises(BadInput, match="fewer than 22 closes"):
        estimate({"BTC": SERIES["BTC"][:21]})
    with pytest.raises(BadInput, match="not between 0 and 1"):
        estimate(SERIES, 1.0)
    with pytest.raises(BadInput, match="does not move"):
        estimate({"BTC": tuple((str(k), 5.0) for k in range(30))})
