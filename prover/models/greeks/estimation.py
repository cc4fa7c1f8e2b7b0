"""Volatilities and correlations of prices from daily closes: the exponentially weighted averages of RiskMetrics (1996).

With r_t the logarithmic return of a day and L the decay, S_t = L S_{t-1} + (1 - L) r_t r_t', started with the mean of
r r' over the first `START_DAYS` days; the mean return counts as zero.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np

from prover.market.decimals import plain_decimal
from prover.models.greeks.parameters import DAYS
from verifier.errors import BadInput
from verifier.files import read_text

RISKMETRICS_DECAY = 0.94
START_DAYS = 20
_STEP = Decimal("0.0001")


@dataclass(frozen=True)
class Estimate:
    """Of the underlyings in the order given."""

    volatilities: Mapping[str, Decimal]
    """A year's, 1 = 100 %, rounded up to four decimals."""
    correlation: tuple[tuple[Decimal, ...], ...]
    """Rounded to four decimals."""


def load_closes(path: Path) -> tuple[tuple[str, float], ...]:
    """Read (date, close) rows, one a day in order; raises BadInput naming the row."""
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if not rows or rows[0] != ["date", "close"]:
        raise BadInput(f"{path}: the header is not date,close; daily closes have these two columns")
    out = []
    for number, row in enumerate(rows[1:], start=2):
        close = plain_decimal(row[1]) if len(row) == 2 else None
        if close is None or not close.is_finite() or close <= 0:
            raise BadInput(f"{path}: row {number}: it is no date with a positive close")
        out.append((row[0], float(close)))
    return tuple(out)


def estimate(series: Mapping[str, Sequence[tuple[str, float]]], decay: float = RISKMETRICS_DECAY) -> Estimate:
    """Return the estimate at the end of the series, which have the same dates; raises BadInput."""
    names = list(series)
    if not 0 < decay < 1:
        raise BadInput("the decay is not between 0 and 1; RiskMetrics takes 0.94 for daily returns")
    dates = [[date for date, _ in series[name]] for name in names]
    if any(other != dates[0] for other in dates):
        raise BadInput(f"the closes of {', '.join(names)} have not the same dates; covariances need joint returns")
    if len(dates[0]) < START_DAYS + 2:
        raise BadInput(f"there are fewer than {START_DAYS + 2} closes; an estimate needs more")
    returns = np.diff(np.log(np.array([[close for _, close in series[name]] for name in names])), axis=1).T
    covariance = returns[:START_DAYS].T @ returns[:START_DAYS] / START_DAYS
    for row in returns[START_DAYS:]:
        covariance = decay * covariance + (1 - decay) * np.outer(row, row)
    sizes = np.sqrt(np.diag(covariance))
    if not np.all(sizes > 0):
        raise BadInput("a series does not move, so that it has no correlation with the others")
    annual = [Decimal(float(size * np.sqrt(DAYS))).quantize(_STEP, ROUND_CEILING) for size in sizes]
    matrix = covariance / np.outer(sizes, sizes)
    correlation = [[Decimal(float(entry)).quantize(_STEP, ROUND_HALF_EVEN) for entry in row] for row in matrix]
    for j in range(len(names)):
        correlation[j][j] = Decimal(1)
    return Estimate(dict(zip(names, annual, strict=True)), tuple(map(tuple, correlation)))
