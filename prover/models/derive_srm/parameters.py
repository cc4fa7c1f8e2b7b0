"""Parameters of Derive's standard margin, under the names that the venue's contracts give them."""

from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field

from prover.models.base import Parameters
from prover.models.case_lots import Number

Share = Annotated[Number, Field(ge=0, le=10**3)]


class _Venue(Parameters):
    """A block of the venue's parameters: read by the venue's own names."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PerpRates(_Venue):
    mm: Annotated[Share, Field(alias="MM_PERP_REQ")]
    im: Annotated[Share, Field(alias="IM_PERP_REQ")]


class OptionRates(_Venue):
    max_spot: Annotated[Share, Field(alias="MAX_SPOT_REQ")]
    min_spot: Annotated[Share, Field(alias="MIN_SPOT_REQ")]
    mm_call: Annotated[Share, Field(alias="MM_CALL_SPOT_REQ")]
    mm_put: Annotated[Share, Field(alias="MM_PUT_SPOT_REQ")]
    mm_put_mark: Annotated[Share, Field(alias="MM_PUT_MTM_REQ")]
    unpaired_im: Annotated[Share, Field(alias="UNPAIRED_IM_SCALE")]
    unpaired_mm: Annotated[Share, Field(alias="UNPAIRED_MM_SCALE")]
    mm_offset: Annotated[Share, Field(alias="MM_OFFSET_SCALE")]


class BaseRates(_Venue):
    margin: Annotated[Share, Field(alias="MARGIN_FACTOR", le=1)]
    im_scale: Annotated[Share, Field(alias="IM_SCALE", le=1)]


class OracleContingency(_Venue):
    perp_threshold: Annotated[Share, Field(alias="PERP_THRESHOLD")]
    option_threshold: Annotated[Share, Field(alias="OPTION_THRESHOLD")]
    base_threshold: Annotated[Share, Field(alias="BASE_THRESHOLD")]
    factor: Annotated[Share, Field(alias="OC_FACTOR")]

    def charge(self, threshold: Decimal, confidence: Decimal) -> Decimal:
        """Return the share of spot that low confidence costs: the whole distance from 1, strictly below the threshold.

        A threshold of zero switches the charge off.
        """
        return (1 - confidence) * self.factor if threshold and confidence < threshold else Decimal(0)


class MarketRates(_Venue):
    """One market: an underlying with its perpetual, options and the coin as collateral."""

    market: Annotated[str, Field(pattern="^[A-Z0-9]{2,12}$")]
    perp: Annotated[PerpRates, Field(alias="Perp")]
    option: Annotated[OptionRates, Field(alias="Option")]
    base: Annotated[BaseRates, Field(alias="Base")]
    oracle: Annotated[OracleContingency, Field(alias="OracleContingency")]


class Depeg(_Venue):
    threshold: Annotated[Share, Field(alias="THRESHOLD")]
    factor: Annotated[Share, Field(alias="FACTOR")]


class VenueParameters(_Venue):
    """All markets; all fields are required."""

    markets: Annotated[list[MarketRates], Field(min_length=1, max_length=16)]
    depeg: Annotated[Depeg, Field(alias="Depeg")]

    def rates(self, market: str) -> MarketRates | None:
        """Return one market's rates, or None where the venue has no such market."""
        return next((rates for rates in self.markets if rates.market == market), None)


class DeriveSrmParameters(Parameters):
    """A parameter file of the model `derive-srm`."""

    venue: VenueParameters
    settlement_price: Annotated[Decimal, Field(gt=0, le=1000)]
    """USD price of the settlement coin."""
