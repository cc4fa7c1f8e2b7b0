"""The smallest collateral at which a proof exists: exact to the last unit, by the program's own integers.

The claim is 10^4 unit (E + v) >= ratio Requirement with E the equity without v, and neither the vault balance nor cash
moves the requirement. So the least v is the quotient rounded up, which is then checked: the claim holds there and not
one unit below. The requirement is that of the best helper values. Where it would be negative, the circuit asks for
zero or more; with tau = 1 zero is reached, with a larger tau other helper values may come closer to it than those of
`verifier.meaning.evaluate`, which is then refused here rather than shown as exact.
"""

from collections.abc import Sequence

from verifier.commitment import POSITION_LIMIT
from verifier.errors import BadInput
from verifier.meaning import BPS, Meaning, evaluate
from verifier.program import MarginProgram
from verifier.tiers import VAULT_BITS


def least_vault_balance(program: MarginProgram, positions: Sequence[int], ratio_bps: int = BPS) -> int:
    """Return the least vault balance, money units >= 0, at which the claim is true.

    positions: N lots. Raises BadInput where no balance is enough (a position of an isolated group that its own
    collateral does not cover, a requirement above the circuit's range) or the least one is not determined.
    """
    meaning = _evaluated(program, positions, ratio_bps)
    least = max(0, -(meaning.surplus // (BPS * program.unit)))
    if least >> VAULT_BITS:
        raise BadInput("no vault balance is enough: the requirement is beyond what a balance can be; reduce the book")
    held = _met(program, positions, ratio_bps, least)
    assert held and not (least and _met(program, positions, ratio_bps, least - 1)), "the claim is linear in the balance"
    return least


def least_cash(program: MarginProgram, positions: Sequence[int], ratio_bps: int = BPS) -> int:
    """Return the least lots of cash in the book, negative where debt may be carried, at which the claim is true.

    The cash in `positions` does not count. Raises BadInput where no cash is enough, cash is not listed, or cash has a
    margin of its own, so that the requirement moves with it.
    """
    place = cash_place(program)
    book = [*positions[:place], 0, *positions[place + 1 :]]
    surplus = _evaluated(program, book, ratio_bps).surplus
    scale, long = BPS * program.unit, program.equity[place]
    worth = scale * (long if surplus < 0 else long + program.short_charge[place])
    if worth <= 0:
        raise BadInput("cash counts nothing under this program; ask for the vault balance")
    lots = -(surplus // worth)
    if not -POSITION_LIMIT < lots < POSITION_LIMIT:
        raise BadInput("no position in cash is enough: it would be beyond the circuit's range; reduce the book")

    def met(cash: int) -> bool:
        book[place] = cash
        return _met(program, book, ratio_bps, 0)

    if not met(lots) or met(lots - 1):
        raise BadInput("cash has a margin of its own under this program; ask for the vault balance")
    return lots


def cash_place(program: MarginProgram) -> int:
    """Return the place of the settlement unit; raises BadInput where it is not listed."""
    for place, slot in enumerate(program.listing.places):
        if slot is not None and slot.instrument == program.listing.settlement_unit:
            return place
    raise BadInput(f"{program.listing.settlement_unit} is not listed, so that no cash can be held; list it")


def _evaluated(program: MarginProgram, positions: Sequence[int], ratio_bps: int) -> Meaning:
    meaning = evaluate(program, positions, ratio_bps=ratio_bps)
    if meaning.cover_violations or meaning.requirement < 0:
        raise BadInput("no collateral of the account is enough: an isolated position needs collateral of its own")
    if 0 < meaning.requirement < max(program.tau):
        raise BadInput(
            "the requirement is below the step of this program's tails; the least collateral is not determined"
        )
    return meaning


def _met(program: MarginProgram, positions: Sequence[int], ratio_bps: int, vault_balance: int) -> bool:
    return evaluate(program, positions, ratio_bps=ratio_bps, vault_balance=vault_balance).margin_met
