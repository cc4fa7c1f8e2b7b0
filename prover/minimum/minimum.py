"""One call, one number; one call, one curve.

The theoretical minimum margin of a book is the requirement of the model `greeks`: factor (k sigma + worst of mean and
stress), where k follows from value at risk, expected shortfall or the exponential spectral measure with a risk
aversion. It is computed by the margin program, so that what is shown is what a proof holds; with it comes the least
collateral at which that proof exists. Nothing is kept between calls: on a new snapshot, call again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prover.compile import choose_tier, compile_program
from prover.explain import rounded_down, rounded_up
from prover.market.snapshot import MarketSnapshot
from prover.minimum.collateral import least_cash, least_vault_balance
from prover.minimum.settings import Settings, along, applied, notional, scaled, without_cash
from prover.models.base import Model
from prover.portfolio import Portfolio, positions_for
from verifier.meaning import BPS, evaluate
from verifier.program import MarginProgram, Purpose
from verifier.tiers import Tier

AS_THEY_ARE = Settings()
"""Model and book unchanged."""
_RATIO_DIGITS = Decimal("0.000001")


@dataclass(frozen=True)
class Minimum:
    """A book's theoretical minimum margin, the cash that the book holds left out. USD unless said."""

    notional_usd: Decimal
    requirement_usd: Decimal
    """Rounded up."""
    equity_usd: Decimal
    """Without cash; rounded down."""
    minimum_collateral: int
    """Money units of the program: the least vault balance at which a proof exists."""
    minimum_collateral_usd: Decimal
    minimum_cash_usd: Decimal
    """The least cash inside the private book at which a proof exists, in whole lots; negative: debt may be carried."""
    margin_share: Decimal | None
    """Requirement over notional, rounded up; None without derivatives."""
    largest_leverage: Decimal | None
    """Notional over requirement, rounded down; None without one of them."""
    tier: str


@dataclass(frozen=True)
class CurvePoint:
    """The minimum at one value of an axis."""

    value: Decimal
    minimum: Minimum


@dataclass(frozen=True)
class Prepared:
    """A book under settings as integers: what the minimum is found by, and what a proof is made of."""

    program: MarginProgram
    positions: tuple[int, ...]
    """N lots, no cash."""
    notional: Fraction


def prepare(
    model: Model,
    snapshot: MarketSnapshot,
    portfolio: Portfolio,
    settings: Settings = AS_THEY_ARE,
    *,
    purpose: Purpose = Purpose.INITIAL,
    least: Tier | None = None,
) -> Prepared:
    """Return the program of the model under the settings and the scaled book without cash."""
    rules = applied(model, settings)
    book = without_cash(scaled(rules, snapshot, portfolio, settings))
    layout = choose_tier(rules, book.instruments, least)
    program = compile_program(rules, snapshot, layout, purpose)
    return Prepared(program, positions_for(book, layout.listing), notional(snapshot, book))


def minimum(
    model: Model,
    snapshot: MarketSnapshot,
    portfolio: Portfolio,
    settings: Settings = AS_THEY_ARE,
    *,
    purpose: Purpose = Purpose.INITIAL,
    ratio_bps: int = BPS,
    least: Tier | None = None,
) -> Minimum:
    """Return the theoretical minimum of a book; raises BadInput for settings that the model or the book has not.

    Settings other than notional and leverage need the model `greeks`; any model has a minimum.
    """
    made = prepare(model, snapshot, portfolio, settings, purpose=purpose, least=least)
    program, money = made.program, Fraction(10) ** made.program.listing.money_exponent
    meaning = evaluate(program, made.positions, ratio_bps=ratio_bps)
    due = Fraction(meaning.requirement, program.unit) * money * Fraction(ratio_bps, BPS)
    balance = least_vault_balance(program, made.positions, ratio_bps)
    return Minimum(
        notional_usd=rounded_up(made.notional),
        requirement_usd=rounded_up(due),
        equity_usd=rounded_down(meaning.equity * money),
        minimum_collateral=balance,
        minimum_collateral_usd=rounded_up(balance * money),
        minimum_cash_usd=cash_usd(program, least_cash(program, made.positions, ratio_bps)),
        margin_share=_ratio(rounded_up(due / made.notional)) if made.notional else None,
        largest_leverage=_ratio(rounded_down(made.notional / due)) if due and made.notional else None,
        tier=program.tier.name,
    )


def curve(
    model: Model,
    snapshot: MarketSnapshot,
    portfolio: Portfolio,
    axis: str,
    values: Sequence[Decimal],
    settings: Settings = AS_THEY_ARE,
    *,
    purpose: Purpose = Purpose.INITIAL,
    ratio_bps: int = BPS,
    least: Tier | None = None,
) -> list[CurvePoint]:
    """Return the minimum along one of `settings.AXES`, the other settings as given."""
    return [
        CurvePoint(value, minimum(model, snapshot, portfolio, each, purpose=purpose, ratio_bps=ratio_bps, least=least))
        for value, each in zip(values, along(settings, axis, values), strict=True)
    ]


def cash_usd(program: MarginProgram, lots: int) -> Decimal:
    """Return what lots of the settlement unit are, USD; it must be listed."""
    places = (slot for slot in program.listing.places if slot is not None)
    slot = next(slot for slot in places if slot.instrument == program.listing.settlement_unit)
    return Decimal(lots).scaleb(slot.lot_exponent)


def _ratio(value: Decimal) -> Decimal:
    return value.quantize(_RATIO_DIGITS)
