"""Historical margin in exact arithmetic, from its definitions: the second opinion on the program."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from prover.market.exact import greeks_exact, price_exact
from prover.market.names import Instrument, Kind
from prover.market.snapshot import MarketSnapshot
from prover.models.history.measures import expected_shortfall, value_at_risk
from prover.models.history.parameters import Concentration, HistoryParameters
from prover.models.history.scenarios import Row


def worth(snapshot: MarketSnapshot, instrument: Instrument, factor: Fraction) -> Fraction:
    """Return the value of one contract in USD with the underlying's prices multiplied by a factor."""
    forward = Fraction(snapshot.forward(instrument)) * factor
    if instrument.kind is not Kind.OPTION:
        return forward
    assert instrument.strike is not None
    vol, seconds = Fraction(snapshot.volatility(instrument)), snapshot.seconds_to_expiry(instrument)
    return price_exact(forward, instrument.strike, vol, seconds, instrument.is_call)


def losses_of(
    snapshot: MarketSnapshot, rows: Sequence[Row], book: Mapping[Instrument, Fraction]
) -> tuple[Fraction, ...]:
    """Return the book's loss in each scenario, USD."""
    held = {instrument: quantity for instrument, quantity in book.items() if quantity}
    now = {instrument: worth(snapshot, instrument, Fraction(1)) for instrument in held}
    return tuple(
        sum(
            (q * (now[i] - worth(snapshot, i, Fraction(row.factors[i.underlying]))) for i, q in held.items()),
            Fraction(0),
        )
        for row in rows
    )


def measure(p: HistoryParameters, rows: Sequence[Row], losses: Sequence[Fraction], confidence: Fraction) -> Fraction:
    """Return value at risk or expected shortfall of the window, blended with the stressed period's."""
    parts = []
    for stressed in (False, True):
        chosen = [s for s, row in enumerate(rows) if row.stressed is stressed]
        if not chosen:
            parts.append(Fraction(0))
        elif p.measure == "value-at-risk":
            parts.append(value_at_risk([losses[s] for s in chosen], confidence))
        else:
            odds = [rows[s].probability for s in chosen]
            parts.append(expected_shortfall([losses[s] for s in chosen], odds, confidence))
    share = Fraction(p.stress.weight) if p.stress is not None and p.stress.method == "blend" else Fraction(0)
    return (1 - share) * parts[0] + share * parts[1]


def concentration(
    snapshot: MarketSnapshot, limits: Mapping[str, Concentration], book: Mapping[Instrument, Fraction]
) -> Fraction:
    """Return the add-on for net deltas above their thresholds, USD."""
    total = Fraction(0)
    for name, limit in limits.items():
        net = sum((q * _delta(snapshot, i) for i, q in book.items() if i.underlying == name), Fraction(0))
        above = max(Fraction(0), abs(net) - Fraction(limit.threshold_coins))
        total += Fraction(limit.rate) * Fraction(snapshot.index_price(name)) * above
    return total


def _delta(snapshot: MarketSnapshot, instrument: Instrument) -> Fraction:
    if instrument.kind is not Kind.OPTION:
        return Fraction(1)
    assert instrument.strike is not None
    forward, vol = Fraction(snapshot.forward(instrument)), Fraction(snapshot.volatility(instrument))
    seconds = snapshot.seconds_to_expiry(instrument)
    return greeks_exact(forward, instrument.strike, vol, seconds, instrument.is_call).delta
