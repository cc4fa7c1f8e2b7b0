"""From a program and an opening to a proof: check the claim, fill the request, prove.

Everything that would make a proof impossible is found before proving and said in business terms: an instrument, a
rule, never a quantity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prover import _core
from prover.artefacts import Artefacts
from prover.inputs import private_inputs
from prover.native import prepared_scalars, scalars
from prover.openings import Opening
from prover.refusals import proved
from verifier.admission import admit, check_live
from verifier.commitment import check_positions
from verifier.errors import ArtefactMismatch, ClaimFalse
from verifier.groth16.proof import Proof, load_proof, load_signals, save_proof, save_signals
from verifier.meaning import Meaning, evaluate
from verifier.program import MarginProgram
from verifier.statement import LiveInputs, public_signals
from verifier.tiers import Tier


@dataclass(frozen=True)
class Claim:
    """The live side of one proof: a ratio band, the vault amount it counts on, the context it serves."""

    ratio_bps: int
    vault_balance: int
    """Money units, in [0, 2^90)."""
    context: int


@dataclass(frozen=True)
class ProofBundle:
    """A proof with its public signals."""

    proof: Proof
    signals: tuple[int, ...]

    def save(self, folder: Path) -> None:
        """Write proof.json and public.json, as snarkjs writes them."""
        folder.mkdir(parents=True, exist_ok=True)
        save_proof(folder / "proof.json", self.proof)
        save_signals(folder / "public.json", self.signals)


def check(program: MarginProgram, openings: Sequence[Opening], claim: Claim) -> Meaning:
    """Evaluate the whole claim without proving; returns its meaning.

    Raises AdmissionRefused for the program, BadInput for a position or a live input out of bounds, ArtefactMismatch
    for an opening of another listing, ClaimFalse where the margin is not met.
    """
    admit(program)
    check_live(program, claim.ratio_bps, claim.vault_balance, [o.commitment for o in openings], claim.context)
    for opening in openings:
        if opening.listing_hash != program.listing.hash:
            raise ArtefactMismatch(
                f"the opening of account {opening.account} was made for another listing; commit again "
                "under this program's listing"
            )
        check_positions(program.listing, opening.positions)
    meaning = evaluate(
        program,
        [list(opening.positions) for opening in openings],
        ratio_bps=claim.ratio_bps,
        vault_balance=claim.vault_balance,
    )
    if meaning.cover_violations:
        groups = ", ".join(_group_name(program, g) for g in meaning.cover_violations)
        raise ClaimFalse(
            f"margin is not met: the position's own collateral does not cover {groups}; add collateral there"
        )
    if not meaning.margin_met:
        purpose = "initial" if program.purpose == 0 else "maintenance"
        raise ClaimFalse(
            f"margin is not met: equity is below the {purpose} margin at ratio {claim.ratio_bps}; add "
            "collateral or reduce risk"
        )
    return meaning


def prove(
    artefacts: Artefacts[Tier],
    program: MarginProgram,
    openings: Sequence[Opening],
    claim: Claim,
    *,
    key: "_core.ProvingKey | None" = None,
) -> ProofBundle:
    """Check the claim, make witness and proof, releasing the interpreter lock. `key` saves loading it again.

    Raises what `check` does, ArtefactMismatch for a key of another tier, and WitnessRefused, which names the rule,
    where the circuit itself refuses.
    """
    if program.tier.name != artefacts.layout.name:
        raise ArtefactMismatch(
            f"the program is of tier {program.tier.name}, the key of tier {artefacts.layout.name}; use the "
            "key of the program's tier"
        )
    meaning = check(program, openings, claim)
    live = live_inputs(openings, claim)
    signals = public_signals(program, live)
    private = private_inputs(program, [o.positions for o in openings], [o.salt for o in openings], meaning.helpers)
    inputs = prepared_scalars(program) + scalars(live.signals()) + scalars(private)
    return ProofBundle(Proof.from_evm(proved(artefacts, inputs, key), check=False), signals)


def live_inputs(openings: Sequence[Opening], claim: Claim) -> LiveInputs:
    """Return the live public inputs of a claim about these openings."""
    return LiveInputs(claim.ratio_bps, claim.vault_balance, tuple(o.commitment for o in openings), claim.context)


def load_bundle(proof: Path, public: Path) -> ProofBundle:
    """Read proof.json and public.json."""
    return ProofBundle(load_proof(proof), load_signals(public))


def _group_name(program: MarginProgram, group: int) -> str:
    slots = program.tier.slots
    names = [p.instrument for p in program.listing.places[group * slots : (group + 1) * slots] if p is not None]
    return f"group {group} ({names[0]}, ...)" if names else f"group {group}"


__all__ = ["Claim", "ProofBundle", "check", "live_inputs", "load_bundle", "prove"]
