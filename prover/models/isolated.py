"""Isolated margin for any model of per-scenario P&L: each position stands alone with its own collateral.

A group is covered and not free, so that each of its rows must be at least zero. A position takes three rows:

    long        (value - worst loss of a long lot) X + collateral >= 0                      floored
    short       (value + worst loss or minimum of a short lot) X + collateral >= 0          ceiled
    collateral  collateral >= 0                                                             exact

The first binds for X > 0 and the second for X < 0, since value - loss <= value + loss; so each is rounded against its
own sign and no charge is needed. The third makes that long-only: without it a debt could stand as collateral, paid for
by equity elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from prover.models.base import MONEY_PER_LOT, Direction, Figures, Floats
from prover.models.grid_pricing import ExactNumbers, is_derivative
from prover.portfolio import collateral_place
from verifier.tiers import Tier


@dataclass(frozen=True)
class IsolatedRows:
    """Risk numbers as N x S, money per lot, and how each row (g, s) is rounded."""

    risk: Floats
    error: Floats
    direction: Mapping[tuple[int, int], Direction]


def isolated_groups(derivatives: Sequence[str], tier: Tier) -> list[list[str]]:
    """Return the groups: as many positions as rows and slots allow, then their collateral places in the same order."""
    size = min(tier.slots // 2, tier.scenarios // 3)
    parts = [list(derivatives[start : start + size]) for start in range(0, len(derivatives), size)]
    return [part + [collateral_place(name) for name in part] for part in parts]


def isolated_rows(
    names: Mapping[int, str], tier: Tier, value: Floats, error: Floats, pnl: Floats, pnl_error: Floats, minimum: Floats
) -> IsolatedRows:
    """Return the rows of `names` (by place); value, error, minimum: N; pnl, pnl_error: N x any count; money per lot."""
    risk, risk_error = np.zeros((tier.positions, tier.scenarios)), np.zeros((tier.positions, tier.scenarios))
    direction: dict[tuple[int, int], Direction] = {}
    place_of = {name: place for place, name in names.items()}
    for place, name in names.items():
        if not is_derivative(name):
            continue
        g, i = divmod(place, tier.slots)
        collateral = place_of[collateral_place(name)]
        long_row, short_row, collateral_row = 2 * i, 2 * i + 1, 2 * (tier.slots // 2) + i
        risk[place, long_row] = value[place] - max(0.0, -pnl[place].min())
        risk[place, short_row] = value[place] + max(0.0, pnl[place].max(), minimum[place])
        risk_error[place, [long_row, short_row]] = error[place] + pnl_error[place].max()
        risk[collateral, [long_row, short_row, collateral_row]] = MONEY_PER_LOT
        direction[g, long_row], direction[g, short_row] = Direction.FLOOR, Direction.CEIL
    return IsolatedRows(risk, risk_error, direction)


def isolated_figures(exact: Mapping[str, ExactNumbers], holdings: Mapping[str, Fraction], equity: Fraction) -> Figures:
    """Return the exact figures: the requirement is the sum, `met` asks each position to hold by itself."""
    requirement, met, worst = Fraction(0), equity >= 0, "every position holds"
    if any(amount < 0 for name, amount in holdings.items() if name.startswith(collateral_place(""))):
        met, worst = False, "collateral is below zero"
    for name, quantity in holdings.items():
        if not is_derivative(name):
            continue
        numbers = exact[name]
        own = max(Fraction(0), numbers.minimum * max(-quantity, Fraction(0)), *(-quantity * p for p in numbers.pnl))
        requirement += own
        if holdings.get(collateral_place(name), Fraction(0)) + quantity * numbers.long < own:
            met, worst = False, f"{name} is short of its own collateral"
    return Figures(equity, requirement, met, worst)
