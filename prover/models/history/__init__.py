"""Historical value at risk and expected shortfall: full revaluation on joint historical returns.

Plain, filtered by volatility, weighted by age, over a liquidity horizon, with a stressed period and a concentration
add-on. docs/models/history.md has formulas and sources.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from prover.market.closes import joint_returns, load_closes
from prover.market.names import Instrument, Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.balances import Balances
from prover.models.base import SETTLEMENT_UNIT, Figures, TierTooSmall, load_parameters
from prover.models.draft import Draft
from prover.models.grid_pricing import is_derivative
from prover.models.history.draft import concentration_rows, fill, scales_of
from prover.models.history.exact import concentration, losses_of, measure, worth
from prover.models.history.parameters import HistoryParameters
from prover.models.history.scenarios import Row, make_rows
from prover.models.layout import lay_out
from prover.models.quotes import require_price
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import HISTORY, Tier


class History:
    """The model with its parameters and scenarios; see the module."""

    name = "history"
    tiers = (HISTORY,)

    def __init__(self, parameters: HistoryParameters, rows: Sequence[Row]) -> None:
        self.parameters = parameters
        self.rows = tuple(rows)
        self.labels = tuple(row.label for row in rows)
        if parameters.concentration:
            self.labels += tuple(label for label, _ in concentration_rows(sorted(parameters.concentration)))
        self.balances = Balances(parameters.collateral_haircut)

    @classmethod
    def load(cls, document: Any, name: str) -> "History":
        """Return the model of a parameter file's object with the closes it names; BadInput naming field or file."""
        p = load_parameters(HistoryParameters, document, name)
        series = {u: load_closes(Path(name).parent / path) for u, path in p.closes.items()}
        if not series:
            raise BadInput(f"{name}: field closes names no underlying; give the file of daily closes of each")
        return cls(p, make_rows(p, joint_returns(series)))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return the day of each scenario; then the concentration rows."""
        del tier  # scenarios stand in the first rows
        return self.labels

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: derivatives, then balances, in one group. Raises TierTooSmall or BadInput."""
        if tier.hinges or len(self.labels) > tier.scenarios:
            raise TierTooSmall(
                f"the model has {len(self.labels)} scenarios, which tier {tier.name} does not hold; the tier "
                f"history has {HISTORY.scenarios}"
            )
        parsed = [parse_name(name) for name in set(instruments) | {SETTLEMENT_UNIT}]
        for instrument in parsed:
            self._check_known(instrument)
        parsed.sort(key=lambda i: (i.kind is Kind.BALANCE, i.underlying, i.expiry is not None, i.name))
        largest = f"the tier {tier.name} holds {tier.slots} instruments"
        return lay_out([[i.name for i in parsed]], tier, largest=largest)

    def _check_known(self, instrument: Instrument) -> None:
        if instrument.kind is Kind.ORDER:
            raise BadInput(f"{instrument.name}: this model margins no open orders; leave them out")
        if instrument.kind is Kind.BALANCE:
            self.balances.haircut(instrument.name)
        elif instrument.underlying not in self.parameters.closes:
            raise BadInput(
                f"{instrument.name}: the model has no closes of {instrument.underlying}; name them in closes"
            )

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing; units and shapes as in `Draft`."""
        p, scales = self.parameters, scales_of(self.parameters)
        draft = Draft.blank(tier, self.labels, gain_scale=scales.gain, tail_scale=scales.tail)
        instruments: dict[int, Instrument] = {}
        for place, slot in enumerate(listing.places):
            if slot is not None and is_derivative(slot.instrument):
                instruments[place] = parse_name(slot.instrument)
                require_price(snapshot, instruments[place], self.parameters.minimum_confidence)
            elif slot is not None:
                self.balances.into(draft, place, snapshot, slot.instrument)
        fill(draft, tier, snapshot, p, self.rows, self._confidence(purpose), instruments)
        return draft

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD; holdings by listing name."""
        equity, book = Fraction(0), dict[Instrument, Fraction]()
        for name, quantity in holdings.items():
            if is_derivative(name):
                book[parse_name(name)] = quantity
                require_price(snapshot, parse_name(name), self.parameters.minimum_confidence)
            else:
                equity += self.balances.worth(snapshot, name, quantity)
        equity += sum((q * worth(snapshot, i) for i, q in book.items()), Fraction(0))
        losses = losses_of(snapshot, self.rows, book)
        total = measure(self.parameters, self.rows, losses, self._confidence(purpose))
        total += concentration(snapshot, self.parameters.concentration, book)
        requirement = max(Fraction(0), total)
        worst = self.labels[max(range(len(losses)), key=lambda s: losses[s])]
        return Figures(equity, requirement, equity >= requirement, worst)

    def _confidence(self, purpose: Purpose) -> Fraction:
        p = self.parameters
        return Fraction(p.initial_confidence if purpose is Purpose.INITIAL else p.maintenance_confidence)


MODEL = History
