"""Compares slither's findings with the answers in docs/analysis.md: each finding has one, each answer a finding.

`findings.py REPORT.json PAGE.md`; prints what is missing and exits with 1.
"""

import json
import sys
from pathlib import Path

EVERYWHERE = "everywhere"


def found(report: Path) -> set[tuple[str, str]]:
    """Return (detector, place) of each finding; a place is `File.function`, or `File.function.variable`."""
    out = set()
    for finding in json.loads(report.read_text(encoding="utf-8"))["results"]["detectors"]:
        element = finding["elements"][0]
        file = Path(element["source_mapping"]["filename_relative"]).stem
        parent = element.get("type_specific_fields", {}).get("parent", {}).get("name", file)
        out.add((finding["check"], ".".join(dict.fromkeys((file, parent, element["name"])))))
    return out


def answered(page: Path) -> set[tuple[str, str]]:
    """Return the first two columns of the page's table of findings, one pair a place."""
    rows = [line.split("|") for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {(row[1].strip(" `"), place.strip(" `")) for row in rows for place in row[2].split(",")}


def main() -> int:
    findings, answers = found(Path(sys.argv[1])), answered(Path(sys.argv[2]))
    wide = {detector for detector, place in answers if place == EVERYWHERE}
    open_ones = {pair for pair in findings if pair not in answers and pair[0] not in wide}
    detectors = {detector for detector, _ in findings}
    stale = {pair for pair in answers if (pair[0] not in detectors if pair[0] in wide else pair not in findings)}
    for what, pairs in (("without an answer", open_ones), ("answered, but not found any more", stale)):
        for detector, place in sorted(pairs):
            print(f"{what}: {detector} at {place}")
    print(f"slither: {len(findings)} findings, {len(findings - open_ones)} answered in {sys.argv[2]}")
    return 1 if open_ones or stale else 0


if __name__ == "__main__":
    sys.exit(main())
