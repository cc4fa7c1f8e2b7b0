"""Market snapshots: what the market says at one time, checked quote by quote.

A snapshot keeps the decimals of its source. A bad quote excludes its instrument with a reason; that is an error only
for who holds the instrument. Confidence and valuation time come with the snapshot or from its reader, never from a
guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

import numpy as np

from prover.market import black76
from prover.market.names import Instrument, Kind, did_you_mean
from verifier.errors import BadInput

YEAR_SECONDS = 31_536_000
"""A year of 365 days, actual/365."""
MAX_VOL = Decimal(10)
"""A volatility above 1,000 % a year is no quote."""
MAX_FORWARD_GAP = Decimal("0.05")
"""A forward farther from its expiry's median than this share of it is no quote."""
MAX_BASIS = 2
"""A forward above this many times its index price, or below the index by as much, is no quote."""
MAX_MARK_GAP = 0.02
"""A mark farther than this share of the forward from the Black-76 price of its volatility is no quote."""
MAX_AGE_SECONDS = 3600
"""A quote older than this at the valuation is stale."""


class Unvalued(BadInput):
    """An instrument that is held, traded or listed and cannot be valued; `instrument` is its name."""

    def __init__(self, instrument: str, message: str) -> None:
        super().__init__(message)
        self.instrument = instrument


@dataclass(frozen=True)
class Quote:
    """One row of the source, as given. USD, except mark, bid and ask, which are in coins of the underlying."""

    instrument: Instrument
    forward: Decimal | None
    index_price: Decimal | None
    mark_vol: Decimal | None
    """1 = 100 % a year."""
    bid: Decimal | None
    ask: Decimal | None
    mark: Decimal | None
    time: datetime | None
    confidence: Decimal | None
    """0 to 1; the snapshot's where None."""


@dataclass(frozen=True)
class Exclusion:
    """Why an instrument is left out."""

    instrument: str
    reason: str


@dataclass(frozen=True)
class MarketSnapshot:
    """Usable quotes by instrument name, and what was left out."""

    source: str
    valuation_time: datetime
    confidence: Decimal
    quotes: Mapping[str, Quote]
    exclusions: Mapping[str, Exclusion]
    forwards: Mapping[tuple[str, datetime], Decimal]
    """Median of the usable quotes, by underlying and expiry, USD."""
    index: Mapping[str, Decimal]
    """Median index price by underlying, USD."""

    def forward(self, instrument: Instrument) -> Decimal:
        """Return the forward that an instrument is valued with: its expiry's median, or the index."""
        if instrument.expiry is not None and (instrument.underlying, instrument.expiry) in self.forwards:
            return self.forwards[instrument.underlying, instrument.expiry]
        return self.index_price(instrument.underlying)

    def index_price(self, underlying: str) -> Decimal:
        """Return the index price of an underlying; raises BadInput where the snapshot has none."""
        if underlying not in self.index:
            raise BadInput(f"{self.source}: no price of {underlying}; give a snapshot that quotes it")
        return self.index[underlying]

    def volatility(self, instrument: Instrument) -> Decimal:
        """Return an option's volatility; raises BadInput where it is not quoted."""
        quote = self.require(instrument.name)
        assert quote.mark_vol is not None  # options without one are excluded
        return quote.mark_vol

    def seconds_to_expiry(self, instrument: Instrument) -> int:
        """Return whole seconds from the valuation to the expiry, not below zero (0 for what does not expire)."""
        if instrument.expiry is None:
            return 0
        return max(0, int((instrument.expiry - self.valuation_time).total_seconds()))

    def require(self, name: str) -> Quote:
        """Return the quote of an instrument that is held or listed; raises BadInput with why there is none."""
        if name in self.quotes:
            return self.quotes[name]
        if name in self.exclusions:
            raise Unvalued(name, f"{self.source}: {name} cannot be valued: {self.exclusions[name].reason}")
        raise Unvalued(name, f"{self.source}: {name} is not quoted{did_you_mean(name, self.quotes)}")


def make_snapshot(
    source: str, valuation_time: datetime, confidence: Decimal, quotes: list[Quote], refused: list[Exclusion]
) -> MarketSnapshot:
    """Check quotes against each other and return the snapshot. `refused`: rows that could not even be read."""
    if valuation_time.tzinfo is None:
        raise BadInput(f"{source}: the valuation time has no time zone; write it like 2026-01-01T09:10:00Z")
    if not (confidence.is_finite() and 0 < confidence <= 1):
        raise BadInput(f"{source}: the confidence must be above 0 and at most 1")
    exclusions = {entry.instrument: entry for entry in refused}
    good: dict[str, Quote] = {}
    for quote in quotes:
        name = quote.instrument.name
        if name in good or name in exclusions:
            raise BadInput(f"{source}: {name} is quoted twice; keep one row")
        reason = _own_fault(quote, valuation_time)
        if reason:
            exclusions[name] = Exclusion(name, reason)
        else:
            good[name] = quote
    forwards = _medians({n: q for n, q in good.items() if q.instrument.expiry is not None})
    for name, quote in list(good.items()):
        if quote.instrument.expiry is None:
            continue
        middle = forwards[quote.instrument.underlying, quote.instrument.expiry]
        assert quote.forward is not None
        if abs(quote.forward - middle) > MAX_FORWARD_GAP * middle:
            exclusions[name] = Exclusion(name, "absurd: its forward is more than 5 % from its expiry's median")
            del good[name]
    index: dict[str, list[Decimal]] = {}
    for quote in good.values():
        if quote.index_price is not None:
            index.setdefault(quote.instrument.underlying, []).append(quote.index_price)
    return MarketSnapshot(
        source=source,
        valuation_time=valuation_time,
        confidence=confidence,
        quotes=good,
        exclusions=exclusions,
        forwards=_medians({n: q for n, q in good.items() if q.instrument.expiry is not None}),
        index={underlying: median(prices) for underlying, prices in index.items()},
    )


def _medians(quotes: Mapping[str, Quote]) -> dict[tuple[str, datetime], Decimal]:
    by_expiry: dict[tuple[str, datetime], list[Decimal]] = {}
    for quote in quotes.values():
        assert quote.instrument.expiry is not None and quote.forward is not None
        by_expiry.setdefault((quote.instrument.underlying, quote.instrument.expiry), []).append(quote.forward)
    return {key: median(values) for key, values in by_expiry.items()}


def _own_fault(quote: Quote, now: datetime) -> str | None:  # noqa: PLR0911  one return a fault
    """Return why a quote is unusable by itself, or None."""
    numbers = (quote.forward, quote.index_price, quote.mark_vol, quote.bid, quote.ask, quote.mark, quote.confidence)
    given = [value for value in numbers if value is not None]
    if not all(value.is_finite() for value in given):
        return "absurd: a value is not a finite number"
    if any(value < 0 for value in given):
        return "negative: a value is below zero"
    if quote.confidence is not None and not 0 < quote.confidence <= 1:
        return "absurd: its confidence is not above 0 and at most 1"
    if quote.time is not None and not 0 <= (now - quote.time).total_seconds() <= MAX_AGE_SECONDS:
        return f"stale: its time is not within {MAX_AGE_SECONDS} s before the valuation"
    if quote.bid is not None and quote.ask is not None and quote.bid > quote.ask:
        return "crossed: its bid is above its ask"
    instrument = quote.instrument
    if not quote.index_price:
        return "missing: it has no index price"
    if instrument.expiry is not None and instrument.expiry < now:
        return "stale: it has expired"
    if instrument.expiry is not None and not quote.forward:
        return "missing: it has no forward"
    if instrument.expiry is not None and quote.forward is not None:
        low, high = sorted((quote.forward, quote.index_price))
        if high > MAX_BASIS * low:
            return f"absurd: its forward and its index price are a factor of more than {MAX_BASIS} apart"
    return _option_fault(quote, now) if instrument.kind is Kind.OPTION else None


def _option_fault(quote: Quote, now: datetime) -> str | None:  # noqa: PLR0911  one return a fault
    instrument = quote.instrument
    assert instrument.strike is not None and quote.forward is not None
    if quote.mark_vol is None:
        return "missing: it has no volatility"
    if quote.mark_vol == 0:
        return "absurd: its volatility is zero"
    if quote.mark_vol > MAX_VOL:
        return "absurd: its volatility is above 1,000 % a year"
    if quote.bid is None and quote.ask is None:
        return "missing: it has neither bid nor ask"
    if quote.mark is not None:
        most = Decimal(1) if instrument.is_call else instrument.strike / quote.forward
        if quote.mark > most:
            return "absurd: its mark is above what the option can ever pay"
        if abs(float(quote.mark) - _model_mark(quote, now)) > MAX_MARK_GAP:
            return "absurd: its mark and its volatility disagree"
    return None


def _model_mark(quote: Quote, now: datetime) -> float:
    """Return the Black-76 price of an option's volatility, in coins."""
    instrument = quote.instrument
    assert instrument.expiry and instrument.strike and quote.forward and quote.mark_vol
    years = (instrument.expiry - now).total_seconds() / YEAR_SECONDS
    forward, strike, vol = (np.array(float(x)) for x in (quote.forward, instrument.strike, quote.mark_vol))
    price = black76.price(forward, strike, vol, np.array(years), np.array(instrument.is_call))
    return float(price / forward)
