"""Paradex portfolio margin: the larger of a weighted scenario scan and a minimum delta margin, with funding and fees.

Source: the venue's public documentation and its own package (paradex-py 0.8.2), which the tests run beside this.
docs/models/paradex.md has the formulas, what is conservative and what is left out.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from prover.market.snapshot import MarketSnapshot
from prover.models.base import Figures, load_parameters
from prover.models.draft import Draft
from prover.models.paradex.draft import check_rows, draft_of, layout_of
from prover.models.paradex.exact import figures
from prover.models.paradex.market import market_of, place_of
from prover.models.paradex.parameters import ParadexParameters
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier


class Paradex:
    """The model with its parameters."""

    name = "paradex"

    def __init__(self, parameters: ParadexParameters) -> None:
        self.parameters = parameters

    @classmethod
    def load(cls, document: Any, name: str) -> "Paradex":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(ParadexParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each scenario is."""
        del tier  # scenarios stand in the first rows of every tier
        return tuple(f"spot {s.spot_shock:+%}, volatility {s.vol_shock:+%}" for s in self.parameters.config.scenarios)

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout; what is ordered is listed as a position too. Raises TierTooSmall."""
        check_rows(self.parameters.config, tier)
        ordered = {place.product for place in map(place_of, instruments) if place.product}
        return layout_of(sorted({*instruments, *ordered}), tier)

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        names = [slot.instrument for slot in listing.places if slot is not None]
        market = market_of(self.parameters, snapshot, names)
        return draft_of(self.parameters.config, market, listing, tier, purpose)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return account value and requirement in exact arithmetic, USD."""
        market = market_of(self.parameters, snapshot, list(holdings))
        return figures(self.parameters.config, market, holdings, purpose)


MODEL = Paradex
