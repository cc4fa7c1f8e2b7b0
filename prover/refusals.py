"""Which rule of a statement a refused claim breaks: from the constraints that its witness violates to business words.

The circuit's symbols name the wires of a constraint, and so the rule that it belongs to. Nothing here reads a value: a
sentence holds the number of a place, group or scenario at most, never a quantity.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from prover import _core
from prover.artefacts import Artefacts
from verifier.circuits import PublicLayout
from verifier.errors import WitnessRefused

L = TypeVar("L", bound=PublicLayout)
_SHOWN = 200
"""Violated constraints that are looked at: one false input may violate thousands."""


@dataclass(frozen=True)
class Rule:
    """One rule: a constraint belongs to it where one of its wires has a name like the regular expression `signal`."""

    name: str
    signal: str
    sentence: str
    """Braces take what the pattern's groups find."""
    unless: str = ""
    """A constraint with such a signal belongs to another rule."""

    def owns(self, row: Sequence[str]) -> bool:
        """Return whether a constraint, given as the names of its signals, belongs to this rule."""
        other = self.unless and any(re.search(self.unless, name) for name in row)
        return not other and any(re.search(self.signal, name) for name in row)


_TABLE: tuple[tuple[str, ...], ...] = (
    (
        "position-range",
        r"book\.account\[\d+\]\.bits\[(\d+)\]|(?:(?:before|trade)\.places|positions)\.bits\[(\d+)\]",
        "the position at place {} is beyond the circuit's range of 2^47 lots; split the book",
    ),
    (
        "zero-book",
        r"^zero_(?:old|traded|new)$",
        "a book is said to be empty and is not",
        r"^(?:old|traded|new)$|sponge\.",
    ),
    (
        "tranche",
        r"tranche\.",
        "the traded book is not the part of the old book that the terms say; take the tranche again",
    ),
    ("accrued", r"accruing\.", "the cash accrued along the span is not what the book's positions accrue"),
    ("next-salt", r"next_salt", "the new book's salt is not the old one's plus 1, as the terms say"),
    (
        "commitment",
        r"commitment(?:\[(\d+)\])?$|^(?:old|traded|new)$|opening\[|opening\.|sponge\.",
        "the opening is not the one of the commitment (other positions, another salt or listing); give the right one",
    ),
    (
        "new-position",
        r"after\.places\.bits\[(\d+)\]",
        "the new position at place {} is beyond the circuit's range of 2^47 lots, or not what book and trade make",
    ),
    ("waived-row", r"waivable\[(\d+)\]", "scenario {} is waived and may not be"),
    ("waived-count", r"tail\.unused\[(\d)\]", "more scenarios of tail {} are waived than the program allows"),
    ("waived-bit", r"waived\[(\d+)\]", "the waiver of scenario {} is neither 0 nor 1"),
    ("t-g-range", r"covers\[0\]\.level\[(\d+)\]", "the level of group {} is negative or beyond its range"),
    ("pick-group", r"pickable\[(\d+)\]", "group {} is picked and leaves no choice"),
    ("t-g-free", r"free\[(\d+)\]", "group {} has a level of its own and may have none"),
    (
        "cover",
        r"covers\[0\]\.(?:rows_count|floor_counts|missing)\[(\d+)\]",
        "the level of group {} does not cover its losses and its floor; add collateral there",
    ),
    ("r-range", r"ellipsoid\.radius_range", "the radius of the covariance charge is negative or beyond its range"),
    ("ellipsoid", r"ellipsoid\.", "the radius of the covariance charge is smaller than the book's factor risk"),
    ("value", r"^revealed$", "the value shown is not that of the book at the epoch's marks; compute it again"),
    ("size", r"size\[(\d+)\]", "the size of the leg at place {} is not that of its value"),
    ("band", r"band\.", "the trade is outside the price band at the epoch's marks; trade closer to them"),
    (
        "t-range",
        r"tail\.excess\[(\d+)\]",
        "row {} of a tail, or the level of its tail, is beyond the circuit's range; check with `zkmargin check`",
    ),
    (
        "program-range",
        r"cells\.|pairs\.|scenarios\.|skew\.|envelope|floor\.|rolls\.|worth\.",
        "a figure of the program is beyond the circuit's range for this book; check the program with `zkmargin check`",
    ),
    (
        "requirement-negative",
        r"claim\.not_negative",
        "the requirement comes out negative, which no program may; compile the program again",
    ),
    (
        "margin",
        r"claim\.margin",
        "margin is not met: equity is below the requirement; add collateral or reduce risk",
    ),
)
RULES = tuple(Rule(*row) for row in _TABLE)
"""Causes before consequences: another position also changes the margin, so the margin stands last."""


def refusal(kit: Artefacts[L], inputs: bytes) -> WitnessRefused:
    """Return the error that names the rule of a claim that the circuit refused; `inputs` as the plan takes them."""
    circuit, plan = kit.circuit(), kit.witness_plan()
    rows = [circuit.wires_of(row) for row in plan.violations(inputs)[:_SHOWN]]
    names = _names(kit.data(f"{kit.layout.name}.sym").decode(), {wire for row in rows for wire in row})
    return named([[names[wire] for wire in row if wire in names] for row in rows], kit.layout.name)


def proved(kit: Artefacts[L], inputs: bytes, key: "_core.ProvingKey | None") -> bytes:
    """Return the bytes of a proof; raises WitnessRefused, naming the rule, where the circuit refuses the inputs."""
    try:
        return kit.prove(inputs, key)
    except _core.WitnessError:
        raise refusal(kit, inputs) from None


def named(rows: Sequence[Sequence[str]], circuit: str) -> WitnessRefused:
    """Return the error for violated constraints, each given as the names of its signals."""
    owned = [(number, row) for row in rows if (number := _owner(row)) is not None]
    if not owned:
        return WitnessRefused("unknown", f"the circuit {circuit} refuses this claim; check program and opening")
    first, row = min(owned, key=lambda pair: pair[0])
    rule = RULES[first]
    found = next(filter(None, (re.search(rule.signal, name) for name in row)))
    sentence = rule.sentence.format(next((part for part in found.groups() if part), ""))
    return WitnessRefused(rule.name, f"the circuit {circuit} refuses this claim: {sentence}")


def _owner(row: Sequence[str]) -> int | None:
    """Return the number of the rule that a constraint belongs to: the first of which it holds a signal."""
    return next((number for number, rule in enumerate(RULES) if rule.owns(row)), None)


def _names(symbols: str, wires: Iterable[int]) -> dict[int, str]:
    """Return the first name of each wire, without its "main."."""
    wanted = {str(wire) for wire in wires} - {"0"}
    out: dict[int, str] = {}
    for line in symbols.splitlines():
        _, wire, _, name = line.split(",", 3)
        if wire in wanted:
            out.setdefault(int(wire), name.removeprefix("main."))
    return out


__all__ = ["RULES", "Rule", "named", "proved", "refusal"]
