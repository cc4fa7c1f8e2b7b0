"""The prover of a real circuit's key, as `zkmargin setup` left it in the build folder."""

from collections.abc import Sequence

from prover.artefacts import load
from prover.openings import Opening
from prover.proving import Claim, prove
from verifier.commitment import commit
from verifier.groth16.proof import Proof
from verifier.program import MarginProgram
from verifier.statement import LiveInputs
from verifier.tiers import Tier


class CircuitProver:
    """Proves what is true; raises ArtefactMismatch where the tier was not set up."""

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self._artefacts = load(tier)
        self.key = self._artefacts.verifying_key()
        self._proving_key = self._artefacts.proving_key()
        self._openings: dict[int, Opening] = {}

    def commit(self, program: MarginProgram, positions: Sequence[int], salt: int) -> int:
        """Return a commitment and keep its opening."""
        commitment = commit(program.listing, positions, salt)
        opening = Opening("test", 1, program.listing.hash, commitment, tuple(positions), salt)
        self._openings[commitment] = opening
        return commitment

    def prove(self, program: MarginProgram, live: LiveInputs) -> Proof:
        """Return a proof; the commitment must be one of `commit`."""
        opening = self._openings[live.commitments[0]]
        claim = Claim(live.ratio_bps, live.vault_balance, live.context)
        return prove(self._artefacts, program, [opening], claim, key=self._proving_key).proof
