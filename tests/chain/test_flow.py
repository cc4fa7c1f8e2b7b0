"""The whole way through the client: deploy, publish, attest, deposit, prove, withdraw, update."""

from dataclasses import replace

import pytest

from tests.chain.scenes import HOUR, Scene, new_account
from verifier.chain import accounts
from verifier.chain.accounts import Claim
from verifier.chain.connection import TRANSACTION_GAS, Connection
from verifier.chain.epochs import check_epoch, publish
from verifier.chain.registry import connect_registry
from verifier.context import Action
from verifier.errors import ArtefactMismatch, BadInput, ChainError
from verifier.program import Purpose


def test_a_batch_proves_several_accounts(scene: Scene) -> None:
    claims = [scene.claim()]
    for number in (11, 12, 13):
        trader = new_account(number)
        scene.anvil.fund(trader.address)
        commitment = scene.prover.commit(scene.program, scene.case.positions, number)
        scene.attest(trader, commitment)
        scene.fund(trader, -(-scene.case.vault_balance // scene.published.epoch.vault_scale))
        deadline = scene.connection.now() + HOUR
        context = accounts.next_context(scene.registry, trader.address, Purpose.INITIAL, deadline)
        live = scene.live(context, commitment=commitment)
        proof = scene.prover.prove(scene.program, live)
        claims.append(Claim(context, live.ratio_bps, live.vault_balance, proof))
    spoiled = replace(claims[2], proof=claims[1].proof)
    with pytest.raises(ChainError) as refused:
        accounts.submit_batch(scene.registry, scene.authority, [*claims[:2], spoiled, claims[3]])
    assert refused.value.rule == "InvalidProof"
    accounts.submit_batch(scene.registry, scene.authority, claims)
    for claim in claims:
        assert accounts.standing(scene.registry, claim.context.account, Purpose.INITIAL).proven
    with pytest.raises(BadInput):
        accounts.submit_batch(scene.registry, scene.authority, [])


def test_a_withdrawal_clears_the_status_unless_it_is_proven(scene: Scene) -> None:
    registry, trader = scene.registry, scene.trader
    accounts.submit(registry, trader, scene.claim())
    context = scene.context(action=Action.WITHDRAW, recipient=scene.authority.address, amount=7)
    accounts.withdraw_with_proof(registry, trader, scene.claim(context))
    assert accounts.standing(registry, trader.address, Purpose.INITIAL).proven
    accounts.withdraw(registry, trader, scene.authority.address, 2)
    assert not accounts.standing(registry, trader.address, Purpose.INITIAL).proven
    with pytest.raises(ChainError) as refused:
        accounts.withdraw(registry, trader, scene.authority.address, 1 << 80)
    assert refused.value.rule == "BalanceTooSmall"


def test_an_update_clears_the_status_unless_it_is_proven(scene: Scene) -> None:
    registry, trader = scene.registry, scene.trader
    accounts.submit(registry, trader, scene.claim())
    second = scene.prover.commit(scene.program, scene.case.positions, 2)
    expiry = scene.connection.now() + HOUR
    attestation = accounts.next_attestation(registry, trader.address, second, scene.program.listing.hash, expiry)
    context = scene.context(action=Action.UPDATE)
    live = scene.live(context, commitment=second)
    claim = Claim(context, live.ratio_bps, live.vault_balance, scene.prover.prove(scene.program, live))
    signed = accounts.SignedAttestation(attestation, attestation.sign(scene.custodian), attestation.sign(trader))
    accounts.update_with_proof(registry, scene.authority, signed, claim)
    assert accounts.standing(registry, trader.address, Purpose.INITIAL).proven
    assert accounts.account_state(registry, trader.address).commitment == second
    scene.attest(trader, scene.prover.commit(scene.program, scene.case.positions, 3))
    assert not accounts.standing(registry, trader.address, Purpose.INITIAL).proven


def test_attestations_need_both_keys_and_serve_once(scene: Scene) -> None:
    registry = scene.registry
    commitment = scene.prover.commit(scene.program, scene.case.positions, 2)
    expiry = scene.connection.now() + HOUR
    hash_ = scene.program.listing.hash
    attestation = accounts.next_attestation(registry, scene.trader.address, commitment, hash_, expiry)
    with pytest.raises(ChainError) as refused:
        accounts.attest(registry, attestation, custodian=scene.trader, trader=scene.trader)
    assert refused.value.rule == "CustodianSignature"
    accounts.attest(registry, attestation, custodian=scene.custodian, trader=scene.trader)
    with pytest.raises(ChainError) as refused:
        accounts.attest(registry, attestation, custodian=scene.custodian, trader=scene.trader)
    assert refused.value.rule == "SequenceNotNext"


def test_publishing_needs_the_authority_and_a_new_number(scene: Scene) -> None:
    now = scene.connection.now()
    for authority, number, rule in ((scene.trader, 2, "NotEpochAuthority"), (scene.authority, 1, "EpochNotIncreasing")):
        with pytest.raises(ChainError) as refused:
            publish(scene.registry, scene.program, number, valid_from=now, valid_until=now + HOUR, authority=authority)
        assert refused.value.rule == rule


def test_a_published_point_that_is_not_the_programs_stops_the_client(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ForgingNode:
        """A node, or a contract, that shows another point."""

        def __getattr__(self, name: str) -> object:
            return getattr(scene.connection, name)

        def call(self, address: str, abi: object, name: str, *arguments: object) -> object:
            values = scene.connection.call(address, abi, name, *arguments)  # type: ignore[arg-type]
            return (*values[:2], values[2] ^ 1 << 255, *values[3:]) if name == "epoch" else values

    forged = replace(scene.registry, connection=ForgingNode())  # type: ignore[arg-type]
    with pytest.raises(ArtefactMismatch, match="prepared point"):
        check_epoch(forged, scene.program, 1)
    other = replace(scene.program, blind=scene.program.blind + 1)
    with pytest.raises(ArtefactMismatch, match="another program"):
        check_epoch(scene.registry, other, 1)
    with pytest.raises(ArtefactMismatch, match="not sealed"):
        check_epoch(scene.registry, scene.program, 9)


def test_only_the_keys_own_contract_is_taken_for_a_registry(scene: Scene) -> None:
    arguments = scene.prover.key, scene.prover.tier, scene.compiled
    assert connect_registry(scene.connection, scene.registry.address, *arguments) == scene.registry
    for address in (scene.token, scene.trader.address):
        with pytest.raises(ArtefactMismatch):
            connect_registry(scene.connection, address, *arguments)


def test_a_program_out_of_bounds_is_refused_by_the_contract_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.chain.epochs.admit", lambda program: None)
    now = scene.connection.now()
    for changes, rule in (
        ({"equity": (1 << 51, *scene.program.equity[1:])}, "EntryOutOfBounds"),
        ({"unit": 0}, "UnitIsZero"),
        ({"roll_net": -(1 << 33)}, "RollNetBelowRates"),
    ):
        program = replace(scene.program, **changes)
        with pytest.raises(ChainError) as refused:
            publish(scene.registry, program, 2, valid_from=now, valid_until=now + HOUR, authority=scene.authority)
        assert refused.value.rule == rule


def test_another_reader_makes_another_registry(scene: Scene) -> None:
    other = replace(scene.compiled, reader=scene.compiled.local_token)
    with pytest.raises(ArtefactMismatch, match="reads its programs"):
        connect_registry(scene.connection, scene.registry.address, scene.prover.key, scene.prover.tier, other)


def test_a_deposit_without_tokens_is_refused_by_name(scene: Scene) -> None:
    with pytest.raises(ChainError) as refused:
        accounts.deposit(scene.registry, scene.custodian, scene.custodian.address, 5)
    assert refused.value.rule in ("ERC20InsufficientBalance", None)
    assert "refused" in str(refused.value)


@pytest.mark.parametrize("local", [True, False])
def test_the_gas_limit_holds_on_local_and_other_chains(
    scene: Scene, local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "is_local", local)
    scene.publish(scene.program, 2)
    accounts.submit(scene.registry, scene.trader, scene.claim())
    with pytest.raises(ChainError) as refused:
        accounts.withdraw(scene.registry, scene.trader, scene.authority.address, 1 << 80)
    assert refused.value.rule == "BalanceTooSmall"
    before = accounts.account_state(scene.registry, scene.trader.address).nonce
    for rounds in (TRANSACTION_GAS // 20, TRANSACTION_GAS // 10):
        with pytest.raises(ChainError, match="than a transaction may use; split it"):
            scene.connection.send(scene.trader, None, _loop(rounds), (), "deploying")
    assert scene.connection.send(scene.trader, None, _loop(TRANSACTION_GAS // 30), (), "deploying").gas_used > 10**7
    assert accounts.account_state(scene.registry, scene.trader.address).nonce == before


def _loop(rounds: int) -> bytes:
    """Return init code that counts down, at 26 gas a round."""
    return bytes.fromhex(f"62{rounds:06x}5b600190038060045700")
