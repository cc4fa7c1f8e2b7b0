"""Daily closes: the history that scenarios come from. CSV with the columns date (ISO) and close (USD), ascending."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from prover.market.decimals import plain_decimal
from verifier.errors import BadInput
from verifier.files import read_text


@dataclass(frozen=True)
class Closes:
    """One underlying's closes by day, ascending, all above zero."""

    source: str
    days: tuple[date, ...]
    prices: tuple[Decimal, ...]


@dataclass(frozen=True)
class JointReturns:
    """Log returns of several underlyings over the same days, each from the day before.

    `log[u][t]`: ln(close of days[t] / close of the day before), 40 digits.
    """

    days: tuple[date, ...]
    log: Mapping[str, tuple[Decimal, ...]]

    def until(self, last: date) -> "JointReturns":
        """Return the returns up to a day, that day included."""
        count = sum(day <= last for day in self.days)
        return JointReturns(self.days[:count], {name: values[:count] for name, values in self.log.items()})


def load_closes(path: Path) -> Closes:
    """Read a file of closes; raises BadInput naming file and row."""
    reader = csv.DictReader(io.StringIO(read_text(path)))
    if not {"date", "close"} <= set(reader.fieldnames or ()):
        raise BadInput(f"{path}: the header has no columns date and close; a file of daily closes needs both")
    days: list[date] = []
    prices: list[Decimal] = []
    for row in reader:
        where = f"{path}: row {reader.line_num}"
        price = plain_decimal(row["close"] or "")
        try:
            day = date.fromisoformat(row["date"] or "")
        except ValueError:
            raise BadInput(f"{where}: the date is not written like 2020-03-12") from None
        if price is None or not price.is_finite() or price <= 0:
            raise BadInput(f"{where}: the close is not a number above zero")
        if days and day <= days[-1]:
            raise BadInput(f"{where}: the day is not after the one before; sort the file, one row a day")
        days.append(day)
        prices.append(price)
    return Closes(str(path), tuple(days), tuple(prices))


def joint_returns(series: Mapping[str, Closes]) -> JointReturns:
    """Return the returns of all series over the pairs of successive calendar days that each of them has."""
    quoted = {name: dict(zip(one.days, one.prices, strict=True)) for name, one in series.items()}
    shared = set.intersection(*(set(prices) for prices in quoted.values()))
    days = tuple(sorted(day for day in shared if day - timedelta(days=1) in shared))
    log = {
        name: tuple((prices[day] / prices[day - timedelta(days=1)]).ln() for day in days)
        for name, prices in quoted.items()
    }
    return JointReturns(days, log)


def mean_square(returns: Sequence[Decimal]) -> Decimal:
    """Return the mean of the squares: a variance around zero, as for daily returns."""
    return sum((value * value for value in returns), Decimal(0)) / len(returns)
