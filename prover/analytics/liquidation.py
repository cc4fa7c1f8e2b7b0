"""Liquidation prices: where maintenance margin stops being met, one underlying moving and all else equal."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from prover.analytics.moves import moved
from prover.compile import Layout, compile_program
from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Model
from prover.portfolio import Portfolio, positions_for
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import Purpose

STEP = Decimal("1.02")
"""Ratio of neighbouring prices that are tried on the way out."""
FARTHEST = Decimal(5)
"""Prices are tried up to this many times the present one, and down to one part in as many."""
TOLERANCE = Decimal("0.0001")
"""A bracket is no wider than this share of its price."""

Met = Callable[[Decimal], bool]


@dataclass(frozen=True)
class Bracket:
    """Prices between which maintenance margin is lost, USD: met at `safe`, not at `lost`."""

    safe: Decimal
    lost: Decimal


@dataclass(frozen=True)
class LiquidationPrices:
    """The nearest brackets below and above the present index price of an underlying; None: none within the range."""

    underlying: str
    index_usd: Decimal
    down: Bracket | None
    up: Bracket | None
    met_now: bool
    """Where False, the margin is lost already, and no bracket is looked for."""


def liquidation_prices(
    model: Model, snapshot: MarketSnapshot, layout: Layout, portfolio: Portfolio
) -> list[LiquidationPrices]:
    """Return the liquidation prices of each underlying that the book holds.

    Every price is judged by the maintenance program compiled at that price: neighbouring prices 2 % apart from the
    present one to 5 times and a fifth of it, then by halves down to 0.01 %. An interval in which the margin is lost
    and met again between two neighbours is not seen. A price whose numbers do not fit the program ends the search.
    """
    return [_of(model, snapshot, layout, portfolio, underlying) for underlying in underlyings(portfolio)]


def underlyings(portfolio: Portfolio) -> list[str]:
    """Return the underlyings whose price the book depends on, sorted."""
    held = (parse_name(name) for name, quantity in portfolio.quantities.items() if quantity)
    return sorted({i.underlying for i in held if not (i.kind is Kind.BALANCE and i.underlying == "USD")} - {"USD"})


def _of(
    model: Model, snapshot: MarketSnapshot, layout: Layout, portfolio: Portfolio, underlying: str
) -> LiquidationPrices:
    lots = positions_for(portfolio, layout.listing)

    def met(factor: Decimal) -> bool:
        there = moved(snapshot, underlying, factor)
        return evaluate(compile_program(model, there, layout, Purpose.MAINTENANCE), lots).margin_met

    index = snapshot.index_price(underlying)
    if not met(Decimal(1)):
        return LiquidationPrices(underlying, index, None, None, met_now=False)
    down, up = (_bracket(met, index, outwards) for outwards in (1 / STEP, STEP))
    return LiquidationPrices(underlying, index, down, up, met_now=True)


def _bracket(met: Met, index: Decimal, step: Decimal) -> Bracket | None:
    with localcontext() as context:
        context.prec = 12
        safe = Decimal(1)
        while True:
            lost = safe * step
            if not 1 / FARTHEST <= lost <= FARTHEST:
                return None
            try:
                if not met(lost):
                    break
            except BadInput:
                return None
            safe = lost
        while abs(lost - safe) > TOLERANCE * min(lost, safe):
            middle = (lost + safe) / 2
            lost, safe = (lost, middle) if met(middle) else (middle, safe)
        return Bracket(index * safe, index * lost)
