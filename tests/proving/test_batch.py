"""The native engine's batch gives each proof the verdict that it has alone, and that the reference gives."""

from dataclasses import replace

import pytest

from prover.native import NativeEngine
from tests.chain.trapdoor import Trapdoor
from verifier.field import Q, R
from verifier.groth16 import ReferenceEngine
from verifier.groth16.curve import G1_GENERATOR
from verifier.groth16.proof import Proof
from verifier.tiers import GRID

KEY = Trapdoor("batch", GRID)
PREFIX = tuple(range(1, GRID.prepared_count + 1))
SIZE = 5


@pytest.fixture(scope="module")
def batch() -> tuple[tuple[int, int], list[tuple[int, ...]], list[Proof]]:
    """A prepared point with live signals and proofs that hold for it."""
    lives = [(10_000, k, 1000 + k, R - 1 - k) for k in range(SIZE)]
    proofs = [KEY.prove((*PREFIX, *live), k) for k, live in enumerate(lives)]
    data = NativeEngine()._key(KEY.key).prepare(b"".join(v.to_bytes(32, "big") for v in PREFIX))
    return (int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")), lives, proofs


def test_a_batch_of_true_proofs_is_accepted(batch: tuple) -> None:
    point, lives, proofs = batch
    assert all(NativeEngine().verify_batch(KEY.key, point, lives, proofs))
    assert NativeEngine().verify_batch(KEY.key, point, [], []) == []
    assert NativeEngine().verify_batch(KEY.key, point, lives[:1], proofs[:1])[0]


@pytest.mark.parametrize("spoiled", range(SIZE))
def test_only_the_false_ones_are_refused(spoiled: int, batch: tuple) -> None:
    point, lives, proofs = batch
    native, reference = NativeEngine(), ReferenceEngine()
    other = proofs[(spoiled + 1) % SIZE]
    wrong = [
        replace(proofs[spoiled], c=other.c),
        replace(proofs[spoiled], a=(proofs[spoiled].a[0], Q - proofs[spoiled].a[1])),
        replace(proofs[spoiled], c=(G1_GENERATOR[0], G1_GENERATOR[1] + 1)),  # off the curve
        replace(proofs[spoiled], c=(0, 0)),
        other,
    ]
    for false in wrong:
        given = [*proofs[:spoiled], false, *proofs[spoiled + 1 :]]
        verdicts = [bool(verdict) for verdict in native.verify_batch(KEY.key, point, lives, given)]
        assert verdicts == [k != spoiled for k in range(SIZE)]
    single = reference.verify_prepared(KEY.key, point, lives[spoiled], wrong[0])
    assert not single


def test_signals_out_of_the_field_and_uneven_ones_are_refused(batch: tuple) -> None:
    point, lives, proofs = batch
    for changed in ((*lives[2][:3], R + lives[2][3]), lives[2][1:], (*lives[2], 1)):
        given = [*lives[:2], changed, *lives[3:]]
        verdicts = [bool(verdict) for verdict in NativeEngine().verify_batch(KEY.key, point, given, proofs)]
        assert verdicts == [True, True, False, True, True]
