"""What the model reads of the market, and how a snapshot gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from prover.market.names import CHARGE_SUFFIX, Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import SETTLEMENT_UNIT
from verifier.errors import BadInput


@dataclass(frozen=True)
class Product:
    """An option (strike given), a future or a perpetual, all settled in the coin."""

    forward: Decimal
    """USD."""
    seconds: int
    strike: Decimal | None = None
    is_call: bool = False
    vol: Decimal = Decimal(0)


@dataclass(frozen=True)
class DeribitMarket:
    """One coin with its products by listing name; everything else is the coin, cash or a charge."""

    coin: str
    index: Decimal
    products: Mapping[str, Product]

    def charge_name(self) -> str:
        """Return the name of the place for charges of the account's own, in coins."""
        return f"{self.coin}{CHARGE_SUFFIX}"


def market_of(coin: str, snapshot: MarketSnapshot, names: list[str]) -> DeribitMarket:
    """Return what the snapshot says about `names`; raises BadInput for one that it or the model cannot value."""
    products: dict[str, Product] = {}
    for name in names:
        instrument = parse_name(name)
        if name in (SETTLEMENT_UNIT, coin, f"{coin}{CHARGE_SUFFIX}"):
            continue
        if instrument.underlying != coin or instrument.kind in (Kind.BALANCE, Kind.ORDER):
            raise BadInput(f"{name}: this model margins products of {coin} against {coin}; use a model of that coin")
        if instrument.kind is Kind.OPTION:
            quote = snapshot.require(name)
            assert instrument.strike is not None and quote.mark_vol is not None
            products[name] = Product(
                snapshot.forward(instrument),
                snapshot.seconds_to_expiry(instrument),
                instrument.strike,
                instrument.is_call,
                quote.mark_vol,
            )
        else:
            products[name] = Product(snapshot.forward(instrument), snapshot.seconds_to_expiry(instrument))
    return DeribitMarket(coin, snapshot.index_price(coin), products)
