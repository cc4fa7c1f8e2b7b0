"""Parameters of Derive's portfolio margin, under the names that the venue's contracts give them."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from prover.models.base import Parameters

Amount = Annotated[Decimal, Field(ge=-(10**6), le=10**6)]
Share = Annotated[Decimal, Field(ge=0, le=10**6)]
Power = Annotated[Decimal, Field(ge=0, le=100)]


class _Venue(Parameters):
    """A block of the venue's parameters: read by the venue's own names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SpotScenario(_Venue):
    """One of the risk scenarios."""

    spot_shock: Annotated[Decimal, Field(alias="SpotShock", ge=0, le=100)]
    """The shocked spot over the spot."""
    direction: Annotated[Literal["Up", "Down", "None", "LINEAR", "ABS"], Field(alias="VolShockDirection")]
    """Which volatility shock; LINEAR and ABS shock the skew and leave the spot alone."""
    damping: Annotated[Share, Field(alias="DampeningFactor")]

    @property
    def is_skew(self) -> bool:
        return self.direction in ("LINEAR", "ABS")


class SkewShock(_Venue):
    linear_cap: Annotated[Amount, Field(alias="LINEAR_SCALE_CAP")]
    linear_base: Annotated[Amount, Field(alias="LINEAR_CBASE")]
    abs_cap: Annotated[Amount, Field(alias="ABS_SCALE_CAP")]
    abs_base: Annotated[Amount, Field(alias="ABS_CBASE")]
    min_k_star: Annotated[Amount, Field(alias="MIN_K_STAR", ge=0)]
    min_width: Annotated[Amount, Field(alias="MIN_WIDTH_SCALE")]
    vol_static: Annotated[Amount, Field(alias="VOL_PARAM_STATIC")]
    vol_scale: Annotated[Amount, Field(alias="VOL_PARAM_SCALE")]


class VolShock(_Venue):
    range_up: Annotated[Share, Field(alias="VOLRANGEUP")]
    min_shocked: Annotated[Share, Field(alias="MIN_VOL_EVAL_SHOCKED")]
    range_down: Annotated[Share, Field(alias="VOLRANGEDOWN")]
    short_power: Annotated[Power, Field(alias="SHORTTERMPOWER")]
    long_power: Annotated[Power, Field(alias="LONGTERMPOWER")]
    dte_floor: Annotated[Decimal, Field(alias="DTE_FLOOR", ge=0, le=10**6)]
    """Days."""


class MarginFactors(_Venue):
    mm_loss: Annotated[Share, Field(alias="MM_LOSS_FACTOR")]
    im_loss: Annotated[Share, Field(alias="IM_LOSS_FACTOR")]
    short_rate_multiple: Annotated[Amount, Field(alias="SHORT_RATE_MULTSCALE")]
    long_rate_multiple: Annotated[Amount, Field(alias="LONG_RATE_MULTSCALE")]
    short_rate_addition: Annotated[Amount, Field(alias="SHORT_RATE_ADDSCALE")]
    long_rate_addition: Annotated[Amount, Field(alias="LONG_RATE_ADDSCALE")]
    static_discount: Annotated[Share, Field(alias="BASE_STATIC_DISCOUNT")]
    static_discount_negative: Annotated[Share, Field(alias="BASE_STATIC_DISCOUNT_NEG")]


class BasisContingency(_Venue):
    up: Annotated[Share, Field(alias="SCENARIO_SPOT_UP")]
    down: Annotated[Share, Field(alias="SCENARIO_SPOT_DOWN")]
    addition: Annotated[Share, Field(alias="BASIS_CONT_ADD_FACTOR")]
    multiple: Annotated[Share, Field(alias="BASIS_CONT_MULT_FACTOR")]
    """A year."""


class OtherContingency(_Venue):
    peg_threshold: Annotated[Share, Field(alias="PEG_LOSS_THRESHOLD")]
    peg_factor: Annotated[Share, Field(alias="PEG_LOSS_FACTOR")]
    confidence_threshold: Annotated[Share, Field(alias="CONF_THRESHOLD")]
    confidence_margin: Annotated[Share, Field(alias="CONF_MARGIN")]
    mm_perp: Annotated[Share, Field(alias="MM_PERP_PERCENT")]
    im_perp: Annotated[Share, Field(alias="IM_PERP_PERCENT")]
    """On top of mm_perp."""
    im_perp_normal: Annotated[Share, Field(alias="IM_PERP_PERCENT_NORMAL")]
    """The sum of the two as the venue publishes it; not used."""
    mm_option: Annotated[Share, Field(alias="MM_OPTION_PERCENT")]
    im_option: Annotated[Share, Field(alias="IM_OPTION_PERCENT")]
    """On top of mm_option."""
    im_option_normal: Annotated[Share, Field(alias="IM_OPTION_PERCENT_NORMAL")]
    """The sum of the two as the venue publishes it; not used."""


class VenueParameters(_Venue):
    """All blocks; all are required."""

    scenarios: Annotated[list[SpotScenario], Field(alias="Scenarios", min_length=1, max_length=200)]
    skew: Annotated[SkewShock, Field(alias="SkewShock")]
    vol: Annotated[VolShock, Field(alias="VolShock")]
    margin: Annotated[MarginFactors, Field(alias="Margin")]
    basis: Annotated[BasisContingency, Field(alias="BasisContingency")]
    other: Annotated[OtherContingency, Field(alias="OtherContingency")]


class CollateralRule(Parameters):
    """How a balance other than cash counts."""

    mm_haircut: Annotated[Decimal, Field(ge=0, le=1)]
    im_haircut: Annotated[Decimal, Field(ge=0, le=1)]
    """On top of mm_haircut."""
    risk_cancelling: bool
    """Its price moves with the spot scenarios."""


class DerivePmrmParameters(Parameters):
    """A parameter file of the model `derive-pmrm`."""

    underlying: Annotated[str, Field(pattern="^[A-Z0-9]{2,10}$")]
    """The manager's one market; its options and perpetual."""
    venue: VenueParameters
    rate: Annotated[Decimal, Field(ge=-10, le=10)]
    """Interest rate of all expiries, a year; below zero counts as zero."""
    settlement_price: Annotated[Decimal, Field(gt=0, le=1000)]
    """USD price of the settlement coin."""
    collateral: dict[str, CollateralRule]
    """By balance; one that is not named is no collateral."""
