#!/usr/bin/env python3
"""Remove the circuits' constraints one line at a time and show that a test would fail.

Each line of the templates in circuits and circuits/gadgets that makes a constraint is weakened in a copy:
`<==` becomes `<--` (the value stays a hint, nothing binds it), a line with `===` goes. The copy is compiled
without simplification, and every cheating witness of the tables under tests/circuits that the real circuit
refuses is put before it. Where none of them passes, a witness is made for the line: one signal that the line
defines is changed and all else computed from what is left. A line whose loss no witness shows is reported
as survived, and the exit code is 1.

    mutate.py [--only TEXT] [--jobs N]
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from prover.circom import PLAIN, compile_circuit  # noqa: E402
from tests.builders import random_program  # noqa: E402
from tests.circuits.cheats import CHEATS, POSITIONS, RICH, other_waiver, rich_account  # noqa: E402
from tests.circuits.clearing import conservation_cheats, valuation_cheats  # noqa: E402
from tests.circuits.clearing.harness import Move, Priced  # noqa: E402
from tests.circuits.clearing.lies import Cheat  # noqa: E402
from tests.circuits.harness import (  # noqa: E402
    FLAT,
    PAIR,
    WIDE,
    Forgery,
    Honest,
    Lie,
    System,
    best_account,
    forge,
    honest_witness,
    is_commitment,
    propagated,
    source_of,
    system,
)
from tests.circuits.r1cs import Row  # noqa: E402
from tests.verifier.sound import LISTING  # noqa: E402
from verifier.errors import ArtefactMismatch  # noqa: E402
from verifier.program import MarginProgram, Purpose  # noqa: E402

CIRCUITS = ("small", "pair", "flat", "wide", "chain", "conservation8", "valuation8")
"""Tried in this order: a line that changes nothing in one may be in use in the next."""
TEMPLATES = ("margin.circom", "wide.circom", "conservation.circom", "valuation.circom")
SKIPPED = ("widths.circom", "clearing_widths.circom", "poseidon_constants.circom")
BOOKS: dict[str, tuple[dict[str, Cheat], Callable[[int], Move | Priced]]] = {
    "conservation8": (conservation_cheats.CHEATS, conservation_cheats.bid),
    "valuation8": (valuation_cheats.CHEATS, valuation_cheats.shown),
}
"""Circuit to its table of cheats and a true claim from which others are made."""
LARGE_VAULT = 1 << 60
"""So much margin that a changed signal does not end in a claim that is false."""


@dataclass(frozen=True)
class Line:
    """A line that makes constraints; `number` counts from 1."""

    file: Path
    number: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.file.stem}:{self.number}"

    @property
    def weakened(self) -> str:
        return self.text.replace("<==", "<--") if "<==" in self.text else ""


@dataclass(frozen=True)
class Result:
    """How a line's loss shows: `shown` by hand-made cheats, else `made` names the signal of a made one."""

    line: Line
    circuit: str
    shown: tuple[str, ...]
    made: str

    @property
    def survived(self) -> bool:
        return not self.shown and not self.made


def constraint_lines() -> Iterator[Line]:
    templates = [ROOT / "circuits" / name for name in TEMPLATES]
    for file in [*templates, *sorted((ROOT / "circuits" / "gadgets").glob("*.circom"))]:
        if file.name in SKIPPED:
            continue
        for number, text in enumerate(file.read_text().splitlines(), 1):
            if re.search(r"<==|===", text.split("//")[0]):
                yield Line(file, number, text)


@cache
def included(name: str) -> frozenset[str]:
    """Return the names of the files that a circuit is made from."""
    waiting, seen = [source_of(name).resolve()], set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            files = re.findall(r'^include "([^"]+)";', path.read_text(), re.MULTILINE)
            waiting += [(path.parent / file).resolve() for file in files]
    return frozenset(path.name for path in seen)


@cache
def honest(name: str) -> tuple[tuple[int, ...], Honest]:
    """Return accepted inputs of a circuit, with much margin, and their witness."""
    inputs: Sequence[int]
    if name in BOOKS:
        inputs = BOOKS[name][1](8).inputs
        return tuple(inputs), honest_witness(inputs, system(name, PLAIN))
    if name == "chain":
        inputs = [3, *range(1000, 1015), 5]
        of = system(name, PLAIN)
        return tuple(inputs), Honest(of, propagated(of, inputs))
    if name == "small":
        inputs = replace(rich_account(), vault_balance=LARGE_VAULT).inputs
    elif name == "pair":
        program = MarginProgram.build(
            PAIR, LISTING, Purpose.INITIAL, model="rich", valuation_time="2026-01-01T00:00:00Z", arrays=RICH
        )
        halves = [tuple(lots // 2 for lots in POSITIONS), tuple(lots - lots // 2 for lots in POSITIONS)]
        inputs = best_account(program, halves, vault_balance=LARGE_VAULT).inputs
    else:
        rng, tier = Random(name), WIDE if name == "wide" else FLAT
        program = random_program(rng, tier, tail="worst", fill=1.0, bits=12)
        positions = [rng.randint(-1000, 1000) for _ in range(tier.positions)]
        inputs = best_account(program, [positions], vault_balance=LARGE_VAULT).inputs
    return tuple(inputs), honest_witness(inputs, system(name, PLAIN))


@cache
def forgeries(circuit: str) -> dict[str, Forgery]:
    """Return the hand-made cheating witnesses, all refused by the real circuit."""
    of, out = system(circuit, PLAIN), {}
    told: dict[str, tuple[Sequence[int], Sequence[int], Callable[[Honest], Lie]]] = {}
    if circuit == "small":
        told = {name: (cheat.account().inputs, cheat.attacker.inputs, cheat.lie) for name, cheat in CHEATS.items()}
    elif circuit == "wide":
        inputs = honest(circuit)[0]
        lies = {"commitment": CHEATS["commitment"].lie, "waiver": other_waiver}
        told = {name: (inputs, inputs, lie) for name, lie in lies.items()}
    elif circuit in BOOKS:
        table = BOOKS[circuit][0]
        told = {name: (inputs := cheat.base(8).inputs, inputs, cheat.lie) for name, cheat in table.items()}
    for name, (true, false, lie) in told.items():
        truth = honest_witness(true, of)
        forgery = forge(of, false, truth, lie(truth))
        assert forgery is not None and forgery.refused_by(of)
        out[name] = forgery
    return out


def examine(line: Line, workshop: Path) -> Result:
    """Weaken one line in a copy of the circuits and look for a witness that only then passes."""
    tree = workshop / line.place.replace(":", "-")
    for folder in ("circuits/gadgets", "circuits/tiers", "tests/circuits/tiers"):
        shutil.copytree(ROOT / folder, tree / folder)
    for template in TEMPLATES:
        shutil.copy(ROOT / "circuits" / template, tree / "circuits")
    copy = tree / line.file.relative_to(ROOT)
    lines = copy.read_text().splitlines()
    assert lines[line.number - 1] == line.text
    lines[line.number - 1] = line.weakened
    copy.write_text("\n".join(lines) + "\n")
    try:
        for name in CIRCUITS:
            if line.file.name not in included(name):
                continue
            source = tree / "tests" / "circuits" / "tiers" / f"{name}.circom"
            weak = System(compile_circuit(source, tree=tree, level=PLAIN))
            lost = lost_rows(system(name, PLAIN), weak)
            if not lost:
                continue
            told = forgeries(name).items()
            shown = tuple(cheat for cheat, forgery in told if not weak.violated_by(forgery.values))
            return Result(line, name, shown, "" if shown else make_cheat(name, weak, lost))
        return Result(line, "-", (), "")
    finally:
        shutil.rmtree(tree)


def lost_rows(real: System, weak: System) -> list[int]:
    """Return the rows of the real circuit that the weak one has not."""
    assert real.symbols == weak.symbols
    left: dict[object, int] = {}
    for row in weak.r1cs.rows:
        left[_key(row)] = left.get(_key(row), 0) + 1
    out = []
    for number, row in enumerate(real.r1cs.rows):
        if left.get(_key(row), 0):
            left[_key(row)] -= 1
        else:
            out.append(number)
    return out


def _key(row: Row) -> object:
    return tuple(frozenset(form.items()) for form in (row.a, row.b, row.c))


def make_cheat(name: str, weak: System, lost: list[int]) -> str:
    """Return the name of a signal that can be changed once these rows are lost; "" where none is found.

    Everything else follows; where the book itself changes, so do the commitments that are proven.
    """
    real = system(name, PLAIN)
    inputs, truth = honest(name)
    rows = frozenset(lost)
    follows: dict[str, int | None] = {signal: None for signal in truth.values if is_commitment(signal)}
    candidates = [signal for signal, row in truth.source.items() if row in rows]
    for signal in candidates[:60]:
        for value in (truth[signal] + 1, truth[signal] - 1, 0, 1):
            for others in (dict[str, int | None](), follows):
                forgery = forge(real, inputs, truth, Lie({**others, signal: value}))
                if forgery and forgery.refused_by(real) and not weak.violated_by(forgery.values):
                    return signal
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="lines whose place or text holds this")
    parser.add_argument("--jobs", type=int, default=2, help="compilers that run at once (default 2)")
    options = parser.parse_args()
    lines = [line for line in constraint_lines() if options.only in f"{line.place} {line.text}"]
    try:
        for name in CIRCUITS:
            honest(name)
        told = sum(len(forgeries(name)) for name in CIRCUITS)
        print(f"{len(lines)} lines, {told} cheating witnesses", file=sys.stderr)
    except ArtefactMismatch as error:
        print(error, file=sys.stderr)
        return 1
    (ROOT / "build").mkdir(exist_ok=True)
    survived = 0
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="mutants-") as workshop,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        for result in pool.map(lambda line: examine(line, Path(workshop)), lines):
            survived += result.survived
            by = ", ".join(result.shown) or (f"made: {result.made}" if result.made else "SURVIVED")
            print(f"{result.line.place:18} {result.circuit:13} {result.line.text.strip():70} {by}", flush=True)
    print(f"{len(lines)} lines, {survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
