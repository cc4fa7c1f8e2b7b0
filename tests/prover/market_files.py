"""Snapshots and models for the tests: rows with the columns of the real file, and the real file itself."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from prover.market.files import load_snapshot
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Model, load_model
from prover.models.stress_grid import StressGrid
from verifier.files import read_json

EXAMPLES = Path(__file__).parents[2] / "examples"
SNAPSHOT = EXAMPLES / "market" / "options_2026-01-01.csv"
MODEL = EXAMPLES / "models" / "stress_grid.json"
TIME = "2026-01-01T09:10:00Z"
COLUMNS = (
    "instrument",
    "forward",
    "index_price",
    "mark_iv",
    "mark_price_coin",
    "bid_coin",
    "ask_coin",
    "timestamp",
    "confidence",
)
CALL = "BTC-27MAR26-100000-C"


def row(instrument: str = CALL, **changes: str) -> dict[str, str]:
    """Return one sound quote with some fields changed."""
    sound = {
        "instrument": instrument,
        "forward": "88000",
        "index_price": "87800",
        "mark_iv": "0.45",
        "mark_price_coin": "0.03" if instrument == CALL else "",
        "bid_coin": "0.029",
        "ask_coin": "0.031",
        "timestamp": "",
        "confidence": "",
    }
    return sound | changes


def csv_text(rows: Iterable[Mapping[str, str]], head: str = f"# valuation_time={TIME}\n# confidence=1\n") -> str:
    """Return rows as a snapshot file."""
    lines = [",".join(entry[column] for column in COLUMNS) for entry in rows]
    return head + ",".join(COLUMNS) + "\n" + "".join(f"{line}\n" for line in lines)


def snapshot_of(folder: Path, *rows: Mapping[str, str], **given: Any) -> MarketSnapshot:
    """Write rows to a file in `folder` and load it."""
    path = folder / "snapshot.csv"
    path.write_text(csv_text(rows))
    return load_snapshot(path, **given)


@cache
def real_snapshot() -> MarketSnapshot:
    """The example's market: listed options of 2026-01-01."""
    return load_snapshot(SNAPSHOT)


def parameters(**changes: Any) -> dict[str, Any]:
    """Return the example's parameters as a document with some fields changed."""
    document: dict[str, Any] = read_json(MODEL)
    del document["model"]
    return document | changes


def stress_grid(**changes: Any) -> StressGrid:
    """Return the example's model with some parameters changed."""
    return StressGrid.load(parameters(**changes), "parameters")


def example_model() -> Model:
    """Return the model of the example file."""
    return load_model(MODEL)
