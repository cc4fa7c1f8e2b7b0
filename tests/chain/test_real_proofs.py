"""Real proofs of the real circuits, accepted and refused by the contract on a local chain."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.chain.circuit_prover import CircuitProver
from tests.chain.conftest import BUILD
from tests.chain.scenes import Scene, make_scene
from verifier.chain import accounts
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import compile_registry
from verifier.errors import ChainError, ClaimFalse
from verifier.program import Purpose
from verifier.tiers import TIERS


@pytest.fixture(scope="module", params=list(TIERS))
def real_scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    prover = CircuitProver(TIERS[request.param])
    with Anvil() as anvil:
        yield make_scene(anvil, prover, compile_registry(prover.key, prover.tier, BUILD))


def test_a_real_proof_is_accepted_once(real_scene: Scene) -> None:
    scene = real_scene
    claim = scene.claim()
    sent = accounts.submit(scene.registry, scene.trader, claim)
    assert sent.gas_used <= 262_000
    assert accounts.standing(scene.registry, scene.trader.address, Purpose.INITIAL).proven
    with pytest.raises(ChainError) as refused:
        accounts.submit(scene.registry, scene.trader, claim)
    assert refused.value.rule == "NonceMismatch"


def test_a_real_proof_serves_its_own_terms_only(real_scene: Scene) -> None:
    scene = real_scene
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


def test_no_proof_is_made_for_a_margin_that_is_not_met(real_scene: Scene) -> None:
    scene = real_scene
    live = scene.live(scene.context())
    with pytest.raises(ClaimFalse):
        scene.prover.prove(scene.program, replace(live, vault_balance=live.vault_balance - 10**9))
