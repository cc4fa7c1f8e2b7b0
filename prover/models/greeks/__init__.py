"""Parametric and net-Greeks portfolio margin: delta, gamma and vega with a covariance of prices and volatilities.

Requirement = k * standard deviation of the book's loss over the horizon, plus what the mean takes away (or gives).
docs/models/greeks.md has formulas and sources.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from prover.market.exact import sqrt_exact
from prover.market.names import Instrument, Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.balances import Balances
from prover.models.base import MONEY_PER_LOT, SETTLEMENT_UNIT, Figures, load_parameters
from prover.models.draft import Draft
from prover.models.greeks import multiplier
from prover.models.greeks.factors import factors_of
from prover.models.greeks.parameters import GreeksParameters, covariance
from prover.models.greeks.sensitivities import exact_sensitivities, float_sensitivities
from prover.models.grid_pricing import is_derivative
from prover.models.history.exact import worth
from prover.models.layout import lay_out
from prover.models.quotes import require_price
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import GREEKS, Tier

_ROUNDED = 2.0**-50
"""Bounds the relative error of a factor's entry and of its product with a sensitivity."""


class Greeks:
    """The model with its parameters; see the module."""

    name = "greeks"
    tiers = (GREEKS,)

    def __init__(self, parameters: GreeksParameters) -> None:
        self.parameters = parameters
        self.balances = Balances(parameters.collateral_haircut)
        self.covariance = covariance(parameters)
        self.factors = factors_of(self.covariance, len(parameters.underlyings))

    @classmethod
    def load(cls, document: Any, name: str) -> "Greeks":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(GreeksParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what the rows are: they hold the mean only."""
        del tier
        return {"none": (), "conservative": ("no mean", "mean"), "full": ("mean",)}[self.parameters.mean]

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: derivatives, then balances, in one group. Raises TierTooSmall or BadInput."""
        if tier.factors < GREEKS.factors or tier.groups != 1:
            raise BadInput(f"the model greeks needs the tier greeks; the tier {tier.name} has too few factors")
        parsed = [parse_name(name) for name in set(instruments) | {SETTLEMENT_UNIT}]
        for instrument in parsed:
            self._check_known(instrument)
        parsed.sort(key=lambda i: (i.kind is Kind.BALANCE, i.underlying, i.expiry is not None, i.name))
        return lay_out([[i.name for i in parsed]], tier, largest=f"the tier {tier.name} holds {tier.slots} instruments")

    def _check_known(self, instrument: Instrument) -> None:
        if instrument.kind is Kind.ORDER:
            raise BadInput(f"{instrument.name}: this model margins no open orders; leave them out")
        if instrument.kind is Kind.BALANCE:
            self.balances.haircut(instrument.name)
        elif instrument.underlying not in self.parameters.underlyings:
            raise BadInput(
                f"{instrument.name}: the model has no risk of {instrument.underlying}; name it in underlyings"
            )

    def multiplier(self, purpose: Purpose) -> Decimal:
        """Return how many standard deviations are required."""
        p, initial = self.parameters, purpose is Purpose.INITIAL
        if p.measure == "spectral":
            return multiplier.spectral(p.initial_risk_aversion if initial else p.maintenance_risk_aversion)
        confidence = p.initial_confidence if initial else p.maintenance_confidence
        if p.measure == "value-at-risk":
            return multiplier.value_at_risk(confidence)
        return multiplier.expected_shortfall(confidence)

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing; units and shapes as in `Draft`."""
        labels = self.row_labels(tier)
        draft = Draft.blank(tier, labels, gain_scale=10**multiplier.PLACES)
        places: list[int] = []
        held: list[Instrument] = []
        for place, slot in enumerate(listing.places):
            if slot is None:
                continue
            if not is_derivative(slot.instrument):
                self.balances.into(draft, place, snapshot, slot.instrument)
                continue
            held.append(parse_name(slot.instrument))
            places.append(place)
            require_price(snapshot, held[-1], self.parameters.minimum_confidence)
        draft.factor_multiplier[0] = float(self.multiplier(purpose))
        draft.gain[0, : len(labels)] = draft.loss[0, : len(labels)] = 1.0
        draft.weight[: len(labels)] = 1
        draft.tau[0] = int(bool(labels))
        if held:
            self._fill(draft, snapshot, places, held)
        return draft

    def _fill(self, draft: Draft, snapshot: MarketSnapshot, places: list[int], held: list[Instrument]) -> None:
        values = [worth(snapshot, instrument, Fraction(1)) for instrument in held]
        draft.value[places] = draft.long_value[places] = draft.short_value[places] = [
            float(value * MONEY_PER_LOT) for value in values
        ]
        draft.value_error[places] = draft.value[places] * 2.0**-50
        made = float_sensitivities(self.parameters, self.covariance, snapshot, held)
        linear, square = np.array(self.factors.linear), np.array(self.factors.square)
        rows = len(linear)
        size_first, size_gamma = np.abs(made.first), np.abs(made.gamma)
        draft.loading[:rows, places] = linear @ made.first * MONEY_PER_LOT
        draft.loading[rows : rows + len(square), places] = square @ made.gamma * MONEY_PER_LOT
        first_error = np.abs(linear) @ (made.first_error + size_first * _ROUNDED) * (1 + _ROUNDED)
        gamma_error = np.abs(square) @ (made.gamma_error + size_gamma * _ROUNDED) * (1 + _ROUNDED)
        draft.loading_error[:rows, places] = first_error * MONEY_PER_LOT
        draft.loading_error[rows : rows + len(square), places] = gamma_error * MONEY_PER_LOT
        labels = draft.labels
        if "mean" in labels:
            row = labels.index("mean")
            draft.risk[0, row, places] = made.mean * MONEY_PER_LOT
            draft.risk_error[0, row, places] = made.mean_error * MONEY_PER_LOT * (1 + _ROUNDED)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD; holdings by listing name."""
        equity = mean = Fraction(0)
        first = [Fraction(0)] * len(self.covariance)
        gamma = [Fraction(0)] * len(self.parameters.underlyings)
        for name, quantity in holdings.items():
            if not is_derivative(name):
                equity += self.balances.worth(snapshot, name, quantity)
                continue
            instrument = parse_name(name)
            require_price(snapshot, instrument, self.parameters.minimum_confidence)
            equity += quantity * worth(snapshot, instrument, Fraction(1))
            one = exact_sensitivities(self.parameters, self.covariance, snapshot, instrument)
            for factor, amount in one.first.items():
                first[factor] += quantity * amount
            gamma[one.price] += quantity * one.gamma
            mean += quantity * one.mean
        variance = _form(self.covariance, first) + sum(
            (
                gamma[u] * gamma[v] * self.covariance[u][v] ** 2 / 2
                for u in range(len(gamma))
                for v in range(len(gamma))
            ),
            Fraction(0),
        )
        counted = {"none": Fraction(0), "conservative": min(mean, Fraction(0)), "full": mean}[self.parameters.mean]
        spread = Fraction(self.multiplier(purpose)) * sqrt_exact(variance)
        requirement = max(Fraction(0), spread - counted)
        return Figures(equity, requirement, equity >= requirement, "standard deviations of the loss")


def _form(matrix: list[list[Fraction]], vector: list[Fraction]) -> Fraction:
    return sum(
        (a * b * matrix[i][j] for i, a in enumerate(vector) if a for j, b in enumerate(vector) if b), Fraction(0)
    )


MODEL = Greeks
