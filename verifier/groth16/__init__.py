"""Groth16 verification on py_ecc: the plain reference that every other engine must agree with.

e(A, B) = e(alpha, beta) * e(IC_0 + sum_j v_j IC_j, gamma) * e(C, delta). The first part of the sum, over the
program's values, is the *prepared point*: the same for every proof of an epoch. Who may choose it freely
forges proofs without any trapdoor, so it is recomputed from the program, never taken from elsewhere: see
`check_prepared_point`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from verifier.circuits import PublicLayout
from verifier.errors import ArtefactMismatch
from verifier.field import R
from verifier.groth16.curve import G1, check_g1, negate_g1, pairing_product_is_one, sum_products
from verifier.groth16.keys import VerifyingKey
from verifier.groth16.proof import Proof
from verifier.program import MarginProgram
from verifier.tiers import fold


@dataclass(frozen=True)
class Verdict:
    """Whether a proof is valid; where it is not, one sentence that says why."""

    valid: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.valid


ACCEPTED = Verdict(True)


class Engine(Protocol):
    """A verifier. All engines give the same verdict on every input.

    Malformed input is a verdict, not an exception.
    """

    def prepared_point(self, key: VerifyingKey, program: MarginProgram) -> G1:
        """Return IC_0 + sum over the prepared inputs; ArtefactMismatch where key and tier do not fit."""

    def verify(self, key: VerifyingKey, signals: Sequence[int], proof: Proof) -> Verdict:
        """Verify a proof against all public signals."""

    def verify_prepared(self, key: VerifyingKey, point: G1, live: Sequence[int], proof: Proof) -> Verdict:
        """Verify against a prepared point that the caller has computed or compared, and the live signals."""


class ReferenceEngine:
    """The engine of this module."""

    def prepared_point(self, key: VerifyingKey, program: MarginProgram) -> G1:
        return prepared_point(key, program)

    def verify(self, key: VerifyingKey, signals: Sequence[int], proof: Proof) -> Verdict:
        return verify(key, signals, proof)

    def verify_prepared(self, key: VerifyingKey, point: G1, live: Sequence[int], proof: Proof) -> Verdict:
        return verify_prepared(key, point, live, proof)


def prepared_point(key: VerifyingKey, program: MarginProgram) -> G1:
    """Return P = IC_0 + sum_j v_j IC_j over the program's values.

    Refuses a P at infinity, which accepts everybody.
    """
    point = prepared_sum(key, program.tier, program.prepared_values())
    if point is None:
        raise ArtefactMismatch("the prepared point is at infinity; publish the program with another blind")
    return point


def prepared_sum(key: VerifyingKey, layout: PublicLayout, values: Sequence[int]) -> G1 | None:
    """Return IC_0 + sum_j v_j IC_j over the prepared values of any circuit, signed integers; None for infinity.

    Values of a pair of rows share an IC point. ArtefactMismatch where key, layout and values do not fit.
    """
    key.check_tier(layout)
    needed = sum(section.count for section in layout.sections)
    if len(values) != needed:
        raise ArtefactMismatch(f"{layout.name} has {needed} prepared values, not {len(values)}")
    signals = fold(layout.sections, values)
    return sum_products(key.ic[: len(signals) + 1], (1, *signals))


def check_prepared_point(key: VerifyingKey, program: MarginProgram, published: G1) -> None:
    """Refuse a point that is not the program's own (ArtefactMismatch): its author could forge."""
    if published != prepared_point(key, program):
        raise ArtefactMismatch("the published prepared point is not the program's; proofs under it could be forged")


def verify(key: VerifyingKey, signals: Sequence[int], proof: Proof) -> Verdict:
    """Verify a proof against all n public signals."""
    if len(signals) != key.public_count:
        return Verdict(False, f"the key takes {key.public_count} public signals, not {len(signals)}")
    return verify_prepared(key, key.ic[0], signals, proof)


def verify_prepared(key: VerifyingKey, point: G1, live: Sequence[int], proof: Proof) -> Verdict:
    """Verify a proof against the prepared `point` and the last public signals, `live`.

    The caller must know that the point is the program's (`prepared_point`, `check_prepared_point`).
    """
    if len(live) > key.public_count:
        return Verdict(False, f"the key takes {key.public_count} public signals, not {len(live)}")
    if not all(0 <= signal < R for signal in live):
        return Verdict(False, "a public signal is not below the field's order")
    try:
        check_g1(point, "prepared point")
        proof.check_points()
    except ArtefactMismatch as error:
        return Verdict(False, str(error))
    ic = key.ic[len(key.ic) - len(live) :]
    inputs = sum_products((point, *ic), (1, *(_centred(signal) for signal in live)))
    factors = (
        (negate_g1(proof.a), proof.b),
        (key.alpha, key.beta),
        (inputs, key.gamma),
        (proof.c, key.delta),
    )
    if pairing_product_is_one(factors):
        return ACCEPTED
    return Verdict(False, "the proof does not hold for these public signals")


def _centred(signal: int) -> int:
    """Return the residue nearest zero: a program's negative values are short again."""
    return signal - R if signal > R // 2 else signal
