"""Historical margin in exact arithmetic, from its definitions: the second opinion on the program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from operator import mul

from prover.market.exact import greeks_exact, price_exact
from prover.market.names import Instrument, Kind
from prover.market.snapshot import MarketSnapshot
from prover.models.history.measures import expected_shortfall, value_at_risk
from prover.models.history.parameters import Concentration, HistoryParameters
from prover.models.history.scenarios import Row


def worth(snapshot: MarketSnapshot, instrument: Instrument) -> Fraction:
    """Return the value of one contract, USD."""
    forward, option = Fraction(snapshot.forward(instrument)), _option(snapshot, instrument)
    return forward if option is None else price_exact(forward, *option)


def _option(snapshot: MarketSnapshot, instrument: Instrument) -> tuple[Decimal, Fraction, int, bool] | None:
    """Return strike, volatility, seconds to expiry and whether it is a call; None for what is no option."""
    if instrument.kind is not Kind.OPTION:
        return None
    assert instrument.strike is not None
    vol, seconds = Fraction(snapshot.volatility(instrument)), snapshot.seconds_to_expiry(instrument)
    return instrument.strike, vol, seconds, instrument.is_call


@dataclass(frozen=True)
class _Losses:
    """One contract's loss in each scenario, USD, over a common denominator."""

    over: int
    parts: tuple[int, ...]


@lru_cache(1 << 9)
def _losses(
    forward: Fraction, option: tuple[Decimal, Fraction, int, bool] | None, factors: tuple[Decimal, ...]
) -> _Losses:
    """Return the losses of one contract; `option`: strike, volatility, seconds, call. Books of a market share them."""

    def value(factor: Fraction) -> Fraction:
        return forward * factor if option is None else price_exact(forward * factor, *option)

    now = value(Fraction(1))
    losses = [now - value(Fraction(factor)) for factor in factors]
    over = lcm(*(loss.denominator for loss in losses))
    return _Losses(over, tuple(loss.numerator * (over // loss.denominator) for loss in losses))


def losses_of(
    snapshot: MarketSnapshot, rows: Sequence[Row], book: Mapping[Instrument, Fraction]
) -> tuple[Fraction, ...]:
    """Return the book's loss in each scenario, USD."""
    held = [(Fraction(0), _Losses(1, (0,) * len(rows)))]
    for i, quantity in book.items():
        if quantity:
            factors = tuple(row.factors[i.underlying] for row in rows)
            held.append((quantity, _losses(Fraction(snapshot.forward(i)), _option(snapshot, i), factors)))
    over = lcm(*(quantity.denominator * losses.over for quantity, losses in held))
    counts = [quantity.numerator * (over // (quantity.denominator * losses.over)) for quantity, losses in held]
    parts = (losses.parts for _, losses in held)
    return tuple(Fraction(sum(map(mul, counts, row)), over) for row in zip(*parts, strict=True))


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
    option = _option(snapshot, instrument)
    return Fraction(1) if option is None else greeks_exact(Fraction(snapshot.forward(instrument)), *option).delta
