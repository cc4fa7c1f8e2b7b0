"""What the model reads of the market: each instrument as a forward; an option with strike, volatility and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prover.market.names import Instrument, Kind, parse_name
from prover.market.snapshot import MarketSnapshot, Unvalued
from prover.models.base import SETTLEMENT_UNIT
from prover.models.greeks.parameters import GreeksParameters
from verifier.errors import BadInput

F = Fraction
_DAY = 86_400
_NONE = F(0)


@dataclass(frozen=True)
class Contract:
    """One instrument. USD; volatility 1 = 100 % a year; haircut: of a balance, 1 = 100 %."""

    underlying: str
    """Empty for the settlement unit, which has no risk."""
    forward: Fraction
    haircut: Fraction = _NONE
    strike: Decimal | None = None
    vol: Fraction = _NONE
    seconds: int = 0
    is_call: bool = False


def check_known(parameters: GreeksParameters, instrument: Instrument) -> None:
    """Raise BadInput for an instrument that the model does not margin."""
    if instrument.kind is Kind.ORDER:
        raise BadInput(f"{instrument.name}: this model margins no open orders; leave them out")
    if instrument.kind is Kind.BALANCE and instrument.name not in parameters.collateral_haircut:
        raise Unvalued(
            instrument.name,
            f"{instrument.name} is no collateral of this model; name its haircut in collateral_haircut",
        )
    if instrument.name != SETTLEMENT_UNIT and instrument.underlying not in parameters.prices:
        raise Unvalued(
            instrument.name,
            f"{instrument.name}: the model has no price factor of {instrument.underlying}; name it in prices",
        )


def contract_of(parameters: GreeksParameters, snapshot: MarketSnapshot, name: str) -> Contract:
    """Return an instrument as the model sees it; raises BadInput where the model or the snapshot does not know it."""
    instrument = parse_name(name)
    check_known(parameters, instrument)
    if instrument.kind is Kind.BALANCE:
        haircut = F(parameters.collateral_haircut[name])
        if name == SETTLEMENT_UNIT:
            return Contract("", F(1), haircut)
        return Contract(name, F(snapshot.index_price(name)), haircut)
    quote = snapshot.quotes.get(name)
    if instrument.kind is Kind.OPTION:
        quote = snapshot.require(name)
    if min(snapshot.confidence, (quote and quote.confidence) or snapshot.confidence) < parameters.minimum_confidence:
        raise BadInput(f"{snapshot.source}: the confidence of {name} is below the model's minimum")
    if instrument.kind is not Kind.OPTION:
        return Contract(instrument.underlying, F(snapshot.forward(instrument)))
    assert instrument.strike is not None
    return Contract(
        instrument.underlying,
        F(snapshot.forward(instrument)),
        strike=instrument.strike,
        vol=F(snapshot.volatility(instrument)),
        seconds=snapshot.seconds_to_expiry(instrument),
        is_call=instrument.is_call,
    )


def point_weights(parameters: GreeksParameters, contract: Contract) -> Mapping[int, Fraction]:
    """Return how a contract's vega is shared among the volatility points, by index: linear in time between two, flat
    outside. Empty for an underlying without points, whose vegas do not count."""
    points = sorted(
        (F(point.days) * _DAY, index)
        for index, point in enumerate(parameters.volatility_points)
        if point.underlying == contract.underlying
    )
    if contract.strike is None or not points:
        return {}
    below = [entry for entry in points if entry[0] <= contract.seconds]
    above = [entry for entry in points if entry[0] > contract.seconds]
    if not below or not above:
        return {(below[-1] if below else above[0])[1]: F(1)}
    (near, first), (far, second) = below[-1], above[0]
    share = (contract.seconds - near) / (far - near)
    return {first: 1 - share, second: share}
