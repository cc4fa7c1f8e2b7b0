"""Multiples of the standard deviation: tables, an independent integral, and their order."""

from decimal import Decimal

import numpy as np
import pytest
from scipy.integrate import quad  # type: ignore[import-untyped]
from scipy.stats import norm  # type: ignore[import-untyped]

from prover.models.greeks.measures import ExpectedShortfall, Spectral, ValueAtRisk, normal_multiple


def var(confidence: str) -> float:
    return float(normal_multiple(ValueAtRisk(kind="value-at-risk", confidence=Decimal(confidence))))


def shortfall(confidence: str) -> float:
    return float(normal_multiple(ExpectedShortfall(kind="expected-shortfall", confidence=Decimal(confidence))))


def spectral(aversion: str) -> float:
    return float(normal_multiple(Spectral(kind="spectral", risk_aversion=Decimal(aversion))))


def test_tables_of_the_normal_distribution() -> None:
    """RiskMetrics takes 1.65 at 95 %; Basel 2.33 at 99 % and the expected shortfall of 97.5 %, 2.34."""
    assert var("0.95") == pytest.approx(1.6448536270, abs=2e-9)
    assert var("0.99") == pytest.approx(2.3263478740, abs=2e-9)
    assert shortfall("0.975") == pytest.approx(2.3378027922, abs=2e-9)
    assert shortfall("0.99") == pytest.approx(2.6652142203, abs=2e-9)


@pytest.mark.parametrize("aversion", [0.01, 1, 5, 20, 100, 1000, 100_000, 1_000_000])
def test_the_spectral_measure_is_the_integral_of_weighted_quantiles(aversion: float) -> None:
    def weighed(t: float) -> float:  # t = A (1 - p)
        return float(np.exp(-t) * norm.isf(t / aversion))

    most = min(aversion, 60.0)
    whole = sum(quad(weighed, most * a, most * b, limit=200)[0] for a, b in ((0, 0.001), (0.001, 0.1), (0.1, 1)))
    whole /= -np.expm1(-aversion)
    assert spectral(str(aversion)) == pytest.approx(whole, abs=1e-7)


def test_more_aversion_and_more_confidence_ask_for_more() -> None:
    levels = ["0.51", "0.9", "0.99", "0.999", "0.999999"]
    for measured in ([var(c) for c in levels], [shortfall(c) for c in levels]):
        assert measured == sorted(measured) and measured[0] > 0
    averse = [spectral(a) for a in ("0.001", "1", "10", "100", "10000", "1000000")]
    assert averse == sorted(averse) and averse[0] > 0
    assert all(shortfall(c) > var(c) for c in levels)


def test_rounding_is_up() -> None:
    for confidence in ("0.9", "0.99", "0.997"):
        assert 0 <= var(confidence) - norm.ppf(float(confidence)) <= 1.1e-9
