"""Constraint systems written by hand: rows of dicts from wire to coefficient, as .r1cs bytes."""

import struct
from collections.abc import Mapping, Sequence

from verifier.field import R

Row = tuple[Mapping[int, int], Mapping[int, int], Mapping[int, int]]


def boolean(wire: int) -> Row:
    """wire * wire = wire"""
    return {wire: 1}, {wire: 1}, {wire: 1}


def linear(form: Mapping[int, int]) -> Row:
    """form = 0"""
    return {}, {}, form


def _combination(form: Mapping[int, int]) -> bytes:
    terms = b"".join(struct.pack("<I", w) + (v % R).to_bytes(32, "little") for w, v in form.items())
    return struct.pack("<I", len(form)) + terms


def r1cs(rows: Sequence[Row], *, wires: int, outputs: int = 0, public: int = 0, private: int = 0) -> bytes:
    """Return the .r1cs file of these rows."""
    header = struct.pack("<I", 32) + R.to_bytes(32, "little")
    header += struct.pack("<IIIIQI", wires, outputs, public, private, wires, len(rows))
    body = b"".join(_combination(form) for row in rows for form in row)
    labels = b"".join(struct.pack("<Q", wire) for wire in range(wires))
    sections = b"".join(
        struct.pack("<IQ", kind, len(data)) + data for kind, data in ((2, body), (1, header), (3, labels))
    )
    return b"r1cs" + struct.pack("<II", 1, 3) + sections


def satisfied(rows: Sequence[Row], values: Sequence[int]) -> bool:
    """Whether the values of all wires satisfy every row."""

    def at(form: Mapping[int, int]) -> int:
        return sum(factor * values[wire] for wire, factor in form.items())

    return all((at(a) * at(b) - at(c)) % R == 0 for a, b, c in rows)
