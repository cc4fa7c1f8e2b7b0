"""How many standard deviations of a normal loss a measure asks for, rounded up to eight places.

Value at risk at confidence a: z_a. Expected shortfall: n(z_a) / (1 - a). Spectral with absolute risk aversion R: the
loss quantiles z_p weighted by R e^(-R (1 - p)) / (1 - e^(-R)) over p in (0, 1) (Cotter and Dowd, "Extreme spectral
risk measures: an application to futures clearinghouse margin requirements", Journal of Banking and Finance 30, 2006):
near 0 for small R, growing without bound.
"""

from decimal import Decimal
from functools import lru_cache

import mpmath  # type: ignore[import-untyped]

_DIGITS = 30
PLACES = 8
"""W = 10^8 holds it exactly."""


def value_at_risk(confidence: Decimal) -> Decimal:
    """Return z of the standard normal at a confidence in [0.5, 1)."""
    return _up(lambda: _quantile(mpmath.mpf(str(confidence))))


def expected_shortfall(confidence: Decimal) -> Decimal:
    """Return the mean of a standard normal above its quantile."""

    def figure() -> mpmath.mpf:
        level = mpmath.mpf(str(confidence))
        return mpmath.npdf(_quantile(level)) / (1 - level)

    return _up(figure)


@lru_cache(256)
def spectral(aversion: Decimal) -> Decimal:
    """Return the spectral measure of a standard normal loss for an absolute risk aversion above zero.

    With p = N(x) the integral over p is one over the loss x; beyond 12 standard deviations less than 1e-30 is left.
    """

    def figure() -> mpmath.mpf:
        a = mpmath.mpf(str(aversion))
        scale = a / (1 - mpmath.exp(-a))

        def weighted(x: mpmath.mpf) -> mpmath.mpf:
            return x * mpmath.npdf(x) * scale * mpmath.exp(-a * mpmath.erfc(x / mpmath.sqrt(2)) / 2)

        return mpmath.quad(weighted, [-12, -6, -3, -1, 0, 1, 2, 3, 4, 5, 6, 8, 12])

    return _up(figure)


def _quantile(level: mpmath.mpf) -> mpmath.mpf:
    return mpmath.sqrt(2) * mpmath.erfinv(2 * level - 1)


def _up(figure: "mpmath.mpf") -> Decimal:
    with mpmath.workdps(_DIGITS):
        whole = int(mpmath.ceil(figure() * mpmath.mpf(10) ** PLACES - mpmath.mpf(10) ** (PLACES - 20)))
    return Decimal(whole).scaleb(-PLACES)
