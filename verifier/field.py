"""The scalar field of BN254 and the signed reading of its elements.

Every quantity of the statement is an integer v with |v| < R/2; its field element is v mod R. This module is
the one place where that encoding is done and undone.
"""

from verifier.errors import BadInput

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""Order of the BN254 groups: public signals and witness values live modulo R."""

Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583
"""Modulus of the BN254 base field: point coordinates live modulo Q."""


def to_field(value: int) -> int:
    """Return the element of [0, R) that stands for the signed integer `value`; refuses |value| >= R/2."""
    if not -R // 2 < value <= R // 2:
        raise BadInput("an integer is too large for the field; the program's bounds exclude it")
    return value % R


def from_field(element: int) -> int:
    """Return the signed integer that `element`, in [0, R), stands for; refuses anything outside."""
    if not 0 <= element < R:
        raise BadInput("a field element is not below the field's order; give it reduced")
    return element - R if element > R // 2 else element
