"""Poseidon over BN254's scalar field, plain: the hash of commitments.

The permutation and its constants are those of the Poseidon paper (Grassi et al., USENIX Security 2021) with
x**5 and the round numbers that circomlib uses; constants come from the paper's procedure: a Grain LFSR seeded
with the parameters gives the round constants by rejection, then a Cauchy matrix. Nothing is copied, so anyone
can regenerate them; tests/vectors/poseidon holds known answers that circomlib gave.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from verifier.errors import BadInput
from verifier.field import R

FULL_ROUNDS = 8
PARTIAL_ROUNDS = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)
"""Partial rounds for t = 2, 3, ..., 17."""
MAX_INPUTS = 16

_FIELD_BITS = 254
_GRAIN_BITS = 80
_GRAIN_TAPS = (0, 13, 23, 38, 51, 62)
_STEP = 16
"""Bits of the LFSR made at a time: the last tap, 62, leaves 18 that do not depend on each other."""

Constants = tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]


def poseidon(inputs: Sequence[int]) -> int:
    """Return the hash of 1 to 16 field elements: state (0, inputs...), permuted, its first element.

    Raises BadInput for a wrong count or an input outside [0, R): a reduced input would have a second
    preimage.
    """
    if not 1 <= len(inputs) <= MAX_INPUTS:
        raise BadInput(f"Poseidon takes 1 to {MAX_INPUTS} inputs, not {len(inputs)}")
    if not all(0 <= value < R for value in inputs):
        raise BadInput("a Poseidon input is not in the field; give it reduced")
    return permute((0, *inputs))[0]


def permute(state: Sequence[int]) -> tuple[int, ...]:
    """Apply the permutation to t = 2..17 field elements."""
    round_constants, mds = constants(len(state))
    last_partial = len(round_constants) - FULL_ROUNDS // 2
    values = list(state)
    for number, added in enumerate(round_constants):
        values = [value + constant for value, constant in zip(values, added, strict=True)]
        if FULL_ROUNDS // 2 <= number < last_partial:
            values[0] = pow(values[0], 5, R)
        else:
            values = [pow(value, 5, R) for value in values]
        values = [sum(map(int.__mul__, row, values)) % R for row in mds]
    return tuple(values)


@cache
def constants(t: int) -> Constants:
    """Return (round_constants, mds): one tuple of t constants a round, and the t x t matrix by rows."""
    if not 2 <= t <= len(PARTIAL_ROUNDS) + 1:
        raise BadInput(f"Poseidon is defined here for states of 2 to {len(PARTIAL_ROUNDS) + 1}, not {t}")
    partial = PARTIAL_ROUNDS[t - 2]
    draw = _elements(t, partial)
    round_constants = tuple(tuple(_below_order(draw) for _ in range(t)) for _ in range(FULL_ROUNDS + partial))
    return round_constants, _cauchy_matrix(draw, t)


def _below_order(draw: Iterator[int]) -> int:
    """Return the next draw that is a field element as it is: rejection keeps the constants uniform."""
    return next(value for value in draw if value < R)


def _cauchy_matrix(draw: Iterator[int], t: int) -> tuple[tuple[int, ...], ...]:
    """Return M[i][j] = 1/(x_i + y_j) for 2t distinct elements.

    The paper reduces these draws instead of rejecting.
    """
    while True:
        points = [next(draw) % R for _ in range(2 * t)]
        xs, ys = points[:t], points[t:]
        if len(set(points)) == 2 * t and all((x + y) % R for x in xs for y in ys):
            return tuple(tuple(pow(x + y, -1, R) for y in ys) for x in xs)


def _elements(t: int, partial: int) -> Iterator[int]:
    """Yield 254-bit integers, top bit first, from the shrunken Grain stream of these parameters."""
    bits = _shrunken_bits(t, partial)
    buffer = ""
    while True:
        while len(buffer) < _FIELD_BITS:
            buffer += next(bits)
        yield int(buffer[:_FIELD_BITS], 2)
        buffer = buffer[_FIELD_BITS:]


def _shrunken_bits(t: int, partial: int) -> Iterator[str]:
    """Yield the LFSR's output as text bits: of each pair (a, b) the b where a = 1, nothing where a = 0."""
    seed = f"{1:02b}{0:04b}{_FIELD_BITS:012b}{t:012b}{FULL_ROUNDS:010b}{partial:010b}" + "1" * 30
    state = int(seed[::-1], 2)  # bit k of `state` is bit k of the stream

    def step(state: int) -> int:
        fresh = 0
        for tap in _GRAIN_TAPS:
            fresh ^= state >> tap
        return state >> _STEP | (fresh & (1 << _STEP) - 1) << (_GRAIN_BITS - _STEP)

    for _ in range((160 + _GRAIN_BITS) // _STEP):  # 160 bits are thrown away; then 80 fresh ones fill the state
        state = step(state)
    table = _shrink_table()
    while True:
        yield table[state & 255] + table[state >> 8 & 255]
        state = step(state)


@cache
def _shrink_table() -> tuple[str, ...]:
    """Return what eight bits of the stream, the first one lowest, leave after shrinking."""
    return tuple("".join(str(byte >> k + 1 & 1) for k in range(0, 8, 2) if byte >> k & 1) for byte in range(256))
