"""Exposures: floats keep half of their stated error against many digits, and are derivatives of the price."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.market import black76
from prover.models.greeks.exposures import Contracts, Exposures, exposures, option_exposures_exact

LEAST = Fraction(1, 200)
LEASTS = (Fraction(1, 1000), LEAST, Fraction(1, 10))
DAY = Fraction(1, 365)


def one(forward: float, strike: float, vol: float, seconds: int, is_call: bool, least: Fraction = LEAST) -> Exposures:
    return exposures(
        Contracts(
            np.array([forward]),
            np.array([strike]),
            np.array([vol]),
            np.array([float(seconds)]),
            np.array([is_call]),
            np.array([True]),
        ),
        float(least),
        float(DAY),
    )


moneyness = st.one_of(st.floats(-0.02, 0.02), st.floats(-4, 4))


@given(
    st.floats(0.01, 1e6),
    moneyness,
    st.one_of(st.just(0.0), st.floats(1e-4, 10)),
    st.one_of(st.just(0), st.integers(1, 1800), st.integers(1, 10**8)),
    st.booleans(),
    st.sampled_from(LEASTS),
)
def test_floats_keep_half_of_their_stated_error(
    forward: float, log_strike: float, vol: float, seconds: int, is_call: bool, least: Fraction
) -> None:
    strike = forward * float(np.exp(log_strike))
    made = one(forward, strike, vol, seconds, is_call, least)
    f, k, v = Fraction(forward), Fraction(strike), Fraction(vol)
    exact = option_exposures_exact(f, k, v, seconds, is_call, least, DAY)
    for name in ("delta", "vega", "decay"):
        gap = abs(Fraction(float(getattr(made, name)[0])) - getattr(exact, name))
        assert gap <= Fraction(float(made.error[0])) / 2, name
    assert abs(Fraction(float(made.gamma[0])) - exact.gamma) <= Fraction(float(made.gamma_error[0])) / 2


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("strike", [70_000.0, 90_000.0, 120_000.0])
def test_they_are_derivatives_of_the_price(strike: float, is_call: bool) -> None:
    forward, vol, seconds, h = 88_000.0, 0.6, 30 * 86_400, 1e-4
    made = one(forward, strike, vol, seconds, is_call, Fraction(1, 1000))

    def price(r: float, v: float = 0.0, days: float = 0.0) -> float:
        years = np.array((seconds - days * 86_400) / 31_536_000)
        return float(
            black76.price(
                np.array(forward * (1 + r)), np.array(strike), np.array(vol * (1 + v)), years, np.array(is_call)
            )
        )

    assert made.delta[0] == pytest.approx((price(h) - price(-h)) / (2 * h), rel=1e-5)
    assert made.gamma[0] == pytest.approx((price(h) - 2 * price(0) + price(-h)) / h**2, rel=1e-3)
    assert made.vega[0] == pytest.approx((price(0, h) - price(0, -h)) / (2 * h), rel=1e-6)
    assert made.decay[0] == pytest.approx((price(0, 0, h) - price(0, 0, -h)) / (2 * h), rel=1e-6)


def test_near_expiry_gamma_stays_below_its_cap_and_decay_below_the_premium() -> None:
    for seconds in (0, 1, 60, 1_799, 3_600):
        made = one(90_000, 90_000, 0.5, seconds, True)
        assert made.gamma[0] <= 90_000 * 0.3990 / float(LEAST)
        value = float(black76.price(*map(np.array, (90_000.0, 90_000.0, 0.5, seconds / 31_536_000, True))))
        assert 0 <= -made.decay[0] <= value
    assert one(90_000, 90_000, 0.5, 0, True).decay[0] == 0


def test_deep_in_and_out_of_the_money() -> None:
    assert one(1e6, 1.0, 0.5, 10**6, True).delta[0] == 1e6
    assert one(1.0, 1e6, 0.5, 10**6, True).delta[0] == 0
    assert one(1.0, 1e6, 0.5, 10**6, False).delta[0] == -1
    assert one(1.0, 1e6, 0.5, 10**6, False).gamma[0] == 0
