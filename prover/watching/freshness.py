"""When a fresh proof is due, and making it: the account's standing on chain, the programs that the venue publishes."""

from dataclasses import dataclass
from pathlib import Path

from prover import artefacts, proving
from prover.deployments import Site
from prover.openings import Identity, load_opening, opening_path
from prover.requests import ProofRequest, check_request
from verifier.chain import accounts
from verifier.chain.epochs import newest_epoch
from verifier.chain.registry import Registry
from verifier.encoding import program_hash
from verifier.errors import ArtefactMismatch, BadInput
from verifier.program import MarginProgram, Purpose
from verifier.program_file import load_program


@dataclass(frozen=True)
class Due:
    """A purpose's newest epoch, which the account has not proven yet."""

    purpose: Purpose
    epoch: int
    program_hash: bytes


def due(registry: Registry, account: str) -> list[Due]:
    """Return what the account has not proven on the newest epochs, maintenance and initial margin."""
    out = []
    for purpose in Purpose:
        epoch = newest_epoch(registry, purpose)
        now = accounts.standing(registry, account, purpose)
        if epoch is not None and not (now.proven and now.epoch == epoch.number):
            out.append(Due(purpose, epoch.number, epoch.program_hash))
    return out


@dataclass(frozen=True)
class Maker:
    """What a proof is made from: the programs that the venue publishes, the account's openings."""

    programs: Path
    store: Path
    identity: Identity
    out: Path
    ratio_bps: int
    vault_balance: int
    valid_seconds: int

    def prove(self, site: Site, account: str, wanted: Due) -> Path:
        """Prove what is due and return the folder of the proof, ready for `submit`.

        Raises ArtefactMismatch where the folder holds no program of the epoch, ClaimFalse where the margin is not met.
        """
        registry = site.registry
        program = self._program(wanted)
        state = accounts.account_state(registry, account)
        if state.commitment == 0:
            raise BadInput(f"account {account} has no commitment on chain; register one with `zkmargin attest`")
        opening = load_opening(opening_path(self.store, state.commitment), self.identity)
        deadline = registry.connection.now() + self.valid_seconds
        context = accounts.next_context(registry, account, wanted.purpose, deadline)
        request = ProofRequest(context, self.ratio_bps, self.vault_balance)
        kit = artefacts.load(program.tier)
        check_request(request, program, [opening], kit.manifest.verifying_key_hash)
        bundle = proving.prove(kit, program, [opening], request.claim)
        folder = self.out / f"{wanted.purpose.name.lower()}-{wanted.epoch}"
        bundle.save(folder)
        request.save(folder / "request.json")
        return folder

    def _program(self, wanted: Due) -> MarginProgram:
        for path in sorted(self.programs.glob("*.json")):
            try:
                program = load_program(path)
            except (ArtefactMismatch, BadInput):  # other files may lie in the folder
                continue
            if program.purpose is wanted.purpose and program_hash(program) == wanted.program_hash:
                return program
        raise ArtefactMismatch(f"{self.programs} holds no program of epoch {wanted.epoch}; get it from the venue")
