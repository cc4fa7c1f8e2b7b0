"""Plain readers of .r1cs and .sym files, and a check of every constraint: slow, and independent of the
prover."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from struct import Struct, unpack_from

from verifier.field import R

_TERM = Struct("<I32s")

Form = dict[int, int]
"""A linear form: wire to coefficient in [1, R). Wire 0 is the constant 1."""


@dataclass(frozen=True)
class Row:
    """One constraint: a * b = c."""

    a: Form
    b: Form
    c: Form

    @cached_property
    def linear(self) -> Form | None:
        """The form that the row sets to zero, where a or b is a constant; else None."""
        for constant, other in ((self.a, self.b), (self.b, self.a)):
            if not constant.keys() - {0}:
                factor = constant.get(0, 0)
                out = dict(self.c)
                for wire, coefficient in other.items():
                    out[wire] = (out.get(wire, 0) - factor * coefficient) % R
                return {wire: coefficient for wire, coefficient in out.items() if coefficient}
        return None

    @cached_property
    def wires(self) -> frozenset[int]:
        return frozenset(self.a.keys() | self.b.keys() | self.c.keys())

    def holds(self, witness: Sequence[int]) -> bool:
        return (value_of(self.a, witness) * value_of(self.b, witness) - value_of(self.c, witness)) % R == 0


@dataclass(frozen=True, eq=False)
class R1cs:
    """A constraint system, equal to itself only.

    Wires: the constant, outputs, public inputs, private inputs, then inner ones.
    """

    wires: int
    outputs: int
    public: int
    private: int
    rows: tuple[Row, ...]

    @property
    def inputs(self) -> range:
        start = 1 + self.outputs
        return range(start, start + self.public + self.private)

    @cached_property
    def rows_of(self) -> list[list[int]]:
        """The numbers of the rows in which each wire stands, in order."""
        out: list[list[int]] = [[] for _ in range(self.wires)]
        for number, row in enumerate(self.rows):
            for wire in row.wires:
                out[wire].append(number)
        return out

    def violated(self, witness: Sequence[int], *, among: Iterable[int] | None = None) -> list[int]:
        """Return the numbers of the rows that a witness (values in [0, R)) breaks.

        among: look only at rows in which one of these wires stands.
        """
        assert len(witness) == self.wires and witness[0] == 1
        numbers: Iterable[int] = range(len(self.rows))
        if among is not None:
            numbers = sorted({number for wire in among for number in self.rows_of[wire]})
        return [number for number in numbers if not self.rows[number].holds(witness)]


def value_of(form: Form, witness: Sequence[int]) -> int:
    return sum(coefficient * witness[wire] for wire, coefficient in form.items())


def read_r1cs(path: Path) -> R1cs:
    data = path.read_bytes()
    assert data[:4] == b"r1cs"
    sections, offset = {}, 12
    for _ in range(unpack_from("<I", data, 8)[0]):
        kind, size = unpack_from("<IQ", data, offset)
        sections[kind] = offset + 12
        offset += 12 + size
    at = sections[1]
    assert unpack_from("<I", data, at)[0] == 32
    assert int.from_bytes(data[at + 4 : at + 36], "little") == R
    wires, outputs, public, private, _, count = unpack_from("<IIIIQI", data, at + 36)
    rows, at = [], sections[2]
    for _ in range(count):
        forms: list[Form] = []
        for _ in range(3):
            terms = unpack_from("<I", data, at)[0]
            at += 4
            end = at + terms * _TERM.size
            forms.append({wire: int.from_bytes(value, "little") for wire, value in _TERM.iter_unpack(data[at:end])})
            at = end
        rows.append(Row(*forms))
    return R1cs(wires, outputs, public, private, tuple(rows))


def read_sym(path: Path) -> dict[str, int]:
    """Return signal name (without "main.") to wire, for the signals that are wires."""
    out = {}
    for line in path.read_text().splitlines():
        _, wire, _, name = line.split(",")
        if int(wire) >= 0:
            out[name.removeprefix("main.")] = int(wire)
    return out


def by_wire(values: dict[str, int], symbols: dict[str, int], wires: int) -> list[int]:
    """Return a witness from values by signal name."""
    out: list[int | None] = [None] * wires
    out[0] = 1
    for name, wire in symbols.items():
        assert out[wire] is None or out[wire] == values[name] % R, name
        out[wire] = values[name] % R
    assert None not in out
    return [value for value in out if value is not None]


def names(symbols: dict[str, int], wires: Iterable[int]) -> list[str]:
    """Return the signal names of some wires."""
    wanted = set(wires)
    return sorted(name for name, wire in symbols.items() if wire in wanted)
