"""What a verb says: the result on standard output, progress and notes on standard error."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

PLAIN_WIDTH = 200
"""Columns of a table that goes to a file or a pipe."""


def emit(data: Mapping[str, Any], as_json: bool) -> None:
    """Print a result: one JSON object, or a line a field with nested tables."""
    if as_json:
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        sys.stdout.flush()
        return
    for name, value in data.items():
        _field(name, value)


def _field(name: str, value: Any) -> None:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        from rich.console import Console  # noqa: PLC0415  slow to load
        from rich.table import Table  # noqa: PLC0415  slow to load

        results = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        table = Table(title=name, title_justify="left", box=None, pad_edge=False)
        for column in value[0]:
            table.add_column(str(column), justify="left" if isinstance(value[0][column], str) else "right")
        for row in value:
            table.add_row(*(_plain(cell) for cell in row.values()))
        results.print(table)
    elif isinstance(value, Mapping):
        print(f"{name}:")
        for key, entry in value.items():
            print(f"  {key}: {_plain(entry)}")
    else:
        print(f"{name}: {_plain(value)}")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(entry) for entry in value) or "-"
    return str(value)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a spinner with elapsed time on standard error while the body runs; a plain line where it is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        note(f"{title} ...")
        yield
        return
    from rich.console import Console  # noqa: PLC0415  slow to load
    from rich.progress import (  # noqa: PLC0415  slow to load
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(title, total=None)
        yield


def note(text: str) -> None:
    """A line for people on standard error."""
    if sys.stderr is not None:
        print(text, file=sys.stderr)
