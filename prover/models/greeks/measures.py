"""Risk measures of a normal profit and loss as multiples of its standard deviation.

Value at risk: k = z_a. Expected shortfall: k = phi(z_a) / (1 - a) (Jorion, "Value at Risk"; RiskMetrics technical
document, 1996). Exponential spectral measure: k = integral over p in (0, 1) of w(p) z_p, w(p) = A e^(-A(1-p)) /
(1 - e^-A), where A is the absolute risk aversion of an exponential utility (Cotter and Dowd, "Extreme spectral risk
measures: an application to futures clearinghouse margin requirements", Journal of Banking and Finance 30 (2006)). k
grows with confidence and with A.
"""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Annotated, Literal

import mpmath  # type: ignore[import-untyped]
from pydantic import Field

from prover.models.base import Parameters

Confidence = Annotated[Decimal, Field(gt=Decimal("0.5"), le=Decimal("0.999999"))]
_DIGITS = 20
_STEP = 10**9
"""Multiples are rounded up to nine decimals, so that a program's integers hold them exactly."""


class ValueAtRisk(Parameters):
    """The loss that is exceeded with probability 1 - confidence."""

    kind: Literal["value-at-risk"]
    confidence: Confidence


class ExpectedShortfall(Parameters):
    """The mean of the worst 1 - confidence of all losses."""

    kind: Literal["expected-shortfall"]
    confidence: Confidence


class Spectral(Parameters):
    """The mean of all losses under exponential weights."""

    kind: Literal["spectral"]
    risk_aversion: Annotated[Decimal, Field(gt=0, le=10**6)]
    """A: 0 would weigh all outcomes equally; at 100 the worst hundredth has 63 % of the weight."""


Measure = Annotated[ValueAtRisk | ExpectedShortfall | Spectral, Field(discriminator="kind")]


@lru_cache(256)
def normal_multiple(measure: ValueAtRisk | ExpectedShortfall | Spectral) -> Fraction:
    """Return k, standard deviations of a normal loss, rounded up to nine decimals; k > 0."""
    with mpmath.workdps(_DIGITS):
        if isinstance(measure, Spectral):
            k = _spectral(mpmath.mpf(str(measure.risk_aversion)))
        else:
            confidence = mpmath.mpf(str(measure.confidence))
            k = mpmath.sqrt(2) * mpmath.erfinv(2 * confidence - 1)
            if isinstance(measure, ExpectedShortfall):
                k = mpmath.npdf(k) / (1 - confidence)
        return Fraction(ceil(k * _STEP), _STEP)


def _spectral(aversion: mpmath.mpf) -> mpmath.mpf:
    """Return the integral in z = z_p, cut where normal densities are below 1e-40."""

    def weighed(z: mpmath.mpf) -> mpmath.mpf:
        return z * mpmath.npdf(z) * mpmath.exp(-aversion * mpmath.ncdf(-z))

    whole = mpmath.quad(weighed, list(range(-14, 15, 2)))
    return aversion * whole / (1 - mpmath.exp(-aversion))
