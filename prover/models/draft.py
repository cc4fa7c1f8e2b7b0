"""Drafts: a model's risk numbers as floats with error bounds, before `prover.compile` makes integers of them.

A draft has the arrays of the margin program (docs/statement.md, part 3) in real units: money per lot, and weights as
pure numbers. `Draft.blank` makes one in which nothing counts; a model fills in what it uses.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt

from verifier.tiers import Tier

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Direction(Enum):
    """Which way a row of the risk array is rounded: nearest ones are paid for by the rounding charge."""

    NEAREST = "nearest"
    FLOOR = "floor"
    CEIL = "ceil"


@dataclass(frozen=True)
class Draft:
    """Risk numbers before rounding, money per lot unless said; |exact - float| <= the error beside it.

    G groups, S scenarios, I slots, N = G*I places, K factors, R tail rows. The rows of `labels` come first, padding
    follows; skew rows are the tier's last.
    """

    labels: tuple[str, ...]
    """What each row in use is, for people; empty for padding between the scenarios and the skew rows."""
    value: Floats
    """N: full value of a lot (mark)."""
    long_value: Floats
    """N: what a long lot counts, after haircuts and contingencies."""
    short_value: Floats
    """N: what a short lot costs, after haircuts and contingencies."""
    value_error: Floats
    """N: bounds the three above."""
    long_only: Flags
    """N."""
    naked_charge: Floats
    """N/2: taken from equity for each lot that places 2j and 2j+1 are short together; rounded up."""
    risk: Floats
    """G x S x I."""
    risk_error: Floats
    """G x S x I."""
    gain: Floats
    """G x S: counts a cell's gain; rounded down."""
    loss: Floats
    """G x S: counts a cell's loss, >= gain; rounded up. In tiers without hinges equal to gain."""
    mark_weight: Floats
    """G x S: counts the group's mark against the cell."""
    weight: Integers
    """R: weights of the tail rows, 1/T."""
    tau: Integers
    """2: scale of each tail; 0 where it is not used."""
    up: Floats
    """N: envelope; with `down`, the value's change under two moves."""
    down: Floats
    """N."""
    envelope_error: Floats
    """N: bounds up and down."""
    envelope_weight: Floats
    """G; rounded up."""
    floor_linear: Floats
    """N: lower bound of the requirement: linear part."""
    floor_net: Floats
    """Net forms (1 or 2) x N: parts whose absolute sums count."""
    floor_error: Floats
    """N: bounds floor_linear and the floor_net rows."""
    floor_short: Floats
    """N: part for each short lot; rounded up."""
    group_floor: Floats
    """N: least level of a covered free group for each short lot; rounded up."""
    roll: Floats
    """N."""
    roll_error: Floats
    """N."""
    roll_long: Floats
    """G: counts a positive sum of roll in a group; rounded up."""
    roll_short: Floats
    """G: counts a negative one; rounded up."""
    roll_net: Floats
    """1: counts the size of the sum over all groups; may be negative, down to minus the least of the other rates."""
    loading: Floats
    """K x N: factor risks, whose Euclidean length over the book counts `multiplier` times."""
    loading_error: Floats
    """K x N: bounds loading."""
    loading_gap: Floats
    """N: length that the factors leave out of a lot's exact loading; charged without netting."""
    multiplier: Floats
    """1: counts the ellipsoid; rounded up."""
    shift: Floats
    """G x S, money (not per lot): added to a cell before a group's level covers it; rounded down."""
    cover: Integers
    """G: the group's level covers each of its rows."""
    free: Integers
    """G: the level may be positive and is then required."""
    pick: Integers
    """G: the prover may choose rows or floor."""
    member: Integers
    """R: which tail a row is in."""
    waivable: Integers
    """S: the row may be waived."""
    waivers: Integers
    """2: rows of each tail that the prover may waive."""
    offset: Floats
    """S, money (not per lot), times the row's weight: added to a row; exact."""
    direction: dict[tuple[int, int], Direction] = field(default_factory=dict)
    """(g, s) -> rounding of the risk array; NEAREST where absent."""
    gain_scale: int | None = None
    """W where the model needs a certain one: gain and loss times W are whole then. None: the largest power of ten."""
    tail_scale: int = 1
    """T: what weight and tau are parts of."""

    @classmethod
    def blank(
        cls, tier: Tier, labels: tuple[str, ...], *, gain_scale: int | None = None, tail_scale: int = 1
    ) -> "Draft":
        """Return a draft of zeros for a tier."""
        g, s, i, n = tier.groups, tier.scenarios, tier.slots, tier.positions

        def zeros(*shape: int) -> Floats:
            return np.zeros(shape)

        def whole(*shape: int) -> Integers:
            return np.zeros(shape, dtype=np.int64)

        return cls(
            labels=labels,
            value=zeros(n),
            long_value=zeros(n),
            short_value=zeros(n),
            value_error=zeros(n),
            long_only=np.zeros(n, dtype=np.bool_),
            naked_charge=zeros(n // 2),
            risk=zeros(g, s, i),
            risk_error=zeros(g, s, i),
            gain=zeros(g, s),
            loss=zeros(g, s),
            mark_weight=zeros(g, s),
            weight=whole(tier.tail_rows),
            tau=whole(2),
            up=zeros(n),
            down=zeros(n),
            envelope_error=zeros(n),
            envelope_weight=zeros(g),
            floor_linear=zeros(n),
            floor_net=zeros(tier.nets, n),
            floor_error=zeros(n),
            floor_short=zeros(n),
            group_floor=zeros(n),
            roll=zeros(n),
            roll_error=zeros(n),
            roll_long=zeros(g),
            roll_short=zeros(g),
            roll_net=zeros(1),
            loading=zeros(tier.factors, n),
            loading_error=zeros(tier.factors, n),
            loading_gap=zeros(n),
            multiplier=zeros(1),
            shift=zeros(g, s),
            cover=whole(g),
            free=whole(g),
            pick=whole(g),
            member=whole(tier.tail_rows),
            waivable=whole(s),
            waivers=whole(2),
            offset=zeros(s),
            gain_scale=gain_scale,
            tail_scale=tail_scale,
        )
