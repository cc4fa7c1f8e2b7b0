"""SPAN-style margin of one combined commodity: sixteen scenarios, inter-month spread charge, short option minimum.

Source: the public description of CME's SPAN (scan ranges in thirds, extreme moves with a cover fraction,
intra-commodity spread charge, short option minimum, net option value). docs/models/span.md has the formulas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from prover.market import black76
from prover.market.exact import price_exact
from prover.market.names import Instrument, Kind, parse_name
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from prover.models.base import (
    MONEY_PER_LOT,
    SETTLEMENT_UNIT,
    Figures,
    Parameters,
    TierTooSmall,
    largest_tier,
    load_parameters,
)
from prover.models.draft import Draft
from prover.models.layout import lay_out
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier

F = Fraction
_TINY = 2.0**-46
_DELTA_STEP = Decimal("0.00000001")


class SpanParameters(Parameters):
    """A parameter file of the model `span`; all fields are required."""

    underlying: Annotated[str, Field(pattern="^[A-Z0-9]{2,10}$")]
    price_scan_range: Annotated[Decimal, Field(gt=0, lt=1)]
    """Share of the forward."""
    volatility_scan_range: Annotated[Decimal, Field(ge=0, le=5)]
    """Absolute: 0.1 moves 45 % to 55 % and 35 %."""
    extreme_move: Annotated[Decimal, Field(ge=1, le=5)]
    """In price scan ranges."""
    extreme_cover: Annotated[Decimal, Field(ge=0, le=1)]
    """Share of an extreme move's loss that counts."""
    intermonth_spread_charge: Annotated[Decimal, Field(ge=0, le=10**6)]
    """USD for each delta of a spread between expiries."""
    short_option_minimum: Annotated[Decimal, Field(ge=0, le=10**6)]
    """USD a short option."""
    collateral_haircut: dict[str, Annotated[Decimal, Field(ge=0, le=1)]]
    """By balance; one that is not named is no collateral."""
    initial_factor: Annotated[Decimal, Field(gt=0, le=10)]
    maintenance_factor: Annotated[Decimal, Field(gt=0, le=10)]


@dataclass(frozen=True)
class Row:
    """One of the sixteen scenarios: price moves in scan ranges, volatility in scan ranges, P&L times cover."""

    price: Fraction
    volatility: int
    cover: Fraction

    @property
    def label(self) -> str:
        moved = {1: "up", 0: "unmoved", -1: "down"}[self.volatility]
        return f"price {float(self.price):+.3g} ranges, volatility {moved}"


class Span:
    """The model with its parameters."""

    name = "span"

    def __init__(self, parameters: SpanParameters) -> None:
        self.parameters = p = parameters
        thirds = [F(0), F(1, 3), F(-1, 3), F(2, 3), F(-2, 3), F(1), F(-1)]
        rows = [Row(move, volatility, F(1)) for move in thirds for volatility in (1, -1)]
        rows += [Row(sign * F(p.extreme_move), 0, F(p.extreme_cover)) for sign in (1, -1)]
        self.rows = tuple(rows)

    @classmethod
    def load(cls, document: Any, name: str) -> "Span":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(SpanParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each scenario is."""
        del tier  # scenarios stand in the first rows of every tier
        return tuple(row.label for row in self.rows)

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: balances in group 0, an expiry a group, the perpetual one of its own."""
        groups: dict[str, list[str]] = {}
        balances: list[str] = []
        for instrument in sorted(map(parse_name, set(instruments)), key=lambda i: (i.strike or Decimal(0), i.name)):
            self._check_known(instrument)
            if instrument.kind is Kind.BALANCE:
                balances.append(instrument.name)
            else:
                groups.setdefault(month_of(instrument), []).append(instrument.name)
        runs = [[SETTLEMENT_UNIT, *(n for n in balances if n != SETTLEMENT_UNIT)], *(groups[m] for m in sorted(groups))]
        if len(self.rows) > tier.scenarios - tier.skew_rows:
            raise TierTooSmall(f"{len(self.rows)} scenarios do not fit tier {tier.name}; {largest_tier()}")
        return lay_out(runs, tier)

    def _check_known(self, instrument: Instrument) -> None:
        p = self.parameters
        if instrument.kind is Kind.ORDER:
            raise BadInput(f"{instrument.name}: this model margins no open orders; leave them out")
        if instrument.kind is Kind.BALANCE:
            if instrument.name != SETTLEMENT_UNIT and instrument.name not in p.collateral_haircut:
                raise BadInput(f"{instrument.name} is no collateral of this model; name it in collateral_haircut")
        elif instrument.underlying != p.underlying:
            raise BadInput(f"{instrument.name}: this model margins {p.underlying} only; use a model of that commodity")

    def _factor(self, purpose: Purpose) -> Decimal:
        p = self.parameters
        return p.initial_factor if purpose is Purpose.INITIAL else p.maintenance_factor

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        p, used = self.parameters, len(self.rows)
        draft = Draft.blank(tier, self.row_labels(tier))
        factor = float(self._factor(purpose))
        draft.weight[:used] = draft.weight[tier.floor_row] = draft.tau[0] = 1
        draft.gain[:, :used] = draft.loss[:, :used] = factor * np.array([float(row.cover) for row in self.rows])
        draft.roll_long[:] = draft.roll_short[:] = factor / 2
        draft.roll_net[:] = -factor / 2
        for place, slot in enumerate(listing.places):
            if slot is None:
                continue
            instrument, (g, i) = parse_name(slot.instrument), divmod(place, tier.slots)
            if instrument.kind is Kind.BALANCE:
                self._balance(draft, snapshot, place, slot.instrument)
                continue
            now, moved, error = self._prices(snapshot, instrument)
            draft.value[place] = draft.long_value[place] = draft.short_value[place] = now * MONEY_PER_LOT
            draft.value_error[place] = error * MONEY_PER_LOT
            draft.risk[g, :used, i] = (moved - now) * MONEY_PER_LOT
            draft.risk_error[g, :used, i] = 2 * error * MONEY_PER_LOT
            spread = float(self._delta(snapshot, instrument) * p.intermonth_spread_charge) * MONEY_PER_LOT
            draft.roll[place], draft.roll_error[place] = spread, abs(spread) * _TINY
            if instrument.kind is Kind.OPTION:
                least = float(self._factor(purpose) * p.short_option_minimum)
                draft.floor_short[place] = least * (1 + _TINY) * MONEY_PER_LOT
        return draft

    def _balance(self, draft: Draft, snapshot: MarketSnapshot, place: int, name: str) -> None:
        price, haircut = self._worth(snapshot, name)
        draft.value[place] = float(price * MONEY_PER_LOT)
        draft.long_value[place] = float(price * (1 - haircut) * MONEY_PER_LOT)
        draft.short_value[place] = float(price * (1 + haircut) * MONEY_PER_LOT)
        draft.value_error[place] = 0.0 if price == 1 and not haircut else draft.value[place] * _TINY

    def _worth(self, snapshot: MarketSnapshot, name: str) -> tuple[Fraction, Fraction]:
        """Return (price, haircut) of a balance, USD."""
        if name == SETTLEMENT_UNIT:
            return F(1), F(0)
        return F(snapshot.index_price(name)), F(self.parameters.collateral_haircut[name])

    def _prices(self, snapshot: MarketSnapshot, instrument: Instrument) -> tuple[float, Any, float]:
        """Return (value now, values by scenario, error bound), USD a contract."""
        forward = float(snapshot.forward(instrument))
        moves = np.array([float(row.price) for row in self.rows]) * float(self.parameters.price_scan_range)
        moved = np.maximum(forward * (1 + moves), 0.0)
        if instrument.kind is not Kind.OPTION:
            return forward, moved, float(moved.max()) * _TINY
        assert instrument.strike is not None
        years, strike = snapshot.seconds_to_expiry(instrument) / YEAR_SECONDS, float(instrument.strike)
        vol, reach = float(snapshot.volatility(instrument)), float(self.parameters.volatility_scan_range)
        vols = np.maximum(vol + reach * np.array([row.volatility for row in self.rows]), 0.0)
        every = np.concatenate([[forward], moved])
        shocked = np.concatenate([[vol], vols])
        values = black76.price(every, np.array(strike), shocked, np.array(years), np.array(instrument.is_call))
        spread = max(1.0, float(shocked.max()) * years**0.5)
        return float(values[0]), values[1:], (float(every.max()) + strike) * spread * 4 * black76.PRICE_ERROR

    def _delta(self, snapshot: MarketSnapshot, instrument: Instrument) -> Decimal:
        """Return the delta of one contract to eight digits, as a clearing house publishes it."""
        if instrument.kind is not Kind.OPTION:
            return Decimal(1)
        assert instrument.strike is not None
        made = black76.greeks(
            np.array(float(snapshot.forward(instrument))),
            np.array(float(instrument.strike)),
            np.array(float(snapshot.volatility(instrument))),
            np.array(snapshot.seconds_to_expiry(instrument) / YEAR_SECONDS),
            np.array(instrument.is_call),
        )
        return Decimal(repr(float(made.delta))).quantize(_DELTA_STEP)

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD."""
        p, factor = self.parameters, F(self._factor(purpose))
        equity = minimum = F(0)
        totals = [F(0)] * len(self.rows)
        months: dict[str, Fraction] = {}
        for name, quantity in holdings.items():
            instrument = parse_name(name)
            self._check_known(instrument)
            if instrument.kind is Kind.BALANCE:
                price, haircut = self._worth(snapshot, name)
                equity += quantity * price * (1 - haircut if quantity > 0 else 1 + haircut)
                continue
            now = self._exact(snapshot, instrument, None)
            equity += quantity * now
            for s, row in enumerate(self.rows):
                totals[s] += quantity * (self._exact(snapshot, instrument, row) - now) * row.cover
            month = month_of(instrument)
            months[month] = months.get(month, F(0)) + quantity * F(self._delta(snapshot, instrument))
            if instrument.kind is Kind.OPTION:
                minimum += max(F(0), -quantity) * F(p.short_option_minimum)
        scan = max(F(0), -min(totals))
        gross, net = sum(map(abs, months.values()), F(0)), abs(sum(months.values(), F(0)))
        spread = (gross - net) / 2 * F(p.intermonth_spread_charge)
        requirement = factor * (max(scan, minimum) + spread)
        label = self.rows[totals.index(min(totals))].label if scan >= minimum else "short option minimum"
        return Figures(equity, requirement, equity >= requirement, label)

    def _exact(self, snapshot: MarketSnapshot, instrument: Instrument, row: Row | None) -> Fraction:
        """Return a contract's value, USD, now or in a scenario."""
        p, forward = self.parameters, F(snapshot.forward(instrument))
        moved = forward if row is None else max(F(0), forward * (1 + row.price * F(p.price_scan_range)))
        if instrument.kind is not Kind.OPTION:
            return moved
        assert instrument.strike is not None
        vol = F(snapshot.volatility(instrument)) + (F(p.volatility_scan_range) * row.volatility if row else 0)
        seconds = snapshot.seconds_to_expiry(instrument)
        return price_exact(moved, instrument.strike, max(F(0), vol), seconds, instrument.is_call)


def month_of(instrument: Instrument) -> str:
    """Return the contract month of an instrument: its expiry, or the perpetual's own."""
    return instrument.expiry.isoformat() if instrument.expiry is not None else "perpetual"


MODEL = Span
