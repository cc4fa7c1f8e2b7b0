"""Parameters of parametric margin; docs/models/greeks.md says what each does."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, model_validator

from prover.models.base import Parameters

Share = Annotated[Decimal, Field(ge=0, le=1)]
Volatility = Annotated[Decimal, Field(ge=0, le=10, max_digits=9)]
Confidence = Annotated[Decimal, Field(ge=Decimal("0.5"), le=Decimal("0.9999"), max_digits=6)]
Aversion = Annotated[Decimal, Field(gt=0, le=10**6)]
FACTORS = 16
"""Rows of the ellipsoid in the tier greeks: one a price, one a volatility point, one more a price for gamma."""


class VolatilityPoint(Parameters):
    """One point of an underlying's volatility term structure."""

    days: Annotated[int, Field(gt=0, le=3650)]
    """Time to expiry of the options it stands for."""
    volatility_of_volatility: Volatility
    """Standard deviation of the relative change of implied volatility, a year; 1 = 100 %."""


class UnderlyingRisk(Parameters):
    """One underlying's own risk."""

    volatility: Volatility
    """Standard deviation of the return, a year; 1 = 100 %."""
    drift: Annotated[Decimal, Field(ge=-10, le=10, max_digits=9)]
    """Expected return a year; counts as far as `mean` says."""
    term: list[VolatilityPoint]
    """By days, ascending; between two points an option's vega is shared in proportion."""


class GreeksParameters(Parameters):
    """All are required. Shares: 1 = 100 %."""

    underlyings: Annotated[dict[str, UnderlyingRisk], Field(min_length=1, max_length=8)]
    correlations: dict[str, dict[str, Annotated[Decimal, Field(ge=-1, le=1, max_digits=6)]]]
    """Between factors: "BTC" is the price, "BTC@30" the volatility point of 30 days. Each pair once; absent: 0."""
    measure: Literal["value-at-risk", "expected-shortfall", "spectral"]
    initial_confidence: Confidence
    maintenance_confidence: Confidence
    """Of value at risk and expected shortfall."""
    initial_risk_aversion: Aversion
    maintenance_risk_aversion: Aversion
    """Of the spectral measure: absolute risk aversion of an exponential utility."""
    horizon_days: Annotated[Decimal, Field(gt=0, le=30, max_digits=6)]
    mean: Literal["none", "conservative", "full"]
    """none: no mean; conservative: only one that is a loss; full: gains too. Mean: theta, gamma and drift."""
    collateral_haircut: dict[str, Share]
    minimum_confidence: Share

    @model_validator(mode="after")
    def _consistent(self) -> "GreeksParameters":
        if self.maintenance_confidence > self.initial_confidence:
            raise ValueError("maintenance_confidence is above initial_confidence")
        if self.maintenance_risk_aversion > self.initial_risk_aversion:
            raise ValueError("maintenance_risk_aversion is above initial_risk_aversion")
        for name, risk in self.underlyings.items():
            days = [point.days for point in risk.term]
            if days != sorted(set(days)):
                raise ValueError(f"the volatility points of {name} are not ascending")
        names = factor_names(self)
        used = len(names) + len(self.underlyings)
        if used > FACTORS:
            raise ValueError(
                f"{used} factors (prices twice, volatility points once) are more than the tier's {FACTORS}; "
                "name fewer points"
            )
        seen: set[frozenset[str]] = set()
        for first, row in self.correlations.items():
            for second in row:
                pair = frozenset((first, second))
                if not pair <= set(names) or len(pair) < 2 or pair in seen:
                    raise ValueError(f"correlations: {first}, {second} is no pair of two factors, or stands twice")
                seen.add(pair)
        return self


def factor_names(p: GreeksParameters) -> tuple[str, ...]:
    """Return the factors in order: prices, then the volatility points of each underlying."""
    points = (f"{name}@{point.days}" for name, risk in p.underlyings.items() for point in risk.term)
    return (*p.underlyings, *points)


def covariance(p: GreeksParameters) -> list[list[Fraction]]:
    """Return the factors' covariance over the horizon, exact: relative changes, a year of 365 days."""
    names = factor_names(p)
    a_year = {name: Fraction(risk.volatility) for name, risk in p.underlyings.items()}
    for name, risk in p.underlyings.items():
        a_year |= {f"{name}@{point.days}": Fraction(point.volatility_of_volatility) for point in risk.term}
    time = Fraction(p.horizon_days) / 365
    return [[correlation(p.correlations, u, v) * a_year[u] * a_year[v] * time for v in names] for u in names]


def correlation(table: Mapping[str, Mapping[str, Decimal]], first: str, second: str) -> Fraction:
    """Return the correlation of two factors."""
    if first == second:
        return Fraction(1)
    value = table.get(first, {}).get(second, table.get(second, {}).get(first, Decimal(0)))
    return Fraction(value)


def shared_vega(days: Sequence[int], expiry_days: Fraction) -> dict[int, Fraction]:
    """Return the shares of an option's vega by point: linear between two points, the nearest one outside."""
    if expiry_days <= days[0] or len(days) == 1:
        return {0: Fraction(1)}
    for k in range(1, len(days)):
        if expiry_days <= days[k]:
            upper = (expiry_days - days[k - 1]) / (days[k] - days[k - 1])
            return {k - 1: 1 - upper, k: upper}
    return {len(days) - 1: Fraction(1)}
