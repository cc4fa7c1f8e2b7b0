"""Black-76 in arithmetic of many digits, from the snapshot's own decimals: the second opinion on the fast prices."""

from decimal import Decimal
from fractions import Fraction

import mpmath  # type: ignore[import-untyped]

DIGITS = 60
"""Working precision, decimal digits; results are good to more than 45."""
_RESOLUTION_BITS = 240
"""Prices are multiples of 2^-240 USD."""


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


def _mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def _fraction(value: mpmath.mpf) -> Fraction:
    """Return the nearest multiple of the resolution: a value like exp(-1e9) is no fraction that fits a computer."""
    return Fraction(int(mpmath.nint(mpmath.ldexp(value, _RESOLUTION_BITS))), 1 << _RESOLUTION_BITS)
