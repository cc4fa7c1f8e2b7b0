"""A verifying key whose trapdoor is known, and proofs simulated with it: tests of contracts and clients only.

Whoever knows alpha, beta, gamma, delta and the scalars of the IC points makes a valid proof for any public signals:
A = a G1, B = b G2, C = ((ab - alpha beta - gamma L) / delta) G1, L the scalar of the input sum. The contracts cannot
tell such a proof from an honest one, so every path of theirs runs with real pairings and without a circuit.
contracts/test/Trapdoor.sol draws the same scalars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from eth_abi.abi import encode
from eth_hash.auto import keccak
from py_ecc.optimized_bn128 import optimized_curve as bn

from verifier.circuits import PublicLayout
from verifier.field import Q, R
from verifier.groth16.curve import G1, G1_GENERATOR, G2, G2_GENERATOR, sum_products, to_projective_g2
from verifier.groth16.keys import VerifyingKey
from verifier.groth16.proof import Proof
from verifier.program import MarginProgram
from verifier.statement import prepared_signals


@dataclass(frozen=True)
class Trapdoor:
    """The scalars of one key, drawn from a seed."""

    seed: str
    tier: PublicLayout

    def scalar(self, name: str, index: int = 0) -> int:
        """Return keccak256(abi.encode(seed, name, index)) mod R."""
        data = encode(["string", "string", "uint256"], [self.seed, name, index])
        return int.from_bytes(keccak(data), "big") % R

    @cached_property
    def ic(self) -> tuple[int, ...]:
        """The scalars of IC_0..IC_n."""
        return tuple(self.scalar("ic", j) for j in range(self.tier.public_count + 1))

    @cached_property
    def key(self) -> VerifyingKey:
        """The verifying key."""
        return VerifyingKey(
            alpha=g1(self.scalar("alpha")),
            beta=g2(self.scalar("beta")),
            gamma=g2(self.scalar("gamma")),
            delta=g2(self.scalar("delta")),
            ic=tuple(many_g1(self.ic)),
        )

    def prove(self, signals: Sequence[int], nonce: int = 0) -> Proof:
        """Return a valid proof of any public signals; `nonce` varies its randomness."""
        total = sum(v * ic for v, ic in zip((1, *signals), self.ic, strict=True))
        return self.prove_sum(total, nonce)

    def prove_program(self, program: MarginProgram, live: Sequence[int], nonce: int = 0) -> Proof:
        """Return a valid proof for a program and live signals, whatever they say."""
        return self.prove((*prepared_signals(program), *live), nonce)

    def prove_sum(self, total: int, nonce: int = 0) -> Proof:
        """Return a valid proof for an input sum total * G1."""
        a, b = self.scalar("a", nonce), self.scalar("b", nonce)
        rest = a * b - self.scalar("alpha") * self.scalar("beta") - self.scalar("gamma") * total
        return Proof(g1(a), g2(b), g1(rest * pow(self.scalar("delta"), -1, R)))


def g1(scalar: int) -> G1:
    """Return scalar * G1; the scalar must not be zero."""
    point = sum_products([G1_GENERATOR], [scalar % R])
    assert point is not None
    return point


def g2(scalar: int) -> G2:
    """Return scalar * G2."""
    x, y = bn.normalize(bn.multiply(to_projective_g2(G2_GENERATOR), scalar % R))
    return (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))


_Jacobian = tuple[int, int, int]


@lru_cache(maxsize=1)
def _window_table() -> list[list[G1]]:
    """Return d * 256^k * G1 for each window k and digit d in 1..255."""
    table = []
    base = G1_GENERATOR
    for _ in range(32):
        row: list[_Jacobian] = [(*base, 1)]
        for _ in range(255):
            row.append(_add(row[-1], base))
        affine = _affine(row)
        table.append(affine[:255])
        base = affine[255]
    return table


def many_g1(scalars: Sequence[int]) -> list[G1]:
    """Return scalar * G1 for each, by a table of the generator's multiples."""
    table = _window_table()
    out = []
    for scalar in scalars:
        point: _Jacobian | None = None
        for row, digit in zip(table, scalar.to_bytes(32, "little"), strict=True):
            if digit:
                point = _add(point, row[digit - 1]) if point else (*row[digit - 1], 1)
        assert point is not None
        out.append(point)
    return _affine(out)


def _add(left: _Jacobian, right: G1) -> _Jacobian:
    """Return the sum of a Jacobian and an affine point that are not opposite."""
    x1, y1, z1 = left
    zz = z1 * z1 % Q
    h, r = (right[0] * zz - x1) % Q, (right[1] * zz * z1 - y1) % Q
    if not h:
        x, y = x1, y1  # z1 = 1 here: only the first row of a table doubles
        slope = 3 * x * x * pow(2 * y, -1, Q) % Q
        x3 = (slope * slope - 2 * x) % Q
        return x3, (slope * (x - x3) - y) % Q, 1
    hh = h * h % Q
    hhh, v = h * hh % Q, x1 * hh % Q
    x3 = (r * r - hhh - 2 * v) % Q
    return x3, (r * (v - x3) - y1 * hhh) % Q, z1 * h % Q


def _affine(points: Sequence[_Jacobian]) -> list[G1]:
    """Return affine coordinates with one inversion for all."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % Q)
    inverse = pow(products[-1], -1, Q)
    out: list[G1] = []
    for (x, y, z), before in zip(reversed(points), reversed(products[:-1]), strict=True):
        own, inverse = inverse * before % Q, inverse * z % Q
        square = own * own % Q
        out.append((x * square % Q, y * square * own % Q))
    return out[::-1]
