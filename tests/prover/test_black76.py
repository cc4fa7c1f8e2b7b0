"""Black-76 against published values, arithmetic of many digits, parity and finite differences."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from prover.market.black76 import PRICE_ERROR, greeks, price
from prover.market.exact import price_exact
from prover.market.snapshot import YEAR_SECONDS


def one(forward: float, strike: float, vol: float, years: float, is_call: bool) -> float:
    """Return the fast price of one option."""
    return float(price(np.array(forward), np.array(strike), np.array(vol), np.array(years), np.array(is_call)))


PUBLISHED = [
    # Hull, Options, Futures, and Other Derivatives, Black's model: European put on crude oil futures; 4 months,
    # F = K = 20, r = 9 %, vol 25 %: 1.12.
    (20, 20, 0.25, 4 / 12, 0.09, False, 1.12, 0.005),
    # Hull, same chapter: call on gold futures, F = 620, K = 600, r = 5 %, vol 20 %, 6 months: 44.19.
    (620, 600, 0.20, 0.5, 0.05, True, 44.19, 0.005),
    # Haug, The Complete Guide to Option Pricing Formulas, Black-76: futures 19, strike 19, r = 10 %, vol 28 %,
    # 9 months: call and put 1.7011.
    (19, 19, 0.28, 0.75, 0.10, True, 1.7011, 0.00005),
    (19, 19, 0.28, 0.75, 0.10, False, 1.7011, 0.00005),
    # Hull, Black-Scholes-Merton: S = 42, K = 40, r = 10 %, vol 20 %, 6 months: call 4.76, put 0.81; forward 42 e^0.05.
    (42 * np.exp(0.05), 40, 0.20, 0.5, 0.10, True, 4.76, 0.005),
    (42 * np.exp(0.05), 40, 0.20, 0.5, 0.10, False, 0.81, 0.005),
]


@pytest.mark.parametrize(("forward", "strike", "vol", "years", "rate", "is_call", "value", "digits"), PUBLISHED)
def test_published_prices(
    forward: float, strike: float, vol: float, years: float, rate: float, is_call: bool, value: float, digits: float
) -> None:
    """The books discount, this module does not: their price is ours times exp(-rT)."""
    assert one(forward, strike, vol, years, is_call) * np.exp(-rate * years) == pytest.approx(value, abs=digits)


def gap(forward: float, strike: str, vol: float, seconds: int, is_call: bool) -> float:
    """Return |fast - exact| in units of the stated error bound."""
    exact = price_exact(Fraction(forward), Decimal(strike), Fraction(vol), seconds, is_call)
    fast = one(forward, float(strike), vol, seconds / YEAR_SECONDS, is_call)
    sd: float = vol * (max(seconds, 0) / YEAR_SECONDS) ** 0.5
    bound = PRICE_ERROR * (max(forward, 0.0) + float(strike)) * max(1.0, sd)
    return float(abs(Fraction(fast) - exact)) / bound


@pytest.mark.parametrize("seed", range(4))
def test_random_prices_are_within_the_stated_error(seed: int) -> None:
    rng = Random(seed)
    worst = 0.0
    for _ in range(500):
        strike = f"{10 ** rng.uniform(-6, 8):.6f}"
        forward = float(strike) * 2 ** rng.choice([rng.uniform(-8, 8), rng.gauss(0, 0.1), rng.gauss(0, 1e-6)])
        vol = rng.choice([rng.uniform(0, 3), 10 ** rng.uniform(-9, 2.3)])
        seconds = int(10 ** rng.uniform(0, 9))
        if float(strike):
            worst = max(worst, gap(forward, strike, vol, seconds, rng.random() < 0.5))
    assert worst < 0.5, "less than half of the bound is used, so that it also covers the roundings of a caller"


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("seconds", [1, 3600, YEAR_SECONDS])
@pytest.mark.parametrize("distance", [0.0, 1e-16, -3e-11, 1e-10, 1e-7, -1e-4, 0.3])
def test_tiny_deviations_near_the_strike_lose_no_digits(distance: float, seconds: int, is_call: bool) -> None:
    """Here d1 is a quotient of two tiny numbers and off by far more than the bound; in the price its error cancels."""
    for exponent in range(-16, 1):
        vol = 10.0**exponent * 3 / (seconds / YEAR_SECONDS) ** 0.5
        assert gap(87_800.1 * (1 + distance), "87800.1", vol, seconds, is_call) < 0.5


EDGES = [
    (100.0, "90", 0.0, 86_400, True, 10.0),
    (100.0, "90", 0.0, 86_400, False, 0.0),
    (100.0, "90", 0.8, 0, True, 10.0),
    (100.0, "110", 0.8, -5, False, 10.0),
    (0.0, "110", 0.8, 86_400, False, 110.0),
    (0.0, "110", 0.8, 86_400, True, 0.0),
    (-50.0, "110", 0.8, 86_400, False, 110.0),
    (-50.0, "110", 0.8, 86_400, True, 0.0),
    (100.0, "100", 0.0, 0, True, 0.0),
]


@pytest.mark.parametrize(("forward", "strike", "vol", "seconds", "is_call", "value"), EDGES)
def test_limits_are_intrinsic(
    forward: float, strike: str, vol: float, seconds: int, is_call: bool, value: float
) -> None:
    assert one(forward, float(strike), vol, seconds / YEAR_SECONDS, is_call) == value
    assert price_exact(Fraction(forward), Decimal(strike), Fraction(vol), seconds, is_call) == Fraction(value)


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("strike", ["0.000001", "1", "1000", "87800", "1000000000"])
@pytest.mark.parametrize("vol", [0.01, 0.45, 10.0, 210.0])
def test_deep_in_and_out_of_the_money(strike: str, vol: float, is_call: bool) -> None:
    for seconds in (1, 86_400, 40 * YEAR_SECONDS):
        assert gap(88_000.25, strike, vol, seconds, is_call) < 0.5


def grid() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(7)
    strike = rng.uniform(50, 150, 400)
    return np.full(400, 100.0), strike, rng.uniform(0.1, 1.5, 400), rng.uniform(0.02, 2, 400)


def test_put_call_parity() -> None:
    forward, strike, vol, years = grid()
    call, put = (price(forward, strike, vol, years, np.array(side)) for side in (True, False))
    assert np.abs(call - put - (forward - strike)).max() < 200 * PRICE_ERROR


@pytest.mark.parametrize("is_call", [True, False])
def test_greeks_are_the_slopes_of_the_price(is_call: bool) -> None:
    forward, strike, vol, years = grid()
    side = np.array(is_call)
    out = greeks(forward, strike, vol, years, side)

    def at(df: float = 0.0, dv: float = 0.0, dt: float = 0.0) -> np.ndarray:
        return price(forward + df, strike, vol + dv, years + dt, side)

    step = 1e-3
    np.testing.assert_allclose(out.delta, (at(step) - at(-step)) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(out.gamma, (at(step) - 2 * at() + at(-step)) / step**2, atol=2e-7)
    np.testing.assert_allclose(out.vega, (at(dv=1e-5) - at(dv=-1e-5)) / 2e-5 / 100, atol=1e-7)
    np.testing.assert_allclose(out.theta, -(at(dt=1e-6) - at(dt=-1e-6)) / 2e-6 / 365, atol=1e-5, rtol=1e-5)


def test_greeks_at_expiry_are_those_of_the_payoff() -> None:
    forward, zero = np.array([120.0, 80.0, 120.0, 80.0]), np.zeros(4)
    out = greeks(forward, np.full(4, 100.0), np.full(4, 0.5), zero, np.array([True, True, False, False]))
    assert out.delta.tolist() == [1.0, 0.0, 0.0, -1.0]
    assert not np.any([out.gamma, out.vega, out.theta])


def test_instruments_and_scenarios_broadcast() -> None:
    forward = np.array([[100.0, 110.0, 90.0]])
    values = price(
        forward, np.array([[100.0], [105.0]]), np.array([[0.5], [0.6]]), np.array([[1.0], [0.5]]), np.array(True)
    )
    assert values.shape == (2, 3)
    assert values[1, 1] == one(110.0, 105.0, 0.6, 0.5, True)
