"""The tails of the requirement: worst-of, expected shortfall and value at risk in one form.

A tail costs tau*t + sum_rows weight_s*(1 - waived_s)*max(0, loss_s - t), loss_s = -z[s]. For any t that is an
upper bound of the exact figure; the best t gives it exactly (Rockafellar and Uryasev, 2000): with weight =
tau the largest loss, with weight = tau/((1-alpha)S) the expected shortfall, and with weight = tau and k
waivers the loss that k rows exceed.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.program import MarginProgram, Vector

T_BITS = 139
"""Every t that the rows of its tail accept is in [-2^139, 2^139): a row bounds z + t, and z has fewer bits."""
T_LOW, T_HIGH = -(1 << T_BITS), (1 << T_BITS) - 1
TAILS = (0, 1)


@dataclass(frozen=True)
class Tail:
    """The rows in use of one tail that are not waived, as (weight, loss) pairs, and its tau."""

    tau: int
    rows: tuple[tuple[int, int], ...]

    def cost(self, t: int) -> int:
        """Return the tail's contribution, money/unit, for a chosen t, money/W; convex in t."""
        return self.tau * t + sum(weight * max(0, loss - t) for weight, loss in self.rows)

    def best(self) -> int:
        """Return the least t of least cost.

        The cost is convex and piecewise linear with its corners at the losses: it falls, then rises. Where
        tau exceeds the weights (which admission refuses) it falls without end as t falls, so the lowest t
        that the circuit allows is a candidate as well.
        """
        corners = {min(max(loss, T_LOW), T_HIGH) for _, loss in self.rows}
        if self.tau > sum(weight for weight, _ in self.rows):
            corners.add(T_LOW)
        rising = sorted(corners)

        def falls_no_more(n: int) -> bool:
            return self.cost(rising[n]) <= self.cost(rising[n + 1])

        return rising[bisect_left(range(len(rising) - 1), True, key=falls_no_more)] if rising else 0

    def raised(self, t: int, amount: int) -> int | None:
        """Return the least t' >= t whose cost is at least `amount` above the cost at t, a minimum.

        None without one.
        """
        goal = self.cost(t) + amount
        low, high = t, T_HIGH
        if self.cost(high) < goal:
            return None
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.cost(middle) < goal else (low, middle)
        return low


def tail_of(program: MarginProgram, k: int, z: Sequence[int], waived: Sequence[int]) -> Tail:
    """Return tail k of the rows z (money/W); `waived` has one 0 or 1 for each scenario row."""
    rows = tuple(
        (weight, -z[row])
        for row, (weight, member) in enumerate(zip(program.weight, program.member, strict=True))
        if member == k and weight and not (row < len(waived) and waived[row])
    )
    return Tail(program.tau[k], rows)


def best_waivers(program: MarginProgram, z: Sequence[int]) -> Vector:
    """Return the S waiver bits that cost least: in each tail the waivable rows of largest loss, the earlier
    one of equals.

    Exact where the weights of a tail with waivers are equal, which admission requires.
    """
    waived = [0] * program.tier.scenarios
    for k in TAILS:
        rows = [
            row
            for row in range(program.tier.scenarios)
            if program.waivable[row] and program.member[row] == k and program.weight[row]
        ]
        for row in sorted(rows, key=lambda row: z[row])[: program.waivers[k]]:
            waived[row] = 1
    return tuple(waived)


def worst_row(program: MarginProgram, k: int | None, z: Sequence[int], waived: Sequence[int]) -> int | None:
    """Return the row in use of tail k (None: of either) with the largest loss that is not waived.

    None without rows.
    """
    rows = [
        row
        for row, (weight, member) in enumerate(zip(program.weight, program.member, strict=True))
        if weight and k in (None, member) and not (row < len(waived) and waived[row])
    ]
    return min(rows, key=lambda row: z[row], default=None)
