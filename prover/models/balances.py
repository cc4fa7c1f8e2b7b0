"""Balances as collateral: full price, less a haircut when long, plus it when owed."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from prover.market.snapshot import MarketSnapshot, Unvalued
from prover.models.base import MONEY_PER_LOT, SETTLEMENT_UNIT
from prover.models.draft import Draft


class Balances:
    """Haircuts by balance, shares; a balance that is not named is no collateral."""

    def __init__(self, haircuts: Mapping[str, Decimal]) -> None:
        self._haircuts = haircuts

    def haircut(self, asset: str) -> Fraction:
        """Return a balance's haircut; raises Unvalued where it is no collateral."""
        if asset not in self._haircuts:
            raise Unvalued(asset, f"{asset} is no collateral of this model; name its haircut in collateral_haircut")
        return Fraction(self._haircuts[asset])

    def price(self, snapshot: MarketSnapshot, asset: str) -> Fraction:
        """Return the USD price of one unit."""
        return Fraction(1) if asset == SETTLEMENT_UNIT else Fraction(snapshot.index_price(asset))

    def worth(self, snapshot: MarketSnapshot, asset: str, quantity: Fraction) -> Fraction:
        """Return what a balance counts in equity, USD."""
        haircut = self.haircut(asset)
        return quantity * self.price(snapshot, asset) * (1 - haircut if quantity > 0 else 1 + haircut)

    def into(self, draft: Draft, place: int, snapshot: MarketSnapshot, asset: str) -> None:
        """Write a balance's values at a place of a draft."""
        full, haircut = self.price(snapshot, asset), self.haircut(asset)
        draft.value[place] = float(full * MONEY_PER_LOT)
        draft.long_value[place] = float(full * (1 - haircut) * MONEY_PER_LOT)
        draft.short_value[place] = float(full * (1 + haircut) * MONEY_PER_LOT)
        draft.value_error[place] = 0.0 if full == 1 and haircut == 0 else draft.short_value[place] * 2.0**-48
