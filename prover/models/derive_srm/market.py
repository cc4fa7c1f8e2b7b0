"""What the model reads of the market, and how a snapshot gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import SETTLEMENT_UNIT
from prover.models.derive_srm.parameters import DeriveSrmParameters, MarketRates
from verifier.errors import BadInput

ExpiryKey = tuple[str, int]
"""Market and seconds to expiry."""


@dataclass(frozen=True)
class Expiry:
    """One expiry of a market. Forward in USD, confidences 0 to 1."""

    forward: Decimal
    forward_confidence: Decimal
    vol_confidence: Decimal


@dataclass(frozen=True)
class Option:
    """One option; volatility 1 = 100 % a year."""

    expiry: ExpiryKey
    strike: Decimal
    is_call: bool
    vol: Decimal


@dataclass(frozen=True)
class Underlying:
    """Prices of one market, USD, with its rates."""

    rates: MarketRates
    spot: Decimal
    spot_confidence: Decimal
    perp_price: Decimal
    perp_confidence: Decimal


@dataclass(frozen=True)
class SrmMarket:
    """Everything by listing name; the settlement unit's cash needs no entry."""

    stable_price: Decimal
    markets: Mapping[str, Underlying]
    expiries: Mapping[ExpiryKey, Expiry]
    options: Mapping[str, Option]
    perps: Mapping[str, str]
    """Listing name to market."""
    bases: Mapping[str, str]
    """Listing name of a coin to its market."""


def market_of(parameters: DeriveSrmParameters, snapshot: MarketSnapshot, names: list[str]) -> SrmMarket:
    """Return what the snapshot says about `names`; raises BadInput for one that it or the model cannot value."""
    markets: dict[str, Underlying] = {}
    expiries: dict[ExpiryKey, Expiry] = {}
    options: dict[str, Option] = {}
    perps: dict[str, str] = {}
    bases: dict[str, str] = {}
    for name in names:
        instrument = parse_name(name)
        market = instrument.underlying
        if name == SETTLEMENT_UNIT:
            continue
        rates = parameters.venue.rates(market)
        if rates is None or instrument.kind is Kind.FUTURE:
            raise BadInput(
                f"{name}: the model has no market for it; name its rates in venue.markets (futures have none)"
            )
        if market not in markets:
            spot = snapshot.index_price(market)
            perp = snapshot.quotes.get(f"{market}-PERPETUAL")
            price = perp.forward if perp is not None and perp.forward else spot
            confidence = perp.confidence if perp is not None and perp.confidence else snapshot.confidence
            markets[market] = Underlying(rates, spot, snapshot.confidence, price, confidence)
        if instrument.kind is Kind.PERPETUAL:
            perps[name] = market
        elif instrument.kind is Kind.BALANCE:
            bases[name] = market
        else:
            quote = snapshot.require(name)
            assert instrument.strike is not None and quote.mark_vol is not None
            key = market, snapshot.seconds_to_expiry(instrument)
            options[name] = Option(key, instrument.strike, instrument.is_call, quote.mark_vol)
            confidence, before = quote.confidence or snapshot.confidence, expiries.get(key)
            lowest = min(confidence, before.vol_confidence) if before else confidence
            expiries[key] = Expiry(snapshot.forward(instrument), snapshot.confidence, lowest)
    return SrmMarket(parameters.settlement_price, markets, expiries, options, perps, bases)
