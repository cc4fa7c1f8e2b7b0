"""Writes a report's tables into the pages, between markers, and its pictures beside them."""

from pathlib import Path

from scripts.benchmarks import plots, report
from scripts.benchmarks.machine import ROOT
from scripts.benchmarks.sides import BenchError

PAGE = ROOT / "docs" / "performance.md"
FRONT = ROOT / "README.md"
PICTURES = ROOT / "docs" / "pictures"


def write(document: report.Report) -> None:
    """Write the pages and pictures of a report. Raises BenchError where a page lacks a marker or the report a part."""
    if not document["rows"] or not document["memory"]:
        raise BenchError("the pages show a whole run; measure without --only")
    machine = "\n".join(f"- {line}" for line in report.head(document))
    _replace(
        PAGE,
        machine=machine,
        table=report.table(document),
        notes=report.notes(document),
        memory=report.memory_table(document),
    )
    _replace(FRONT, bench=f"{_source(document)}\n\n{report.short_table(document)}")
    plots.draw(document, PICTURES)


def _source(document: report.Report) -> str:
    machine = document["machine"]
    return (
        f"{document['date'][:10]}, {machine['processor']}, {machine['cores']} of its cores for both sides, kernels "
        f"{machine['kernels']}; medians of runs in turns, all of `scripts/bench`:"
    )


def _replace(path: Path, **texts: str) -> None:
    page = path.read_text()
    for name, text in texts.items():
        opening, closing = f"<!-- measured: {name} -->", f"<!-- end of {name} -->"
        before, found, rest = page.partition(opening)
        _, ended, after = rest.partition(closing)
        if not found or not ended:
            raise BenchError(f"{path.name} has no place for {name}: put {opening} and {closing} into it")
        page = f"{before}{opening}\n{text}\n{closing}{after}"
    path.write_text(page)
