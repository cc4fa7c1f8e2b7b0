"""Parameters of Deribit's portfolio margin for one coin."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from prover.models.base import Parameters


class ExtendedMove(Parameters):
    move: Annotated[Decimal, Field(gt=-1, le=100)]
    """Relative move of the index."""
    dampening: Annotated[Decimal, Field(gt=0, le=1)]
    """Share of the P&L that counts."""


class DeribitParameters(Parameters):
    """A parameter file of the model `deribit`; all fields are required."""

    underlying: Annotated[str, Field(pattern="^[A-Z0-9]{2,10}$")]
    price_range: Annotated[Decimal, Field(gt=0, lt=1)]
    """The widest move of the matrix; it has nine price buckets, from minus to plus this in quarters."""
    volatility_range_up: Annotated[Decimal, Field(ge=0, le=20)]
    volatility_range_down: Annotated[Decimal, Field(ge=0, le=1)]
    short_term_power: Annotated[Decimal, Field(ge=0, le=4)]
    """Of 30 days over days to expiry, below 30 days."""
    long_term_power: Annotated[Decimal, Field(ge=0, le=4)]
    minimum_volatility: Annotated[Decimal, Field(ge=0, le=20)]
    """Least volatility after a move up."""
    extended_moves: Annotated[list[ExtendedMove], Field(max_length=9)]
    """Beyond the matrix, with volatility up."""
    pnl_offset: Annotated[Decimal, Field(ge=0, le=1)]
    """Share that an expiry's gain counts against other expiries' losses."""
    roll_contingency: Annotated[Decimal, Field(ge=0, le=1)]
    """Of the size of each future and perpetual."""
    maintenance_factor: Annotated[Decimal, Field(gt=0, le=1)]
    """Maintenance over initial margin."""


@dataclass(frozen=True)
class Row:
    """One row of the matrix: the index moves by `move`, volatility up (1), not (0) or down (-1)."""

    move: Fraction
    volatility: int
    dampening: Fraction

    @property
    def label(self) -> str:
        moved = {1: "up", 0: "unmoved", -1: "down"}[self.volatility]
        return f"index {float(self.move):+.2%}, volatility {moved}"


def rows_of(parameters: DeribitParameters) -> tuple[Row, ...]:
    """Return the rows: nine prices times three volatilities, then the extended moves."""
    step = Fraction(parameters.price_range) / 4
    matrix = [Row(step * k, volatility, Fraction(1)) for k in range(-4, 5) for volatility in (-1, 0, 1)]
    return (*matrix, *(Row(Fraction(e.move), 1, Fraction(e.dampening)) for e in parameters.extended_moves))
