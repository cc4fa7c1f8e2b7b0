"""Keys made with a known trapdoor, and proofs simulated with it: valid proofs of anything, without circuit or
prover.

For tests of verifiers only. That such proofs verify is why a development key is forgeable by its maker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from py_ecc.optimized_bn128 import optimized_curve as bn

from verifier.field import Q, R
from verifier.groth16.curve import G1, G2
from verifier.groth16.keys import VerifyingKey
from verifier.groth16.proof import Proof


def g1(scalar: int) -> G1:
    """Return scalar * generator."""
    return _affine_g1(bn.multiply(bn.G1, scalar % R))


def g2(scalar: int) -> G2:
    """Return scalar * generator."""
    x, y = bn.normalize(bn.multiply(bn.G2, scalar % R))
    return (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))


def _affine_g1(point: Any) -> G1:
    x, y = bn.normalize(point)
    return int(x.n), int(y.n)


@dataclass(frozen=True)
class Trapdoor:
    """The discrete logarithms behind a key: IC_j = (first + j*step) * generator."""

    alpha: int
    beta: int
    gamma: int
    delta: int
    first: int
    step: int

    @classmethod
    def random(cls, rng: Random) -> "Trapdoor":
        return cls(*(rng.randrange(2, R) for _ in range(6)))

    def key(self, public_count: int) -> VerifyingKey:
        """Return the verifying key for so many public signals."""
        point, step = bn.multiply(bn.G1, self.first), bn.multiply(bn.G1, self.step)
        ic = [_affine_g1(point)]
        for _ in range(public_count):
            point = bn.add(point, step)
            ic.append(_affine_g1(point))
        return VerifyingKey(g1(self.alpha), g2(self.beta), g2(self.gamma), g2(self.delta), tuple(ic))

    def input_sum(self, signals: Sequence[int], start: int = 1) -> int:
        """Return the logarithm of sum signal_j IC_(start+j)."""
        return sum(signal * (self.first + j * self.step) for j, signal in enumerate(signals, start)) % R

    def simulate(self, rng: Random, signals: Sequence[int]) -> Proof:
        """Return a proof that verifies for `signals`, whatever they say."""
        a, b = rng.randrange(1, R), rng.randrange(1, R)
        rest = self.alpha * self.beta + (self.first + self.input_sum(signals)) * self.gamma
        return Proof(g1(a), g2(b), g1((a * b - rest) * pow(self.delta, -1, R)))


def point_outside_the_subgroup() -> G2:
    """Return a point of the twist whose order is not R: a random one, since the cofactor is large."""
    for c0 in range(1, 100):
        x = bn.FQ2([c0, 1])
        square = x * x * x + bn.b2
        root = square ** ((Q**2 + 15) // 32)  # Q^2 = 17 mod 32: a root up to a 16th root of unity, tried below
        unit = bn.FQ2([9, 1]) ** ((Q**2 - 1) // 32)
        for k in range(32):
            y = root * unit**k
            if y * y == square:
                return (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))
    raise AssertionError("no point found")
