"""A snapshot in which one underlying trades elsewhere, all else equal."""

from dataclasses import replace
from decimal import Decimal

from prover.market.snapshot import MarketSnapshot
from verifier.errors import BadInput


def moved(snapshot: MarketSnapshot, underlying: str, factor: Decimal) -> MarketSnapshot:
    """Return the snapshot with index and forwards of an underlying multiplied by a positive factor.

    Each option keeps its volatility (sticky strike), all else its price; time does not pass. Marks, bids and asks,
    which are quoted in coins, stay. Raises BadInput for an underlying without a price.
    """
    snapshot.index_price(underlying)
    if factor <= 0:
        raise BadInput(f"{underlying}: a price is moved by a factor above zero")
    quotes = {
        name: replace(
            quote,
            forward=None if quote.forward is None else quote.forward * factor,
            index_price=None if quote.index_price is None else quote.index_price * factor,
        )
        if quote.instrument.underlying == underlying
        else quote
        for name, quote in snapshot.quotes.items()
    }
    forwards = {key: price * (factor if key[0] == underlying else 1) for key, price in snapshot.forwards.items()}
    index = {name: price * (factor if name == underlying else 1) for name, price in snapshot.index.items()}
    return replace(snapshot, quotes=quotes, forwards=forwards, index=index)
