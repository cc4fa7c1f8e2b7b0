"""Proofs on their way to the contract: the folder that `prove` wrote, and what became of it there."""

from dataclasses import dataclass
from pathlib import Path

from prover.proving import ProofBundle, load_bundle
from prover.requests import ProofRequest, load_request
from verifier.chain import accounts
from verifier.chain.registry import Registry
from verifier.errors import BadInput, ChainError


@dataclass(frozen=True)
class Submission:
    """A proof with the request that it was made for."""

    folder: Path
    request: ProofRequest
    bundle: ProofBundle

    @property
    def claim(self) -> accounts.Claim:
        """What the contract is given."""
        return accounts.Claim(
            self.request.context, self.request.ratio_bps, self.request.vault_balance, self.bundle.proof
        )

    @property
    def commitment(self) -> int | None:
        """The commitment that the proof is about: the signal before the last."""
        return self.bundle.signals[-2] if len(self.bundle.signals) > 1 else None


def load_submission(folder: Path) -> Submission:
    """Read a folder that `prove` wrote; raises BadInput naming the file that is wrong."""
    if folder.is_file():
        raise BadInput(f"{folder} is a file; give the folder that `prove` wrote, {folder.parent}")
    wanted = load_request(folder / "request.json")
    return Submission(folder, wanted, load_bundle(folder / "proof.json", folder / "public.json"))


def explained(error: ChainError, registry: Registry, submissions: list[Submission]) -> ChainError:
    """Return a refusal with its cause, where the proof is about another commitment than the registered one."""
    if error.rule != "InvalidProof":
        return error
    for submission in submissions:
        account = submission.request.context.account
        if submission.commitment != accounts.account_state(registry, account).commitment:
            return ChainError(
                f"{error}; the opening is not the registered commitment of account {account}; commit the book, attest "
                "that opening, then request and prove with it",
                error.rule,
            )
    return error
