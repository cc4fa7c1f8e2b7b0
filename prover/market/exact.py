"""Black-76 in arithmetic of many digits, from the snapshot's own decimals: the second opinion on the fast prices."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import mpmath  # type: ignore[import-untyped]

DIGITS = 60
"""Working precision, decimal digits; results are good to more than 45."""
_RESOLUTION_BITS = 240
"""Prices are multiples of 2^-240 USD."""


_CACHED = 1 << 16
"""Prices that are kept: books of one market ask for the same ones again."""


@lru_cache(_CACHED)
def price_exact(forward: Fraction, strike: Decimal, vol: Fraction, seconds: int, is_call: bool) -> Fraction:
    """Return the price of one contract in USD, undiscounted, correct to about 1e-45 relative to F + K.

    forward, strike in USD; vol 1 = 100 % a year; `seconds` to expiry, a year has 31,536,000 of them.
    """
    sign = 1 if is_call else -1
    fixed_strike = Fraction(strike)
    forward = max(forward, Fraction(0))
    if seconds <= 0 or vol <= 0 or forward == 0:
        return max(sign * (forward - fixed_strike), Fraction(0))
    with mpmath.workdps(DIGITS):
        f, k = _mpf(forward), _mpf(fixed_strike)
        sd = _mpf(vol) * mpmath.sqrt(mpmath.mpf(seconds) / 31_536_000)
        d1 = mpmath.log(f / k) / sd + sd / 2
        d2 = d1 - sd
        value = sign * (f * mpmath.ncdf(sign * d1) - k * mpmath.ncdf(sign * d2))
        return max(_fraction(value), Fraction(0))


@dataclass(frozen=True)
class ExactGreeks:
    """One contract's: delta in USD a USD, gamma in delta a USD, vega in USD for 100 volatility points, theta in USD a
    year."""

    delta: Fraction
    gamma: Fraction
    vega: Fraction
    theta: Fraction


@lru_cache(_CACHED)
def greeks_exact(forward: Fraction, strike: Decimal, vol: Fraction, seconds: int, is_call: bool) -> ExactGreeks:
    """Return the derivatives of the price, as exactly; at expiry or zero volatility delta is 0, 1 or -1, the rest 0."""
    sign = 1 if is_call else -1
    fixed_strike, none = Fraction(strike), Fraction(0)
    forward = max(forward, none)
    if seconds <= 0 or vol <= 0 or forward == 0:
        return ExactGreeks(Fraction(sign if sign * (forward - fixed_strike) > 0 else 0), none, none, none)
    with mpmath.workdps(DIGITS):
        f, v = _mpf(forward), _mpf(vol)
        root = mpmath.sqrt(mpmath.mpf(seconds) / 31_536_000)
        d1 = mpmath.log(f / _mpf(fixed_strike)) / (v * root) + v * root / 2
        density = mpmath.npdf(d1)
        return ExactGreeks(
            delta=sign * _fraction(mpmath.ncdf(sign * d1)),
            gamma=_fraction(density / (f * v * root)),
            vega=_fraction(f * density * root),
            theta=_fraction(-f * density * v / (2 * root)),
        )


@lru_cache(_CACHED)
def exp_exact(value: Fraction) -> Fraction:
    """Return e^value, correct to about 1e-45 relative to max(1, e^value)."""
    with mpmath.workdps(DIGITS):
        return _fraction(mpmath.exp(_mpf(value)))


@lru_cache(_CACHED)
def log_exact(value: Fraction) -> Fraction:
    """Return the natural logarithm of a positive number, as exactly."""
    with mpmath.workdps(DIGITS):
        return _fraction(mpmath.log(_mpf(value)))


@lru_cache(_CACHED)
def sqrt_exact(value: Fraction) -> Fraction:
    """Return the square root of a number that is not negative, as exactly."""
    with mpmath.workdps(DIGITS):
        return _fraction(mpmath.sqrt(_mpf(value)))


@lru_cache(_CACHED)
def power_exact(base: Fraction, exponent: Fraction) -> Fraction:
    """Return base^exponent of a positive base, as exactly."""
    with mpmath.workdps(DIGITS):
        return _fraction(mpmath.power(_mpf(base), _mpf(exponent)))


def _mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def _fraction(value: mpmath.mpf) -> Fraction:
    """Return the nearest multiple of the resolution: a value like exp(-1e9) is no fraction that fits a computer."""
    return Fraction(int(mpmath.nint(mpmath.ldexp(value, _RESOLUTION_BITS))), 1 << _RESOLUTION_BITS)
