"""The watcher: thresholds, files that are replaced, streams, proofs that are due."""

import json
import socket
import threading
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from prover.analytics.moves import moved
from prover.explain import report
from prover.minimum.minimum import minimum
from prover.models.base import load_model
from prover.portfolio import load_portfolio
from prover.watching.events import Watcher
from prover.watching.sources import snapshots_of_file, snapshots_of_socket
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.errors import BadInput
from verifier.program import Purpose

GRID = load_model(EXAMPLES / "models" / "stress_grid.json")
DESK = load_portfolio(EXAMPLES / "portfolios" / "desk.csv")
MARKET = EXAMPLES / "market" / "options_2026-01-01.csv"


def test_figures_are_those_of_the_report() -> None:
    seen, made = Watcher(GRID, DESK).see(real_snapshot()), report(GRID, real_snapshot(), DESK)
    assert seen.equity_usd == made.equity_usd
    assert seen.margin_usd == {
        Purpose.INITIAL: made.initial_margin_usd,
        Purpose.MAINTENANCE: made.maintenance_margin_usd,
    }
    assert seen.headroom_usd[Purpose.INITIAL] == made.initial_headroom_usd
    assert seen.crossings == ()


def test_the_theoretical_minimum_follows_each_snapshot() -> None:
    model = load_model(EXAMPLES / "models" / "greeks.json")
    watcher, there = Watcher(model, DESK), moved(real_snapshot(), "BTC", Decimal("1.05"))
    seen = [watcher.see(market) for market in (real_snapshot(), there)]
    for market, figures in zip((real_snapshot(), there), seen, strict=True):
        for purpose in Purpose:
            assert figures.minimum_cash_usd[purpose] == minimum(model, market, DESK, purpose=purpose).minimum_cash_usd
    assert seen[0].minimum_cash_usd != seen[1].minimum_cash_usd
    isolated = load_model(EXAMPLES / "models" / "stress_grid_isolated.json")  # cash covers no isolated position
    assert set(Watcher(isolated, DESK).see(there).minimum_cash_usd.values()) == {None}


def test_a_threshold_is_reported_when_it_is_crossed_and_not_again() -> None:
    watcher = Watcher(GRID, DESK, (Decimal(0), Decimal(100_000)))
    there = moved(real_snapshot(), "BTC", Decimal("1.9"))
    crossed = [
        [(c.purpose.name, int(c.threshold_usd), c.below) for c in watcher.see(market).crossings]
        for market in (real_snapshot(), there, there, real_snapshot())
    ]
    assert crossed[0] == crossed[2] == []
    assert crossed[1] and {below for _, _, below in crossed[1]} == {True}
    assert crossed[3] == [(purpose, threshold, False) for purpose, threshold, _ in crossed[1]]


def test_a_replaced_file_is_read_again_and_a_half_written_one_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "market.csv"
    text = MARKET.read_text()
    path.write_text(text)
    source = snapshots_of_file(path, valuation_time=None, confidence=None)
    first = next(source)
    path.write_text(text[: len(text) // 2] + '\n"')
    other = text.replace("2026-01-01T09:10:00Z", "2026-01-01T09:11:00Z")

    def replace() -> None:
        new = tmp_path / "new.csv"
        new.write_text(other)
        new.replace(path)

    timer = threading.Timer(0.7, replace)
    timer.start()
    second = next(source)
    timer.join()
    assert (second.valuation_time - first.valuation_time).total_seconds() == 60
    with pytest.raises(BadInput):
        next(snapshots_of_file(tmp_path / "nothing.csv", valuation_time=None, confidence=None))


@pytest.fixture
def stream() -> Iterator[str]:
    """A server that sends two snapshots and a line that is none."""
    quote = {
        "instrument": "BTC-27MAR26-100000-C",
        "forward": "88000",
        "index_price": "87800",
        "mark_iv": "0.45",
        "bid_coin": "0.03",
        "ask_coin": "0.05",
    }
    lines = [{"valuation_time": f"2026-01-01T09:1{n}:00Z", "confidence": "1", "quotes": [quote]} for n in range(2)]
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall("".join(json.dumps(line) + "\n" for line in lines).encode() + b"{}\n")

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    thread.join()
    server.close()


def test_a_stream_gives_a_snapshot_a_line(stream: str) -> None:
    source = snapshots_of_socket(stream, confidence=None)
    found = list(islice(source, 2))
    assert [len(snapshot.quotes) for snapshot in found] == [1, 1]
    with pytest.raises(BadInput, match="line 3"):
        next(source)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "unix:/nowhere", "http://127.0.0.1:80", "tcp://127.0.0.1:99999"]
)
def test_an_address_where_nothing_answers_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="stream"):
        next(snapshots_of_socket(address, confidence=None))
