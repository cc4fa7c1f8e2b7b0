"""One book under several models and architectures, side by side.

Architectures over any model: *portfolio* (the whole book at once, as the model nets it), *cross* (each underlying by
itself, its coins with it, requirements added up), *isolated* (each position by itself, requirements added up). The
portfolio figures are those of the integer program, which a proof holds; the others come from the model in exact
arithmetic, rounded against the trader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prover.explain import report, rounded_down, rounded_up
from prover.market.names import parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import SETTLEMENT_UNIT, Model
from prover.portfolio import COLLATERAL_SUFFIX, Portfolio
from verifier.errors import BadInput
from verifier.program import Purpose

ARCHITECTURES = ("portfolio", "cross", "isolated")


@dataclass(frozen=True)
class Comparison:
    """A model's figures in one architecture, USD; `refusal` says why it has none."""

    model: str
    architecture: str
    tier: str
    equity_usd: Decimal | None = None
    initial_margin_usd: Decimal | None = None
    maintenance_margin_usd: Decimal | None = None
    refusal: str = ""

    @property
    def initial_headroom_usd(self) -> Decimal | None:
        if self.equity_usd is None or self.initial_margin_usd is None:
            return None
        return self.equity_usd - self.initial_margin_usd


def compare(models: Sequence[tuple[str, Model]], snapshot: MarketSnapshot, portfolio: Portfolio) -> list[Comparison]:
    """Return every model (given with the name to show) in every architecture."""
    return [_one(label, model, snapshot, portfolio, kind) for label, model in models for kind in ARCHITECTURES]


def _one(label: str, model: Model, snapshot: MarketSnapshot, portfolio: Portfolio, architecture: str) -> Comparison:
    try:
        if architecture == "portfolio":
            made = report(model, snapshot, portfolio)
            figures = made.equity_usd, made.initial_margin_usd, made.maintenance_margin_usd
            return Comparison(label, architecture, made.tier, *figures)
        initial, maintenance = (
            requirement(model, snapshot, portfolio.holdings(), purpose, architecture) for purpose in Purpose
        )
        equity = min(model.figures(snapshot, portfolio.holdings(), purpose).equity for purpose in Purpose)
    except BadInput as error:
        return Comparison(label, architecture, "-", refusal=str(error))
    return Comparison(label, architecture, "-", rounded_down(equity), rounded_up(initial), rounded_up(maintenance))


def requirement(
    model: Model, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose, architecture: str
) -> Fraction:
    """Return the requirement of a book in an architecture, exact, USD."""
    parts: dict[str, dict[str, Fraction]] = {}
    for name, quantity in holdings.items():
        if COLLATERAL_SUFFIX in name or name == SETTLEMENT_UNIT:
            continue
        key = {"portfolio": "", "cross": parse_name(name).underlying, "isolated": name}[architecture]
        parts.setdefault(key, {})[name] = quantity
    return sum((model.figures(snapshot, part, purpose).requirement for part in parts.values()), Fraction(0))
