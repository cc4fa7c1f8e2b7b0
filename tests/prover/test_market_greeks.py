"""Greeks of listed instruments: textbook values, finite differences, and what has none."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from prover.market import black76
from prover.market.greeks import contract_greeks, lot_greeks
from prover.market.names import parse_name
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from tests.prover.market_files import real_snapshot
from verifier.errors import BadInput

NAMES = ("BTC-30JAN26-90000-C", "BTC-27MAR26-80000-P", "ETH-30JAN26-3000-C", "ETH-27MAR26-2500-P")


def test_hulls_futures_option() -> None:
    """Hull, Options, Futures, and Other Derivatives: F = K = 20, 25 % volatility, 4 months; ours are undiscounted."""
    args = (np.array(20.0), np.array(20.0), np.array(0.25), np.array(4 / 12), np.array(False))
    price, made = float(black76.price(*args)), black76.greeks(*args)
    assert price * np.exp(-0.09 * 4 / 12) == pytest.approx(1.12, abs=0.005)  # the book's put: 1.12
    d1 = 0.25 * np.sqrt(1 / 3) / 2
    assert d1 == pytest.approx(0.07216, abs=1e-5)  # the book's d1
    assert float(made.delta) == pytest.approx(-0.4712, abs=5e-5)  # the book's N(-d1)
    density = np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi)
    assert float(made.gamma) == pytest.approx(density / (20 * 0.25 * np.sqrt(1 / 3)), rel=1e-12)
    assert float(made.vega) == pytest.approx(20 * density * np.sqrt(1 / 3) / 100, rel=1e-12)


def price(market: MarketSnapshot, name: str, *, forward: float = 0.0, vol: float = 0.0, days: float = 0.0) -> float:
    """Return an option's price after small moves."""
    i = parse_name(name)
    assert i.strike is not None
    years = (market.seconds_to_expiry(i) - days * 86_400) / YEAR_SECONDS
    moved = float(market.forward(i)) + forward
    args = (np.array(moved), np.array(float(i.strike)), np.array(float(market.volatility(i)) + vol), np.array(years))
    return float(black76.price(*args, np.array(i.is_call)))


@pytest.mark.parametrize("place", range(len(NAMES)))
def test_finite_differences(place: int) -> None:
    market, name = real_snapshot(), NAMES[place]
    made = contract_greeks(market, NAMES)
    h = float(market.forward(parse_name(name))) * 1e-4
    up, down, now = price(market, name, forward=h), price(market, name, forward=-h), price(market, name)
    assert made.delta[place] == pytest.approx((up - down) / (2 * h), rel=1e-5)
    assert made.gamma[place] == pytest.approx((up - 2 * now + down) / h**2, rel=1e-4)
    points = (price(market, name, vol=1e-4) - price(market, name, vol=-1e-4)) / 0.02
    assert made.vega[place] == pytest.approx(points, rel=1e-6)
    day = (price(market, name, days=1e-3) - price(market, name, days=-1e-3)) / 2e-3
    assert made.theta[place] == pytest.approx(day, rel=1e-6)


def test_what_is_linear_has_delta_one_and_cash_none() -> None:
    made = contract_greeks(real_snapshot(), ["BTC", "BTC-PERPETUAL", "ETH-27MAR26", "USD"])
    assert made.delta.tolist() == [1, 1, 1, 0]
    assert not (made.gamma.any() or made.vega.any() or made.theta.any())


def test_at_expiry_and_without_volatility_only_delta_is_left() -> None:
    name = "BTC-30JAN26-85000-P"
    expiry = parse_name(name).expiry
    assert expiry is not None
    market = real_snapshot()
    for edge in (
        replace(market, valuation_time=expiry),
        replace(market, quotes={name: replace(market.quotes[name], mark_vol=Decimal(0))}),
    ):
        made = contract_greeks(edge, [name])
        assert made.delta.tolist() == [0.0]  # the forward is above the strike
        assert not (made.gamma.any() or made.vega.any() or made.theta.any())


def test_a_day_before_expiry_the_theta_of_a_straddle_is_most_of_its_value() -> None:
    expiry = parse_name("BTC-30JAN26-90000-C").expiry
    assert expiry is not None
    market = replace(real_snapshot(), valuation_time=expiry - timedelta(days=1))
    names = ["BTC-30JAN26-90000-C", "BTC-30JAN26-90000-P"]
    theta = float(contract_greeks(market, names).theta.sum())
    assert -sum(price(market, name) for name in names) < theta < 0


def test_a_lot_is_a_part_of_a_contract() -> None:
    whole, lot = contract_greeks(real_snapshot(), NAMES), lot_greeks(real_snapshot(), NAMES, -6)
    assert np.allclose(lot.delta * 1e6, whole.delta, rtol=1e-12)
    assert np.allclose(lot.vega * 1e6, whole.vega, rtol=1e-12)


def test_orders_have_no_greeks() -> None:
    with pytest.raises(BadInput, match="BTC-PERPETUAL#BUY: open orders and charges have no Greeks"):
        contract_greeks(real_snapshot(), ["BTC-PERPETUAL#BUY"])
