"""Deribit's portfolio margin of one coin: a price x volatility matrix in coins, extended moves, roll contingency.

Source: the venue's public documentation and its two published examples. docs/models/deribit.md has the formulas, what
is our reading and what is not modelled.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Figures, load_parameters
from prover.models.deribit.draft import draft_of, layout_of
from prover.models.deribit.exact import figures
from prover.models.deribit.market import market_of
from prover.models.deribit.parameters import DeribitParameters, rows_of
from prover.models.draft import Draft
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier


class Deribit:
    """The model with its parameters."""

    name = "deribit"

    def __init__(self, parameters: DeribitParameters) -> None:
        self.parameters = parameters

    @classmethod
    def load(cls, document: Any, name: str) -> "Deribit":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(DeribitParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each row is."""
        del tier  # rows stand in the first places of every tier
        return tuple(row.label for row in rows_of(self.parameters))

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: an expiry a group, the perpetual one of its own. Raises TierTooSmall."""
        linear: list[str] = []
        groups: dict[str, list[str]] = {}
        parsed = sorted((parse_name(name) for name in set(instruments)), key=lambda i: (i.strike or Decimal(0), i.name))
        for instrument in parsed:
            if instrument.kind in (Kind.BALANCE, Kind.ORDER):
                linear.append(instrument.name)
            else:
                groups.setdefault(expiry_of(instrument.name), []).append(instrument.name)
        return layout_of(linear, groups, tier, len(rows_of(self.parameters)))

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        names = [slot.instrument for slot in listing.places if slot is not None]
        market = market_of(self.parameters.underlying, snapshot, names)
        return draft_of(self.parameters, market, listing, tier, purpose)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD."""
        market = market_of(self.parameters.underlying, snapshot, list(holdings))
        return figures(self.parameters, market, holdings, purpose, expiry_of)


def expiry_of(name: str) -> str:
    """Return the group of an instrument: its expiry, or the perpetual's own."""
    expiry = parse_name(name).expiry
    return expiry.isoformat() if expiry is not None else "perpetual"


MODEL = Deribit
