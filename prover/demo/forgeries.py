"""Forged claims that every verifier must refuse, made from a good one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from prover.proving import ProofBundle
from prover.requests import ProofRequest
from verifier.field import R
from verifier.groth16.proof import Proof


@dataclass(frozen=True)
class Submission:
    """What a contract is sent (request and proof) and what an off-chain verifier is given (signals and proof)."""

    request: ProofRequest
    bundle: ProofBundle


def forgeries(good: Submission, prepared: int, stranger: str) -> Mapping[str, Submission]:
    """Return forged submissions by name. `prepared`: number of the program's signals; `stranger`: another account."""
    signals = list(good.bundle.signals)
    ratio, vault, context = prepared, prepared + 1, len(signals) - 1

    def with_signal(place: int, value: int) -> ProofBundle:
        return ProofBundle(good.bundle.proof, (*signals[:place], value, *signals[place + 1 :]))

    proof = good.bundle.proof
    tampered = ProofBundle(Proof(proof.a, proof.b, proof.a), good.bundle.signals)
    other = replace(good.request, context=replace(good.request.context, account=stranger))
    richer = replace(good.request, vault_balance=good.request.vault_balance + 1)
    beyond = replace(good.request, vault_balance=good.request.vault_balance + R)
    higher = replace(good.request, ratio_bps=12_500 if good.request.ratio_bps != 12_500 else 15_000)
    return {
        "tampered_proof": Submission(good.request, tampered),
        "higher_ratio": Submission(higher, with_signal(ratio, higher.ratio_bps)),
        "more_vault_balance": Submission(richer, with_signal(vault, richer.vault_balance)),
        "input_plus_r": Submission(beyond, with_signal(vault, beyond.vault_balance)),
        "another_account": Submission(other, with_signal(context, other.context.element)),
    }
