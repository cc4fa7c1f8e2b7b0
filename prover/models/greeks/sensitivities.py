"""What one contract loses and gains with each factor: floats with error bounds, and exactly.

Sensitivities are USD for a relative change of 1 (100 %) of a price or a volatility: delta F, gamma F^2, vega times the
volatility, shared among its underlying's points. The mean over the horizon: theta, half gamma F^2 times the price's
variance, and drift.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from prover.market import black76
from prover.market.exact import ExactGreeks, greeks_exact
from prover.market.names import Instrument, Kind
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from prover.models.draft import Floats
from prover.models.greeks.parameters import GreeksParameters, factor_names, shared_vega

_ULPS = 2.0**-49
"""Bounds the relative float errors of a product of a few factors."""
_DAY = 86_400


@dataclass(frozen=True)
class Sensitivities:
    """Of one contract, USD: `first` by factor (prices, then volatility points), gamma of its price, mean."""

    first: Mapping[int, Fraction]
    price: int
    gamma: Fraction
    mean: Fraction


@dataclass(frozen=True)
class FloatSensitivities:
    """The same of several instruments, a column each, with |exact - float| bounds."""

    first: Floats
    """F x n."""
    first_error: Floats
    gamma: Floats
    """U x n: zero but for the instrument's own price."""
    gamma_error: Floats
    mean: Floats
    """n."""
    mean_error: Floats


def exact_sensitivities(
    p: GreeksParameters, matrix: Sequence[Sequence[Fraction]], snapshot: MarketSnapshot, instrument: Instrument
) -> Sensitivities:
    """Return one contract's sensitivities in exact arithmetic; `matrix`: the factors' covariance."""
    prices = list(p.underlyings)
    price = prices.index(instrument.underlying)
    forward = Fraction(snapshot.forward(instrument))
    risk = p.underlyings[instrument.underlying]
    greeks, vol = ExactGreeks(Fraction(1), Fraction(0), Fraction(0), Fraction(0)), Fraction(0)
    if instrument.kind is Kind.OPTION:
        assert instrument.strike is not None
        vol = Fraction(snapshot.volatility(instrument))
        seconds = snapshot.seconds_to_expiry(instrument)
        greeks = greeks_exact(forward, instrument.strike, vol, seconds, instrument.is_call)
    first = {price: greeks.delta * forward}
    for factor, share in _vega_shares(p, snapshot, instrument).items():
        first[factor] = share * greeks.vega * vol
    gamma = greeks.gamma * forward * forward
    time = Fraction(p.horizon_days) / 365
    variance = matrix[price][price]
    mean = greeks.theta * time + gamma * variance / 2 + Fraction(risk.drift) * time * first[price]
    return Sensitivities(first, price, gamma, mean)


def float_sensitivities(
    p: GreeksParameters,
    matrix: Sequence[Sequence[Fraction]],
    snapshot: MarketSnapshot,
    instruments: Sequence[Instrument],
) -> FloatSensitivities:
    """Return the sensitivities of instruments in floating point with their error bounds.

    With sd = vol sqrt(T), d1 is off by at most e = 2^-49 ((1 + |ln(F/K)|) / sd + sd); a delta by n(d1) e, the density
    in gamma, vega and theta by the share (|d1| + 1) e. `matrix`: the factors' covariance.
    """
    n, prices = len(instruments), list(p.underlyings)
    forward = np.array([float(snapshot.forward(i)) for i in instruments])
    option = np.array([i.kind is Kind.OPTION for i in instruments], dtype=np.bool_)
    strike = np.array([float(i.strike or 1) for i in instruments])
    vol = np.array([float(snapshot.volatility(i)) if i.kind is Kind.OPTION else 0.0 for i in instruments])
    years = np.array([snapshot.seconds_to_expiry(i) / YEAR_SECONDS for i in instruments])
    is_call = np.array([i.is_call for i in instruments], dtype=np.bool_)
    one = black76.greeks(forward, strike, vol, years, is_call)
    sd = vol * np.sqrt(years)
    live = option & (sd > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(forward / strike)
        off = np.where(live, _ULPS * ((1 + np.abs(log)) / sd + sd), 0.0)
        share = np.where(live, (np.abs(log) / sd + sd + 1) * off + _ULPS, 0.0)
    delta = np.where(option, one.delta, 1.0) * forward
    gamma = np.where(option, one.gamma, 0.0) * forward * forward
    vega = np.where(option, one.vega, 0.0) * 100 * vol
    time = float(p.horizon_days) / 365
    theta = np.where(option, one.theta, 0.0) * 365 * time
    out = FloatSensitivities(
        first=np.zeros((len(factor_names(p)), n)),
        first_error=np.zeros((len(factor_names(p)), n)),
        gamma=np.zeros((len(prices), n)),
        gamma_error=np.zeros((len(prices), n)),
        mean=np.zeros(n),
        mean_error=np.zeros(n),
    )
    delta_error = forward * (off + np.where(option, _ULPS, 0.0))
    for j, instrument in enumerate(instruments):
        price = prices.index(instrument.underlying)
        out.first[price, j], out.first_error[price, j] = delta[j], delta_error[j]
        for factor, part in _vega_shares(p, snapshot, instrument).items():
            out.first[factor, j] = float(part) * vega[j]
            out.first_error[factor, j] = float(part) * vega[j] * (share[j] + _ULPS)
        out.gamma[price, j], out.gamma_error[price, j] = gamma[j], gamma[j] * share[j]
        half, drift = float(matrix[price][price]) / 2, float(p.underlyings[instrument.underlying].drift) * time
        parts = (theta[j], gamma[j] * half, drift * delta[j])
        out.mean[j] = sum(parts)
        out.mean_error[j] = (abs(parts[0]) + abs(parts[1])) * (share[j] + _ULPS)
        out.mean_error[j] += abs(drift) * delta_error[j] + sum(map(abs, parts)) * _ULPS
    return out


def _vega_shares(p: GreeksParameters, snapshot: MarketSnapshot, instrument: Instrument) -> dict[int, Fraction]:
    """Return factor -> share of an instrument's vega."""
    points = [point.days for point in p.underlyings[instrument.underlying].term]
    if instrument.kind is not Kind.OPTION or not points:
        return {}
    names = factor_names(p)
    shares = shared_vega(points, Fraction(snapshot.seconds_to_expiry(instrument), _DAY))
    return {names.index(f"{instrument.underlying}@{points[k]}"): share for k, share in shares.items() if share}
