"""Propagation over a constraint system: from the inputs, each wire by the row that leaves no choice for it.

Two rules, each of which proves that the wire it sets has one value only:

- a row whose other wires are known and in which the wire stands linearly, with a constant coefficient;
- a row that leaves boolean wires only, with distinct powers of two (up to sign and a common factor) spread
  over less than 253 bits: the bits of one known integer. --O2 folds one bit into the row that makes it
  boolean, so that such a row says L * L = c * L: there L / c is the missing bit.

A wire that no rule reaches may be under-constrained. `solve` also serves to build cheating witnesses: given
values replace rows, and everything else follows as a cheater would compute it. `solve_again` does the same
where most values stay those of a solution.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tests.circuits.r1cs import Form, R1cs, Row
from verifier.field import R

_SPREAD = 252
_POWERS = {pow(2, e, R): (e, 1) for e in range(-_SPREAD, _SPREAD + 1)}
_POWERS |= {R - power: (e, -1) for power, (e, _) in list(_POWERS.items())}
assert len(_POWERS) == 2 * (2 * _SPREAD + 1)


@dataclass(frozen=True)
class Solution:
    """values: wire to its value, None where no rule reached it. source: the row that set an inner wire."""

    values: list[int | None]
    source: dict[int, int]
    impossible: tuple[int, ...]
    """Rows whose bits cannot hold the value they must."""

    @cached_property
    def set_by(self) -> dict[int, list[int]]:
        """Row to the wires that it set."""
        out: dict[int, list[int]] = {}
        for wire, row in self.source.items():
            out.setdefault(row, []).append(wire)
        return out

    @property
    def unknown(self) -> list[int]:
        return [wire for wire, value in enumerate(self.values) if value is None]


def boolean_forms(rows: tuple[Row, ...]) -> dict[int, tuple[Form, int]]:
    """Return row number to (L, c) for rows that say L * (L - c) = 0, up to a factor, with c != 0."""
    out = {}
    for number, row in enumerate(rows):
        if row.linear is not None:
            continue
        a, b = row.a, row.b
        if row.c and (factor := _factor(row.c, a)):
            b = b | {0: (b.get(0, 0) - factor) % R}
        elif row.c:
            continue
        wire = next(iter(a.keys() - {0}))
        if wire not in b or a.keys() - {0} != b.keys() - {0}:
            continue
        factor = a[wire] * _inverse(b[wire]) % R
        if any(a[w] != b[w] * factor % R for w in a.keys() - {0}):
            continue
        difference = (a.get(0, 0) - b.get(0, 0) * factor) % R
        if difference:
            out[number] = (a, difference)
    return out


def _factor(form: Form, other: Form) -> int:
    """Return k where form = k * other, else 0."""
    if form.keys() != other.keys():
        return 0
    wire = next(iter(form))
    factor = form[wire] * _inverse(other[wire]) % R
    return factor if all(form[w] == factor * other[w] % R for w in form) else 0


def solve(system: R1cs, given: Mapping[int, int], *, without: Collection[int] = ()) -> Solution:
    """Propagate from `given` wires (inputs, and a cheater's choices) over all rows but those in `without`."""
    return _Propagation(system, None, (), without).run(given)


def solve_again(system: R1cs, before: Solution, given: Mapping[int, int], *, without: Collection[int] = ()) -> Solution:
    """Return what `solve` would, by looking only at wires that depend on a change.

    before: a solution of all rows and wires. A wire that no change reaches keeps its value: the rows that set
    it, one after another, are all left and say the same.
    """
    changed = [wire for wire, value in given.items() if before.values[wire] != value % R]
    waiting, lost = list(changed), set(changed)

    def lose(wires: Iterable[int]) -> None:
        fresh = [wire for wire in wires if wire not in lost and wire not in given]
        lost.update(fresh)
        waiting.extend(fresh)

    lose(wire for wire in system.inputs if wire not in before.source)
    for row in without:
        lose(before.set_by.get(row, ()))
    while waiting:
        for row in system.rows_of[waiting.pop()]:
            lose(before.set_by.get(row, ()))
    propagation = _Propagation(system, before.values, lost, without)
    kept = {wire: row for wire, row in before.source.items() if wire not in lost and wire not in given}
    return propagation.run({wire: given[wire] for wire in changed}, kept)


@dataclass(frozen=True)
class _Structure:
    """What propagation knows of a system before any value."""

    folded: dict[int, tuple[Form, int]]
    boolean: frozenset[int]
    wires: list[int]
    """How many wires a row has, without the constant."""
    missing: list[int]
    """How many of them are not boolean."""


@lru_cache(maxsize=32)
def _structure(system: R1cs) -> _Structure:
    folded = boolean_forms(system.rows)
    boolean = frozenset(
        next(iter(wires))
        for form, difference in folded.values()
        if len(wires := form.keys() - {0}) == 1 and _is_zero_or_one(form, difference, next(iter(wires)))
    )
    wires = [row.wires - {0} for row in system.rows]
    return _Structure(folded, boolean, [*map(len, wires)], [len(row - boolean) for row in wires])


def _is_zero_or_one(form: Form, difference: int, wire: int) -> bool:
    """Return whether L * (L - c) = 0 means wire in {0, 1}: L = k (wire - v), roots v and v + c/k."""
    inverse = _inverse(form[wire])
    first = -form.get(0, 0) * inverse % R
    return {first, (first + difference * inverse) % R} == {0, 1}


@lru_cache(maxsize=1 << 16)
def _inverse(coefficient: int) -> int:
    return pow(coefficient, -1, R)


class _Propagation:
    def __init__(
        self, system: R1cs, before: list[int | None] | None, lost: Collection[int], without: Collection[int]
    ) -> None:
        """Start from the values of all wires but the lost ones, or from nothing."""
        structure = _structure(system)
        self.rows, self.rows_of = system.rows, system.rows_of
        self.folded, self.boolean = structure.folded, structure.boolean
        self.values: list[int | None] = [1, *[None] * (system.wires - 1)] if before is None else list(before)
        self.impossible: list[int] = []
        self.unknown = list(structure.wires) if before is None else [0] * len(self.rows)
        """Unknown wires of a row."""
        self.missing = list(structure.missing) if before is None else [0] * len(self.rows)
        """Those of them that are not boolean."""
        rows = range(len(self.rows)) if before is None else self._forget(lost)
        self.waits = bytearray(b"\1") * len(self.rows)
        """Whether a row may be queued: it is neither in the queue nor left out."""
        for number in without:
            self.waits[number] = 0
        self.queue: deque[int] = deque()
        for number in rows:
            if self.missing[number] <= 1:
                self._enqueue(number)

    def _forget(self, wires: Collection[int]) -> set[int]:
        """Forget values. Return the rows in which they stand."""
        rows = set()
        for wire in wires:
            self.values[wire] = None
            counts = wire not in self.boolean
            for row in self.rows_of[wire]:
                self.unknown[row] += 1
                self.missing[row] += counts
                rows.add(row)
        return rows

    def run(self, given: Mapping[int, int], source: Mapping[int, int] | None = None) -> Solution:
        self.source = dict(source or {})
        for wire, value in given.items():
            self._settle(wire, value % R, None)
        while self.queue:
            number = self.queue.popleft()
            self.waits[number] = 1
            if self.unknown[number]:
                self._visit(number)
        return Solution(self.values, self.source, tuple(self.impossible))

    def _enqueue(self, number: int) -> None:
        if self.waits[number]:
            self.waits[number] = 0
            self.queue.append(number)

    def _settle(self, wire: int, value: int, number: int | None) -> None:
        if self.values[wire] is not None:
            return
        self.values[wire] = value
        if number is not None:
            self.source[wire] = number
        counts = wire not in self.boolean
        for other in self.rows_of[wire]:
            self.unknown[other] -= 1
            self.missing[other] -= counts
            if self.missing[other] <= 1 and self.unknown[other]:
                self._enqueue(other)

    def _split(self, form: Form) -> tuple[int, Form]:
        """Return the known part's value and the unknown part."""
        known, unknown = 0, {}
        for wire, coefficient in form.items():
            value = self.values[wire]
            if value is None:
                unknown[wire] = coefficient
            else:
                known += coefficient * value
        return known % R, unknown

    def _visit(self, number: int) -> None:
        row = self.rows[number]
        if row.linear is not None:
            known, unknown = self._split(row.linear)
        elif number in self.folded:
            form, difference = self.folded[number]
            known, unknown = self._split(form)
            if unknown and len(form.keys() - {0}) > 1:
                self._bits(number, known, unknown, extra=-difference)
            return
        else:
            a, a_unknown = self._split(row.a)
            b, b_unknown = self._split(row.b)
            if a_unknown or b_unknown:
                return
            known, unknown = self._split(row.c)
            known -= a * b
        if len(unknown) == 1:
            ((wire, coefficient),) = unknown.items()
            self._settle(wire, -known * _inverse(coefficient) % R, number)
        elif unknown:
            self._bits(number, known, unknown)

    def _bits(self, number: int, known: int, unknown: Form, *, extra: int | None = None) -> None:
        """Settle bits b with known + sum coefficient * b (+ extra * bit) = 0, where they are the bits of an
        integer."""
        if not unknown.keys() <= self.boolean:
            return
        terms: list[tuple[int | None, int]] = list(unknown.items())
        if extra is not None:
            terms.append((None, extra % R))
        unit = _inverse(terms[0][1])
        places = [(wire, *_POWERS.get(coefficient * unit % R, (None, 0))) for wire, coefficient in terms]
        exponents = {exponent for _, exponent, _ in places}
        if None in exponents or len(exponents) != len(places):
            return
        low = min(exponent for _, exponent, _ in places if exponent is not None)
        if max(exponent for _, exponent, _ in places if exponent is not None) - low > _SPREAD:
            return
        total = -known * unit * pow(2, -low, R) % R
        total = (total + sum(1 << (e - low) for _, e, sign in places if e is not None and sign < 0)) % R
        if total & ~sum(1 << (e - low) for _, e, _ in places if e is not None):
            self.impossible.append(number)
            return
        for wire, exponent, sign in places:
            if wire is not None and exponent is not None:
                bit = total >> (exponent - low) & 1
                self._settle(wire, bit if sign > 0 else 1 - bit, number)
