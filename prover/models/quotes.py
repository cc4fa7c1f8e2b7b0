"""What a model asks of the market before it margins an instrument."""

from decimal import Decimal

from prover.market.names import Instrument, Kind
from prover.market.snapshot import MarketSnapshot, Unvalued
from verifier.errors import BadInput


def require_price(snapshot: MarketSnapshot, instrument: Instrument, least_confidence: Decimal) -> None:
    """Check that an instrument can be valued: an option by its quote, a future by its expiry's forward, else the index.

    Raises Unvalued or BadInput naming the instrument, also where the confidence is below the least one allowed.
    """
    confidence = snapshot.confidence
    if instrument.kind is Kind.OPTION:
        confidence = min(confidence, snapshot.require(instrument.name).confidence or confidence)
    elif instrument.expiry is not None and (instrument.underlying, instrument.expiry) not in snapshot.forwards:
        raise Unvalued(instrument.name, f"{snapshot.source}: {instrument.name}: nothing of its expiry is quoted")
    else:
        snapshot.index_price(instrument.underlying)
    if confidence < least_confidence:
        raise BadInput(f"{snapshot.source}: the confidence of {instrument.name} is below the model's minimum")
