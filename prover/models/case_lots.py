"""What the published cases of all models share: numbers of any JSON kind, and the lot that suits a quantity."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict

from prover.models.base import LOT_EXPONENT, MONEY_EXPONENT, Parameters
from verifier.commitment import POSITION_LIMIT
from verifier.errors import BadInput
from verifier.tiers import digit_limit

Number = Annotated[Decimal, BeforeValidator(lambda v: Decimal(repr(v)) if isinstance(v, float) else v)]
"""A decimal that JSON may write as a number or as a string."""
LOT_EXPONENTS = range(-12, 0)
MOST_USUAL_CASH = 3 * 10**7
"""USD that the usual lot of cash holds several times over."""
LARGE_CASH_LOT = -3
MOST_PER_LOT = Fraction(digit_limit(5) // 2, 10**-MONEY_EXPONENT)
"""USD a lot: half of what an entry of the risk array holds."""


class OpenParameters(Parameters):
    """A part of a case; fields that no formula uses may stand beside those named here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def cash_lot(amount: Fraction) -> int:
    """Return the lot exponent of cash: the usual one while it holds the amount several times over."""
    return LOT_EXPONENT if amount < MOST_USUAL_CASH else LARGE_CASH_LOT


def best_lot(price: Fraction, quantities: list[Fraction]) -> int:
    """Return the lot exponent that costs the least accuracy for quantities of something worth up to `price` USD.

    A small lot holds more of a quantity's digits, a large one more of the value's: money has a fixed unit. Raises
    BadInput where none holds both.
    """
    best: tuple[Fraction, int] | None = None
    for exponent in LOT_EXPONENTS:
        lot = Fraction(10) ** exponent
        if price * lot > MOST_PER_LOT or max(map(abs, quantities)) / lot >= POSITION_LIMIT:
            continue
        cut = sum(abs(quantity - lot * round(quantity / lot)) for quantity in quantities) * price
        rounding = 3 * Fraction(10) ** MONEY_EXPONENT * sum(map(abs, quantities)) / lot
        if best is None or cut + rounding <= best[0]:
            best = cut + rounding, exponent
    if best is None:
        raise BadInput("a quantity or a price is outside what a lot of any size can hold")
    return best[1]
