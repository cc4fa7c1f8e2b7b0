"""`backtest`: would historical margin have held on the closes themselves?"""

from datetime import date
from pathlib import Path
from typing import Any

import click

from prover.cli.options import json_option, path_option
from prover.cli.output import emit, step
from prover.market.closes import joint_returns, load_closes
from prover.models.base import load_model
from prover.models.history import History
from prover.models.history.backtest import Backtest, Evening, Exposure, Likelihood, run
from verifier.errors import UsageError

BOOKS: dict[str, dict[str, Exposure]] = {
    "long BTC": {"BTC": Exposure(1000.0)},
    "long ETH": {"ETH": Exposure(1000.0)},
    "long BTC, short ETH": {"BTC": Exposure(1000.0), "ETH": Exposure(-1000.0)},
    "short BTC straddle, 30 days": {"BTC": Exposure(0.0, straddle_usd=-1000.0)},
}
"""Each of 1,000 USD, restored every evening."""


@click.command()
@path_option("--model", "Parameters of a model `history` (JSON); `until` and `concentration` are not used.")
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of the test.")
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day of the test.")
@json_option
def backtest(model: Path, first: Any, last: Any, as_json: bool) -> None:
    """Compare each evening's initial margin with the next day's loss, for four simple books of 1,000 USD.

    Kupiec's test asks whether the number of exceedances fits the confidence, Christoffersen's whether they come
    independently, and whether both hold; small p-values speak against the model. They are meant for a value at risk
    over one day.
    """
    rules = load_model(model)
    if not isinstance(rules, History):
        raise UsageError(f"{model}: a backtest needs a model of historical scenarios (history)")
    files = {name: model.parent / file for name, file in rules.parameters.closes.items()}
    returns = joint_returns({name: load_closes(path) for name, path in files.items()})
    books = {title: book for title, book in BOOKS.items() if set(book) <= set(files)}
    with step("the figure of each evening"):
        found = run(rules.parameters, returns, books, first.date(), last.date())
    rows = [_row(title, one) for title, one in found.items()]
    emit({"first": _day(first.date()), "last": _day(last.date()), "books": rows}, as_json)


def _row(title: str, found: Backtest) -> dict[str, str]:
    worst: Evening = found.worst
    return {
        "book": title,
        "days": str(len(found.evenings)),
        "exceeded": str(found.exceedances),
        "expected": f"{found.expected:.1f}",
        "kupiec_p": _p(found.kupiec),
        "independence_p": _p(found.independence),
        "coverage_p": _p(found.coverage),
        "worst_day": _day(worst.day),
        "worst_loss_usd": f"{worst.lost:.2f}",
        "worst_required_usd": f"{worst.required:.2f}",
    }


def _p(test: Likelihood) -> str:
    return f"{test.p_value:.3f}"


def _day(day: date) -> str:
    return day.isoformat()
