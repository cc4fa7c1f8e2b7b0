"""The example's parameters with changes, for the tests of the model."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from prover.market.names import parse_name
from prover.market.snapshot import MarketSnapshot, Quote, make_snapshot
from prover.models.greeks import GreeksMargin
from tests.prover.market_files import EXAMPLES
from verifier.files import read_json


def document(**changes: Any) -> dict[str, Any]:
    """Return the example's parameters with some fields changed."""
    made: dict[str, Any] = read_json(EXAMPLES / "models" / "greeks.json")
    del made["model"]
    return made | changes


def model(**changes: Any) -> GreeksMargin:
    """Return the example's model with some parameters changed."""
    return GreeksMargin.load(document(**changes), "parameters")


def one_factor_each(correlation: str, **changes: Any) -> GreeksMargin:
    """Return a model of two prices without volatility points."""
    return model(
        **{"volatility_points": [], "correlation": [["1", correlation], [correlation, "1"]], "stress": []} | changes
    )


def many_points(count: int, **changes: Any) -> GreeksMargin:
    """Return a model with `count` volatility points of each coin, correlated the less the farther they are apart."""
    points = [(coin, 15 * (k + 1)) for coin in ("BTC", "ETH") for k in range(count)]
    rows = [["1", "0.7"] + ["-0.25"] * len(points), ["0.7", "1"] + ["-0.25"] * len(points)]
    for j, (coin, _) in enumerate(points):
        row = ["-0.25", "-0.25"]
        for k, (other, _) in enumerate(points):
            near = 1 - 0.03 * abs(j % count - k % count)
            row.append("1" if j == k else f"{near * (1 if coin == other else 0.8):.4f}")
        rows.append(row)
    named = [{"underlying": coin, "days": str(days), "volatility": "0.8"} for coin, days in points]
    return model(**{"volatility_points": named, "correlation": rows} | changes)


EXPIRIES = ("9JAN26", "23JAN26", "6FEB26", "20FEB26", "6MAR26", "20MAR26", "3APR26", "17APR26", "1MAY26")
MANY = tuple(f"{coin}-{expiry}-{strike}-C" for expiry in EXPIRIES for coin, strike in (("BTC", 90000), ("ETH", 3000)))
"""Options of more expiries than the example's market has."""


@cache
def wide_market() -> MarketSnapshot:
    """Return quotes of MANY."""
    quotes = []
    for name in MANY:
        price = Decimal(88_000 if name.startswith("BTC") else 2_950)
        quotes.append(Quote(parse_name(name), price, price, Decimal("0.5"), None, Decimal("0.5"), None, None, None))
    return make_snapshot("many expiries", datetime(2026, 1, 1, 9, 10, tzinfo=UTC), Decimal(1), quotes, [])
