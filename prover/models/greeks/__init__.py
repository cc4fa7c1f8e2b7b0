"""Parametric margin from Greeks: delta-gamma-vega with a covariance across underlyings and volatility term points.

Requirement = factor (k sigma + worst of mean and stress rows). Sources: RiskMetrics technical document (1996);
Britten-Jones and Schaefer, "Non-linear value at risk" (1999); Jorion, "Value at Risk". docs/models/greeks.md has the
formulas.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import SETTLEMENT_UNIT, Figures, load_parameters
from prover.models.draft import Draft
from prover.models.greeks.covariance import Matrix, factorise, with_gammas
from prover.models.greeks.draft import draft_of, labels_of, layout_of
from prover.models.greeks.exact import figures
from prover.models.greeks.market import check_known, contract_of
from prover.models.greeks.parameters import GreeksParameters
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import GREEKS, GRID, Tier


class GreeksMargin:
    """The model with its parameters."""

    name = "greeks"
    tiers = (GRID, GREEKS)

    def __init__(self, parameters: GreeksParameters) -> None:
        self.parameters = parameters

    @classmethod
    def load(cls, document: Any, name: str) -> "GreeksMargin":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(GreeksParameters, document, name))

    @cached_property
    def matrix(self) -> Matrix:
        """B of `covariance`: what the exposures' squares and products count."""
        covariance = self.parameters.covariance()
        return with_gammas(covariance, len(self.parameters.prices) if self.parameters.gamma else 0)

    @cached_property
    def factor_count(self) -> int:
        """How many factors hold the whole covariance."""
        return len(factorise(self.matrix, len(self.matrix), [1.0] * len(self.matrix)).rows)

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each row is."""
        del tier  # rows stand in the first places of every tier
        return labels_of(self.parameters)

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: balances, then derivatives by underlying, expiry, strike. Raises TierTooSmall."""
        parsed = [parse_name(name) for name in set(instruments) | {SETTLEMENT_UNIT}]
        for instrument in parsed:
            check_known(self.parameters, instrument)
        parsed.sort(
            key=lambda i: (
                i.kind is not Kind.BALANCE,
                i.underlying,
                i.expiry.isoformat() if i.expiry else "",
                i.strike or 0,
                i.name,
            )
        )
        return layout_of(self.parameters, [i.name for i in parsed], self.factor_count, tier)

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        names = [slot.instrument for slot in listing.places if slot is not None]
        contracts = {name: contract_of(self.parameters, snapshot, name) for name in names}
        return draft_of(self.parameters, self.matrix, contracts, listing, tier, purpose)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD."""
        contracts = {name: contract_of(self.parameters, snapshot, name) for name in holdings}
        return figures(self.parameters, self.matrix, contracts, holdings, purpose)


MODEL = GreeksMargin
