"""Many accounts under one program: accounts a second and core, beside rapidsnark in a loop on the same cores.

Both sides may choose: one worker a core with one thread each, or one after the other on all cores. What is better for
a side counts for it. Ours starts from positions; rapidsnark is given its witnesses.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from scripts.benchmarks import peers
from scripts.benchmarks.books import files
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.sides import Turns, ours

TIER = "grid"
LEAST = 12.0
OURS_A_TURN = 12
"""Accounts of each of our workers in one turn; rapidsnark's have THEIRS_A_TURN."""
THEIRS_A_TURN = 2
SPLIT, WHOLE = "one worker a core, one thread each", "one at a time on all cores"


class Timed:
    """Milliseconds of a core for one account."""

    def __init__(self, work: Callable[[], int], cores: int) -> None:
        self._work, self._cores = work, cores

    def ms(self) -> float:
        start = time.perf_counter()
        accounts = self._work()
        return (time.perf_counter() - start) * 1e3 * self._cores / accounts

    def peak_memory(self) -> int | None:
        return None


def measure(given: Peers, plan: Plan, cores: Sequence[int]) -> Iterator[Row]:
    """Measure both ways of both sides, in turns."""
    files(TIER)
    say(f"{TIER}: many accounts, rapidsnark in a loop")
    with ExitStack() as stack:
        workers = [
            stack.enter_context(ours("proof_of_positions", TIER, env={"RAYON_NUM_THREADS": "1"}, core=core))
            for core in cores
        ]
        alone = stack.enter_context(ours("proof_of_positions", TIER))
        sides = {
            ("ours", SPLIT): Timed(lambda: _side_by_side(workers), len(cores)),
            ("ours", WHOLE): Timed(lambda: _one_by_one(alone), len(cores)),
        }
        if given.rapidsnark is not None:
            loops = [peers.rapidsnark(given.rapidsnark, files(TIER), core=core) for core in cores]
            pool = stack.enter_context(ThreadPoolExecutor(len(cores)))
            whole = peers.rapidsnark(given.rapidsnark, files(TIER))
            sides["rapidsnark", SPLIT] = Timed(lambda: _loops(pool, loops), len(cores))
            sides["rapidsnark", WHOLE] = Timed(lambda: _loop(whole), len(cores))
        measured = dict(zip(sides, in_turns(plan, *sides.values()), strict=True))
    yield _row(measured)


def _row(measured: dict[tuple[str, str], list[float]]) -> Row:
    best = {}
    for side in ("ours", "rapidsnark"):
        ways = {way: samples for (who, way), samples in measured.items() if who == side}
        if ways:
            best[side] = min(ways, key=lambda way: statistics.median(ways[way]))
    notes = [
        f"{side}, {way}: {1e3 / statistics.median(samples):.1f} accounts a second and core"
        for (side, way), samples in measured.items()
    ]
    return Row(
        "batch", "many accounts, from positions to proofs", TIER, measured["ours", best["ours"]],
        "rapidsnark in a loop, from witnesses",
        measured["rapidsnark", best["rapidsnark"]] if "rapidsnark" in best else [],
        unit="ms of a core an account", least_ratio=LEAST, note="; ".join(notes),
    )  # fmt: skip


def _side_by_side(workers: Sequence[Turns]) -> int:
    for _ in range(OURS_A_TURN):
        for worker in workers:
            worker.ask()
    for _ in range(OURS_A_TURN):
        for worker in workers:
            worker.answer()
    return OURS_A_TURN * len(workers)


def _one_by_one(worker: Turns) -> int:
    for _ in range(OURS_A_TURN):
        worker.ms()
    return OURS_A_TURN


def _loop(processes: peers.Processes) -> int:
    for _ in range(THEIRS_A_TURN):
        processes.ms()
    return THEIRS_A_TURN


def _loops(pool: ThreadPoolExecutor, loops: Sequence[peers.Processes]) -> int:
    return sum(pool.map(_loop, loops))
