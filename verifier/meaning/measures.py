"""What a portfolio measures under a margin program before anyone chooses a helper value.

The first half of docs/statement.md, part 4: everything that follows from program and summed positions X
alone. Exact integers, slow and plain. `verifier.meaning` adds the helper values and the claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from operator import mul

from verifier.program import MarginProgram, Matrix, Vector


def short(value: int) -> int:
    """Return max(0, -value): the one non-linear gadget of the statement."""
    return max(0, -value)


def dot(left: Sequence[int], right: Sequence[int]) -> int:
    """Return the sum of products of two vectors of equal length."""
    if len(left) != len(right):
        raise ValueError("vectors of unequal length")
    return sum(map(mul, left, right))


@dataclass(frozen=True)
class Measures:
    """Figures of X (lots, one a place) that no helper value enters. g: group, s: scenario, k: factor.

    Tiers without hinges or envelope have zero group floors, up and down.
    """

    x: Vector
    short_x: Vector
    y: Matrix
    """G x S, money: the cell's change of value."""
    mark: Vector
    """G, money."""
    up: Vector
    """G, money."""
    down: Vector
    """G, money."""
    group_floor: Vector
    """G, money: F_g, the least t_g of a covered free group."""
    floor_linear: int
    """money/W: sum floor_linear_i X_i."""
    floor_short: int
    """money/W: sum floor_short_i short(X_i), >= 0 where the coefficients are."""
    floor_net: int
    """money/W: sum over the net forms m of |sum floor_net_mi X_i|."""
    roll_groups: Vector
    """G, money: roll_g."""
    roll: int
    """money/unit: the roll charge."""
    factors: Vector
    """K, money: sum_i loading[k,i] X_i."""
    radius: int
    """money: ceil(sqrt(sum of the squared factors)), the least r."""
    gross: int
    """money: sum equity_i X_i."""
    short_charges: int
    """money."""
    naked_charges: int
    """money."""
    equity: int
    """money: gross - short_charges - naked_charges + vault balance."""

    @property
    def charges(self) -> int:
        return self.short_charges + self.naked_charges


def measure(program: MarginProgram, x: Sequence[int], vault_balance: int) -> Measures:
    """Return the measures of summed positions `x`, N lots, with `vault_balance` in money."""
    x = tuple(x)
    short_x = tuple(short(lots) for lots in x)
    tier = program.tier
    groups = [slice(g * tier.slots, (g + 1) * tier.slots) for g in range(tier.groups)]

    def by_group(array: Vector, amounts: Vector) -> Vector:
        """Return sum_{i in g} array_i amounts_i for each group; zeros where the tier has no such array."""
        return tuple(dot(array[part], amounts[part]) if array else 0 for part in groups)

    factors = tuple(dot(row, x) for row in program.loading)
    roll_groups = by_group(program.roll, x)
    gross = dot(program.equity, x)
    short_charges = dot(program.short_charge, short_x)
    naked_charges = sum(charge * short(x[2 * j] + x[2 * j + 1]) for j, charge in enumerate(program.naked_charge))
    return Measures(
        x=x,
        short_x=short_x,
        y=tuple(
            tuple(dot(row, x[part]) for row in rows) for rows, part in zip(program.risk_array, groups, strict=True)
        ),
        mark=by_group(program.mark, x),
        up=by_group(program.up, x),
        down=by_group(program.down, x),
        group_floor=by_group(program.group_floor, short_x),
        floor_linear=dot(program.floor_linear, x),
        floor_short=dot(program.floor_short, short_x),
        floor_net=sum(abs(dot(form, x)) for form in program.floor_net),
        roll_groups=roll_groups,
        roll=_roll_charge(program, roll_groups),
        factors=factors,
        radius=_ceil_sqrt(sum(factor * factor for factor in factors)),
        gross=gross,
        short_charges=short_charges,
        naked_charges=naked_charges,
        equity=gross - short_charges - naked_charges + vault_balance,
    )


def _roll_charge(program: MarginProgram, roll_groups: Vector) -> int:
    """Return the roll charge in money/unit; not negative given roll_net >= -min(roll_long, roll_short)."""
    gross = sum(
        long_rate * max(0, roll) + short_rate * short(roll)
        for long_rate, short_rate, roll in zip(program.roll_long, program.roll_short, roll_groups, strict=True)
    )
    return gross + program.roll_net * abs(sum(roll_groups))


def _ceil_sqrt(square: int) -> int:
    """Return the least r >= 0 with r*r >= square: a radius is rounded up, against the trader."""
    root = isqrt(square)
    return root + (root * root < square)
