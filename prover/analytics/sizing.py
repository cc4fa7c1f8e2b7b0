"""The largest quantity that may still be traded: initial margin is met with it, and not with one lot more."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prover.compile import choose_tier, compile_program
from prover.market.snapshot import MarketSnapshot
from prover.models.base import LOT_EXPONENT, SETTLEMENT_UNIT, Model
from prover.portfolio import Portfolio, positions_for
from verifier.commitment import POSITION_LIMIT
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import Tier


@dataclass(frozen=True)
class LargestTrade:
    """A signed quantity that is accepted, paid in cash; `bound` says what stops the next lot."""

    instrument: str
    quantity: Decimal
    bound: str


def largest_trade(
    model: Model,
    snapshot: MarketSnapshot,
    portfolio: Portfolio,
    instrument: str,
    *,
    buy: bool,
    price_usd: Fraction,
    least: Tier | None = None,
) -> LargestTrade:
    """Return the largest trade at a price (USD a contract) that keeps initial margin, exact to the lot.

    Cash pays for it, rounded down to a lot. The size doubles until one is refused, then halves the gap: the answer is
    accepted and one lot more is refused, even where sizes accepted before were not all of them.
    """
    held = portfolio.changed({instrument: Decimal(0), SETTLEMENT_UNIT: Decimal(0)})
    if instrument == SETTLEMENT_UNIT:
        raise BadInput(f"{SETTLEMENT_UNIT} is what trades are paid in; ask for the headroom instead")
    layout = choose_tier(model, held.instruments, least)
    program = compile_program(model, snapshot, layout, Purpose.INITIAL)
    base = positions_for(held, layout.listing)
    names = [slot.instrument if slot else None for slot in layout.listing.places]
    at, cash = names.index(instrument), names.index(SETTLEMENT_UNIT)
    sign = 1 if buy else -1

    def accepted(size: int) -> bool:
        lots = list(base)
        lots[at] += sign * size
        paid = -sign * size * price_usd
        lots[cash] += paid.numerator // paid.denominator
        if not all(-POSITION_LIMIT <= lots[place] < POSITION_LIMIT for place in (at, cash)):
            return False
        return evaluate(program, lots).margin_met

    if not accepted(0):
        return LargestTrade(instrument, Decimal(0), "the initial margin is not met now")
    size = largest(accepted, 2 * POSITION_LIMIT)
    bound = "initial margin" if abs(base[at] + sign * (size + 1)) < POSITION_LIMIT else "the circuit's largest position"
    return LargestTrade(instrument, Decimal(sign * size).scaleb(LOT_EXPONENT), bound)


def largest(accepted: Callable[[int], bool], limit: int) -> int:
    """Return an accepted size below `limit` whose successor is refused; zero is accepted, `limit` is not."""
    low, high = 0, 1
    while high < limit and accepted(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepted(middle) else (low, middle)
    return low
