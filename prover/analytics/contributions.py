"""What each position adds to the requirement and to the worst scenario, by the program's own integers.

Euler: a figure f that scales with the book is the sum of x_i * df/dx_i; the derivative is the difference that one
lot more or less makes, with the prover's best helper values each time. Where the two sides differ there is no
derivative (a tie of scenarios, a position of one lot at a kink), and the figure with less the figure without the
position is shown instead. Euler contributions of all positions add up to f but for what does not scale with the book
(offsets, shifts, constants); that rest is a row of its own. Source: Tasche, "Risk contributions and performance
measurement" (1999).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.meaning import evaluate
from verifier.program import MarginProgram

EULER, INCREMENTAL = "euler", "incremental"
_TOLERANCE = Fraction(1, 10**6)
"""Relative difference of the two slopes up to which a figure counts as differentiable."""

Figure = Callable[[Sequence[int]], Fraction]
"""Lots of all places to USD."""


@dataclass(frozen=True)
class Contribution:
    """One position's share of a figure, USD; positive adds to it."""

    instrument: str
    usd: Fraction
    method: str


def requirement_of(program: MarginProgram) -> Figure:
    """Return the requirement as a function of lots, USD."""
    scale = Fraction(10) ** program.listing.money_exponent / program.unit

    def figure(lots: Sequence[int]) -> Fraction:
        return evaluate(program, lots).requirement * scale

    return figure


def row_scale(program: MarginProgram) -> Fraction:
    """Return what a row's result in money/W counts in money: tau_0 + tau_1 over the unit."""
    return Fraction(sum(program.tau), program.unit)


def loss_in(program: MarginProgram, row: int) -> Figure:
    """Return the loss in one tail row as it counts, as a function of lots, USD; gains are negative losses."""
    scale = Fraction(10) ** program.listing.money_exponent * row_scale(program)

    def figure(lots: Sequence[int]) -> Fraction:
        return -evaluate(program, lots).z[row] * scale

    return figure


def contributions(program: MarginProgram, lots: Sequence[int], figure: Figure) -> list[Contribution]:
    """Return the contribution of each position that is held, in listing order."""
    whole = figure(lots)
    out = []
    for place, slot in enumerate(program.listing.places):
        if slot is None or not lots[place]:
            continue
        more, less = (figure(_changed(lots, place, lots[place] + step)) for step in (1, -1))
        above, below = more - whole, whole - less
        if abs(above - below) <= _TOLERANCE * max(abs(above), abs(below)):
            out.append(Contribution(slot.instrument, lots[place] * (above + below) / 2, EULER))
        else:
            out.append(Contribution(slot.instrument, whole - figure(_changed(lots, place, 0)), INCREMENTAL))
    return out


def _changed(lots: Sequence[int], place: int, value: int) -> list[int]:
    out = list(lots)
    out[place] = value
    return out
