"""Price x volatility stress grids: SPAN's sixteen scenarios and the grids of crypto venues, as one model.

Sources: CME SPAN (scan range, extreme moves with a cover fraction, short option minimum); portfolio-risk-based margin
grids of crypto option venues (per-underlying price range, relative volatility moves, haircuts, IM/MM factors).
docs/models/stress_grid.md has the formulas. Modes: *isolated* (each position with its own collateral), *cross* (one
account, no netting across underlyings), *portfolio* (gains of one underlying count a stated share against losses of
another at the same grid point).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from prover.market.names import Instrument, Kind, parse_name
from prover.market.snapshot import MarketSnapshot, Unvalued
from prover.models.base import (
    GAIN_SCALE,
    MONEY_PER_LOT,
    SETTLEMENT_UNIT,
    Figures,
    Parameters,
    TierTooSmall,
    largest_tier,
    load_parameters,
)
from prover.models.draft import Draft, Floats
from prover.models.grid_pricing import ExactNumbers, Scenario, exact_grid, is_derivative, price_grid
from prover.models.isolated import isolate, isolated_figures, isolated_groups
from prover.models.layout import lay_out
from prover.portfolio import COLLATERAL_SUFFIX
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import GENERAL, VENUE, Tier


def _nine_decimals(value: Decimal) -> Decimal:
    if (Fraction(value) * GAIN_SCALE).denominator != 1:
        raise ValueError("at most nine decimals, so that the gain weights hold it exactly")
    return value


Share = Annotated[Decimal, Field(ge=0, le=1), AfterValidator(_nine_decimals)]
Move = Annotated[Decimal, Field(ge=-20, le=20)]
Factor = Annotated[Decimal, Field(gt=0, le=10), AfterValidator(_nine_decimals)]


class StressGridParameters(Parameters):
    """All are required. Shares and moves: 1 = 100 %."""

    mode: Literal["isolated", "cross", "portfolio"]
    price_range: dict[str, Annotated[Decimal, Field(gt=0, le=1)]]
    """Scan range of each underlying, a share of its forward."""
    price_moves: Annotated[list[Move], Field(min_length=1, max_length=29)]
    """In price ranges."""
    volatility_moves: Annotated[list[Annotated[Decimal, Field(ge=-1, le=20)]], Field(min_length=1, max_length=29)]
    """Relative to each option's volatility."""
    extreme_moves: Annotated[list[Move], Field(max_length=8)]
    """In price ranges, volatility unmoved."""
    extreme_cover: Share
    """Share of the loss that an extreme move counts."""
    cross_offset: Share
    """Portfolio mode: share that an underlying's gain counts against other underlyings' losses."""
    short_option_minimum: Share
    """Least requirement a short option contract, a share of the index price."""
    collateral_haircut: dict[str, Share]
    """By balance; a balance that is not named here is no collateral."""
    initial_factor: Factor
    maintenance_factor: Factor
    minimum_confidence: Share
    """A quote of lower confidence cannot be held."""

    @field_validator("maintenance_factor")
    @classmethod
    def _not_above_initial(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if value > info.data.get("initial_factor", value):
            raise ValueError("it is above initial_factor, so maintenance would ask for more than initial margin")
        return value


class StressGrid:
    """The model with its parameters; see the module."""

    name = "stress-grid"
    tiers = (*GENERAL, VENUE)

    def __init__(self, parameters: StressGridParameters) -> None:
        self.parameters = parameters
        p = parameters
        rows = [
            Scenario(f"price {price:+} ranges, volatility {vol:+%}", Fraction(price), Fraction(vol), Fraction(1))
            for price in p.price_moves
            for vol in p.volatility_moves
        ]
        rows += [
            Scenario(f"extreme price {price:+} ranges", Fraction(price), Fraction(0), Fraction(p.extreme_cover))
            for price in p.extreme_moves
        ]
        self.scenarios = tuple(rows)

    @classmethod
    def load(cls, document: Any, name: str) -> "StressGrid":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(StressGridParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each grid point is."""
        del tier  # grid points stand in the first rows of every tier
        return tuple(scenario.label for scenario in self.scenarios)

    # ---- layout ----

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: derivatives of an underlying in one group, balances in the last (grid: all in one)."""
        parsed = sorted((parse_name(name) for name in set(instruments) | {SETTLEMENT_UNIT}), key=_order)
        self._check_known(parsed)
        derivatives = [i for i in parsed if i.kind is not Kind.BALANCE]
        balances = [i.name for i in parsed if i.kind is Kind.BALANCE]
        if self.parameters.mode == "isolated":
            if not tier.hinges:
                raise TierTooSmall(f"isolated margin does not fit tier {tier.name}; {_LARGEST}")
            groups = [*isolated_groups([i.name for i in derivatives], tier), balances]
        elif tier.hinges:
            underlyings = sorted({i.underlying for i in derivatives})
            groups = [[i.name for i in derivatives if i.underlying == u] for u in underlyings] + [balances]
        else:
            names = [i.name for i in derivatives] + balances
            groups = [names[at : at + tier.slots] for at in range(0, len(names), tier.slots)] if tier.wide else [names]
        rows = tier.scenarios - tier.skew_rows
        if self.parameters.mode != "isolated" and len(self.scenarios) > rows:
            raise TierTooSmall(
                f"the grid has {len(self.scenarios)} scenarios, tier {tier.name} holds {rows}; {_LARGEST}"
            )
        if self.parameters.mode == "cross" and not tier.hinges and len({i.underlying for i in derivatives}) > 1:
            raise TierTooSmall(f"cross margin over several underlyings does not fit tier {tier.name}; {_LARGEST}")
        offset = self.parameters.mode == "portfolio" and self.parameters.cross_offset != 1
        if offset and not tier.hinges and len({i.underlying for i in derivatives}) > 1:
            raise TierTooSmall(f"offsets across underlyings do not fit tier {tier.name}; {_LARGEST}")
        return lay_out(groups, tier, largest=_LARGEST)

    def _check_known(self, instruments: Sequence[Instrument]) -> None:
        p = self.parameters
        for instrument in instruments:
            if instrument.kind is Kind.ORDER:
                raise BadInput(f"{instrument.name}: this model margins no open orders; leave them out")
            if instrument.kind is Kind.BALANCE:
                self._haircut(instrument.name)
            if instrument.kind is not Kind.BALANCE and instrument.underlying not in p.price_range:
                raise Unvalued(
                    instrument.name,
                    f"{instrument.name}: the model has no price range of {instrument.underlying}; name it in "
                    "price_range",
                )

    # ---- risk numbers ----

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing; units and shapes as in `Draft`."""
        used, mode = len(self.scenarios), self.parameters.mode
        grid = tuple(scenario.label for scenario in self.scenarios)
        draft = Draft.blank(tier, ("long", "short") * (tier.slots // 2) if mode == "isolated" else grid)
        n, rows = tier.positions, max(tier.scenarios, used)
        pnl, pnl_error, minimum = np.zeros((n, rows)), np.zeros((n, rows)), np.zeros(n)
        factor = float(self._factor(purpose))
        names = {place: slot.instrument for place, slot in enumerate(listing.places) if slot is not None}
        instruments = [parse_name(name) for name in names.values() if is_derivative(name)]
        for instrument in instruments:
            self._require(snapshot, instrument)
        priced = price_grid(snapshot, instruments, self.scenarios, self.parameters.price_range)
        row_of = {instrument.name: row for row, instrument in enumerate(instruments)}
        for place, name in names.items():
            if is_derivative(name):
                row = row_of[name]
                draft.value[place] = draft.long_value[place] = draft.short_value[place] = priced.value[row]
                draft.value_error[place] = priced.error[row]
                pnl[place, :used] = factor * priced.pnl[row]
                pnl_error[place, :used] = factor * priced.pnl_error[row]
                least = self._minimum(snapshot, instruments[row], purpose) * MONEY_PER_LOT
                minimum[place] = float(least) * (1 + 2.0**-48)  # above the exact number in spite of float rounding
            else:
                self._balance_into(draft, place, snapshot, name)
        occupied = np.array(
            [int(any(p // tier.slots == g and is_derivative(x) for p, x in names.items())) for g in range(tier.groups)]
        )
        if mode == "isolated":
            isolate(draft, names, tier, pnl, pnl_error, minimum)
            return draft
        draft.risk[:] = _cells(pnl[:, : tier.scenarios], tier)
        draft.risk_error[:] = _cells(pnl_error[:, : tier.scenarios], tier)
        if mode == "cross" and tier.hinges:
            draft.cover[:] = draft.free[:] = occupied
            draft.group_floor[:] = minimum
        else:
            draft.gain[:, :used] = float(self.parameters.cross_offset) if tier.hinges else 1.0
            draft.loss[:, :used] = 1.0
            draft.weight[:used] = draft.weight[tier.floor_row] = draft.tau[0] = 1
            draft.floor_short[:] = minimum
        return draft

    def _balance_into(self, draft: Draft, place: int, snapshot: MarketSnapshot, name: str) -> None:
        full, haircut = self._balance(snapshot, name)
        draft.value[place] = float(full * MONEY_PER_LOT)
        draft.long_value[place] = float(full * (1 - haircut) * MONEY_PER_LOT)
        draft.short_value[place] = float(full * (1 + haircut) * MONEY_PER_LOT)
        draft.value_error[place] = 0.0 if full == 1 and haircut == 0 else draft.value[place] * 2.0**-48
        draft.long_only[place] = COLLATERAL_SUFFIX in name

    def _factor(self, purpose: Purpose) -> Decimal:
        p = self.parameters
        return p.initial_factor if purpose is Purpose.INITIAL else p.maintenance_factor

    def _minimum(self, snapshot: MarketSnapshot, instrument: Instrument, purpose: Purpose) -> Fraction:
        """Return the least requirement of one short contract, USD, exact."""
        if instrument.kind is not Kind.OPTION:
            return Fraction(0)
        least = Fraction(self.parameters.short_option_minimum) * Fraction(snapshot.index_price(instrument.underlying))
        return Fraction(self._factor(purpose)) * least

    def _balance(self, snapshot: MarketSnapshot, name: str) -> tuple[Fraction, Fraction]:
        """Return (USD price, haircut) of a balance, exact."""
        asset = name.partition(COLLATERAL_SUFFIX)[0]
        haircut = self._haircut(asset)
        price = Fraction(1) if asset == SETTLEMENT_UNIT else Fraction(snapshot.index_price(asset))
        return price, haircut

    def _haircut(self, asset: str) -> Fraction:
        haircuts = self.parameters.collateral_haircut
        if asset not in haircuts:
            raise Unvalued(asset, f"{asset} is no collateral of this model; name its haircut in collateral_haircut")
        return Fraction(haircuts[asset])

    def _require(self, snapshot: MarketSnapshot, instrument: Instrument) -> None:
        quote = snapshot.require(instrument.name)
        if min(snapshot.confidence, quote.confidence or snapshot.confidence) < self.parameters.minimum_confidence:
            raise BadInput(f"{snapshot.source}: the confidence of {instrument.name} is below the model's minimum")

    # ---- exact figures ----

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic (price_exact), USD; holdings by listing name."""
        exact = {name: self.exact_numbers(snapshot, name, purpose) for name in holdings}
        return self.figures_from(exact, holdings)

    def exact_numbers(self, snapshot: MarketSnapshot, name: str, purpose: Purpose) -> ExactNumbers:
        """Return one instrument's exact numbers a contract, USD."""
        if not is_derivative(name):
            price, haircut = self._balance(snapshot, name)
            return ExactNumbers(price * (1 - haircut), price * (1 + haircut), (), Fraction(0), "")
        instrument = parse_name(name)
        self._require(snapshot, instrument)
        factor = Fraction(self._factor(purpose))
        now, moves = exact_grid(snapshot, instrument, self.scenarios, self.parameters.price_range)
        pnl = tuple(factor * move for move in moves)
        minimum = self._minimum(snapshot, instrument, purpose)
        return ExactNumbers(now, now, pnl, minimum, instrument.underlying)

    def figures_from(self, exact: Mapping[str, ExactNumbers], holdings: Mapping[str, Fraction]) -> Figures:
        """Return the figures of a book from its instruments' exact numbers."""
        equity = sum((exact[n].worth(q) for n, q in holdings.items()), Fraction(0))
        held = {n: q for n, q in holdings.items() if exact[n].underlying}
        if self.parameters.mode == "isolated":
            return isolated_figures(exact, holdings, equity)
        rows = range(len(self.scenarios))
        pnl: dict[str, list[Fraction]] = {}
        least: dict[str, Fraction] = {}
        for name, quantity in held.items():
            numbers = exact[name]
            row = pnl.setdefault(numbers.underlying, [Fraction(0)] * len(rows))
            for s in rows:
                row[s] += quantity * numbers.pnl[s]
            least[numbers.underlying] = least.get(numbers.underlying, Fraction(0)) + numbers.minimum * max(
                -quantity, Fraction(0)
            )
        if self.parameters.mode == "cross":
            parts = {u: max(least[u], *(-p for p in pnl[u]), Fraction(0)) for u in pnl}
            requirement = sum(parts.values(), Fraction(0))
            return Figures(equity, requirement, equity >= requirement, "each underlying's own worst")
        share = Fraction(self.parameters.cross_offset)
        totals = [
            sum((p[s] * share if p[s] > 0 and len(pnl) > 1 else p[s] for p in pnl.values()), Fraction(0)) for s in rows
        ]
        floor = sum(least.values(), Fraction(0))
        worst = min(rows, key=lambda s: totals[s])
        requirement = max(-totals[worst], floor)
        label = self.scenarios[worst].label if -totals[worst] >= floor else "short option minimum"
        return Figures(equity, requirement, equity >= requirement, label)


def _cells(rows: Floats, tier: Tier) -> Floats:
    """Return an array of N x S as G x S x I."""
    return rows.reshape(tier.groups, tier.slots, tier.scenarios).transpose(0, 2, 1)


_LARGEST = (
    f"{largest_tier()}, or {VENUE.name} ({VENUE.positions} places) for up to {VENUE.scenarios} scenarios whose offsets "
    "are full ones"
)


def _order(instrument: Instrument) -> tuple[Any, ...]:
    expiry = instrument.expiry.isoformat() if instrument.expiry else ""
    return instrument.underlying, expiry, instrument.strike or Decimal(0), not instrument.is_call, instrument.name


MODEL = StressGrid
