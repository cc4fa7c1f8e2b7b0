"""Real proofs of the real circuits, accepted and refused by the contract on a local chain."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.chain.circuit_prover import CircuitProver
from tests.chain.conftest import BUILD, undone
from tests.chain.scenes import HOUR, Scene, make_scene
from verifier.chain import accounts
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import compile_registry
from verifier.chain.epochs import newest_epoch
from verifier.encoding import program_hash
from verifier.errors import ChainError, ClaimFalse
from verifier.groth16 import prepared_point
from verifier.program import Purpose
from verifier.tiers import TIERS


@pytest.fixture(scope="module", params=list(TIERS))
def module_scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """One chain for each tier, with the registry of its circuit's key."""
    prover = CircuitProver(TIERS[request.param])
    with Anvil() as anvil:
        yield make_scene(anvil, prover, compile_registry(prover.key, prover.tier, BUILD))


@pytest.fixture
def scene(module_scene: Scene) -> Iterator[Scene]:
    """The registry of each tier as it was after its making."""
    with undone(module_scene):
        yield module_scene


def test_the_contract_computes_the_point_of_the_program(scene: Scene) -> None:
    epoch = newest_epoch(scene.registry, Purpose.INITIAL)
    assert epoch is not None
    assert epoch.point == prepared_point(scene.registry.key, scene.program)
    assert epoch.program_hash == program_hash(scene.program)
    assert all(sent.gas_used < 16_700_000 for sent in scene.published.transactions)


def test_a_real_proof_is_accepted_once(scene: Scene) -> None:
    claim = scene.claim()
    sent = accounts.submit(scene.registry, scene.trader, claim)
    assert sent.gas_used <= 262_000
    assert accounts.standing(scene.registry, scene.trader.address, Purpose.INITIAL).proven
    with pytest.raises(ChainError) as refused:
        accounts.submit(scene.registry, scene.trader, claim)
    assert refused.value.rule == "NonceMismatch"


def test_a_real_proof_serves_its_own_terms_only(scene: Scene) -> None:
    claim = scene.claim()
    for changed in (
        replace(claim, ratio_bps=12_500),
        replace(claim, vault_balance=claim.vault_balance + 1),
        replace(claim, context=replace(claim.context, deadline=claim.context.deadline + 1)),
        replace(claim, proof=replace(claim.proof, a=claim.proof.c)),
    ):
        with pytest.raises(ChainError) as refused:
            accounts.submit(scene.registry, scene.trader, changed)
        assert refused.value.rule == "InvalidProof"


def test_no_proof_is_made_for_a_margin_that_is_not_met(scene: Scene) -> None:
    live = scene.live(scene.context())
    with pytest.raises(ClaimFalse):
        scene.prover.prove(scene.program, replace(live, vault_balance=live.vault_balance - 10**9))


def test_a_proof_makes_the_account_proven_until_the_epoch_ends(scene: Scene) -> None:
    assert not accounts.standing(scene.registry, scene.trader.address, Purpose.INITIAL).proven
    sent = accounts.submit(scene.registry, scene.authority, scene.claim())
    assert sent.gas_used <= 262_000
    standing = accounts.standing(scene.registry, scene.trader.address, Purpose.INITIAL)
    epoch = scene.published.epoch
    assert standing.proven
    assert (standing.epoch, standing.ratio_bps, standing.until) == (1, scene.case.ratio_bps, epoch.valid_until)
    assert accounts.account_state(scene.registry, scene.trader.address).nonce == 1
    scene.anvil.advance(101 * HOUR)
    assert not accounts.standing(scene.registry, scene.trader.address, Purpose.INITIAL).proven
