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
from fractions import Fraction

from prover.models.base import MONEY_PER_LOT, Figures
from prover.models.draft import Direction, Draft, Floats
from prover.models.grid_pricing import ExactNumbers, is_derivative
from prover.portfolio import collateral_place
from verifier.tiers import Tier


def isolated_groups(derivatives: Sequence[str], tier: Tier) -> list[list[str]]:
    """Return the groups: as many positions as rows and slots allow, then their collateral places in the same order."""
    size = min(tier.slots // 2, tier.scenarios // 3)
    parts = [list(derivatives[start : start + size]) for start in range(0, len(derivatives), size)]
    return [part + [collateral_place(name) for name in part] for part in parts]


def isolate(
    draft: Draft, names: Mapping[int, str], tier: Tier, pnl: Floats, pnl_error: Floats, minimum: Floats
) -> None:
    """Fill a draft that has its values with the rows of `names` (by place).

    pnl, pnl_error: N x any count; minimum: N; money per lot.
    """
    place_of = {name: place for place, name in names.items()}
    for place, name in names.items():
        if not is_derivative(name):
            continue
        g, i = divmod(place, tier.slots)
        j = place_of[collateral_place(name)] - g * tier.slots
        long_row, short_row, collateral_row = 2 * i, 2 * i + 1, 2 * (tier.slots // 2) + i
        draft.risk[g, long_row, i] = draft.value[place] - max(0.0, -pnl[place].min())
        draft.risk[g, short_row, i] = draft.value[place] + max(0.0, pnl[place].max(), minimum[place])
        draft.risk_error[g, [long_row, short_row], i] = draft.value_error[place] + pnl_error[place].max()
        draft.risk[g, [long_row, short_row, collateral_row], j] = MONEY_PER_LOT
        draft.direction[g, long_row], draft.direction[g, short_row] = Direction.FLOOR, Direction.CEIL
        draft.cover[g] = 1


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
