"""What one contract loses and gains with the risk factors: fast with error bounds, and in many digits.

With s = max(vol sqrt(T), least deviation), d1 = ln(F/K)/s + s/2 and phi, N of the standard normal, for a relative price
move r, a relative volatility move v and the horizon h, an option's value changes by

    F (+-N(+-d1)) r  +  F phi(d1) vol sqrt(T) v  +  F phi(d1)/s r^2/2  -  F phi(d1) vol sqrt(T)/2 min(h/T, 1)

delta, vega, gamma and decay in USD (Black-76, undiscounted; vega a relative move: vega times volatility). Anything else
is worth F and changes by F r.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import mpmath  # type: ignore[import-untyped]
import numpy as np
from scipy.special import ndtr  # type: ignore[import-untyped]

from prover.market.exact import DIGITS, sqrt_exact
from prover.market.snapshot import YEAR_SECONDS
from prover.models.draft import Flags, Floats

GREEK_ERROR = 2.0**-44
"""|computed - exact| <= GREEK_ERROR * F * (1 + 1/s) for delta, vega and decay, 1/s times that for gamma.

The relative errors of F/K and of the logarithm are divided by s in d1; N, phi and their derivatives are below one. The
tests hold floats to half of it, against 60 digits.
"""
_RESOLUTION_BITS = 240
_CACHED = 1 << 14


@dataclass(frozen=True)
class Contracts:
    """Options and others, one an entry: N each. Others have is_option False and need no strike, volatility or time.

    A forward of 0 stands for what has no risk.
    """

    forward: Floats
    """USD; the index price of a balance."""
    strike: Floats
    vol: Floats
    seconds: Floats
    is_call: Flags
    is_option: Flags


@dataclass(frozen=True)
class Exposures:
    """USD a contract, N each; |exact - float| <= the error beside it."""

    delta: Floats
    vega: Floats
    gamma: Floats
    decay: Floats
    """Change of value over the horizon while nothing moves; not above zero."""
    error: Floats
    """Of delta, vega and decay."""
    gamma_error: Floats


def exposures(contracts: Contracts, least_deviation: float, horizon: float) -> Exposures:
    """Return the exposures of contracts; horizon in years."""
    c = contracts
    years = c.seconds / YEAR_SECONDS
    deviation = c.vol * np.sqrt(years)
    s = np.maximum(deviation, least_deviation)
    with np.errstate(divide="ignore", under="ignore"):
        d1 = np.log(c.forward / np.where(c.is_option, c.strike, 1.0)) / s + 0.5 * s
        density = c.forward * np.exp(-0.5 * d1 * d1) / np.sqrt(2 * np.pi)
    sign = np.where(c.is_call, 1.0, -1.0)
    share = np.divide(horizon, years, out=np.ones_like(years), where=years > horizon)
    error = c.forward * (1 + 1 / s) * GREEK_ERROR
    linear = c.forward * 2.0**-48

    def of_options(value: Floats) -> Floats:
        return np.where(c.is_option, value, 0.0)

    return Exposures(
        delta=np.where(c.is_option, sign * c.forward * ndtr(sign * d1), c.forward),
        vega=of_options(density * deviation),
        gamma=of_options(density / s),
        decay=of_options(-density * deviation / 2 * share),
        error=np.where(c.is_option, error * np.maximum(1.0, deviation), linear),
        gamma_error=of_options(error / s),
    )


@dataclass(frozen=True)
class ExactExposures:
    """USD a contract, correct to about 1e-45 relative to F/s^2."""

    delta: Fraction
    vega: Fraction
    gamma: Fraction
    decay: Fraction


@lru_cache(_CACHED)
def option_exposures_exact(
    forward: Fraction,
    strike: Fraction,
    vol: Fraction,
    seconds: int,
    is_call: bool,
    least_deviation: Fraction,
    horizon: Fraction,
) -> ExactExposures:
    """Return an option's exposures from the snapshot's decimals; seconds >= 0, horizon in years."""
    years = Fraction(seconds, YEAR_SECONDS)
    deviation = vol * sqrt_exact(years)
    s = max(deviation, least_deviation)
    share = horizon / years if years > horizon else Fraction(1)
    with mpmath.workdps(DIGITS):
        d1 = mpmath.log(_mpf(forward / strike)) / _mpf(s) + _mpf(s) / 2
        normal = _fraction(mpmath.ncdf(d1)) if is_call else -_fraction(mpmath.ncdf(-d1))
        density = forward * _fraction(mpmath.npdf(d1))
    return ExactExposures(
        delta=forward * normal,
        vega=density * deviation,
        gamma=density / s,
        decay=-density * deviation / 2 * share,
    )


def _mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def _fraction(value: mpmath.mpf) -> Fraction:
    return Fraction(int(mpmath.nint(mpmath.ldexp(value, _RESOLUTION_BITS))), 1 << _RESOLUTION_BITS)
