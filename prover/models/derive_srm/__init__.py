"""Derive's standard margin (SRM): isolated margins of short options, or the worst payoff of an expiry if that is less.

Source: the venue's published contracts and their test figures (derivexyz/v2-core). docs/models/derive_srm.md has the
formulas, what is conservative and what is left out.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Figures, load_parameters
from prover.models.derive_srm.cases import load_cases
from prover.models.derive_srm.draft import check_strikes, draft_of, layout_of
from prover.models.derive_srm.exact import figures
from prover.models.derive_srm.market import market_of
from prover.models.derive_srm.parameters import DeriveSrmParameters
from prover.models.draft import Draft
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier


class DeriveSrm:
    """The model with its parameters."""

    name = "derive-srm"
    load_cases = staticmethod(load_cases)

    def __init__(self, parameters: DeriveSrmParameters) -> None:
        self.parameters = parameters

    @classmethod
    def load(cls, document: Any, name: str) -> "DeriveSrm":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(DeriveSrmParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return nothing: rows are settlement prices, which differ from expiry to expiry."""
        del tier
        return ()

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: an expiry of a market a group. Raises TierTooSmall or BadInput."""
        linear: list[str] = []
        expiries: dict[tuple[str, int], list[str]] = {}
        strikes: dict[tuple[str, int], set[Decimal]] = {}
        parsed = [parse_name(name) for name in set(instruments)]
        for order in (instrument for instrument in parsed if instrument.kind is Kind.ORDER):
            raise BadInput(f"{order.name}: this model margins no open orders; leave them out")
        for option in sorted(parsed, key=lambda i: (i.strike or Decimal(0), not i.is_call, i.name)):
            if option.kind is not Kind.OPTION or option.expiry is None or option.strike is None:
                linear.append(option.name)
                continue
            key = option.underlying, int(option.expiry.timestamp())
            expiries.setdefault(key, []).append(option.name)
            strikes.setdefault(key, set()).add(option.strike)
        for at in strikes.values():
            check_strikes(len(at), tier)
        return layout_of(linear, expiries, tier)

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        names = [slot.instrument for slot in listing.places if slot is not None]
        return draft_of(market_of(self.parameters, snapshot, names), self._depeg, listing, tier, purpose)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD; `holdings` names what is listed."""
        return figures(market_of(self.parameters, snapshot, list(holdings)), self._depeg, holdings, purpose)

    @property
    def _depeg(self) -> tuple[Decimal, Decimal]:
        return self.parameters.venue.depeg.threshold, self.parameters.venue.depeg.factor


MODEL = DeriveSrm
