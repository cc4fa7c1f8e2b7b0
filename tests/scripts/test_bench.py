"""The bench: what it measures has the shape that the pages take, and nothing passes that was not measured."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.benchmarks import pages, plots, report
from scripts.benchmarks.measure import LEAST_PAIRS, Plan, Row, in_turns
from scripts.benchmarks.sides import BenchError, Turns

ROOT = Path(__file__).resolve().parents[2]
ROW = Row("prove", "prove a witness, key loaded", "grid", [30.0, 10.0, 20.0], "rapidsnark, whole process")


class Recorded:
    """A side that writes down when it runs."""

    def __init__(self, name: str, runs: list[str]) -> None:
        self.name, self.runs = name, runs

    def ms(self) -> float:
        self.runs.append(self.name)
        return float(len(self.runs))

    def peak_memory(self) -> int | None:
        return None


def document() -> dict:
    """A report with one measured row and one of a missing peer."""
    rows = [replace(ROW, theirs=[200.0], least_ratio=10.0, peer_memory=5 << 20, note="a note"), ROW]
    size = {"constraints": 13_336, "public_signals": 2_994, "wires": 16_000, "domain_log2": 14}
    taken = {"tier": "grid", "budget_mib": 96, "table_bytes": 1 << 20, "before_load": 1 << 20, "after_load": 2 << 20}
    machine = {"processor": "P", "cores": 2, "processors_of_machine": 4, "kernels": "portable", "load_before": 0.1}
    return {
        "date": "2026-01-01T00:00:00+00:00",
        "commit": "abc",
        "version": "1",
        "machine": {**machine, "system": "Linux", "python": "3.11"},
        "peers": {"snarkjs": "0.7.6", "gnark": None},
        "table_memory_mib": 96,
        "rows": [row.as_dict() for row in rows],
        "memory": [{**taken, "peak": 3 << 20, "ms": [3.0, 1.0]}],
        "circuits": {"grid": size},
    }


@pytest.mark.slow
def test_a_run_writes_all_figures_and_a_missing_peer_misses_its_target(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    command = [ROOT / "scripts" / "bench", "--only", "one_shot", "--only", "load", "--tier", "grid", "--runs", "1"]
    done = subprocess.run([*command, "--json", out], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "not measured" in done.stdout
    found = json.loads(out.read_text())
    assert found["format"] == "zkmargin-bench"
    assert found["machine"]["cores"] <= 2
    assert found["machine"]["kernels"] in ("AVX-512 IFMA", "AVX2", "portable")
    assert found["circuits"]["grid"]["domain_log2"] == 14
    shot, *loads = found["rows"]
    assert (shot["part"], shot["theirs"], shot["ratio"], shot["met"]) == ("one_shot", [], None, False)
    assert [row["part"] for row in loads] == ["load"] * 4
    assert loads[0]["tier"] == "grid"
    for row in found["rows"]:
        assert len(row["ours"]) == 1 and row["ours"][0] == row["ours_median"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "nothing"], "--only nothing: there is no such one"),
        (["--tier", "huge"], "--tier huge: there is no such one"),
        (["--rapidsnark", "/missing/prover"], "/missing/prover is missing"),
        (["--from", "/missing/bench.json"], "/missing/bench.json"),
        (["--from", "circuits/package.json"], "is no report of this script"),
    ],
)
def test_a_wrong_argument_is_one_sentence(arguments: list[str], said: str) -> None:
    command = [ROOT / "scripts" / "bench", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_sides_run_in_turns_after_one_run_that_does_not_count() -> None:
    runs: list[str] = []
    ours, theirs = in_turns(Plan(pairs=2), Recorded("ours", runs), Recorded("peer", runs))
    assert runs == ["ours", "peer"] * 3
    assert (ours, theirs) == ([3.0, 5.0], [4.0, 6.0])


def test_slow_sides_still_make_three_pairs() -> None:
    runs: list[str] = []
    (samples,) = in_turns(Plan(pairs=9, seconds=0.0), Recorded("ours", runs))
    assert len(samples) == LEAST_PAIRS


def test_a_ratio_is_of_medians_and_every_target_counts() -> None:
    measured = replace(ROW, theirs=[90.0, 100.0, 500.0])
    assert measured.ratio == 5.0
    assert measured.met is None
    assert replace(measured, least_ratio=5.0).met
    assert not replace(measured, least_ratio=5.1).met
    assert replace(measured, most_ms=20.0).met
    assert not replace(measured, least_ratio=5.0, most_ms=19.9).met


def test_a_target_that_was_not_measured_is_not_met() -> None:
    assert replace(ROW, least_ratio=0.1).met is False
    assert replace(ROW, ours=[], most_ms=1e9).met is False
    assert report.NOT_MEASURED in report.table(document())


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(BenchError, match="bash failed: because"):
        Turns(["bash", "-c", "echo because >&2; exit 3"])


def test_pages_take_the_tables_between_their_markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGE", "FRONT"):
        copy = tmp_path / getattr(pages, name).name
        copy.write_text(getattr(pages, name).read_text())
        monkeypatch.setattr(pages, name, copy)
    monkeypatch.setattr(pages, "PICTURES", tmp_path)
    pages.write(document())
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    pages.write(document())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    page = (tmp_path / "performance.md").read_text()
    row = "| prove a witness, key loaded | grid | 20.0 | rapidsnark, whole process | 200 | 10.0 | ratio 10 | met |"
    assert row in page.splitlines()
    assert "| grid | 13,336 | 96 | 1 | 2 | 3 | 2.00 |" in page.splitlines()
    assert "10.0 times as long" in (tmp_path / "README.md").read_text()
    assert {"proving_time.svg", "proving_memory.svg"} <= set(first)


def test_a_page_without_markers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text("no markers\n")
    monkeypatch.setattr(pages, "PAGE", page)
    with pytest.raises(BenchError, match=r"performance\.md has no place for machine"):
        pages.write(document())
    assert page.read_text() == "no markers\n"


def test_pictures_show_each_prover_that_was_measured() -> None:
    assert plots.times(document()) == {"zkmargin": [(13_336, 20.0), (13_336, 20.0)], "rapidsnark": [(13_336, 200.0)]}
    assert plots.memory(document()) == {"zkmargin": [(13_336, 3.0)], "rapidsnark": [(13_336, 5.0)]}
