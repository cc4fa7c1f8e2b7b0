"""Pictures of a margin: scenarios, profit by price, the tail with its proven bound, a curve; as PNG, SVG or PDF.

matplotlib is loaded when a picture is made (the extra `plots`). Every axis has its unit; colours keep apart without
red and green.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from verifier.errors import BadInput, MissingTool
from verifier.files import check_writable, write_bytes_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".svg", ".pdf")
_SIZE = (9.0, 5.5)
_DPI = 130


@dataclass(frozen=True)
class Matrix:
    """Profit and loss by price move and volatility move, USD; None where there is no such scenario."""

    prices: tuple[str, ...]
    volatilities: tuple[str, ...]
    pnl: tuple[tuple[float | None, ...], ...]
    """A row a price, a column a volatility."""


def matrix_of(rows: Sequence[tuple[str, Decimal]]) -> Matrix | None:
    """Return the matrix of scenarios that are labelled "price part, volatility part"; None where none are."""
    cells: dict[tuple[str, str], float] = {}
    for label, value in rows:
        price, comma, volatility = label.partition(", ")
        if comma:
            cells[price, volatility] = float(value)
    prices, volatilities = (tuple(dict.fromkeys(key[k] for key in cells)) for k in (0, 1))
    if len(prices) < 2 or len(volatilities) < 2:
        return None
    return Matrix(prices, volatilities, tuple(tuple(cells.get((p, v)) for v in volatilities) for p in prices))


def heatmap(matrix: Matrix, title: str, path: Path) -> None:
    """Draw profit and loss by price and volatility."""
    values = np.array([[np.nan if cell is None else cell for cell in row] for row in matrix.pnl])
    most = float(np.nanmax(np.abs(values))) or 1.0
    figure, axes = _canvas(title)
    image = axes.imshow(values, cmap="PuOr", vmin=-most, vmax=most, aspect="auto")
    axes.set_xticks(range(len(matrix.volatilities)), matrix.volatilities)
    axes.set_yticks(range(len(matrix.prices)), matrix.prices)
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            shade = "white" if abs(value) > 0.6 * most else "black"
            axes.text(column, row, f"{value:,.0f}", ha="center", va="center", color=shade, fontsize=9)
    figure.colorbar(image, ax=axes, label="weighted profit and loss, USD")
    _write(figure, path)


def profit_by_price(
    prices: Sequence[float], profit: Sequence[float], requirement: float, title: str, path: Path, underlying: str
) -> None:
    """Draw the book's profit by an underlying's price, all else equal, with the requirement as a line."""
    figure, axes = _canvas(title)
    axes.plot(prices, profit, color="#4b2e83", linewidth=2, label="profit and loss")
    axes.axhline(-requirement, color="#c4610a", linestyle="--", label="initial margin")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlabel(f"{underlying} index price, USD")
    axes.set_ylabel("profit and loss, USD")
    axes.legend()
    axes.grid(alpha=0.3)
    _thousands(axes)
    _write(figure, path)


def tail_histogram(losses: Sequence[float], bound: float, title: str, path: Path) -> None:
    """Draw how often which loss occurs among the scenarios, and the bound that a proof shows."""
    figure, axes = _canvas(title)
    _, edges, patches = axes.hist(losses, bins=50, color="#b8b2cc", edgecolor="white")
    for patch, edge in zip(patches, edges, strict=False):
        if edge >= bound:
            patch.set_facecolor("#c4610a")
    axes.axvline(bound, color="#c4610a", linestyle="--", label=f"initial margin, proven: {bound:,.0f} USD")
    axes.set_xlabel("loss in a scenario as it counts, USD (gains are negative)")
    axes.set_ylabel("scenarios")
    axes.legend()
    axes.xaxis.set_major_formatter("{x:,.0f}")
    _write(figure, path)


def curve(x: Sequence[float], y: Sequence[float], names: tuple[str, str], title: str, path: Path) -> None:
    """Draw one figure against another; `names`: what stands on the axes, with units."""
    figure, axes = _canvas(title)
    axes.plot(x, y, color="#4b2e83", linewidth=2, marker="o", markersize=4)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.grid(alpha=0.3)
    _thousands(axes)
    _write(figure, path)


def check_plot_path(path: Path) -> None:
    """Refuse a file name that no picture can have, before anything is computed."""
    if path.suffix.lower() not in SUFFIXES:
        raise BadInput(f"{path}: a picture's name ends in {', '.join(SUFFIXES)}")
    check_writable(path)


def _canvas(title: str):  # type: ignore[no-untyped-def]
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  slow to load, and optional
    except ImportError:
        raise MissingTool('matplotlib is missing; install it with `pip install "zkmargin[plots]"`') from None
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    return figure, axes


def _thousands(axes: "Axes") -> None:
    axes.yaxis.set_major_formatter("{x:,.0f}")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_formatter("{x:,.0f}" if high - low > 50 else "{x:g}")


def _write(figure, path: Path) -> None:  # type: ignore[no-untyped-def]
    """Write the picture all or not at all."""
    check_plot_path(path)
    image = io.BytesIO()
    form = path.suffix.lower().removeprefix(".")
    figure.savefig(image, format=form, metadata={"Date": None} if form == "svg" else None)
    write_bytes_atomic(path, image.getvalue())
