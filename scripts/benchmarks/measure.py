"""Pairs of runs in turns, their medians, and rows that say whether a target is met."""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from scripts.benchmarks.sides import Side

LEAST_PAIRS = 3


@dataclass(frozen=True)
class Plan:
    """How much is measured: at most `pairs`, fewer (but three) where they take longer than `seconds`."""

    pairs: int = 11
    seconds: float = 8.0

    @property
    def shorter(self) -> "Plan":
        """For what has no target."""
        return replace(self, seconds=self.seconds / 2)


@dataclass(frozen=True)
class Row:
    """One line of the report. Times in milliseconds of `unit`; no samples: not measured."""

    part: str
    what: str
    tier: str | None
    ours: list[float]
    peer: str | None = None
    theirs: list[float] = field(default_factory=list)
    unit: str = "ms"
    least_ratio: float | None = None
    """Target: the peer's median over ours."""
    most_ms: float | None = None
    """Target: our median."""
    peer_memory: int | None = None
    """The most that the peer's process took, bytes."""
    note: str = ""

    def measured(self, ours: list[float], theirs: list[float] | None = None, peer_memory: int | None = None) -> "Row":
        """Return the row with its samples."""
        return replace(self, ours=ours, theirs=theirs or [], peer_memory=peer_memory)

    @property
    def ratio(self) -> float | None:
        """Peer's median over ours."""
        if not self.ours or not self.theirs:
            return None
        return statistics.median(self.theirs) / statistics.median(self.ours)

    @property
    def met(self) -> bool | None:
        """Whether every target holds (one that was not measured does not); None without a target."""
        verdicts = []
        if self.least_ratio is not None:
            verdicts.append(self.ratio is not None and self.ratio >= self.least_ratio)
        if self.most_ms is not None:
            verdicts.append(bool(self.ours) and statistics.median(self.ours) <= self.most_ms)
        return all(verdicts) if verdicts else None

    def as_dict(self) -> dict[str, Any]:
        """Return the row with its medians, ratio and verdict."""
        ratio = self.ratio
        return {
            **asdict(self),
            "ours": [round(ms, 4) for ms in self.ours],
            "theirs": [round(ms, 4) for ms in self.theirs],
            "ours_median": _median(self.ours),
            "theirs_median": _median(self.theirs),
            "ratio": None if ratio is None else round(ratio, 3),
            "met": self.met,
        }


def in_turns(plan: Plan, *sides: Side) -> list[list[float]]:
    """Run every side once without counting, then all in turns; returns each side's milliseconds."""
    for side in sides:
        side.ms()
    out: list[list[float]] = [[] for _ in sides]
    start = time.monotonic()
    for pair in range(plan.pairs):
        if pair >= LEAST_PAIRS and time.monotonic() - start > plan.seconds:
            break
        for samples, side in zip(out, sides, strict=True):
            samples.append(side.ms())
    return out


def say(text: str) -> None:
    """Tell what is being done."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def _median(samples: Sequence[float]) -> float | None:
    return round(statistics.median(samples), 4) if samples else None
