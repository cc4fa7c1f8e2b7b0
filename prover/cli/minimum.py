"""`minimum`: the theoretical minimum margin of a book, and its curve along one setting."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from prover import plots
from prover.cli.options import json_option, purpose_of, purpose_option, ratio_option, tier_option
from prover.cli.output import emit
from prover.cli.risk import (
    confidence_option,
    load_market,
    model_option,
    naming,
    portfolio_option,
    snapshot_option,
    valuation_option,
)
from prover.market.decimals import plain_decimal
from prover.minimum.minimum import CurvePoint, Minimum, curve, minimum
from prover.minimum.settings import AXES, Settings
from prover.models.base import load_model
from prover.portfolio import load_portfolio
from verifier.errors import BadInput, UsageError
from verifier.files import write_text_atomic
from verifier.tiers import Tier

MAX_POINTS = 1000
_SETTINGS = {
    "volatility": "Volatility of every price, a year (1 = 100 %).",
    "correlation": "Correlation between the prices of any two underlyings.",
    "measure-confidence": "Confidence of value at risk or expected shortfall.",
    "risk-aversion": "Take the exponential spectral measure with this absolute risk aversion.",
    "horizon": "Horizon, days.",
    "notional": "Scale the derivatives to this notional, USD.",
    "leverage": "Scale the derivatives to this many times what the balances count.",
}
_OPTION_OF_AXIS = {axis: axis.replace("_", "-") for axis in AXES} | {"confidence": "measure-confidence"}


def _settings_options(command: Any) -> Any:
    for name, text in reversed(_SETTINGS.items()):
        command = click.option(f"--{name}", metavar="NUMBER", help=text)(command)
    return command


@click.command("minimum")
@snapshot_option
@model_option
@portfolio_option
@_settings_options
@click.option(
    "--curve",
    "curve_text",
    metavar="SETTING=FROM:TO:POINTS",
    help="Vary one setting in equal steps, both ends included.",
)
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(readable=False, path_type=Path),
    help="Also write the result as CSV, a row a point.",
)
@click.option("--plot", type=click.Path(readable=False, path_type=Path), help="Draw the curve (.png, .svg, .pdf).")
@purpose_option
@ratio_option
@valuation_option
@confidence_option
@tier_option("Pad to this tier at least.")
@json_option
def minimum_margin(
    snapshot: Path,
    model: Path,
    portfolio: Path,
    curve_text: str | None,
    csv_file: Path | None,
    plot: Path | None,
    purpose: str,
    ratio_bps: str,
    valuation_time: str | None,
    confidence: str | None,
    tier: Tier | None,
    as_json: bool,
    **settings: str | None,
) -> None:
    """Compute the theoretical minimum margin of a book, and the least collateral at which a proof of it exists.

    The cash that the book holds is left out. minimum_collateral is in the program's money units and exact: with it as
    vault balance a proof exists, with one unit less none does; minimum_cash_usd is the same for cash inside the private
    book. The settings other than notional and leverage need the model `greeks`.
    """
    if plot is not None and curve_text is None:
        raise UsageError("--plot draws a curve; name it with --curve")
    market = load_market(snapshot, valuation_time, confidence)
    rules, book = load_model(model), load_portfolio(portfolio)
    chosen = Settings(**{a: _number(settings[o.replace("-", "_")], f"--{o}") for a, o in _OPTION_OF_AXIS.items()})
    options: dict[str, Any] = {"purpose": purpose_of(purpose), "ratio_bps": int(ratio_bps), "least": tier}
    with naming(book.source, book.quantities):
        if curve_text is None:
            one = minimum(rules, market, book, chosen, **options)
            shown, rows = _fields(one), [_fields(one)]
        else:
            axis, values = parse_curve(curve_text)
            points = curve(rules, market, book, axis, values, chosen, **options)
            rows = _rows(axis, points)
            shown = {"curve": rows}
            if plot is not None:
                _draw(axis, points, plot)
    if csv_file is not None:
        write_text_atomic(csv_file, _csv(rows))
    emit(shown, as_json)


_UNITS = {
    "volatility": "volatility, a year (1 = 100 %)",
    "correlation": "correlation",
    "confidence": "confidence",
    "risk_aversion": "absolute risk aversion",
    "horizon": "horizon, days",
    "notional": "notional, USD",
    "leverage": "leverage",
}


def _draw(axis: str, points: Sequence[CurvePoint], path: Path) -> None:
    due = [float(point.minimum.requirement_usd) for point in points]
    names = (_UNITS[axis], "theoretical minimum margin, USD")
    plots.curve(
        [float(point.value) for point in points], due, names, f"Minimum margin by {names[0].split(',')[0]}", path
    )


def parse_curve(text: str) -> tuple[str, list[Decimal]]:
    """Return the axis and the values that SETTING=FROM:TO:POINTS names; raises UsageError."""
    name, _, rest = text.partition("=")
    axis = {option: axis for axis, option in _OPTION_OF_AXIS.items()}.get(name, name)
    parts = rest.split(":")
    if axis not in AXES:
        raise UsageError(f"--curve {name[:40]!r} is no setting; take one of {', '.join(_SETTINGS)}")
    if len(parts) != 3 or not parts[2].isdecimal() or not 2 <= int(parts[2]) <= MAX_POINTS:
        raise UsageError(f"--curve {name}: write it like {name}=0.2:1.5:14, with 2 to {MAX_POINTS} points")
    low, high = (_number(part, f"--curve {name}") for part in parts[:2])
    assert low is not None and high is not None
    count = int(parts[2])
    step = (high - low) / (count - 1)
    return axis, [(low + step * k).quantize(Decimal("1e-9")).normalize() for k in range(count - 1)] + [high]


def _number(text: str | None, where: str) -> Decimal | None:
    if text is None:
        return None
    value = plain_decimal(text)
    if value is None or not value.is_finite() or abs(value) > 10**18:
        raise BadInput(f"{where}: {text[:40]!r} is no plain number")
    return value


def _fields(made: Minimum) -> dict[str, Any]:
    """Return printable fields: decimals and integers beyond a double's range as strings."""
    out = asdict(made)
    for name, value in out.items():
        if isinstance(value, Decimal):
            out[name] = format(value, "f")
        elif isinstance(value, int):
            out[name] = str(value)
    return out


def _rows(axis: str, points: Sequence[CurvePoint]) -> list[dict[str, Any]]:
    return [{axis: format(point.value, "f"), **_fields(point.minimum)} for point in points]


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
