"""`compare`: one book under several models and architectures."""

from pathlib import Path
from typing import Any

import click

from prover.cli.options import json_option
from prover.cli.output import emit, step
from prover.cli.risk import confidence_option, load_market, portfolio_option, snapshot_option, valuation_option
from prover.compare import Comparison, compare
from prover.models.base import load_model
from prover.portfolio import load_portfolio


@click.command("compare")
@snapshot_option
@portfolio_option
@click.option(
    "--model",
    "models",
    type=click.Path(readable=False, path_type=Path),
    multiple=True,
    required=True,
    help="Model parameters (JSON); repeat it for each model.",
)
@valuation_option
@confidence_option
@json_option
def compare_models(
    snapshot: Path,
    portfolio: Path,
    models: tuple[Path, ...],
    valuation_time: str | None,
    confidence: str | None,
    as_json: bool,
) -> None:
    """Show one book under several models, each as portfolio, cross and isolated margin.

    Portfolio: the whole book, by the integer program that a proof would hold. Cross: each underlying by itself.
    Isolated: each position by itself. A model that cannot margin the book says why in the column refusal.
    """
    market = load_market(snapshot, valuation_time, confidence)
    book = load_portfolio(portfolio)
    loaded = [(path.stem, load_model(path)) for path in models]
    with step("comparing"):
        rows = compare(loaded, market, book)
    emit({"comparison": [_row(row) for row in rows]}, as_json)


def _row(row: Comparison) -> dict[str, Any]:
    out: dict[str, Any] = {"model": row.model, "architecture": row.architecture, "tier": row.tier}
    for name in ("equity_usd", "initial_margin_usd", "maintenance_margin_usd", "initial_headroom_usd"):
        value = getattr(row, name)
        out[name] = "-" if value is None else format(value, "f")
    return out | {"refusal": row.refusal or "-"}
