"""Pictures of a report: time and memory against the size of the circuit (SVG, the same bytes for the same figures)."""

import io
from pathlib import Path
from typing import Any

from verifier.errors import MissingTool
from verifier.files import write_bytes_atomic

STYLES = (
    ("zkmargin", "#4b2e83", "o"),
    ("zkmargin, the same with AVX2", "#7757b0", "s"),
    ("zkmargin, the same, portable", "#b3a3d6", "s"),
    ("rapidsnark", "#c4610a", "^"),
    ("gnark", "#1f77b4", "D"),
    ("groth16py", "#7f7f7f", "v"),
    ("snarkjs", "#222222", "x"),
)
SIZE = (8.0, 5.0)
Series = dict[str, list[tuple[int, float]]]


def draw(report: dict[str, Any], folder: Path) -> None:
    """Draw both pictures into a folder. Raises MissingTool without matplotlib (the extra `plots`)."""
    folder.mkdir(parents=True, exist_ok=True)
    _draw(times(report), "a proof, ms (median, 2 cores)", folder / "proving_time.svg")
    _draw(memory(report), "most memory of the process, MiB", folder / "proving_memory.svg")


def times(report: dict[str, Any]) -> Series:
    """Return constraints and milliseconds by prover; ours is the median beside rapidsnark."""
    out: Series = {}
    for row in report["rows"]:
        if row["part"] not in ("prove", "slower"):
            continue
        rows = report["circuits"][row["tier"]]["constraints"]
        peer = row["peer"].split(",")[0].split()[0]
        mine = "zkmargin" if row["part"] == "prove" else f"zkmargin, {row['what']}"
        if peer == "rapidsnark" and row["ours"]:
            out.setdefault(mine, []).append((rows, row["ours_median"]))
        if row["part"] == "prove" and row["theirs"]:
            out.setdefault(peer, []).append((rows, row["theirs_median"]))
    return out


def memory(report: dict[str, Any]) -> Series:
    """Return constraints and MiB by prover, ours with the default budget of tables."""
    out: Series = {}
    for taken in report["memory"]:
        if taken["budget_mib"] == report["table_memory_mib"]:
            rows = report["circuits"][taken["tier"]]["constraints"]
            out.setdefault("zkmargin", []).append((rows, taken["peak"] / (1 << 20)))
    for row in report["rows"]:
        if row["part"] == "prove" and row["peer_memory"]:
            rows = report["circuits"][row["tier"]]["constraints"]
            out.setdefault(row["peer"].split(",")[0].split()[0], []).append((rows, row["peer_memory"] / (1 << 20)))
    return out


def _draw(series: Series, what: str, path: Path) -> None:
    try:
        import matplotlib as mpl  # noqa: PLC0415  slow to load, and optional
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise MissingTool('matplotlib is missing; install it with `pip install "zkmargin[plots]"`') from None
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    for name, colour, marker in STYLES:
        if name in series:
            points = sorted(series[name])
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=name)
    axes.set_xlabel("constraints of the circuit")
    axes.set_ylabel(what)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    image = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "zkmargin", "svg.fonttype": "none"}):
        figure.savefig(image, format="svg", metadata={"Date": None, "Creator": None})
    write_bytes_atomic(path, image.getvalue())
