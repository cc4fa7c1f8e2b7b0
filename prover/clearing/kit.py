"""The three keys that a clearing house proves with."""

from dataclasses import dataclass
from functools import cached_property

from prover import _core, artefacts
from prover.artefacts import Artefacts
from verifier.chain.clearing.contracts import Keys
from verifier.circuits import ConservationLayout, ValuationLayout
from verifier.tiers import Tier


@dataclass(frozen=True)
class Kit:
    """A tier's margin circuit and the circuits of books with as many places. Proving keys load when first used."""

    margin: Artefacts[Tier]
    conservation: Artefacts[ConservationLayout]
    valuation: Artefacts[ValuationLayout]
    keys: Keys

    @classmethod
    def load(cls, tier: Tier) -> "Kit":
        """Load a tier's kit; ArtefactMismatch where a circuit is missing."""
        margin = artefacts.load(tier)
        key = margin.verifying_key()
        layouts = Keys(key, tier, key, key)
        conservation = artefacts.load(layouts.conservation_layout)
        valuation = artefacts.load(layouts.valuation_layout)
        keys = Keys(key, tier, conservation.verifying_key(), valuation.verifying_key())
        return cls(margin, conservation, valuation, keys)

    @property
    def development(self) -> bool:
        """Whether any key is a development key, which its maker can forge proofs with."""
        return any(kit.manifest.development for kit in (self.margin, self.conservation, self.valuation))

    @cached_property
    def margin_key(self) -> "_core.ProvingKey":
        return self.margin.proving_key()

    @cached_property
    def conservation_key(self) -> "_core.ProvingKey":
        return self.conservation.proving_key()

    @cached_property
    def valuation_key(self) -> "_core.ProvingKey":
        return self.valuation.proving_key()
