"""Where new snapshots come from: a file that somebody replaces, or a stream of lines on a socket."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

from prover.market.files import load_snapshot, parse_snapshot
from prover.market.snapshot import MarketSnapshot
from verifier.errors import BadInput

_POLL_SECONDS = 0.2
_LONGEST_LINE = 64 << 20
"""Bytes: a snapshot of a whole venue has well below a million."""


def snapshots_of_file(path: Path, *, valuation_time: str | None, confidence: str | None) -> Iterator[MarketSnapshot]:
    """Yield the snapshot in a file now, and again each time the file is replaced or written; never ends by itself.

    A half-written file is read again until it is whole; BadInput is raised for the first one only.
    """
    seen: tuple[int, int, int] | None = None
    first = True
    while True:
        stamp = _stamp(path)
        if first or stamp != seen:
            try:
                yield load_snapshot(path, valuation_time=valuation_time, confidence=confidence)
                first, seen = False, stamp
            except BadInput:
                if first:
                    raise
        time.sleep(_POLL_SECONDS)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def snapshots_of_socket(address: str, *, confidence: str | None) -> Iterator[MarketSnapshot]:
    """Yield the snapshots that a server sends: one JSON object a line, as in snapshot files; ends when it closes.

    address: tcp://HOST:PORT or unix:PATH. Raises BadInput where nothing answers and for a line that is no snapshot.
    """
    with _connect(address) as connection, connection.makefile("rb") as lines:
        for number in range(1, 1 << 62):
            line = lines.readline(_LONGEST_LINE)
            if not line:
                return
            where = f"{address}, line {number}"
            try:
                text = line.decode()
            except UnicodeDecodeError:
                raise BadInput(f"{where}: it is no text; send one snapshot a line, as JSON") from None
            yield parse_snapshot(text, where, confidence=confidence)


def _connect(address: str) -> socket.socket:
    try:
        if address.startswith("unix:"):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(address.removeprefix("unix:"))
            return connection
        parts = urlparse(address)
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return socket.create_connection((parts.hostname, parts.port))
    except (OSError, ValueError) as error:
        raise BadInput(f"{address}: nothing answers there ({error}); start the stream first") from None
    raise BadInput(f"{address}: write the address of a stream as tcp://HOST:PORT or unix:PATH")
