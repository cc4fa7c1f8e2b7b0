"""What a verb says: the result on standard output, progress and notes on standard error."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console

notes = Console(stderr=True, highlight=False, soft_wrap=True)
results = Console(highlight=False, soft_wrap=True, width=None if sys.stdout and sys.stdout.isatty() else 200)


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
        from rich.table import Table  # noqa: PLC0415  slow to load

        table = Table(title=name, title_justify="left", box=None, pad_edge=False)
        for column in value[0]:
            table.add_column(str(column), justify="left" if isinstance(value[0][column], str) else "right")
        for row in value:
            table.add_row(*(_plain(cell) for cell in row.values()))
        results.print(table)
    elif isinstance(value, Mapping):
        results.print(f"{name}:", markup=False)
        for key, entry in value.items():
            results.print(f"  {key}: {_plain(entry)}", markup=False)
    else:
        results.print(f"{name}: {_plain(value)}", markup=False)


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
    if not notes.is_terminal:
        notes.print(f"{title} ...", markup=False)
        yield
        return
    from rich.progress import (  # noqa: PLC0415  slow to load
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        progress.add_task(title, total=None)
        yield


def note(text: str) -> None:
    """A line for people on standard error."""
    notes.print(text, markup=False)
