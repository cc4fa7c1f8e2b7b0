"""Loading a tier whose tables are stored, importing `prover`, and the memory of a loaded tier at three budgets."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prover import tables
from scripts.benchmarks.books import copied, files
from scripts.benchmarks.machine import ROOT
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.sides import BenchError, ours

MOST_LOAD_MS = 50.0
MOST_IMPORT_MS = 150.0
IMPORTS = ("import prover", "import prover.api", "from prover.api import load_artefacts, prove, NativeEngine")
SMALL_MEBIBYTES = 32
IMPORTING = "import time; start = time.perf_counter(); {}; print((time.perf_counter() - start) * 1e3)"


class Import:
    """A fresh process that runs an import statement."""

    def __init__(self, statement: str) -> None:
        self._command = [sys.executable, "-c", IMPORTING.format(statement)]

    def ms(self) -> float:
        return float(subprocess.run(self._command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    def peak_memory(self) -> int | None:
        return None


class FirstLoad:
    """A fresh process that loads a tier once, the files in the system's cache."""

    def __init__(self, tier: str) -> None:
        self._tier = tier

    def ms(self) -> float:
        with ours("loading", self._tier) as process:
            return process.ms()

    def peak_memory(self) -> int | None:
        return None


def measure(tiers: list[str], plan: Plan) -> Iterator[Row]:
    """Measure loading and importing."""
    for tier in tiers:
        files(tier)
        say(f"{tier}: loading")
        row = Row("load", "load a tier, tables stored, fresh process", tier, [], most_ms=MOST_LOAD_MS)
        yield row.measured(*in_turns(plan, FirstLoad(tier)))
    for statement in IMPORTS:
        row = Row("load", f"{statement}, fresh process", None, [], most_ms=MOST_IMPORT_MS)
        yield row.measured(*in_turns(plan, Import(statement)))


def memory(tiers: list[str]) -> Iterator[dict[str, Any]]:
    """Return what each tier takes with the default budget of tables, with a small one and without tables."""
    default = tables.budget() // tables.MEBIBYTE
    for tier in tiers:
        files(tier)
        for budget in (default, SMALL_MEBIBYTES, 0):
            say(f"{tier}: memory with tables of at most {budget} MiB")
            folder = copied(tier, "small") if budget != default else None
            _taken(tier, folder, budget)  # makes the tables where they are missing
            start = time.perf_counter()
            found = _taken(tier, folder, budget)
            yield {"tier": tier, "budget_mib": budget, "process_ms": (time.perf_counter() - start) * 1e3, **found}


def _taken(tier: str, folder: Path | None, budget: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "scripts.benchmarks.ours", "memory", tier]
    if folder:
        command.append(str(folder))
    environment = {**os.environ, tables.MEMORY_VARIABLE: str(budget)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{tier} does not load: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
    out: dict[str, Any] = json.loads(done.stdout)
    return out
