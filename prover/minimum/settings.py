"""What the theoretical minimum is a function of: a model's risk, the book's size, the measure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import LOT_EXPONENT, SETTLEMENT_UNIT, Model
from prover.models.greeks import GreeksMargin
from prover.models.greeks.parameters import GreeksParameters
from prover.portfolio import Portfolio
from verifier.errors import BadInput
from verifier.program import Purpose


@dataclass(frozen=True)
class Settings:
    """None leaves what the model or the book says. Shares: 1 = 100 %."""

    volatility: Decimal | None = None
    """Of every price, a year."""
    correlation: Decimal | None = None
    """Between the prices of any two underlyings."""
    confidence: Decimal | None = None
    """Of value at risk or expected shortfall."""
    risk_aversion: Decimal | None = None
    """Takes the exponential spectral measure with this absolute risk aversion."""
    horizon: Decimal | None = None
    """Days."""
    notional: Decimal | None = None
    """USD: derivatives are scaled to it. It is the sum of |quantity| times the index price."""
    leverage: Decimal | None = None
    """Derivatives are scaled to a notional of this many times what the book's balances count."""


AXES = tuple(field.name for field in fields(Settings))
_OF_THE_MODEL = ("volatility", "correlation", "confidence", "risk_aversion", "horizon")


def applied(model: Model, settings: Settings) -> Model:
    """Return the model under the settings; raises BadInput where it has no such parameter or the value is none."""
    asked = [name for name in _OF_THE_MODEL if getattr(settings, name) is not None]
    if not asked:
        return model
    if not isinstance(model, GreeksMargin):
        raise BadInput(f"the model {model.name} has no {asked[0].replace('_', ' ')} to vary; take the model greeks")
    if settings.confidence is not None and settings.risk_aversion is not None:
        raise BadInput("a spectral measure has a risk aversion and no confidence; give one of them")
    p = model.parameters
    document = p.model_dump(mode="json")
    if settings.volatility is not None:
        document["prices"] = dict.fromkeys(p.prices, str(settings.volatility))
    if settings.correlation is not None:
        document["correlation"] = _correlated(p, settings.correlation)
    if settings.confidence is not None:
        if p.measure.kind == "spectral":
            raise BadInput("the model's measure is spectral, which has no confidence; give a risk aversion")
        document["measure"] = {"kind": p.measure.kind, "confidence": str(settings.confidence)}
    if settings.risk_aversion is not None:
        document["measure"] = {"kind": "spectral", "risk_aversion": str(settings.risk_aversion)}
    if settings.horizon is not None:
        document["horizon_days"] = str(settings.horizon)
    return GreeksMargin.load(document, "the settings")


def _correlated(parameters: GreeksParameters, correlation: Decimal) -> list[list[Any]]:
    count = len(parameters.prices)
    rows = [[str(entry) for entry in row] for row in parameters.correlation]
    for j in range(count):
        for k in range(count):
            if j != k:
                rows[j][k] = str(correlation)
    return rows


def notional(snapshot: MarketSnapshot, portfolio: Portfolio) -> Fraction:
    """Return the sum over derivatives of |quantity| times the underlying's index price, USD."""
    total = Fraction(0)
    for name in derivatives(portfolio):
        price = Fraction(snapshot.index_price(parse_name(name).underlying))
        total += abs(Fraction(portfolio.quantities[name])) * price
    return total


def derivatives(portfolio: Portfolio) -> list[str]:
    """Return the names of the options, futures and perpetuals held."""
    return [n for n in portfolio.quantities if parse_name(n).kind not in (Kind.BALANCE, Kind.ORDER)]


def scaled(model: Model, snapshot: MarketSnapshot, portfolio: Portfolio, settings: Settings) -> Portfolio:
    """Return the book with its derivatives scaled to the notional or leverage asked for, each to the nearest lot."""
    if settings.notional is None and settings.leverage is None:
        return portfolio
    if settings.notional is not None and settings.leverage is not None:
        raise BadInput("notional and leverage both say how large the book is; give one of them")
    whole = notional(snapshot, portfolio)
    if not whole:
        raise BadInput(f"{portfolio.source}: no derivative is held, so that there is no notional to scale")
    if settings.notional is not None:
        goal = Fraction(settings.notional)
    else:
        held = set(portfolio.quantities) - set(derivatives(portfolio))
        balances = {name: Fraction(portfolio.quantities[name]) for name in held}
        own = model.figures(snapshot, balances, Purpose.INITIAL).equity
        if own <= 0:
            raise BadInput(f"{portfolio.source}: the balances count nothing, so that there is no leverage to scale to")
        goal = Fraction(settings.leverage or 0) * own
    if goal < 0:
        raise BadInput("a notional and a leverage are not below zero")
    quantities = dict(portfolio.quantities)
    for name in derivatives(portfolio):
        lots = round(Fraction(quantities[name]) * goal / whole / Fraction(10) ** LOT_EXPONENT)
        quantities[name] = Decimal(lots).scaleb(LOT_EXPONENT)
    return replace(portfolio, quantities=quantities)


def without_cash(portfolio: Portfolio) -> Portfolio:
    """Return the book with no cash."""
    return replace(portfolio, quantities=dict(portfolio.quantities) | {SETTLEMENT_UNIT: Decimal(0)})


def along(settings: Settings, axis: str, values: Sequence[Decimal]) -> list[Settings]:
    """Return the settings with one of AXES at each value."""
    return [replace(settings, **{axis: value}) for value in values]
