"""The two sides of a measurement: processes that answer each line with the milliseconds of a run, and whole processes.

Every side is a process of its own, so that neither has the other's memory or threads, and only one of them runs at a
time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from scripts.benchmarks.machine import ROOT

Part = str | Path


class BenchError(Exception):
    """A measurement that cannot be made."""


class Side(Protocol):
    """What is timed."""

    def ms(self) -> float:
        """Run once; returns milliseconds."""

    def peak_memory(self) -> int | None:
        """Return the most memory it takes, bytes; None where that is not known."""


class Turns:
    """A process that runs once for each line it is given."""

    def __init__(
        self, command: Sequence[Part], *, env: Mapping[str, str] | None = None, core: int | None = None
    ) -> None:
        self._words = tempfile.TemporaryFile("w+")  # noqa: SIM115  lives as long as the process
        self._process = subprocess.Popen(
            _on(core, command),
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
        )
        self.name = Path(str(command[0])).name
        self.ready: dict[str, Any] = self._answer()

    def ms(self) -> float:
        self.ask()
        return self.answer()

    def ask(self) -> None:
        """Start one run."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failed() from None

    def answer(self) -> float:
        """Wait for the run; returns milliseconds."""
        return float(self._answer()["ms"])

    def peak_memory(self) -> int | None:
        return _high_water(self._process.pid)

    def close(self) -> dict[str, Any]:
        """End the process; returns what it said last (nothing: an empty dict). Raises BenchError if it failed."""
        out, _ = self._process.communicate()
        if self._process.returncode:
            raise self._failed()
        self._words.close()
        return json.loads(out) if out.strip() else {}

    def __enter__(self) -> "Turns":
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._failed()
        return json.loads(line)

    def _failed(self) -> BenchError:
        self._process.wait()
        self._words.seek(0)
        return BenchError(f"{self.name} failed: {_last(self._words.read())}")


class Processes:
    """Whole processes one after the other, with the files they load and write; `commands(k)` are those of run k."""

    def __init__(
        self,
        commands: Callable[[int], Sequence[Sequence[Part]]],
        *,
        env: Mapping[str, str] | None = None,
        core: int | None = None,
    ) -> None:
        self._commands, self._core, self._runs = commands, core, 0
        self._env = {**os.environ, **(env or {})}

    def ms(self) -> float:
        commands = self._commands(self._runs)
        self._runs += 1
        start = time.perf_counter()
        for command in commands:
            self._run(_on(self._core, command))
        return (time.perf_counter() - start) * 1e3

    def peak_memory(self) -> int | None:
        """Run once more, which is not timed, and look each millisecond (what a parent's memory was is not counted)."""
        peaks = [self._run(_on(self._core, command), watch=True) for command in self._commands(self._runs)]
        return max(peaks) or None

    def _run(self, command: list[str], *, watch: bool = False) -> int:
        with tempfile.TemporaryFile("w+") as words:
            process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=words, stderr=words)
            peak = 0
            while watch and process.poll() is None:
                peak = max(peak, _high_water(process.pid) or 0)
                time.sleep(1e-3)
            if process.wait():
                words.seek(0)
                raise BenchError(f"{Path(command[0]).name} failed: {_last(words.read())}")
        return peak


def ours(work: str, *arguments: Part, env: Mapping[str, str] | None = None, core: int | None = None) -> Turns:
    """Return our side of one of the works of ours.py."""
    return Turns([sys.executable, "-m", "scripts.benchmarks.ours", work, *arguments], env=env, core=core)


def _high_water(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else None


def _on(core: int | None, command: Sequence[Part]) -> list[str]:
    """Return the command, kept to one processor where one is named."""
    return [*(("taskset", "-c", str(core)) if core is not None else ()), *map(str, command)]


def _last(words: str) -> str:
    return (words.strip().splitlines() or ["it gave no reason"])[-1]
