"""Points of BN254 as the verifier holds them: affine coordinates, checked, with None for infinity.

py_ecc computes, but it reduces coordinates silently and checks neither curve nor subgroup; this module is the
border where that is done. G1 has cofactor one, so that a point on the curve is in the group; the twist of G2
has not.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from verifier.errors import ArtefactMismatch
from verifier.field import Q, R

G1 = tuple[int, int]
"""Affine (x, y), each in [0, Q)."""
G2 = tuple[tuple[int, int], tuple[int, int]]
"""Affine (x, y), each (c0, c1) with value c0 + c1*u."""

G1_GENERATOR: G1 = (1, 2)
G2_GENERATOR: G2 = (
    (
        0x1800DEEF121F1E76426A00665E5C4479674322D4F75EDADD46DEBD5CD992F6ED,
        0x198E9393920D483A7260BFB731FB5D25F1AA493335A9E71297E485B7AEF312C2,
    ),
    (
        0x12C85EA5DB8C6DEB4AAB71808DCB408FE3D1E7690C43D37B4CE6CC0166FA7DAA,
        0x090689D0585FF075EC9E99AD690C3395BC4B313370B38EF355ACDADCD122975B,
    ),
)
"""The generator that EIP-197 names."""

_MAX_WINDOW_BITS = 8
_XI = 9, 1
"""9 + u: the twist is y^2 = x^3 + 3/(9 + u)."""


def _py_ecc() -> Any:
    """Return py_ecc's curve. Imported when it is first needed, since that takes longer than a proof."""
    from py_ecc.optimized_bn128 import optimized_curve  # noqa: PLC0415  see above

    return optimized_curve


def check_g1(point: G1, name: str) -> None:
    """Refuse coordinates outside [0, Q) and points off the curve y^2 = x^3 + 3 (ArtefactMismatch)."""
    x, y = point
    if not (0 <= x < Q and 0 <= y < Q):
        raise ArtefactMismatch(f"{name}: a coordinate is not below the base field's modulus")
    if (y * y - x * x * x - 3) % Q:
        raise ArtefactMismatch(f"{name}: not a point of the curve")


def check_g2(point: G2, name: str) -> None:
    """Refuse coordinates outside [0, Q), points off the twist, and points outside the subgroup of order R."""
    if not all(0 <= part < Q for coordinate in point for part in coordinate):
        raise ArtefactMismatch(f"{name}: a coordinate is not below the base field's modulus")
    x, y = point
    if _times(_less(_times(y, y), _times(x, _times(x, x))), _XI) != (3, 0):
        raise ArtefactMismatch(f"{name}: not a point of the curve")
    if multiply_g2(point, R) is not None:
        raise ArtefactMismatch(f"{name}: a point of the curve, but outside the subgroup of prime order")


_Fq2 = tuple[int, int]


def _times(left: _Fq2, right: _Fq2) -> _Fq2:
    (a, b), (c, d) = left, right
    return (a * c - b * d) % Q, (a * d + b * c) % Q


def _less(left: _Fq2, right: _Fq2) -> _Fq2:
    return (left[0] - right[0]) % Q, (left[1] - right[1]) % Q


def _over(left: _Fq2, right: _Fq2) -> _Fq2:
    inverse = pow(right[0] * right[0] + right[1] * right[1], -1, Q)
    return _times(left, (right[0] * inverse, -right[1] * inverse))


def _add_g2(left: G2 | None, right: G2 | None) -> G2 | None:
    """Return the sum of any two points of the twist, by chord and tangent."""
    if left is None or right is None:
        return right if left is None else left
    (x1, y1), (x2, y2) = left, right
    if x1 != x2:
        slope = _over(_less(y2, y1), _less(x2, x1))
    elif y1 == y2 and y1 != (0, 0):
        slope = _over(_times((3, 0), _times(x1, x1)), _times((2, 0), y1))
    else:
        return None
    x3 = _less(_less(_times(slope, slope), x1), x2)
    return x3, _less(_times(slope, _less(x1, x3)), y1)


def multiply_g2(point: G2, scalar: int) -> G2 | None:
    """Return scalar * point, None for infinity, of any point of the twist; the scalar is not negative."""
    total: G2 | None = None
    for bit in f"{scalar:b}":
        total = _add_g2(total, total)
        if bit == "1":
            total = _add_g2(total, point)
    return total


def to_projective_g1(point: G1 | None) -> Any:
    """Return py_ecc's point; None is infinity."""
    bn = _py_ecc()
    return bn.Z1 if point is None else (bn.FQ(point[0]), bn.FQ(point[1]), bn.FQ.one())


def to_projective_g2(point: G2) -> Any:
    """Return py_ecc's point."""
    field = _py_ecc().FQ2
    return (field(list(point[0])), field(list(point[1])), field.one())


def negate_g1(point: G1) -> G1:
    """Return -point."""
    return point[0], -point[1] % Q


def pairing_product_is_one(factors: Sequence[tuple[G1 | None, G2]]) -> bool:
    """Return whether the product of the pairings e(left, right) is one. Points must have been checked."""
    from py_ecc.optimized_bn128.optimized_pairing import final_exponentiate  # noqa: PLC0415  see _py_ecc

    one = _py_ecc().FQ12.one()
    product = one
    for left, right in factors:
        product *= _miller(left, right)
    return bool(final_exponentiate(product) == one)


@lru_cache(64)
def _miller(left: G1 | None, right: G2) -> Any:
    """Return a pairing before its final power; every proof under a key asks for that of alpha and beta."""
    from py_ecc.optimized_bn128.optimized_pairing import pairing  # noqa: PLC0415  see _py_ecc

    return pairing(to_projective_g2(right), to_projective_g1(left), final_exponentiate=False)


def sum_products(points: Sequence[G1], scalars: Iterable[int]) -> G1 | None:
    """Return sum scalar_j * point_j, None for infinity. Scalars are any signed integers; zeros cost nothing.

    The bucket method on signed scalars: a program's values are small, so that a negative one must not become
    a residue of 254 bits. Points must have been checked.
    """
    terms = []
    for point, scalar in zip(points, scalars, strict=True):
        if scalar:
            terms.append((point if scalar > 0 else negate_g1(point), abs(scalar)))
    total: _Jacobian = None
    top = max((scalar.bit_length() for _, scalar in terms), default=0)
    window_bits = max(2, min(_MAX_WINDOW_BITS, len(terms).bit_length()))
    for shift in reversed(range(0, top, window_bits)):
        for _ in range(window_bits):
            total = _double(total)
        buckets: list[_Jacobian] = [None] * (1 << window_bits)
        for point, scalar in terms:
            digit = scalar >> shift & (1 << window_bits) - 1
            if digit:
                buckets[digit] = _add_affine(buckets[digit], point)
        running: _Jacobian = None
        window: _Jacobian = None
        for bucket in reversed(buckets[1:]):
            running = _add(running, bucket)
            window = _add(window, running)
        total = _add(total, window)
    return _to_affine(total)


def doubled(points: Sequence[G1], times: int) -> list[G1]:
    """Return 2^times * point for each, with one inversion for all. Points must have been checked."""
    made: list[tuple[int, int, int]] = []
    for point in points:
        x, y, z = *point, 1
        for _ in range(times):
            b = y * y % Q
            d, e = 4 * x * b % Q, 3 * x * x
            new_x = (e * e - 2 * d) % Q
            x, y, z = new_x, (e * (d - new_x) - 8 * b * b) % Q, 2 * y * z % Q
        made.append((x, y, z))
    before = [1]
    for _, _, z in made:
        before.append(before[-1] * z % Q)
    inverse, out = pow(before[-1], -1, Q), []
    for (x, y, z), product in zip(reversed(made), reversed(before[:-1]), strict=True):
        own, inverse = inverse * product % Q, inverse * z % Q
        square = own * own % Q
        out.append((x * square % Q, y * square * own % Q))
    return out[::-1]


_Jacobian = tuple[int, int, int] | None
"""(X, Y, Z) stands for the affine (X/Z^2, Y/Z^3); None is infinity."""


def _double(point: _Jacobian) -> _Jacobian:
    if point is None:
        return None
    x, y, z = point
    a = x * x % Q
    b = y * y % Q
    c = b * b % Q
    d = 2 * ((x + b) ** 2 - a - c) % Q
    e = 3 * a
    new_x = (e * e - 2 * d) % Q
    return (
        new_x,
        (e * (d - new_x) - 8 * c) % Q,
        2 * y * z % Q,
    )  # y = 0 has order two, which no point of G1 has


def _add_affine(left: _Jacobian, right: G1) -> _Jacobian:
    return _add(left, (right[0], right[1], 1))


def _add(left: _Jacobian, right: _Jacobian) -> _Jacobian:
    if left is None or right is None:
        return right if left is None else left
    x1, y1, z1 = left
    x2, y2, z2 = right
    z1z1, z2z2 = z1 * z1 % Q, z2 * z2 % Q
    u1, u2 = x1 * z2z2 % Q, x2 * z1z1 % Q
    s1, s2 = y1 * z2 * z2z2 % Q, y2 * z1 * z1z1 % Q
    h, r = (u2 - u1) % Q, (s2 - s1) % Q
    if h == 0:
        return _double(left) if r == 0 else None
    hh = h * h % Q
    hhh = h * hh % Q
    v = u1 * hh % Q
    x3 = (r * r - hhh - 2 * v) % Q
    return x3, (r * (v - x3) - s1 * hhh) % Q, z1 * z2 * h % Q


def _to_affine(point: _Jacobian) -> G1 | None:
    if point is None:
        return None
    inverse = pow(point[2], -1, Q)
    square = inverse * inverse % Q
    return point[0] * square % Q, point[1] * square * inverse % Q
