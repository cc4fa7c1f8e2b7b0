"""Which picture a margin report makes, and the numbers behind it."""

from decimal import Decimal
from pathlib import Path

from prover import plots
from prover.analytics.liquidation import underlyings
from prover.analytics.moves import moved
from prover.explain import MarginReport
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Model
from prover.portfolio import Portfolio
from verifier.errors import BadInput
from verifier.program import Purpose

KINDS = ("scenarios", "price", "tail")
_POINTS = 61
_REACH = Decimal("0.6")
"""Prices are drawn from this share below to this share above the index."""


def draw(
    kind: str, model: Model, snapshot: MarketSnapshot, portfolio: Portfolio, made: MarginReport, path: Path
) -> None:
    """Draw one of KINDS of a report; raises BadInput where the model has no such picture.

    scenarios: the matrix of price by volatility; price: profit and loss as the (first) underlying's price moves, all
    else equal; tail: how the losses of all scenarios are spread, and the initial margin.
    """
    plots.check_plot_path(path)
    rows = [(row.scenario, row.weighted_pnl_usd) for row in made.scenarios]
    required = float(made.initial_margin_usd)
    if kind == "scenarios":
        matrix = plots.matrix_of(rows)
        if matrix is None:
            raise BadInput(
                f"the model {model.name} has no matrix of price and volatility; take --plot-kind tail or price"
            )
        plots.heatmap(matrix, f"Scenarios of {model.name}, initial margin {required:,.0f} USD", path)
    elif kind == "tail":
        if not rows:
            raise BadInput(f"the model {model.name} has no scenarios to draw; take --plot-kind price")
        losses = [-float(value) for _, value in rows]
        plots.tail_histogram(losses, required, f"Losses of {len(rows)} scenarios of {model.name}", path)
    else:
        held = underlyings(portfolio)
        if not held:
            raise BadInput("the book holds nothing whose price moves; there is no picture of it")
        prices, profit = profit_curve(model, snapshot, portfolio, held[0])
        title = f"Profit and loss of the book by {held[0]} price, all else equal"
        plots.profit_by_price(prices, profit, required, title, path, held[0])


def profit_curve(
    model: Model, snapshot: MarketSnapshot, portfolio: Portfolio, underlying: str
) -> tuple[list[float], list[float]]:
    """Return prices of an underlying and the change of the book's equity there, USD, by the model's exact figures."""
    holdings = portfolio.holdings()
    now = model.figures(snapshot, holdings, Purpose.INITIAL).equity
    prices, profit = [], []
    for k in range(_POINTS):
        factor = 1 + _REACH * (2 * Decimal(k) / (_POINTS - 1) - 1)
        there = moved(snapshot, underlying, factor)
        prices.append(float(snapshot.index_price(underlying) * factor))
        profit.append(float(model.figures(there, holdings, Purpose.INITIAL).equity - now))
    return prices, profit
