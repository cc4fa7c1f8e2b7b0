"""The number and point forms of snarkjs JSON files, read strictly.

snarkjs writes integers as decimal strings and points in projective coordinates, normalised to a third
coordinate of one, or 0, 1, 0 at infinity. Exactly one text stands for a value here: a second spelling would
be a second proof file for one proof.
"""

from typing import Any

from verifier.errors import ArtefactMismatch
from verifier.field import Q
from verifier.groth16.curve import G1, G2


def decimal(value: Any, limit: int, name: str) -> int:
    """Return the integer in [0, limit) of a canonical decimal string.

    Raises ArtefactMismatch for anything else.
    """
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 80:
        raise ArtefactMismatch(f"{name}: not a decimal number written as a string")
    number = int(value)
    if str(number) != value:
        raise ArtefactMismatch(f"{name}: a number with leading zeros")
    if number >= limit:
        raise ArtefactMismatch(f"{name}: a number not below the field's order; it would be reduced silently")
    return number


def g1_point(value: Any, name: str) -> G1:
    """Return the affine point of [x, y, "1"]; refuses infinity. Curve membership is checked by
    `verifier.groth16.curve`."""
    x, y, z = _three(value, name)
    if z != "1":
        raise ArtefactMismatch(f"{name}: the point at infinity, or not in affine form")
    return _coordinate(x, name), _coordinate(y, name)


def g2_point(value: Any, name: str) -> G2:
    """Return the affine point of [[x0, x1], [y0, y1], ["1", "0"]]; refuses infinity."""
    x, y, z = _three(value, name)
    if z != ["1", "0"]:
        raise ArtefactMismatch(f"{name}: the point at infinity, or not in affine form")
    return _pair(x, name), _pair(y, name)


def _three(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 3:
        raise ArtefactMismatch(f"{name}: not a point of three coordinates")
    return value


def _pair(value: Any, name: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ArtefactMismatch(f"{name}: a coordinate is not a pair")
    return _coordinate(value[0], name), _coordinate(value[1], name)


def _coordinate(value: Any, name: str) -> int:
    return decimal(value, Q, name)
