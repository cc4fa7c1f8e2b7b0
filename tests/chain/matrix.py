"""The verdict matrix: honest and dishonest submissions, each with what every verifier must say.

A case makes an Attempt against a Scene. `rule` is the contract's verdict (None: accepted). `signals` and `proof` are
what a verifier off chain would check: the signals that it computes itself for the action as attempted, never what the
submitter says; `holds` is its verdict. `signals` is None where there is nothing to check off chain (a missing epoch, a
malformed call). Engines are added in test_verdicts.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.chain.scenes import HOUR, Scene, new_account
from verifier.chain import accounts
from verifier.chain.accounts import Claim
from verifier.context import Action, Context
from verifier.field import Q, R
from verifier.groth16.proof import Proof
from verifier.program import MarginProgram, Purpose
from verifier.statement import LiveInputs, prepared_signals


@dataclass(frozen=True)
class Attempt:
    """One submission."""

    calldata: bytes
    rule: str | None
    signals: tuple[int, ...] | None
    proof: Proof
    holds: bool


Build = Callable[[Scene], Attempt]
CASES: dict[str, Build] = {}


def case(build: Build) -> Build:
    CASES[build.__name__.replace("_", " ")] = build
    return build


def attempt(
    scene: Scene,
    claim: Claim,
    rule: str | None,
    *,
    holds: bool = False,
    program: MarginProgram | None = None,
    expected: Context | None = None,
) -> Attempt:
    """Return the submission of a claim; `expected` is the context that a verifier computes (default: the claim's)."""
    context = expected or claim.context
    live = LiveInputs(claim.ratio_bps, claim.vault_balance, (scene.commitment,), context.element)
    return Attempt(
        calldata=accounts.submission_data(scene.registry, claim),
        rule=rule,
        signals=prepared_signals(program or scene.program) + live.signals(),
        proof=claim.proof,
        holds=holds,
    )


def with_proof(scene: Scene, rule: str, change: Callable[[Proof], Proof]) -> Attempt:
    claim = scene.claim()
    return attempt(scene, replace(claim, proof=change(claim.proof)), rule)


def proven_for(scene: Scene, rule: str = "InvalidProof", **changes: object) -> Attempt:
    """A proof made for another context, submitted for the right one."""
    right = scene.context()
    wrong = replace(right, **changes)  # type: ignore[arg-type]
    return attempt(scene, replace(scene.claim(wrong), context=right), rule)


@case
def valid(scene: Scene) -> Attempt:
    return attempt(scene, scene.claim(), None, holds=True)


@case
def negated_proof(scene: Scene) -> Attempt:
    """(-A, -B, C) is valid as well: that is why nothing is keyed on proof bytes."""
    claim = scene.claim()
    a, b, c = claim.proof.a, claim.proof.b, claim.proof.c
    negated = Proof((a[0], -a[1] % Q), (b[0], (-b[1][0] % Q, -b[1][1] % Q)), c)
    return attempt(scene, replace(claim, proof=negated), None, holds=True)


@case
def tampered_a(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda proof: replace(proof, a=(proof.a[0] ^ 1, proof.a[1])))


@case
def tampered_b(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda proof: replace(proof, b=(proof.b[0], proof.b[1][::-1])))


@case
def tampered_c(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda proof: replace(proof, c=(proof.c[0], -proof.c[1] % Q)))


@case
def a_and_c_exchanged(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda proof: replace(proof, a=proof.c, c=proof.a))


@case
def swapped_g2_coordinates(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda proof: replace(proof, b=(proof.b[0][::-1], proof.b[1][::-1])))


@case
def coordinate_plus_modulus(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda proof: replace(proof, a=(proof.a[0] + Q, proof.a[1])))


@case
def points_at_infinity(scene: Scene) -> Attempt:
    return with_proof(scene, "InvalidProof", lambda _: Proof((0, 0), ((0, 0), (0, 0)), (0, 0)))


@case
def ratio_plus_r(scene: Scene) -> Attempt:
    claim = scene.claim()
    return attempt(scene, replace(claim, ratio_bps=claim.ratio_bps + R), "RatioNotABand")


@case
def vault_balance_plus_r(scene: Scene) -> Attempt:
    claim = scene.claim()
    return attempt(scene, replace(claim, vault_balance=claim.vault_balance + R), "VaultBalanceTooLarge")


@case
def other_ratio(scene: Scene) -> Attempt:
    return attempt(scene, replace(scene.claim(), ratio_bps=12_500), "InvalidProof")


@case
def ratio_that_is_no_band(scene: Scene) -> Attempt:
    return attempt(scene, replace(scene.claim(), ratio_bps=10_001), "RatioNotABand")


@case
def other_vault_balance(scene: Scene) -> Attempt:
    claim = scene.claim()
    return attempt(scene, replace(claim, vault_balance=claim.vault_balance - 1), "InvalidProof")


@case
def vault_balance_above_the_vault(scene: Scene) -> Attempt:
    claim = scene.claim()
    return attempt(scene, replace(claim, vault_balance=claim.vault_balance + 10**8), "VaultBalanceTooLarge")


@case
def other_commitment(scene: Scene) -> Attempt:
    """A valid proof about another book than the registered one."""
    context = scene.context()
    other = scene.prover.commit(scene.program, scene.case.positions, 777)
    live = scene.live(context, commitment=other)
    claim = Claim(context, live.ratio_bps, live.vault_balance, scene.prover.prove(scene.program, live))
    return attempt(scene, claim, "InvalidProof")


@case
def other_account(scene: Scene) -> Attempt:
    return proven_for(scene, account=new_account(99).address)


@case
def account_without_commitment(scene: Scene) -> Attempt:
    context = replace(scene.context(), account=new_account(99).address, sequence=0)
    claim = scene.claim(context)
    sent = attempt(scene, claim, "NoCommitment")
    return replace(sent, signals=None)


@case
def other_epoch(scene: Scene) -> Attempt:
    return proven_for(scene, epoch=2)


@case
def other_purpose(scene: Scene) -> Attempt:
    return proven_for(scene, purpose=Purpose.MAINTENANCE)


@case
def other_chain(scene: Scene) -> Attempt:
    return proven_for(scene, chain_id=1)


@case
def other_contract(scene: Scene) -> Attempt:
    return proven_for(scene, registry=scene.token)


@case
def other_key(scene: Scene) -> Attempt:
    return proven_for(scene, verifying_key_hash=bytes(32))


@case
def other_action(scene: Scene) -> Attempt:
    return proven_for(scene, action=Action.UPDATE)


@case
def other_recipient(scene: Scene) -> Attempt:
    return proven_for(scene, action=Action.WITHDRAW, recipient=scene.trader.address, amount=1)


@case
def other_nonce(scene: Scene) -> Attempt:
    return proven_for(scene, nonce=5)


@case
def other_sequence(scene: Scene) -> Attempt:
    return proven_for(scene, sequence=2)


@case
def other_deadline(scene: Scene) -> Attempt:
    return proven_for(scene, deadline=scene.connection.now() + 2 * HOUR)


@case
def nonce_not_due(scene: Scene) -> Attempt:
    right = scene.context()
    claim = scene.claim(replace(right, nonce=right.nonce + 1))
    return attempt(scene, claim, "NonceMismatch", expected=right)


@case
def sequence_of_another_book(scene: Scene) -> Attempt:
    right = scene.context()
    claim = scene.claim(replace(right, sequence=right.sequence + 1))
    return attempt(scene, claim, "SequenceMismatch", expected=right)


@case
def replay(scene: Scene) -> Attempt:
    claim = scene.claim()
    accounts.submit(scene.registry, scene.authority, claim)
    return attempt(scene, claim, "NonceMismatch", expected=scene.context())


@case
def expired_deadline(scene: Scene) -> Attempt:
    """The proof still holds: that the time is over is the contract's to say."""
    claim = scene.claim()
    scene.anvil.advance(HOUR + 1)
    return attempt(scene, claim, "DeadlinePassed", holds=True)


@case
def deadline_beyond_64_bits(scene: Scene) -> Attempt:
    claim = scene.claim()
    late = object.__new__(Context)
    for name, value in vars(claim.context).items():
        object.__setattr__(late, name, value)
    object.__setattr__(late, "deadline", 1 << 64)
    sent = attempt(scene, replace(claim, context=late), "DeadlineOutOfRange", expected=claim.context)
    return replace(sent, signals=None)


@case
def old_epoch(scene: Scene) -> Attempt:
    claim = scene.claim()
    scene.publish(scene.program, 2)
    return attempt(scene, claim, "EpochNotNewest", expected=scene.context())


@case
def old_epoch_passed_off_as_the_new(scene: Scene) -> Attempt:
    claim = scene.claim()
    newer = replace(scene.program, blind=scene.program.blind + 1)
    scene.publish(newer, 2)
    return attempt(scene, replace(claim, context=scene.context()), "InvalidProof", program=newer)


@case
def expired_epoch(scene: Scene) -> Attempt:
    scene.publish(scene.program, 2, seconds=60)
    claim = scene.claim()
    scene.anvil.advance(61)
    return attempt(scene, claim, "EpochExpired", holds=True)


@case
def unset_epoch(scene: Scene) -> Attempt:
    context = replace(scene.context(), purpose=Purpose.MAINTENANCE)
    return replace(attempt(scene, scene.claim(context), "EpochUnset"), signals=None)


@case
def other_program(scene: Scene) -> Attempt:
    """A valid proof under a program that was never published."""
    claim = scene.claim()
    other = replace(scene.program, blind=scene.program.blind + 1)
    proof = scene.prover.prove(other, scene.live(claim.context))
    return attempt(scene, replace(claim, proof=proof), "InvalidProof")


@case
def truncated_calldata(scene: Scene) -> Attempt:
    sent = attempt(scene, scene.claim(), "CalldataLength", holds=True)
    return replace(sent, calldata=sent.calldata[:-1], rule="")


@case
def padded_calldata(scene: Scene) -> Attempt:
    sent = attempt(scene, scene.claim(), "CalldataLength", holds=True)
    return replace(sent, calldata=sent.calldata + b"\0")
