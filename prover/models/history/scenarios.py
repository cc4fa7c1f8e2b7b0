"""From daily closes to price factors: the scenarios of historical margin, exact decimals of nine places.

A factor is exp(m * ln(P_t / P_(t-1))), never at or below zero, rounded to nine places; that decimal *is* the scenario,
for the float draft, the exact figures and the program alike. m is the square root of the horizon in days, times, where
returns are filtered, the last day's volatility over the day's own: variance_(t+1) = d variance_t + (1 - d) r_t^2,
started with the mean square of the first 30 returns (J.P. Morgan/Reuters, RiskMetrics, 1996; Hull and White,
"Incorporating volatility updating into the historical simulation method for value at risk", 1998; Barone-Adesi,
Giannopoulos and Vosper, "VaR without correlations for portfolios of derivative securities", 1999).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from prover.market.closes import JointReturns, mean_square
from prover.models.history.parameters import HistoryParameters
from verifier.errors import BadInput

PLACES = Decimal(1).scaleb(-9)
SEED_DAYS = 30
"""Returns whose mean square starts the filter; none of them is filtered."""
_DIGITS = 40


@dataclass(frozen=True)
class Row:
    """One scenario: a day's factors by underlying, its probability, and the tail it belongs to."""

    label: str
    factors: Mapping[str, Decimal]
    probability: Fraction
    stressed: bool


def make_rows(p: HistoryParameters, returns: JointReturns) -> tuple[Row, ...]:
    """Return the scenarios, the window first, oldest day first; probabilities of each measure add up to one.

    Raises BadInput where the history is too short.
    """
    known = returns.until(p.until)
    if not known.days or known.days[-1] != p.until:
        raise BadInput(f"the closes have no return of {p.until}; give longer ones or set until to a day they hold")
    if len(known.days) < p.window + SEED_DAYS:
        raise BadInput(
            f"the closes hold {len(known.days)} returns up to {p.until}; a window of {p.window} needs {SEED_DAYS} more"
        )
    recent = range(len(known.days) - p.window, len(known.days))
    chosen = [(day, False) for day in recent]
    if p.stress is not None:
        inside = [t for t, day in enumerate(known.days) if p.stress.first <= day <= p.stress.last and t >= SEED_DAYS]
        if len(inside) < 2:
            raise BadInput(f"the closes hold no stressed period from {p.stress.first} to {p.stress.last}")
        chosen += [(day, True) for day in inside]
    scaled = scale(known, [t for t, _ in chosen], p.horizon_days, p.ewma_decay)
    odds = [*_odds(p.window, p.age_decay), *_odds(len(chosen) - p.window, Decimal(1))]
    if p.stress is not None and p.stress.method == "mixture":
        share = Fraction(p.stress.weight)
        odds = [o * (share if stressed else 1 - share) for o, (_, stressed) in zip(odds, chosen, strict=True)]
    own_tail = p.stress is not None and p.stress.method == "blend"
    return tuple(
        Row(
            f"{'stressed ' if stressed else ''}{known.days[t]}",
            {name: values[s] for name, values in scaled.items()},
            chance,
            stressed and own_tail,
        )
        for s, ((t, stressed), chance) in enumerate(zip(chosen, odds, strict=True))
    )


def scale(
    returns: JointReturns, days: Sequence[int], horizon_days: Decimal, decay: Decimal
) -> dict[str, tuple[Decimal, ...]]:
    """Return the price factors of chosen days (indices of returns) by underlying.

    Scaled to the horizon and, for a decay below 1, to the last day's volatility.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        reach = horizon_days.sqrt()
        out = {}
        for name, values in returns.log.items():
            variances = ewma_variances(values, decay) if decay != 1 else [Decimal(0)] * (len(values) + 1)
            factors = ((reach * _rise(variances, day) * values[day]).exp() for day in days)
            out[name] = tuple(max(factor.quantize(PLACES), PLACES) for factor in factors)
        return out


def ewma_variances(returns: Sequence[Decimal], decay: Decimal) -> list[Decimal]:
    """Return the variance forecast for each day from the days before it, and for the day after the last."""
    variance = mean_square(returns[:SEED_DAYS])
    out = [variance] * SEED_DAYS
    for value in returns[SEED_DAYS:]:
        out.append(variance)
        variance = decay * variance + (1 - decay) * value * value
    return [*out, variance]


def _rise(variances: Sequence[Decimal], day: int) -> Decimal:
    """Return the last volatility over a day's own; 1 where there is none."""
    return (variances[-1] / variances[day]).sqrt() if variances[day] else Decimal(1)


def _odds(count: int, decay: Decimal) -> list[Fraction]:
    """Return probabilities, the oldest first, that fall by `decay` a day with age.

    Boudoukh, Richardson and Whitelaw, "The best of both worlds", Risk 11 (1998).
    """
    weights = [Fraction(decay) ** age for age in reversed(range(count))]
    total = sum(weights)
    return [weight / total for weight in weights]
