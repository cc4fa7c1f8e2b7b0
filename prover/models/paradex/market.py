"""What the model reads of the market, instrument by instrument, and how a snapshot gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from prover.market import black76
from prover.market.names import BUY_SUFFIX, OPEN_LOSS, SELL_SUFFIX, Kind, parse_name
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from prover.models.base import SETTLEMENT_UNIT
from prover.models.paradex.parameters import ParadexParameters
from verifier.errors import BadInput

_DELTA_STEP = Decimal("0.00000001")
OPTION_FEE_CAP = Decimal("0.125")
"""The most that an option's fee is, a share of its mark."""


@dataclass(frozen=True)
class Product:
    """A perpetual (strike None) or an option."""

    mark: Decimal
    """USD."""
    delta: Decimal
    """As the venue publishes it, for one contract."""
    fee: Decimal
    """USD a contract."""
    strike: Decimal | None = None
    is_call: bool = False
    vol: Decimal = Decimal(0)
    seconds: int = 0


@dataclass(frozen=True)
class ParadexMarket:
    """One underlying with its products by listing name."""

    spot: Decimal
    basis: Decimal
    """Of the perpetual: (mark - spot) / spot."""
    rate: Decimal
    funding: Decimal
    products: Mapping[str, Product]


@dataclass(frozen=True)
class Place:
    """What a listing name is: cash, a position, an order, or the loss that open orders would make at once."""

    kind: str
    product: str = ""


def place_of(name: str) -> Place:
    """Return what a listing name is."""
    if name in (SETTLEMENT_UNIT, OPEN_LOSS):
        return Place("cash" if name == SETTLEMENT_UNIT else "open-loss")
    for suffix, kind in ((BUY_SUFFIX, "buy"), (SELL_SUFFIX, "sell")):
        if name.endswith(suffix):
            return Place(kind, name.removesuffix(suffix))
    return Place("position", name)


def market_of(parameters: ParadexParameters, snapshot: MarketSnapshot, names: list[str]) -> ParadexMarket:
    """Return what the snapshot says about `names`; raises BadInput for one that it or the model cannot value.

    Marks are the snapshot's (coins times index); deltas are Black-76 at the spot, to eight digits, as a venue would
    publish them.
    """
    spot = snapshot.index_price(parameters.underlying)
    perp = snapshot.quotes.get(f"{parameters.underlying}-PERPETUAL")
    perp_mark = perp.forward if perp is not None and perp.forward else spot
    products: dict[str, Product] = {}
    for name in {place.product for place in map(place_of, names) if place.product}:
        instrument = parse_name(name)
        if instrument.underlying != parameters.underlying or instrument.kind in (Kind.FUTURE, Kind.BALANCE):
            raise BadInput(
                f"{name}: this model margins options and the perpetual of {parameters.underlying} against USD only"
            )
        if instrument.kind is Kind.PERPETUAL:
            products[name] = Product(perp_mark, Decimal(1), parameters.perpetual_fee * perp_mark)
            continue
        quote = snapshot.require(name)
        assert instrument.strike is not None and quote.mark_vol is not None
        if quote.mark is None:
            raise BadInput(f"{snapshot.source}: {name} has no mark price, from which this model measures losses")
        mark, seconds = quote.mark * spot, snapshot.seconds_to_expiry(instrument)
        delta = black76.greeks(
            np.array(float(spot)),
            np.array(float(instrument.strike)),
            np.array(float(quote.mark_vol)),
            np.array(seconds / YEAR_SECONDS),
            np.array(instrument.is_call),
        ).delta
        products[name] = Product(
            mark,
            Decimal(repr(float(delta))).quantize(_DELTA_STEP),
            min(parameters.option_fee * spot, OPTION_FEE_CAP * mark),
            instrument.strike,
            instrument.is_call,
            quote.mark_vol,
            seconds,
        )
    return ParadexMarket(spot, (perp_mark - spot) / spot, parameters.interest_rate, parameters.funding_rate, products)
