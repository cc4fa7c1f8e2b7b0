"""Every verifier gives the verdict of the matrix on every case: the contract on Anvil; off chain the Python reference,
the native engine and snarkjs."""

from collections.abc import Callable

import pytest
from py_ecc.optimized_bn128 import optimized_curve as bn

from tests.chain.matrix import CASES, Attempt
from tests.chain.scenes import Scene, new_account
from tests.chain.snarkjs_engine import SnarkjsEngine
from verifier.chain import accounts
from verifier.chain.accounts import Claim
from verifier.errors import ArtefactMismatch, ChainError
from verifier.groth16 import Engine, ReferenceEngine, check_prepared_point
from verifier.groth16.curve import G2, sum_products, to_projective_g2
from verifier.groth16.proof import Proof
from verifier.statement import prepared_signals


def _native() -> Engine:
    native = pytest.importorskip("prover.native")
    engine: Engine = native.NativeEngine()
    return engine


SNARKJS_REDUCES = ("coordinate plus modulus",)
"""Cases that snarkjs 0.7.6 accepts: it reduces coordinates silently. All verifiers of this project refuse them."""
ENGINES: dict[str, Callable[[], Engine]] = {"reference": ReferenceEngine, "native": _native}


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name: str, scene: Scene) -> None:
    attempt = CASES[name](scene)
    check_contract(scene, attempt)
    if attempt.signals is not None:
        for make in ENGINES.values():
            verdict = make().verify(scene.prover.key, attempt.signals, attempt.proof)
            assert bool(verdict) is attempt.holds
            assert verdict.valid or verdict.reason
        of_snarkjs = SnarkjsEngine().verify(scene.prover.key, attempt.signals, attempt.proof)
        assert bool(of_snarkjs) is (attempt.holds or name in SNARKJS_REDUCES)


def check_contract(scene: Scene, attempt: Attempt) -> None:
    before = accounts.account_state(scene.registry, scene.trader.address)
    abi = scene.registry.abi

    def send() -> None:
        scene.connection.send(scene.authority, scene.registry.address, attempt.calldata, abi, "submitting the proof")

    if attempt.rule is None:
        send()
        assert accounts.account_state(scene.registry, scene.trader.address).nonce == before.nonce + 1
        return
    with pytest.raises(ChainError) as refused:
        send()
    assert (refused.value.rule or "") == attempt.rule
    assert accounts.account_state(scene.registry, scene.trader.address) == before


def test_one_commitment_counts_once(scene: Scene) -> None:
    other = new_account(50)
    scene.anvil.fund(other.address)
    with pytest.raises(ChainError) as refused:
        scene.attest(other, scene.commitment)
    assert refused.value.rule == "CommitmentTaken"


def test_one_account_counts_once_in_a_batch(scene: Scene) -> None:
    claim = scene.claim()
    with pytest.raises(ChainError) as refused:
        accounts.submit_batch(scene.registry, scene.authority, [claim, claim])
    assert refused.value.rule == "AccountsNotAscending"


def test_calldata_is_read_exactly(scene: Scene) -> None:
    evm = scene.claim().proof.to_evm()
    for data in (evm[:-1], evm + b"\0", b""):
        with pytest.raises(ArtefactMismatch):
            Proof.from_evm(data)


def test_a_forged_prepared_point_forges_proofs_and_is_refused(scene: Scene) -> None:
    """docs/statement.md, part 6: with a point of one's own choice, proofs need no trapdoor and no book.

    P' = v alpha - live terms makes the input sum v alpha; then A = alpha, B = beta + v gamma + u delta, C = u alpha.
    """
    key, v, u = scene.prover.key, 1234567, 7654321
    context = scene.context()
    live = scene.live(context, ratio_bps=20_000)
    forged_point = sum_products([key.alpha, *key.ic[-4:]], [v, *(-signal for signal in live.signals())])
    c = sum_products([key.alpha], [u])
    assert forged_point is not None
    assert c is not None
    forged = Proof(key.alpha, _sum_g2((key.beta, 1), (key.gamma, v), (key.delta, u)), c)
    for make in ENGINES.values():
        engine = make()
        assert engine.verify_prepared(key, forged_point, live.signals(), forged).valid, "the forgery is real"
        signals = prepared_signals(scene.program) + live.signals()
        assert not engine.verify(key, signals, forged).valid
    # off chain, a published point is compared with the program's before anything else
    with pytest.raises(ArtefactMismatch):
        check_prepared_point(key, scene.program, forged_point)
    # on chain, the point is the contract's own, and no y that the submitter sends makes another of it
    claim = Claim(context, 20_000, live.vault_balance, forged)
    with pytest.raises(ChainError) as refused:
        accounts.submit(scene.registry, scene.authority, claim)
    assert refused.value.rule == "InvalidProof"
    words = int(context.purpose), context.epoch, forged_point[1], claim.arguments()
    with pytest.raises(ChainError) as refused:
        scene.registry.send(scene.authority, "submitting the proof", "submit", *words)
    assert refused.value.rule in ("InvalidProof", "PointParity")


def _sum_g2(*terms: tuple[G2, int]) -> G2:
    total = bn.Z2
    for point, scalar in terms:
        total = bn.add(total, bn.multiply(to_projective_g2(point), scalar))
    x, y = bn.normalize(total)
    return (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))
