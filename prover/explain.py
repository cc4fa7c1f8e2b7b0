"""What a trader asks of a book: margin, headroom, worst scenario, scenario matrix, Greeks; before and after a trade.

Money is computed by the program's own integers, so that the figure shown is the figure proven. Shown amounts are
rounded to a millionth of a dollar: requirements up, equity and headroom down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from prover.analytics.contributions import contributions, loss_in, requirement_of, row_scale
from prover.compile import Layout, choose_tier, compile_program
from prover.market.greeks import contract_greeks
from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import LOT_EXPONENT, SETTLEMENT_UNIT, Model
from prover.portfolio import COLLATERAL_SUFFIX, Portfolio, positions_for
from verifier.meaning import Meaning, evaluate
from verifier.program import MarginProgram, Purpose
from verifier.tiers import Tier

_SHOWN = Decimal("0.000001")


@dataclass(frozen=True)
class GreekRow:
    """Greeks of one underlying and expiry ("all" for the underlying's total)."""

    underlying: str
    expiry: str
    delta_coins: Decimal
    gamma_coins_per_usd: Decimal
    vega_usd_per_point: Decimal
    theta_usd_per_day: Decimal


@dataclass(frozen=True)
class ScenarioRow:
    """A grid point and the book's weighted profit or loss there, initial factor and offsets included."""

    scenario: str
    weighted_pnl_usd: Decimal


@dataclass(frozen=True)
class ContributionRow:
    """What a position adds to the worst scenario's loss and to the initial margin; negative where it hedges.

    euler: its share of a figure that scales with the book; incremental: the figure with it less the figure without it.
    """

    instrument: str
    worst_scenario_usd: Decimal
    requirement_usd: Decimal
    method: str


@dataclass(frozen=True)
class PartRow:
    """One part of the initial margin's sum."""

    part: str
    initial_margin_usd: Decimal


@dataclass(frozen=True)
class MarginReport:
    """One book's margin. Amounts in USD."""

    tier: str
    equity_usd: Decimal
    initial_margin_usd: Decimal
    maintenance_margin_usd: Decimal
    initial_headroom_usd: Decimal
    maintenance_headroom_usd: Decimal
    initial_met: bool
    maintenance_met: bool
    worst_scenario: str
    parts: tuple[PartRow, ...]
    """What the initial margin is the sum of: tails, groups, roll, covariance, constant; zero ones left out."""
    scenarios: tuple[ScenarioRow, ...]
    contributions: tuple[ContributionRow, ...]
    """Of each position to the initial margin; what is left of it comes from offsets and constants."""
    greeks: tuple[GreekRow, ...]
    unsound: tuple[str, ...]
    """Instruments whose own collateral does not cover them (isolated margin)."""


@dataclass(frozen=True)
class WhatIf:
    """A book before and after trades."""

    before: MarginReport
    after: MarginReport

    def change(self, name: str) -> Decimal:
        """Return after less before of one amount."""
        difference: Decimal = getattr(self.after, name) - getattr(self.before, name)
        return difference


def report(model: Model, snapshot: MarketSnapshot, portfolio: Portfolio, *, least: Tier | None = None) -> MarginReport:
    """Return the margin of a portfolio; raises BadInput for an instrument held that cannot be valued."""
    if all(parse_name(name).kind is Kind.BALANCE for name in portfolio.instruments) and not any(
        model.figures(snapshot, portfolio.holdings(), purpose).requirement for purpose in Purpose
    ):
        return _balances_only(model, snapshot, portfolio)
    return report_in(model, snapshot, choose_tier(model, portfolio.instruments, least), portfolio)


def _balances_only(model: Model, snapshot: MarketSnapshot, portfolio: Portfolio) -> MarginReport:
    """Return the figures of a book without derivatives in which nothing has a margin: no program is made for it."""
    exact = model.figures(snapshot, portfolio.holdings(), Purpose.INITIAL)
    equity, none = rounded_down(exact.equity), Decimal(0) * _SHOWN
    return MarginReport(
        tier="none",
        equity_usd=equity,
        initial_margin_usd=none,
        maintenance_margin_usd=none,
        initial_headroom_usd=equity,
        maintenance_headroom_usd=equity,
        initial_met=exact.equity >= 0,
        maintenance_met=exact.equity >= 0,
        worst_scenario="no derivative is held",
        parts=(),
        scenarios=(),
        contributions=(),
        greeks=tuple(book_greeks(snapshot, portfolio)),
        unsound=(),
    )


def report_in(model: Model, snapshot: MarketSnapshot, layout: Layout, portfolio: Portfolio) -> MarginReport:
    """Return the margin of a portfolio under a given listing."""
    initial = compile_program(model, snapshot, layout, Purpose.INITIAL)
    maintenance = compile_program(model, snapshot, layout, Purpose.MAINTENANCE)
    positions = positions_for(portfolio, layout.listing)
    im, mm = evaluate(initial, positions), evaluate(maintenance, positions)
    exact = model.figures(snapshot, portfolio.holdings(), Purpose.INITIAL)
    im_due, mm_due = _requirement(initial, im), _requirement(maintenance, mm)
    isolated = any(initial.cover) and not any(initial.free)
    if isolated:
        im_due = exact.requirement
        mm_due = model.figures(snapshot, portfolio.holdings(), Purpose.MAINTENANCE).requirement
    equity = min(_money(initial, im.equity), _money(maintenance, mm.equity))
    return MarginReport(
        tier=layout.tier.name,
        equity_usd=rounded_down(equity),
        initial_margin_usd=rounded_up(im_due),
        maintenance_margin_usd=rounded_up(mm_due),
        initial_headroom_usd=rounded_down(_money(initial, im.equity) - im_due),
        maintenance_headroom_usd=rounded_down(_money(maintenance, mm.equity) - mm_due),
        initial_met=im.margin_met,
        maintenance_met=mm.margin_met,
        worst_scenario=exact.worst,
        parts=() if isolated else tuple(_parts(initial, im)),
        scenarios=_scenarios(model, initial, im),
        contributions=() if isolated else _contributions(initial, im, positions),
        greeks=tuple(book_greeks(snapshot, portfolio)),
        unsound=_unsound(initial, im),
    )


@dataclass(frozen=True)
class Trade:
    """A trade to try: signed quantity, and the USD price a contract; None means the instrument's own value (mark)."""

    quantity: Decimal
    price_usd: Decimal | None = None


def what_if(
    model: Model,
    snapshot: MarketSnapshot,
    portfolio: Portfolio,
    trades: Mapping[str, Trade],
    *,
    least: Tier | None = None,
) -> WhatIf:
    """Return a book before and after trades, both under the listing that holds both.

    Each trade is paid for in cash, which is rounded down to a lot.
    """
    quantities = {name: trade.quantity for name, trade in trades.items()}
    paid = sum((_cash(model, snapshot, name, trade) for name, trade in trades.items()), Decimal(0))
    quantities[SETTLEMENT_UNIT] = quantities.get(SETTLEMENT_UNIT, Decimal(0)) + paid
    after = portfolio.changed(quantities)
    layout = choose_tier(model, after.instruments, least)
    return WhatIf(report_in(model, snapshot, layout, portfolio), report_in(model, snapshot, layout, after))


def _cash(model: Model, snapshot: MarketSnapshot, name: str, trade: Trade) -> Decimal:
    """Return the cash that a trade brings, USD, rounded down to a lot; a transfer of USD itself brings none."""
    if name == SETTLEMENT_UNIT:
        return Decimal(0)
    lots = -Fraction(trade.quantity) * trade_price(model, snapshot, name, trade) / Fraction(10) ** LOT_EXPONENT
    return Decimal(lots.numerator // lots.denominator).scaleb(LOT_EXPONENT)


def trade_price(model: Model, snapshot: MarketSnapshot, name: str, trade: Trade) -> Fraction:
    """Return what one contract of a trade costs, USD: its price, or the instrument's value now."""
    if trade.price_usd is not None:
        return Fraction(trade.price_usd)
    counted = model.figures(snapshot, {name: Fraction(1)}, Purpose.INITIAL).equity
    return Fraction(snapshot.index_price(name)) if parse_name(name).kind is Kind.BALANCE else counted


def _money(program: MarginProgram, amount: int) -> Fraction:
    return Fraction(amount) * Fraction(10) ** program.listing.money_exponent


def _requirement(program: MarginProgram, meaning: Meaning) -> Fraction:
    return _money(program, meaning.requirement) / program.unit


def rounded_down(value: Fraction) -> Decimal:
    """Return an amount rounded down to a millionth of a dollar."""
    return _decimal(value, ROUND_FLOOR)


def rounded_up(value: Fraction) -> Decimal:
    """Return an amount rounded up to a millionth of a dollar."""
    return _decimal(value, ROUND_CEILING)


def _decimal(value: Fraction, rounding: str) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        context.rounding = rounding
        scaled = value / Fraction(_SHOWN)
        whole = scaled.numerator // scaled.denominator
        if rounding == ROUND_CEILING and whole != scaled:
            whole += 1
        return Decimal(whole) * _SHOWN


def _scenarios(model: Model, program: MarginProgram, meaning: Meaning) -> tuple[ScenarioRow, ...]:
    labels = model.row_labels(program.tier)
    if not any(program.weight) and not any(program.free):
        return ()
    rows = []
    for s, label in enumerate(labels):
        if not label:
            continue
        weighted = (
            meaning.z[s] * row_scale(program)
            if any(program.weight)
            else Fraction(sum(y[s] for y in meaning.measures.y))
        )
        rows.append(ScenarioRow(label, rounded_down(weighted * Fraction(10) ** program.listing.money_exponent)))
    return tuple(rows)


def _parts(program: MarginProgram, meaning: Meaning) -> Iterator[PartRow]:
    amounts = {
        "scenarios": meaning.tails[0],
        "scenarios, second tail": meaning.tails[1],
        "charges of groups": meaning.group_charge,
        "roll": meaning.measures.roll,
        "covariance": meaning.ellipsoid,
        "constant": program.constant,
    }
    money = Fraction(10) ** program.listing.money_exponent
    for part, amount in amounts.items():
        if amount:
            yield PartRow(part, rounded_up(Fraction(amount, program.unit) * money))


def _contributions(program: MarginProgram, meaning: Meaning, lots: Sequence[int]) -> tuple[ContributionRow, ...]:
    """Return each position's part; in isolated margin there is none, since each position stands by itself."""
    due = contributions(program, lots, requirement_of(program))
    row = meaning.worst_row
    if row is None:
        losses = [Fraction(0)] * len(due)
    else:
        losses = [part.usd for part in contributions(program, lots, loss_in(program, row))]
    return tuple(
        ContributionRow(part.instrument, rounded_up(loss), rounded_up(part.usd), part.method)
        for part, loss in zip(due, losses, strict=True)
    )


def _unsound(program: MarginProgram, meaning: Meaning) -> tuple[str, ...]:
    """Return the positions of isolated groups whose own collateral does not cover them."""
    out: list[str] = []
    slots = program.tier.slots
    for g in meaning.cover_violations:
        if program.free[g]:
            continue
        for s, hinge in enumerate(meaning.hinge[g]):
            entries = enumerate(program.risk_array[g][s]) if hinge else ()
            places = (program.listing.places[g * slots + i] for i, entry in entries if entry)
            names = {place.instrument.rpartition(COLLATERAL_SUFFIX)[2] for place in places if place is not None}
            out += [name for name in sorted(names) if name not in out]
    return tuple(out)


def book_greeks(snapshot: MarketSnapshot, portfolio: Portfolio) -> list[GreekRow]:
    """Return Greeks by underlying and expiry, each underlying's total last; coin balances count their delta."""
    names = [
        name
        for name in portfolio.quantities
        if COLLATERAL_SUFFIX not in name and name != SETTLEMENT_UNIT and parse_name(name).kind is not Kind.ORDER
    ]
    one = contract_greeks(snapshot, names)
    sums: dict[tuple[str, str], Sequence[float]] = {}
    for place, name in enumerate(names):
        instrument, size = parse_name(name), float(portfolio.quantities[name])
        values = [size * float(part[place]) for part in (one.delta, one.gamma, one.vega, one.theta)]
        expiry = instrument.expiry.date().isoformat() if instrument.expiry else "-"
        for key in ((instrument.underlying, expiry), (instrument.underlying, "all")):
            sums[key] = [a + b for a, b in zip(sums.get(key, [0.0] * 4), values, strict=True)]
    order = sorted(sums, key=lambda key: (key[0], key[1] == "all", key[1]))
    return [GreekRow(u, e, *(_greek(v) for v in sums[u, e])) for u, e in order]


def _greek(value: float) -> Decimal:
    return Decimal(f"{value:.8g}")
