"""A market that moves: the example snapshot with every price of one underlying scaled and the clock advanced.

Volatilities stay, the source's marks are dropped: options are priced by the model from forward and volatility. Bids
and asks stay as they are; the model only wants that there are some.
"""

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from prover.market.files import load_snapshot
from prover.market.snapshot import MarketSnapshot
from verifier.files import read_text, write_text_atomic

_PRICES = ("forward", "index_price")
_MARK = "mark_price_coin"


def moved_snapshot(source: Path, target: Path, factor: Decimal, later: timedelta) -> MarketSnapshot:
    """Write `source` with prices times `factor`, `later`, to `target`, and read it as a snapshot."""
    lines = read_text(source).splitlines()
    head = [line for line in lines if line.startswith("#")]
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    out = io.StringIO()
    for line in head:
        out.write(_later(line, later) + "\n")
    writer = csv.DictWriter(out, fieldnames=list(rows.fieldnames or ()), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row | {name: str(Decimal(row[name]) * factor) for name in _PRICES} | {_MARK: ""})
    write_text_atomic(target, out.getvalue())
    return load_snapshot(target)


def _later(line: str, later: timedelta) -> str:
    key, _, value = line.partition("=")
    if not key.endswith("valuation_time"):
        return line
    time = datetime.fromisoformat(value.replace("Z", "+00:00")) + later
    return f"{key}={time.isoformat().replace('+00:00', 'Z')}"
