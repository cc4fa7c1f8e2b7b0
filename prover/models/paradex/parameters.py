"""Parameters of Paradex portfolio margin, under the names of the venue's published configuration."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from prover.models.base import Parameters

Share = Annotated[Decimal, Field(ge=0, le=10)]


class Scenario(Parameters):
    spot_shock: Annotated[Decimal, Field(gt=-1, le=100)]
    """Relative move of the spot."""
    vol_shock: Annotated[Decimal, Field(ge=-1, le=20)]
    """Relative move of volatility, before the term factor."""
    weight: Annotated[Decimal, Field(ge=0, le=1)]
    """Share of the loss that counts."""


class VolShock(Parameters):
    dte_floor_days: Annotated[Decimal, Field(gt=0, le=365)]
    vega_power_short_dte: Annotated[Decimal, Field(ge=0, le=4)]
    vega_power_long_dte: Annotated[Decimal, Field(ge=0, le=4)]
    min_vol_shock_up: Annotated[Decimal, Field(ge=0, le=20)]
    """Least volatility after an upward shock."""


class Config(Parameters):
    """The venue's configuration of one underlying; all fields are required, the venue ships no defaults."""

    hedged_margin_factor: Share
    unhedged_margin_factor: Share
    mmf_factor: Annotated[Decimal, Field(gt=0, le=1)]
    """Maintenance over initial, of scan and minimum delta."""
    vol_shock_params: VolShock
    scenarios: Annotated[list[Scenario], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _unhedged_is_dearer(self) -> "Config":
        if self.unhedged_margin_factor < self.hedged_margin_factor:
            raise ValueError("the unhedged factor is below the hedged one, so that a hedge would cost more than none")
        return self


class ParadexParameters(Parameters):
    """A parameter file of the model `paradex`."""

    underlying: Annotated[str, Field(pattern="^[A-Z0-9]{2,10}$")]
    config: Config
    interest_rate: Annotated[Decimal, Field(ge=-1, le=10)]
    """A year, continuous."""
    funding_rate: Annotated[Decimal, Field(ge=-1, le=1)]
    """Of the perpetual, for the provision's period, a share of spot."""
    perpetual_fee: Annotated[Decimal, Field(ge=0, le=1)]
    """Of the mark value of a perpetual."""
    option_fee: Annotated[Decimal, Field(ge=0, le=1)]
    """Of spot, for each option; at most an eighth of the mark."""
