"""Bracketed margin of perpetuals and futures: the rate rises with the notional of a position.

Source: the public tables of leverage tiers of perpetual venues (Binance, Bybit: up to ten brackets with a maintenance
rate and a deduction that makes the margin continuous). docs/models/brackets.md has the formulas.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import (
    MONEY_EXPONENT,
    MONEY_PER_LOT,
    SETTLEMENT_UNIT,
    Figures,
    Parameters,
    TierTooSmall,
    largest_tier,
    load_parameters,
)
from prover.models.draft import Direction, Draft
from prover.models.layout import lay_out
from prover.portfolio import COLLATERAL_SUFFIX, collateral_place
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier

F = Fraction
_TINY = 2.0**-46


class Bracket(Parameters):
    """The rates of the part of a notional that lies above `from_usd`."""

    from_usd: Annotated[Decimal, Field(ge=0, le=10**15)]
    maintenance_rate: Annotated[Decimal, Field(gt=0, le=1)]
    initial_rate: Annotated[Decimal, Field(gt=0, le=1)]


class BracketsParameters(Parameters):
    """A parameter file of the model `brackets`; all fields are required."""

    mode: Literal["cross", "isolated"]
    brackets: dict[str, Annotated[list[Bracket], Field(min_length=1, max_length=10)]]
    """By underlying, the first from zero, notionals and rates rising."""

    @model_validator(mode="after")
    def _rising(self) -> "BracketsParameters":
        for underlying, table in self.brackets.items():
            if table[0].from_usd != 0:
                raise ValueError(f"{underlying}: the first bracket does not start at zero")
            for low, high in pairwise(table):
                rates = high.maintenance_rate >= low.maintenance_rate and high.initial_rate >= low.initial_rate
                if high.from_usd <= low.from_usd or not rates:
                    raise ValueError(f"{underlying}: brackets are not in rising order of notional and rate")
            if any(bracket.initial_rate < bracket.maintenance_rate for bracket in table):
                raise ValueError(f"{underlying}: an initial rate is below the maintenance rate")
        return self


class Brackets:
    """The model with its parameters."""

    name = "brackets"

    def __init__(self, parameters: BracketsParameters) -> None:
        self.parameters = parameters

    @classmethod
    def load(cls, document: Any, name: str) -> "Brackets":
        """Return the model of a parameter file's object; raises BadInput naming the field."""
        return cls(load_parameters(BracketsParameters, document, name))

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return nothing: rows are brackets, which differ from position to position."""
        del tier
        return ()

    def lines(self, underlying: str, purpose: Purpose) -> list[tuple[Fraction, Fraction]]:
        """Return (rate, deduction in USD) of each bracket: margin is the largest of rate * notional - deduction."""
        out: list[tuple[Fraction, Fraction]] = []
        for bracket in self.parameters.brackets[underlying]:
            rate = F(bracket.initial_rate if purpose is Purpose.INITIAL else bracket.maintenance_rate)
            before, deduction = out[-1] if out else (F(0), F(0))
            out.append((rate, deduction + F(bracket.from_usd) * (rate - before) if out else F(0)))
        return out

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return the layout: cash in group 0, a position a group (isolated: with its collateral)."""
        names = sorted(set(instruments) - {SETTLEMENT_UNIT})
        isolated = self.parameters.mode == "isolated"
        runs = [[SETTLEMENT_UNIT], *([n, collateral_place(n)] if isolated else [n] for n in names)]
        for name in names:
            self._check_known(name)
        rows = 1 + 2 * max((len(table) for table in self.parameters.brackets.values()), default=0)
        if not tier.hinges or len(runs) > tier.groups or rows > tier.scenarios:
            raise TierTooSmall(
                f"{len(names)} positions of {rows} rows do not fit tier {tier.name}, a position takes a group; the one "
                f"with most groups is standard (12); {largest_tier()}"
            )
        return lay_out(runs, tier)

    def _check_known(self, name: str) -> None:
        instrument = parse_name(name)
        if instrument.kind not in (Kind.PERPETUAL, Kind.FUTURE):
            raise BadInput(f"{name}: this model margins perpetuals and futures against {SETTLEMENT_UNIT} only")
        if instrument.underlying not in self.parameters.brackets:
            raise BadInput(f"{name}: the model has no brackets of {instrument.underlying}; name them in brackets")

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of a listing."""
        isolated = self.parameters.mode == "isolated"
        draft = Draft.blank(tier, ())
        for place, slot in enumerate(listing.places):
            if slot is None:
                continue
            g, i = divmod(place, tier.slots)
            if slot.instrument == SETTLEMENT_UNIT or COLLATERAL_SUFFIX in slot.instrument:
                draft.value[place] = draft.long_value[place] = draft.short_value[place] = MONEY_PER_LOT
                continue
            self._check_known(slot.instrument)
            price = F(snapshot.forward(parse_name(slot.instrument)))
            worth = float(price) * MONEY_PER_LOT
            draft.value[place] = draft.long_value[place] = draft.short_value[place] = worth
            draft.value_error[place] = worth * _TINY
            draft.cover[g], draft.free[g] = 1, int(not isolated)
            lines = self.lines(parse_name(slot.instrument).underlying, purpose)
            for k, (rate, deduction) in enumerate(lines):
                for row, sign in ((2 * k, -1), (2 * k + 1, 1)):
                    per_lot = price * (rate * sign + int(isolated))
                    draft.risk[g, row, i] = float(per_lot) * MONEY_PER_LOT
                    draft.risk_error[g, row, i] = abs(float(per_lot)) * MONEY_PER_LOT * _TINY
                    draft.shift[g, row] = float(deduction) * 10.0**-MONEY_EXPONENT
                    if isolated:
                        draft.risk[g, row, i + 1] = MONEY_PER_LOT
                        draft.direction[g, row] = Direction.FLOOR if sign < 0 else Direction.CEIL
        return draft

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return equity and requirement in exact arithmetic, USD; isolated: `met` asks each position to hold."""
        equity = requirement = F(0)
        met, worst, largest = True, "no position has a margin", F(0)
        isolated = self.parameters.mode == "isolated"
        for name, quantity in holdings.items():
            if name == SETTLEMENT_UNIT or COLLATERAL_SUFFIX in name:
                equity += quantity
                continue
            self._check_known(name)
            instrument = parse_name(name)
            value = quantity * F(snapshot.forward(instrument))
            due = max(F(0), *(rate * abs(value) - cut for rate, cut in self.lines(instrument.underlying, purpose)))
            equity, requirement = equity + value, requirement + due
            if isolated and holdings.get(collateral_place(name), F(0)) + value < due:
                met, worst, largest = False, f"{name} is short of its own collateral", F(10**30)
            if due > largest:
                worst, largest = name, due
        return Figures(equity, requirement, met and (isolated or equity >= requirement), worst)


MODEL = Brackets
