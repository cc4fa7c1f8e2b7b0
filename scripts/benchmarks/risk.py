"""Times repricing and recompiling on one core, beside QuantLib in the same run: `scripts/bench --risk`.

Repricing: the 1,328 options of the example chain at 31 price moves, values as Black-76 gives them. QuantLib's
blackFormula is called once for each, as its Python interface asks; both sides' values are compared. Recompiling: market
snapshot to admitted program of a 128-slot tier. QuantLib (BSD) lives in an environment of its own under build/peers.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from prover.compile import choose_tier, compile_program
from prover.market import black76
from prover.market.files import load_snapshot
from prover.market.names import parse_name
from prover.market.snapshot import YEAR_SECONDS
from prover.models.base import load_model
from verifier.program import Purpose
from verifier.tiers import PORTFOLIO

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PEER = ROOT / "build" / "peers" / "quantlib"
PEER_VERSION = "1.44"
MOVES = 31
REPRICE_MS, RECOMPILE_MS = 30.0, 20.0
"""Targets."""

QUANTLIB = """
import json, sys, time
import QuantLib as ql
rows, moves, runs = json.load(open(sys.argv[1])), json.loads(sys.argv[2]), int(sys.argv[3])
black, call, put = ql.blackFormula, ql.Option.Call, ql.Option.Put
def reprice():
    return [black(call if c else put, k, f * (1 + m), v * t ** 0.5, 1.0) for f, k, v, t, c in rows for m in moves]
times = []
for _ in range(runs + 1):
    start = time.perf_counter(); values = reprice(); times.append((time.perf_counter() - start) * 1e3)
print(json.dumps({"ms": times[1:], "values": values}))
"""


def chain() -> tuple[np.ndarray[Any, Any], ...]:
    """Return forward, strike, volatility, years and side of every listed option, quoted or not."""
    text = (EXAMPLES / "market" / "chain_2026-01-01.csv").read_text()
    rows = [line.split(",") for line in text.splitlines() if not line.startswith(("#", "instrument"))]
    market = load_snapshot(EXAMPLES / "market" / "chain_2026-01-01.csv")
    named = [parse_name(row[0]) for row in rows]
    return (
        np.array([float(row[1]) for row in rows]),
        np.array([float(instrument.strike or 1) for instrument in named]),
        np.array([float(row[3]) for row in rows]),
        np.array([market.seconds_to_expiry(instrument) / YEAR_SECONDS for instrument in named]),
        np.array([instrument.is_call for instrument in named]),
    )


def timed(runs: int, call: Callable[[], object]) -> list[float]:
    """Time `call` after one run that does not count, ms."""
    call()
    out = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        out.append((time.perf_counter() - start) * 1e3)
    return out


def quantlib(rows: list[list[Any]], moves: list[float], runs: int) -> dict[str, Any] | None:
    """Return QuantLib's times and values; None where it is not installed."""
    python = PEER / "bin" / "python"
    if not python.is_file():
        return None
    data = ROOT / "build" / "bench"
    data.mkdir(parents=True, exist_ok=True)
    (data / "chain.json").write_text(json.dumps(rows))
    command = [str(python), "-c", QUANTLIB, str(data / "chain.json"), json.dumps(moves), str(runs)]
    out: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return out


def install() -> None:
    """Make the peer's own environment."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEER)], check=True)
    pip = [str(PEER / "bin" / "python"), "-m", "pip", "install", "--quiet", f"QuantLib=={PEER_VERSION}"]
    subprocess.run(pip, check=True)


def main(runs: int, *, install_peers: bool, json_file: Path | None) -> int:
    """Measure, print, and return 1 where a target or the comparison fails."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if install_peers:
        install()
    forward, strike, vol, years, is_call = chain()
    moves = np.linspace(-0.15, 0.15, MOVES)

    def reprice() -> Any:
        moved = forward[:, None] * (1 + moves)
        return black76.price(moved, strike[:, None], vol[:, None], years[:, None], is_call[:, None])

    ours = timed(runs, reprice)
    rows = [
        list(row) for row in zip(*(array.tolist() for array in (forward, strike, vol, years, is_call)), strict=True)
    ]
    peer = quantlib(rows, moves.tolist(), max(3, runs // 3))
    model = load_model(EXAMPLES / "models" / "stress_grid.json")
    market = load_snapshot(EXAMPLES / "market" / "options_2026-01-01.csv")
    names = [line.strip() for line in (EXAMPLES / "listing.txt").read_text().splitlines() if line.strip()]
    layout = choose_tier(model, [name for name in names if not name.startswith("#")], PORTFOLIO)
    recompile = timed(runs, lambda: compile_program(model, market, layout, Purpose.INITIAL))
    agree = None
    if peer is not None:
        gap = np.abs(np.array(peer["values"]) - reprice().ravel()) / np.repeat(forward + strike, MOVES)
        agree = float(gap.max())
    report = {
        "options": len(forward),
        "moves": MOVES,
        "reprice_ms": round(statistics.median(ours), 2),
        "quantlib_ms": round(statistics.median(peer["ms"]), 2) if peer else None,
        "ratio": round(statistics.median(peer["ms"]) / statistics.median(ours), 1) if peer else None,
        "largest_difference": agree,
        "recompile_128_slots_ms": round(statistics.median(recompile), 2),
        "targets": {"reprice_ms": REPRICE_MS, "recompile_ms": RECOMPILE_MS},
    }
    for name, value in report.items():
        print(f"{name}: {'not measured' if value is None else value}")
    if json_file:
        json_file.write_text(json.dumps(report, indent=2) + "\n")
    fast = statistics.median(ours) <= REPRICE_MS and statistics.median(recompile) <= RECOMPILE_MS
    return 0 if fast and (agree is None or agree < 1e-9) else 1
