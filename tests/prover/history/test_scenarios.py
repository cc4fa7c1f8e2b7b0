"""From closes to scenarios: the real series, the filter, ages, stressed days, and what is refused."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prover.market.closes import load_closes
from prover.models.base import load_model
from prover.models.history import History
from prover.models.history.draft import scales_of, weight_of
from prover.models.history.scenarios import SEED_DAYS, ewma_variances, make_rows
from tests.prover.history_market import RETURNS, SERIES, parameters
from tests.prover.market_files import EXAMPLES
from verifier.errors import BadInput


def rows_on(day: date, **changes: Any) -> dict[str, Decimal]:
    rows = make_rows(parameters(**changes), RETURNS)
    (factors,) = (row.factors for row in rows if row.label == str(day))
    return dict(factors)


def test_the_twelfth_of_march_2020_is_a_scenario_as_it_was() -> None:
    p = {"until": "2020-12-31", "window": 400}
    factors = rows_on(date(2020, 3, 12), **p)
    assert factors == {"BTC": Decimal("0.628304614"), "ETH": Decimal("0.576527785")}
    wider = rows_on(date(2020, 3, 12), **p, horizon_days="4")
    assert abs(float(wider["BTC"]) - 0.628304614**2) < 1e-9


def test_days_without_a_close_the_day_before_are_left_out() -> None:
    days = set(RETURNS.days)
    assert date(2020, 4, 18) not in days
    assert date(2020, 4, 19) in days
    assert len(SERIES["BTC"].days) == 1824


def test_the_filter_scales_each_day_to_the_last_days_volatility() -> None:
    """The same in floating point, written down once more."""
    decay, returns = 0.94, np.array([float(r) for r in RETURNS.log["BTC"]])
    variance, then = float((returns[:SEED_DAYS] ** 2).mean()), {}
    for day, value in zip(RETURNS.days[SEED_DAYS:], returns[SEED_DAYS:], strict=True):
        then[day] = variance
        variance = decay * variance + (1 - decay) * value**2
    day = date(2020, 9, 3)
    index = RETURNS.days.index(day)
    expected = exp(returns[index] * sqrt(variance / then[day]))
    assert abs(float(rows_on(day, ewma_decay="0.94")["BTC"]) - expected) < 2e-9
    assert len(ewma_variances(RETURNS.log["BTC"], Decimal("0.94"))) == len(returns) + 1


def test_probabilities_add_up_and_fall_with_age() -> None:
    stress = {"first": "2020-02-20", "last": "2020-04-10", "weight": "0.25"}
    aged = parameters(
        measure="expected-shortfall", age_decay="0.97", stress={**stress, "method": "mixture"}, window=300
    )
    rows = make_rows(aged, RETURNS)
    assert sum(row.probability for row in rows) == 1
    assert sum(row.probability for row in rows[300:]) == Fraction(1, 4)
    assert rows[0].probability == rows[1].probability * Fraction("0.97")
    blend = parameters(measure="expected-shortfall", stress={**stress, "method": "blend"}, window=300)
    parts = make_rows(blend, RETURNS)
    assert [sum(row.probability for row in parts if row.stressed is side) for side in (False, True)] == [1, 1]


@pytest.mark.parametrize("weight", ["0.25", "0.01", "0.99", "0.5"])
def test_scales_hold_a_blends_weight_exactly_and_fit_the_unit(weight: str) -> None:
    stress = {"first": "2020-02-20", "last": "2020-04-10", "weight": weight, "method": "blend"}
    scales = scales_of(parameters(measure="expected-shortfall", stress=stress, window=300))
    assert (Fraction(weight) * scales.gain).denominator == 1
    assert scales.gain * scales.tail < 1 << 32 <= scales.gain * scales.tail * 10


def test_weights_are_rounded_up_and_never_above_the_whole_tail() -> None:
    p = parameters(measure="expected-shortfall", initial_confidence="0.99")
    rows = make_rows(p, RETURNS)
    whole = scales_of(p).tail
    weight = weight_of(p, rows[0], Fraction(99, 100), whole)
    assert 0 <= weight - whole * Fraction(100, 365) < 1
    assert weight_of(p, rows[0], Fraction(9999, 10_000), whole) == whole


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"until": "2021-01-01"}, "no return of 2021-01-01"),
    ({"until": "2016-06-01"}, "a window of 365 needs 30 more"),
    ({"age_decay": "0.99"}, "age_decay is 1"),
    ({"maintenance_confidence": "0.999"}, "above initial_confidence"),
    ({"concentration": {"SOL": {"threshold_coins": "1", "rate": "0.1"}}}, "each with closes"),
    ({"window": 441}, "less than or equal to 440"),
    ({"closes": {"BTC": "nowhere.csv"}}, "nowhere.csv"),
    ({"closes": {}}, "names no underlying"),
    (
        {"stress": {"first": "2022-01-01", "last": "2022-02-01", "weight": "0.25", "method": "blend"}},
        "no stressed period",
    ),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_what_is_inconsistent_is_refused_in_a_sentence(changes: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = EXAMPLES / "models" / "history_var.json"
    document = {**json.loads(path.read_text()), **changes}
    del document["model"]
    with pytest.raises(BadInput, match=said):
        History.load(document, str(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,price\n", "no columns date and close"),
        ("date,close\n2020-01-01,0\n", "row 2: the close"),
        ("date,close\n2020-01-01,1\n2020-01-01,2\n", "row 3: the day is not after"),
        ("date,close\n1st of May,1\n", "row 2: the date"),
        ("date,close\n2020-01-01,nan\n", "row 2: the close"),
    ],
)
def test_a_bad_file_of_closes_is_refused_by_row(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "closes.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        load_closes(path)


def test_returns_are_logarithms_of_successive_closes() -> None:
    closes = SERIES["ETH"]
    index = closes.days.index(date(2020, 3, 12))
    value = RETURNS.log["ETH"][RETURNS.days.index(date(2020, 3, 12))]
    assert abs(float(value) - log(closes.prices[index] / closes.prices[index - 1])) < 1e-15


def test_the_example_files_are_models() -> None:
    for name in ("history_es", "history_var", "history_concentrated"):
        model = load_model(EXAMPLES / "models" / f"{name}.json")
        assert isinstance(model, History)
        assert len(model.labels) <= 440
