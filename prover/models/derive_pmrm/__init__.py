"""Derive's portfolio margin (PMRM_2): spot and volatility scenarios with discounts by sign, skew, basis contingency.

Source: the venue's published contracts and their test figures (derivexyz/v2-core). docs/models/derive_pmrm.md has the
formulas, what is conservative and what is left out.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Figures, load_parameters
from prover.models.derive_pmrm.cases import load_cases
from prover.models.derive_pmrm.draft import draft_of, labels_of, layout_of, rows_of
from prover.models.derive_pmrm.exact import figures
from prover.models.derive_pmrm.market import market_of, partner_of
from prover.models.derive_pmrm.parameters import DerivePmrmParameters
from prover.models.draft import Draft
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier


class DerivePmrm:
    """The model with its parameters."""

    name = "derive-pmrm"
    load_cases = staticmethod(load_cases)

    def __init__(self, parameters: DerivePmrmParameters) -> None:
        self.parameters = parameters

    @classmethod
    def load(cls, document: Any, name: str) -> "DerivePmrm":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(DerivePmrmParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each row of a tier is; empty for padding."""
        return labels_of(self.parameters.venue.scenarios, tier)

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout; each strike is listed with its call and its put. Raises TierTooSmall or BadInput."""
        rows_of(self.parameters.venue.scenarios, tier)
        linear: list[str] = []
        strikes: dict[int, dict[Decimal, tuple[str, str]]] = {}
        for name in sorted(set(instruments)):
            instrument = parse_name(name)
            if instrument.kind is Kind.ORDER:
                raise BadInput(f"{name}: this model margins no open orders; leave them out")
            if instrument.kind is not Kind.OPTION:
                linear.append(name)
                continue
            assert instrument.strike is not None and instrument.expiry is not None
            if instrument.underlying != self.parameters.underlying:
                raise BadInput(
                    f"{name}: this manager margins {self.parameters.underlying} only; use a model of that market"
                )
            call = name if instrument.is_call else partner_of(name)
            at = strikes.setdefault(int(instrument.expiry.timestamp()), {})
            at[instrument.strike] = (call, partner_of(call))
        return layout_of(linear, strikes, tier)

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        names = [slot.instrument for slot in listing.places if slot is not None]
        market = market_of(self.parameters, snapshot, names)
        return draft_of(self.parameters.venue, market, listing, tier, purpose)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD; the perpetual is listed where it is held."""
        market = market_of(self.parameters, snapshot, list(holdings))
        return figures(self.parameters.venue, market, holdings, purpose)


MODEL = DerivePmrm
