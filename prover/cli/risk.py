"""`margin` and `whatif`: the calculator."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from prover.analytics.liquidation import liquidation_prices as prices_of
from prover.analytics.pictures import KINDS, draw
from prover.analytics.sizing import largest_trade
from prover.cli.options import json_option, path_option, tier_option
from prover.cli.output import emit, note
from prover.compile import choose_tier
from prover.explain import MarginReport, Trade, report, trade_price, what_if
from prover.market.files import load_snapshot
from prover.market.snapshot import MarketSnapshot, Unvalued
from prover.models.base import Model, load_model
from prover.portfolio import Portfolio, load_portfolio, parse_quantity
from verifier.errors import BadInput, ClaimFalse, UsageError
from verifier.tiers import Tier

snapshot_option = path_option("--snapshot", "Market snapshot (CSV or JSON).")
model_option = path_option("--model", "Model parameters (JSON; the field `model` names the model).")
portfolio_option = path_option("--portfolio", "Portfolio (CSV or JSON).")
valuation_option = click.option("--valuation-time", help="ISO 8601 with zone; where the snapshot does not say.")
confidence_option = click.option("--confidence", help="0 to 1; where the snapshot does not say.")


def load_market(snapshot: Path, valuation_time: str | None, confidence: str | None) -> MarketSnapshot:
    """Read a snapshot and say how many quotes were left out."""
    market = load_snapshot(snapshot, valuation_time=valuation_time, confidence=confidence)
    if market.exclusions:
        first = next(iter(market.exclusions.values()))
        count = len(market.exclusions) + len(market.quotes)
        note(
            f"warning: {len(market.exclusions)} of {count} quotes are left out, the first {first.instrument}: "
            f"{first.reason}"
        )
    return market


@contextmanager
def naming(source: Path | str | None, names: Iterable[str]) -> Iterator[None]:
    """Say where an instrument that cannot be valued comes from: the file that holds `names`, or a trade."""
    try:
        yield
    except Unvalued as error:
        where = source if error.instrument in names else f"--trade {error.instrument}"
        raise BadInput(f"{where}: {error}") from None


@click.command()
@snapshot_option
@model_option
@portfolio_option
@valuation_option
@confidence_option
@tier_option("Pad to this tier at least.")
@click.option("--liquidation-prices", is_flag=True, help="Also find where maintenance margin is lost (takes seconds).")
@click.option("--plot", type=click.Path(readable=False, path_type=Path), help="Draw into this file (.png, .svg, .pdf).")
@click.option("--plot-kind", type=click.Choice(KINDS), default="scenarios", show_default=True, help="What to draw.")
@json_option
def margin(
    snapshot: Path,
    model: Path,
    portfolio: Path,
    valuation_time: str | None,
    confidence: str | None,
    tier: Tier | None,
    liquidation_prices: bool,
    plot: Path | None,
    plot_kind: str,
    as_json: bool,
) -> None:
    """Compute a portfolio's margin: initial, maintenance, equity, headroom, worst scenario, scenarios, Greeks.

    A scenario's weighted_pnl_usd is the profit or loss that counts for the initial margin: the factor, the cover of
    extreme moves and the offsets are in it. Greeks are of the whole book, coin balances included (a coin's delta is
    1); the scenarios leave balances out. Contributions are to the initial margin and to the worst scenario's loss: by
    Euler where the figure has a derivative, else the figure with the position less the figure without it. A liquidation
    price is a bracket: maintenance margin is met at the first price, not at the second.

    Exit code 1: the initial margin is not met (the result is printed all the same).
    """
    market, rules, book = _inputs(snapshot, model, portfolio, valuation_time, confidence)
    with naming(book.source, book.quantities):
        made = report(rules, market, book, least=tier)
        fields = report_fields(made)
        if liquidation_prices:
            fields["liquidation_prices"] = _liquidation(rules, market, book, tier)
        if plot is not None:
            draw(plot_kind, rules, market, book, made, plot)
    emit(fields if as_json else shortened(fields), as_json)
    if not made.initial_met:
        raise ClaimFalse("the initial margin is not met; add collateral or reduce risk")


@click.command()
@snapshot_option
@model_option
@portfolio_option
@click.option(
    "--trade",
    "trades",
    multiple=True,
    metavar="INSTRUMENT=QUANTITY[@PRICE]",
    required=True,
    help="A trade to try, signed; paid in cash at PRICE USD a contract, or at its value now.",
)
@valuation_option
@confidence_option
@tier_option("Pad to this tier at least.")
@click.option("--largest", is_flag=True, help="Also find how much more of each could be traded, to the lot.")
@json_option
def whatif(
    snapshot: Path,
    model: Path,
    portfolio: Path,
    trades: tuple[str, ...],
    valuation_time: str | None,
    confidence: str | None,
    tier: Tier | None,
    largest: bool,
    as_json: bool,
) -> None:
    """Show margin before, change and after for trades that are not made.

    The incremental risk charge is what the trades add to the initial margin. --largest: for each instrument by itself,
    the largest quantity in the trade's direction and at its price that keeps the initial margin; one lot more does not.
    """
    market, rules, book = _inputs(snapshot, model, portfolio, valuation_time, confidence)
    with naming(book.source, book.quantities):
        wanted = _trades(trades)
        result = what_if(rules, market, book, wanted, least=tier)
        sizes = _largest(rules, market, book, wanted, tier) if largest else None
    rows = []
    for name in (
        "equity_usd",
        "initial_margin_usd",
        "initial_headroom_usd",
        "maintenance_margin_usd",
        "maintenance_headroom_usd",
    ):
        rows.append(
            {
                "figure": name,
                "before": _text(getattr(result.before, name)),
                "change": _text(result.change(name)),
                "after": _text(getattr(result.after, name)),
            }
        )
    emit(
        {
            "figures": rows,
            "incremental_risk_charge_usd": _text(result.change("initial_margin_usd")),
            **({} if sizes is None else {"largest": sizes}),
            "initial_met_before": result.before.initial_met,
            "initial_met_after": result.after.initial_met,
            "worst_scenario_before": result.before.worst_scenario,
            "worst_scenario_after": result.after.worst_scenario,
        },
        as_json,
    )


SHOWN_ROWS = 30
"""Scenarios that the text output shows: the worst ones; --json has all."""


def shortened(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the worst scenarios only, where there are many."""
    rows = fields["scenarios"]
    if len(rows) <= SHOWN_ROWS:
        return fields
    note(f"the worst {SHOWN_ROWS} of {len(rows)} scenarios are shown; --json has all")
    return {**fields, "scenarios": sorted(rows, key=lambda row: Decimal(row["weighted_pnl_usd"]))[:SHOWN_ROWS]}


def _liquidation(rules: Model, market: MarketSnapshot, book: Portfolio, tier: Tier | None) -> list[dict[str, str]]:
    found = prices_of(rules, market, choose_tier(rules, book.instruments, tier), book)
    return [
        {
            "underlying": one.underlying,
            "index_usd": _text(one.index_usd),
            "down_met_usd": _price(one.down.safe if one.down else None, one.met_now),
            "down_lost_usd": _price(one.down.lost if one.down else None, one.met_now),
            "up_met_usd": _price(one.up.safe if one.up else None, one.met_now),
            "up_lost_usd": _price(one.up.lost if one.up else None, one.met_now),
        }
        for one in found
    ]


def _price(price: Decimal | None, met_now: bool) -> str:
    if not met_now:
        return "lost now"
    return "none" if price is None else f"{price:.4f}"


def _largest(
    rules: Model, market: MarketSnapshot, book: Portfolio, trades: dict[str, Trade], tier: Tier | None
) -> list[dict[str, str]]:
    rows = []
    for name, trade in trades.items():
        price = trade_price(rules, market, name, trade)
        found = largest_trade(rules, market, book, name, buy=trade.quantity >= 0, price_usd=price, least=tier)
        rows.append({"instrument": name, "quantity": _text(found.quantity), "bound": found.bound})
    return rows


def report_fields(made: MarginReport) -> dict[str, Any]:
    """Return a report as printable fields: decimals as strings, units in names."""
    out = asdict(made)
    for name, value in out.items():
        if isinstance(value, Decimal):
            out[name] = _text(value)
        elif isinstance(value, tuple):
            out[name] = [
                {k: _text(v) if isinstance(v, Decimal) else v for k, v in row.items()} if isinstance(row, dict) else row
                for row in value
            ]
    if not out["unsound"]:
        del out["unsound"]
    return out


def _text(value: Decimal) -> str:
    return format(value, "f")


def _trades(texts: tuple[str, ...]) -> dict[str, Trade]:
    trades: dict[str, Trade] = {}
    for text in texts:
        name, separator, rest = text.partition("=")
        if not separator or name in trades:
            raise UsageError(f"--trade {name[:60]!r}: write each instrument once as INSTRUMENT=QUANTITY or with @PRICE")
        quantity, at, price = rest.partition("@")
        where = f"--trade {name[:60]}"
        trades[name] = Trade(parse_quantity(quantity, where), parse_quantity(price, f"{where}, price") if at else None)
    return trades


def _inputs(
    snapshot: Path, model: Path, portfolio: Path, valuation_time: str | None, confidence: str | None
) -> tuple[MarketSnapshot, Model, Portfolio]:
    return load_market(snapshot, valuation_time, confidence), load_model(model), load_portfolio(portfolio)
