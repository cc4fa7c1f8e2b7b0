"""The reference verifier: one verdict and one sentence for every way a proof can be wrong."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_ecc.optimized_bn128 import optimized_curve as bn

from tests.builders import random_program
from tests.verifier.trapdoor import Trapdoor, g1, g2, point_outside_the_subgroup
from verifier.errors import ArtefactMismatch
from verifier.field import Q, R
from verifier.groth16 import (
    Engine,
    ReferenceEngine,
    check_prepared_point,
    prepared_point,
    verify,
    verify_prepared,
)
from verifier.groth16.curve import G1_GENERATOR, multiply_g2, negate_g1, sum_products
from verifier.groth16.keys import KeyRefused, load_key
from verifier.groth16.proof import Proof, load_proof, load_signals
from verifier.statement import LiveInputs, prepared_signals, public_signals
from verifier.tiers import GRID

VECTORS = Path(__file__).parents[1] / "vectors/groth16"
KEY = load_key(VECTORS / "verification_key.json")
PROOF = load_proof(VECTORS / "proof.json")
SIGNALS = load_signals(VECTORS / "public.json")
TRAPDOOR = Trapdoor.random(Random(1))


def test_a_proof_of_snarkjs_is_accepted():
    verdict = verify(KEY, SIGNALS, PROOF)
    assert verdict
    assert verdict.reason == ""


@pytest.mark.parametrize("index", range(3))
def test_another_public_signal_is_refused(index: int):
    changed = tuple(signal + (k == index) for k, signal in enumerate(SIGNALS))
    assert "does not hold" in verify(KEY, changed, PROOF).reason


def test_a_signal_plus_the_order_is_refused_although_it_is_the_same_residue():
    wrapped = (SIGNALS[0] + R, *SIGNALS[1:])
    assert verify(KEY, wrapped, PROOF).reason == "a public signal is not below the field's order"
    assert not verify(KEY, (-1, *SIGNALS[1:]), PROOF)


@pytest.mark.parametrize("signals", [SIGNALS[:-1], (*SIGNALS, 0)])
def test_a_wrong_number_of_signals_is_refused(signals: tuple[int, ...]):
    assert "3 public signals" in verify(KEY, signals, PROOF).reason


def test_the_negated_proof_verifies_too_so_that_bytes_are_no_identity():
    b = PROOF.b
    negated = replace(PROOF, a=negate_g1(PROOF.a), b=(b[0], (-b[1][0] % Q, -b[1][1] % Q)))
    assert verify(KEY, SIGNALS, negated)
    assert negated.to_evm() != PROOF.to_evm()


@pytest.mark.parametrize(
    ("proof", "sentence"),
    [
        (replace(PROOF, a=(PROOF.a[0] + Q, PROOF.a[1])), "A: a coordinate is not below"),
        (replace(PROOF, c=(PROOF.c[0], PROOF.c[1] - Q)), "C: a coordinate is not below"),
        (replace(PROOF, b=((PROOF.b[0][0] + Q, PROOF.b[0][1]), PROOF.b[1])), "B: a coordinate is not below"),
        (replace(PROOF, a=(PROOF.a[0], PROOF.a[1] ^ 1)), "A: not a point of the curve"),
        (replace(PROOF, a=(0, 0)), "A: not a point of the curve"),
        (replace(PROOF, b=(PROOF.b[1], PROOF.b[0])), "B: not a point of the curve"),
        (replace(PROOF, b=((0, 0), (0, 0))), "B: not a point of the curve"),
        (replace(PROOF, b=(PROOF.b[0][::-1], PROOF.b[1][::-1])), "B: not a point of the curve"),
        (replace(PROOF, a=PROOF.c, c=PROOF.a), "does not hold"),
        (replace(PROOF, c=G1_GENERATOR), "does not hold"),
    ],
)
def test_a_tampered_proof_is_refused(proof: Proof, sentence: str):
    assert sentence in verify(KEY, SIGNALS, proof).reason


def test_a_twist_point_outside_the_subgroup_is_refused():
    assert "outside the subgroup" in verify(KEY, SIGNALS, replace(PROOF, b=point_outside_the_subgroup())).reason


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**256), st.booleans())
def test_multiples_in_g2_are_py_eccs(scalar: int, inside: bool):
    point = g2(7) if inside else point_outside_the_subgroup()
    x, y, z = bn.multiply(_g2(point), scalar)
    expected = None if bn.is_inf((x, y, z)) else tuple(tuple(map(int, c.coeffs)) for c in bn.normalize((x, y, z)))
    assert multiply_g2(point, scalar) == expected


def test_multiples_in_g2_meet_infinity_and_go_on():
    """Points of small order, 10069, a factor of the twist's cofactor: their double-and-add passes infinity."""
    x, y = bn.normalize(bn.multiply(_g2(point_outside_the_subgroup()), (2 * Q - R) // 10069 * R))
    small = (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))
    assert multiply_g2(small, 10069) is None
    assert multiply_g2(small, 10069 * 2) is multiply_g2(small, 0) is None
    assert multiply_g2(small, 10068) == (small[0], (-small[1][0] % Q, -small[1][1] % Q))
    assert multiply_g2(small, 10069 * 4 + 1) == multiply_g2(small, 10070) == small


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, R - 1), st.integers(-(2**60), 2**60)), max_size=12))
def test_the_sum_of_products_is_py_eccs(terms: list[tuple[int, int]]):
    points = [g1(scalar) for scalar, _ in terms]
    total = sum(scalar * factor for scalar, factor in terms) % R
    assert sum_products(points, [factor for _, factor in terms]) == (g1(total) if total else None)


def test_the_sum_of_products_meets_equal_and_opposite_points():
    point = g1(7)
    assert sum_products([point, point], [1, 1]) == g1(14)
    assert sum_products([point, point], [5, -5]) is None
    assert sum_products([point, negate_g1(point)], [3, 3]) is None
    assert sum_products([], []) is None
    assert sum_products([point], [R]) is None


class TestPreparedPoint:
    """A grid program under a key whose trapdoor is known, so that honest and forged proofs can be made."""

    RNG = Random(5)
    PROGRAM = random_program(RNG, GRID, extreme=True)
    KEY = TRAPDOOR.key(GRID.public_count)
    LIVE = LiveInputs(12_500, 99, (1234,), 5678)
    SIGNALS = public_signals(PROGRAM, LIVE)
    PROOF = TRAPDOOR.simulate(RNG, SIGNALS)

    def test_it_is_the_sum_over_the_programs_values(self):
        logarithm = TRAPDOOR.first + TRAPDOOR.input_sum(prepared_signals(self.PROGRAM))
        assert prepared_point(self.KEY, self.PROGRAM) == g1(logarithm)

    def test_full_and_prepared_verification_agree(self):
        point = prepared_point(self.KEY, self.PROGRAM)
        assert verify(self.KEY, self.SIGNALS, self.PROOF)
        assert verify_prepared(self.KEY, point, self.LIVE.signals(), self.PROOF)
        for change in ({"context": 1}, {"ratio_bps": 10_000}, {"vault_balance": 0}, {"commitments": (1,)}):
            other = replace(self.LIVE, **change)
            assert not verify_prepared(self.KEY, point, other.signals(), self.PROOF)

    def test_a_proof_for_another_program_is_refused(self):
        other = random_program(Random(6), GRID)
        assert not verify(self.KEY, public_signals(other, self.LIVE), self.PROOF)

    def test_a_forged_point_proves_anything_without_a_trapdoor_and_is_refused(self):
        """With P such that the input sum is v*alpha, A = alpha and B = beta + v*gamma + u*delta verify."""
        u, v = 3, 5
        live = replace(self.LIVE, vault_balance=(1 << 90) - 1).signals()
        ic = self.KEY.ic[-len(live) :]
        forged = sum_products((self.KEY.alpha, *ic), (v, *(-signal for signal in live)))
        assert forged is not None
        b = bn.add(
            _g2(self.KEY.beta),
            bn.add(bn.multiply(_g2(self.KEY.gamma), v), bn.multiply(_g2(self.KEY.delta), u)),
        )
        x, y = bn.normalize(b)
        c = sum_products([self.KEY.alpha], [u])
        assert c is not None
        proof = Proof(
            self.KEY.alpha,
            ((int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))),
            c,
        )
        assert verify_prepared(self.KEY, forged, live, proof)
        with pytest.raises(ArtefactMismatch, match="could be forged"):
            check_prepared_point(self.KEY, self.PROGRAM, forged)
        check_prepared_point(self.KEY, self.PROGRAM, prepared_point(self.KEY, self.PROGRAM))

    def test_a_point_off_the_curve_is_refused(self):
        assert "prepared point" in verify_prepared(self.KEY, (0, 0), self.LIVE.signals(), self.PROOF).reason
        assert "prepared point" in verify_prepared(self.KEY, (Q + 1, 2), self.LIVE.signals(), self.PROOF).reason

    def test_too_many_live_signals_are_refused(self):
        live = (0,) * (GRID.public_count + 1)
        assert "public signals" in verify_prepared(self.KEY, G1_GENERATOR, live, self.PROOF).reason

    def test_a_point_at_infinity_is_not_published(self):
        logarithm = TRAPDOOR.first + TRAPDOOR.input_sum((0, *prepared_signals(replace(self.PROGRAM, blind=0))[1:]))
        listing = self.PROGRAM.listing.hash * (TRAPDOOR.first + TRAPDOOR.step)
        second = TRAPDOOR.first + 2 * TRAPDOOR.step
        blind = -(logarithm + listing) * pow(second, -1, R) % R
        with pytest.raises(ArtefactMismatch, match="infinity"):
            prepared_point(self.KEY, replace(self.PROGRAM, blind=blind))

    def test_a_key_of_another_size_is_refused(self):
        with pytest.raises(KeyRefused, match="needs 2994"):
            prepared_point(KEY, self.PROGRAM)

    def test_the_reference_is_an_engine(self):
        engine: Engine = ReferenceEngine()
        point = engine.prepared_point(self.KEY, self.PROGRAM)
        assert engine.verify_prepared(self.KEY, point, self.LIVE.signals(), self.PROOF)
        assert engine.verify(KEY, SIGNALS, PROOF)


def _g2(point: tuple[tuple[int, int], tuple[int, int]]):
    return bn.FQ2(list(point[0])), bn.FQ2(list(point[1])), bn.FQ2.one()


def test_simulated_proofs_need_the_trapdoor():
    key = TRAPDOOR.key(2)
    assert verify(key, (1, 2), TRAPDOOR.simulate(Random(1), (1, 2)))
    assert not verify(key, (1, 2), Trapdoor.random(Random(9)).simulate(Random(1), (1, 2)))
    assert g2(1) == (
        (int(bn.G2[0].coeffs[0]), int(bn.G2[0].coeffs[1])),
        (int(bn.G2[1].coeffs[0]), int(bn.G2[1].coeffs[1])),
    )
