"""Every verifier gives the verdict of the matrix on every case: the contract on Anvil, and the engines off chain."""

from collections.abc import Callable

import pytest

from tests.chain.matrix import CASES, Attempt
from tests.chain.scenes import Scene, new_account
from tests.chain.trapdoor import g1
from verifier.chain import accounts
from verifier.chain.accounts import Claim
from verifier.curve import G1, negate_g1, sum_products
from verifier.errors import ArtefactMismatch, ChainError
from verifier.groth16 import Engine, ReferenceEngine, verify_prepared
from verifier.proof import Proof


def _native() -> Engine:
    native = pytest.importorskip("prover.native")
    engine: Engine = native.NativeEngine()
    return engine


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


def check_contract(scene: Scene, attempt: Attempt) -> None:
    before = accounts.account_state(scene.registry, scene.trader.address)
    abi = scene.registry.contract.abi

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
    """docs/statement.md, part 6: with a point of one's own choice, proofs need no trapdoor and no book."""
    key, program = scene.prover.key, scene.program
    context = scene.context()
    live = scene.live(context, ratio_bps=20_000)
    terms = sum_products(key.ic[-4:], live.signals())
    assert terms is not None
    # L = v alpha with v chosen: A = alpha, B = beta + v gamma, C = 0 point ... here v = 0 needs no sum in G2
    u = 987654321
    forged_point: G1 = negate_g1(terms)
    forged = Proof(key.alpha, key.beta, g1(u))
    shifted = _add(forged_point, negate_g1(g1(0 + 1)))
    assert shifted != forged_point
    assert not verify_prepared(key, forged_point, live.signals(), forged)
    # Off chain: a published point is compared with the program's before anything else.
    from verifier.groth16 import check_prepared_point

    with pytest.raises(ArtefactMismatch):
        check_prepared_point(key, program, forged_point)
    # On chain: the point is the contract's own, and no y that the submitter sends makes another of it.
    claim = Claim(context, 20_000, live.vault_balance, forged)
    with pytest.raises(ChainError) as refused:
        accounts.submit(scene.registry, scene.authority, claim)
    assert refused.value.rule == "InvalidProof"


def _add(left: G1, right: G1) -> G1:
    out = sum_products([left, right], [1, 1])
    assert out is not None
    return out
