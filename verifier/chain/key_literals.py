"""A verifying key as Solidity literals: points, pairing terms, and the data contracts of its IC points.

Literals cost about 1,600 gas a proof less than immutables, and a key that is code cannot be replaced.
"""

from collections.abc import Mapping, Sequence

from verifier.circuits import PublicLayout
from verifier.field import Q
from verifier.groth16.curve import G1, G2, doubled
from verifier.groth16.keys import VerifyingKey, g2_words
from verifier.keccak import keccak
from verifier.tiers import PAIR_SHIFT, signal_terms

POINTS_PER_CONTRACT = 383
"""1 + 383 * 64 bytes: the most that a contract's 24,576 bytes of code can hold."""


def ic_blobs(key: VerifyingKey, layout: PublicLayout) -> tuple[bytes, ...]:
    """Return the code of the data contracts that hold a point for each prepared value: STOP, then the points.

    The point of a value is its signal's IC; of the higher of a pair of values a multiple of it, so that a contract adds
    values by their own points and knows nothing of pairs.
    """
    key.check_tier(layout)
    terms = signal_terms(layout.sections)
    higher = [signal for signal, factor in terms if factor != 1]
    multiples = iter(doubled([key.ic[1 + signal] for signal in higher], PAIR_SHIFT))
    points = [key.ic[1 + signal] if factor == 1 else next(multiples) for signal, factor in terms]
    return tuple(
        b"\0" + b"".join(_g1_bytes(point) for point in points[start : start + POINTS_PER_CONTRACT])
        for start in range(0, len(points), POINTS_PER_CONTRACT)
    )


def blob_init_code(blob: bytes) -> bytes:
    """Return the creation code of a contract whose code is `blob`: PUSH2 size, DUP1, PUSH1 10, 0, CODECOPY, RETURN."""
    return b"\x61" + len(blob).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + blob


def ic_code_hash(blobs: Sequence[bytes]) -> bytes:
    """Return keccak256 over the code hashes of the data contracts."""
    return keccak(b"".join(keccak(blob) for blob in blobs))


def pairs(key: VerifyingKey) -> dict[int, tuple[int, ...]]:
    """Return the words of alpha, -beta, -gamma, -delta by their offset in the buffer of pairs."""
    return {
        0x00: key.alpha,
        0x40: _negative_words(key.beta),
        0x100: _negative_words(key.gamma),
        0x1C0: _negative_words(key.delta),
    }


def returned(point: G1, indent: int = 8) -> str:
    """Return the statement that returns a point, as forge fmt would write it."""
    pad = " " * indent
    return f"return (\n{pad}    0x{point[0]:064x},\n{pad}    0x{point[1]:064x}\n{pad});"


def stores(points: Mapping[int, tuple[int, ...]]) -> str:
    return "\n".join(
        f"            mstore(add(memoryAt, 0x{offset + 32 * index:03x}), 0x{word:064x})"
        for offset, words in points.items()
        for index, word in enumerate(words)
    )


def _negative_words(point: G2) -> tuple[int, ...]:
    """Return the EVM words of -point: the contract negates nothing."""
    x, (y0, y1) = point
    return g2_words((x, (-y0 % Q, -y1 % Q)))


def _g1_bytes(point: G1) -> bytes:
    return point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
