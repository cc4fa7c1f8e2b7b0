"""Parameters of the model `greeks`."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from prover.models.base import GAIN_SCALE, Parameters
from prover.models.greeks.covariance import Matrix, is_positive_semidefinite
from prover.models.greeks.measures import Measure

DAYS = 365
"""Days of a year: volatilities and drifts are a year's."""
MAX_FACTORS = 64


def _nine_decimals(value: Decimal) -> Decimal:
    if (Fraction(value) * GAIN_SCALE).denominator != 1:
        raise ValueError("at most nine decimals, so that the gain weights hold it exactly")
    return value


Name = Annotated[str, Field(pattern="^[A-Z][A-Z0-9]{1,9}$")]
Annual = Annotated[Decimal, Field(ge=0, le=20, max_digits=12)]
Move = Annotated[Decimal, Field(ge=-1, le=20)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Factor = Annotated[Decimal, Field(gt=0, le=10), AfterValidator(_nine_decimals)]


class VolatilityPoint(Parameters):
    """A point of an underlying's volatility term structure that moves by itself."""

    underlying: Name
    days: Annotated[Decimal, Field(gt=0, le=3650)]
    """To expiry."""
    volatility: Annual
    """Of the relative change of implied volatility there: 0.8 moves 50 % to 50 % * (1 +- 0.8 sqrt(years))."""


class StressRow(Parameters):
    """A move on top of which the covariance counts; an underlying that is not named does not move."""

    price: dict[Name, Move]
    """Relative to the forward: -1 is a fall by 100 %."""
    volatility: dict[Name, Move]
    """Relative to each option's volatility."""
    share: Share
    """Of its loss that counts."""


class GreeksParameters(Parameters):
    """All are required. Shares and volatilities: 1 = 100 %."""

    prices: Annotated[dict[Name, Annual], Field(min_length=1, max_length=MAX_FACTORS)]
    """Volatility of each underlying's relative price change."""
    volatility_points: Annotated[list[VolatilityPoint], Field(max_length=MAX_FACTORS)]
    correlation: list[list[Annotated[Decimal, Field(ge=-1, le=1, max_digits=12)]]]
    """Of the risk factors: prices in their order, then volatility points in theirs."""
    gamma: bool
    """Whether gammas count, in the variance and in the mean."""
    measure: Measure
    horizon_days: Annotated[Decimal, Field(gt=0, le=365, max_digits=12)]
    mean: Literal["ignored", "losses", "counted"]
    """Of the expected profit and loss; ignored: taken as zero; losses: a loss adds; counted: a profit subtracts too."""
    drift: dict[Name, Annotated[Decimal, Field(ge=-20, le=20, max_digits=12)]]
    """Expected relative price change a year of each underlying; it enters the mean."""
    stress: Annotated[list[StressRow], Field(max_length=7)]
    least_deviation: Annotated[Decimal, Field(ge=Decimal("0.001"), le=1)]
    """Greeks are taken at this vol * sqrt(years) at least: near expiry a gamma says little about a move of a day."""
    collateral_haircut: dict[str, Share]
    """By balance; a balance that is not named here is no collateral."""
    initial_factor: Factor
    maintenance_factor: Factor
    minimum_confidence: Share
    """A quote of lower confidence cannot be held."""

    @field_validator("maintenance_factor")
    @classmethod
    def _not_above_initial(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if value > info.data.get("initial_factor", value):
            raise ValueError("it is above initial_factor, so maintenance would ask for more than initial margin")
        return value

    @field_validator("volatility_points")
    @classmethod
    def _known_points(cls, points: list[VolatilityPoint], info: ValidationInfo) -> list[VolatilityPoint]:
        for point in points:
            if point.underlying not in info.data.get("prices", {point.underlying}):
                raise ValueError(f"{point.underlying} has no price factor; name its volatility in prices")
        if len({(point.underlying, point.days) for point in points}) != len(points):
            raise ValueError("a point stands twice")
        return points

    @field_validator("drift")
    @classmethod
    def _drift_of_each(cls, drift: dict[str, Decimal], info: ValidationInfo) -> dict[str, Decimal]:
        if set(drift) != set(info.data.get("prices", drift)):
            raise ValueError("it names other underlyings than prices")
        return drift

    @field_validator("stress")
    @classmethod
    def _known_moves(cls, rows: list[StressRow], info: ValidationInfo) -> list[StressRow]:
        known = info.data.get("prices")
        for row in rows:
            for name in (*row.price, *row.volatility):
                if known is not None and name not in known:
                    raise ValueError(f"{name} has no price factor; name its volatility in prices")
        return rows

    @field_validator("correlation")
    @classmethod
    def _is_correlation(cls, rows: list[list[Decimal]], info: ValidationInfo) -> list[list[Decimal]]:
        if "prices" not in info.data or "volatility_points" not in info.data:
            return rows
        count = len(info.data["prices"]) + len(info.data["volatility_points"])
        if len(rows) != count or any(len(row) != count for row in rows):
            raise ValueError(f"a matrix of {count} x {count} is needed: prices, then volatility points")
        if any(rows[j][j] != 1 or rows[j][k] != rows[k][j] for j in range(count) for k in range(count)):
            raise ValueError("the matrix is not symmetric with ones on its diagonal")
        if not is_positive_semidefinite(tuple(tuple(map(Fraction, row)) for row in rows)):
            raise ValueError("the matrix is not positive semidefinite: no random variables have these correlations")
        return rows

    @model_validator(mode="after")
    def _factors_fit(self) -> Self:
        if len(self.correlation) > MAX_FACTORS:
            raise ValueError(f"more than {MAX_FACTORS} risk factors")
        return self

    @property
    def underlyings(self) -> tuple[str, ...]:
        """The price factors in order."""
        return tuple(self.prices)

    @property
    def horizon(self) -> Fraction:
        """Years."""
        return Fraction(self.horizon_days) / DAYS

    def covariance(self) -> Matrix:
        """Return the covariance of the risk factors over the horizon: relative price and volatility changes."""
        sizes = [Fraction(v) for v in self.prices.values()]
        sizes += [Fraction(point.volatility) for point in self.volatility_points]
        rows = zip(sizes, self.correlation, strict=True)
        return tuple(
            tuple(a * b * Fraction(entry) * self.horizon for b, entry in zip(sizes, row, strict=True))
            for a, row in rows
        )
