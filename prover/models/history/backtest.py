"""Would the requirement have held? A model's figure of each evening against the loss of the day after.

A book is exposures in USD, kept at that size every day, and straddles (a call and a put at the money, re-struck every
evening, at a stated volatility). Each evening's figure knows only the days up to it. Tests of how often a value at risk
is exceeded: Kupiec, "Techniques for verifying the accuracy of risk measurement models" (1995), of the number;
Christoffersen, "Evaluating interval forecasts" (1998), of their independence and of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import log

import numpy as np
from scipy.special import chdtrc  # type: ignore[import-untyped]

from prover.market import black76
from prover.market.closes import JointReturns
from prover.models.draft import Floats
from prover.models.history.measures import waived_rows
from prover.models.history.parameters import HistoryParameters
from prover.models.history.scenarios import Row, make_rows
from verifier.errors import BadInput


@dataclass(frozen=True)
class Exposure:
    """USD of one underlying held, and USD notional of straddles on it, with their volatility and life."""

    usd: float
    straddle_usd: float = 0.0
    volatility: float = 0.8
    days: float = 30.0


Book = Mapping[str, Exposure]


@dataclass(frozen=True)
class Evening:
    """One day of the backtest: figure of the evening before, loss of the day; USD."""

    day: date
    required: float
    lost: float

    @property
    def exceeded(self) -> bool:
        return self.lost > self.required


@dataclass(frozen=True)
class Likelihood:
    """A likelihood-ratio statistic with its p-value."""

    statistic: float
    p_value: float


@dataclass(frozen=True)
class Backtest:
    """The evenings and the tests of a value at risk's exceedances; None where no test applies."""

    evenings: tuple[Evening, ...]
    expected: float
    """Exceedances that the confidence allows."""
    exceedances: int
    kupiec: Likelihood
    independence: Likelihood
    coverage: Likelihood

    @property
    def worst(self) -> Evening:
        """The day whose loss is the largest multiple of what was required."""
        return max(self.evenings, key=lambda e: e.lost / e.required if e.required else float("inf") * (e.lost > 0))


def run(
    p: HistoryParameters, returns: JointReturns, books: Mapping[str, Book], first: date, last: date
) -> dict[str, Backtest]:
    """Return each book's backtest over the days from `first` to `last`; raises BadInput where the history is too short.

    The requirement is that of the measure at the initial confidence over the horizon; the loss is over one day, as the
    exposure is then restored, so that a horizon of more than one day is expected to be exceeded less often.
    """
    unknown = sorted({name for book in books.values() for name in book} - set(returns.log))
    if unknown:
        raise BadInput(f"the closes hold no {unknown[0]}, which a book holds")
    evenings: dict[str, list[Evening]] = {title: [] for title in books}
    for t, day in enumerate(returns.days):
        if not first <= day <= last or t == 0:
            continue
        known = p.model_copy(update={"until": returns.days[t - 1]})
        rows = make_rows(known, returns)
        factors = {u: np.array([float(row.factors[u]) for row in rows]) for u in returns.log}
        happened = {u: np.array([float(values[t].exp())]) for u, values in returns.log.items()}
        for title, book in books.items():
            required = _figure(p, rows, -pnl(book, factors))
            evenings[title].append(Evening(day, required, -float(pnl(book, happened)[0])))
    if not any(evenings.values()):
        raise BadInput(f"the closes hold no day from {first} to {last}")
    return {title: judge(days, float(1 - p.initial_confidence)) for title, days in evenings.items()}


def judge(evenings: Sequence[Evening], chance: float) -> Backtest:
    """Return the tests of exceedances that are each expected with a chance, independent of each other."""
    hits = [evening.exceeded for evening in evenings]
    n, x = len(hits), sum(hits)
    kupiec = 2 * (_likelihood(n - x, x, x / n) - _likelihood(n - x, x, chance))
    pairs = [[0, 0], [0, 0]]
    for before, after in pairwise(hits):
        pairs[before][after] += 1
    overall = (pairs[0][1] + pairs[1][1]) / max(1, n - 1)
    apart = sum(_likelihood(row[0], row[1], row[1] / max(1, sum(row))) for row in pairs)
    together = _likelihood(pairs[0][0] + pairs[1][0], pairs[0][1] + pairs[1][1], overall)
    independence = 2 * (apart - together)
    return Backtest(
        evenings=tuple(evenings),
        expected=n * chance,
        exceedances=x,
        kupiec=_ratio(kupiec, 1),
        independence=_ratio(independence, 1),
        coverage=_ratio(kupiec + independence, 2),
    )


def pnl(book: Book, factors: Mapping[str, Floats]) -> Floats:
    """Return the book's profit for each entry of the price factors, USD; straddles age by no day."""
    total: Floats = np.zeros_like(next(iter(factors.values())))
    for name, held in book.items():
        moved = factors[name]
        total = total + held.usd * (moved - 1)
        if held.straddle_usd:
            total = total + held.straddle_usd * (_straddle(held, moved) - _straddle(held, np.array(1.0)))
    return total


def _straddle(held: Exposure, forward: Floats) -> Floats:
    """Return a call and a put struck at 1, for forwards in that unit."""
    strike, vol, years = np.array(1.0), np.array(held.volatility), np.array(held.days / 365)
    sides = [black76.price(forward, strike, vol, years, np.array(is_call)) for is_call in (True, False)]
    return sides[0] + sides[1]


def _figure(p: HistoryParameters, rows: Sequence[Row], losses: Floats) -> float:
    """Return the measure in floating point, not below zero; the definitions of `measures`."""
    share = float(p.stress.weight) if p.stress is not None and p.stress.method == "blend" else 0.0
    total = 0.0
    for stressed, weight in ((False, 1 - share), (True, share)):
        chosen = np.array([row.stressed is stressed for row in rows])
        if not chosen.any():
            continue
        order = np.argsort(-losses[chosen])
        loss = losses[chosen][order]
        if p.measure == "value-at-risk":
            total += weight * float(loss[waived_rows(len(loss), Fraction(p.initial_confidence))])
            continue
        odds = np.array([float(row.probability) for row in rows])[chosen][order]
        left = np.minimum(odds, np.maximum(float(1 - p.initial_confidence) - (np.cumsum(odds) - odds), 0.0))
        total += weight * float((left * loss).sum() / float(1 - p.initial_confidence))
    return max(0.0, total)


def _likelihood(misses: int, hits: int, chance: float) -> float:
    """Return the logarithm of chance^hits (1 - chance)^misses, with 0 log 0 = 0."""
    out = 0.0
    for count, part in ((hits, chance), (misses, 1 - chance)):
        if count:
            out += count * (log(part) if part > 0 else float("-inf"))
    return out


def _ratio(statistic: float, freedom: int) -> Likelihood:
    statistic = max(0.0, statistic)
    return Likelihood(statistic, float(chdtrc(freedom, statistic)))
