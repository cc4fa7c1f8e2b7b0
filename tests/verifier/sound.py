"""A small margin program that is sound and readable: what a test breaks in one place to show an attack.

Tier TINY: two groups of four places; rows 0-2 scenarios, 3-4 skew, 5 envelope, 6 floor. Money exponent 0: a
lot of cash is 1 USD.
"""

from typing import Any

from tests.builders import TINY
from verifier.listing import Listing, Slot
from verifier.program import MarginProgram, Purpose

NAMES = ("USD", "COIN", "CALL", "PUT", "PERP", None, None, "ALT")
"""USD: cash. COIN: collateral worth 100, counted at 90. CALL, PUT: worth 10. PERP, ALT: only risk."""

LISTING = Listing(2, 4, 0, "USD", tuple(Slot(name, 0) if name else None for name in NAMES))

PERP_ROWS = (100, -5, 30)
"""Value of one lot of PERP in the scenarios 0, 1, 2."""

ARRAYS: dict[str, Any] = {
    "equity": (1, 90, 10, 10, 0, 0, 0, 0),
    "mark": (0, 100, 10, 10, 0, 0, 0, 0),
    "short_charge": (0, 20, 0, 0, 0, 0, 0, 0),
    "risk_array": (
        ((0, 0, 8, -6), (0, 0, -6, 8), (0, 0, 2, 2), (0, 0, 0, 0), (0, 0, 0, 0)),
        ((100, 0, 0, 20), (-5, 0, 0, -20), (30, 0, 0, -9), (0, 0, 0, 0), (0, 0, 0, 0)),
    ),
    "gain": ((1, 1, 1, 0, 0), (1, 1, 1, 0, 0)),
    "tau": (1, 0),
    "weight": (1, 1, 1, 1, 1, 1, 1),
    "unit": 1,
}


def bare(listing: Listing = LISTING, **changes: Any) -> MarginProgram:
    """Return the sound program with arrays replaced."""
    return MarginProgram.build(
        TINY,
        listing,
        Purpose.INITIAL,
        model="sound",
        valuation_time="2026-01-01T00:00:00Z",
        arrays=ARRAYS | changes,
    )


def lots(**positions: int) -> tuple[int, ...]:
    """Return positions by instrument name, zero elsewhere."""
    assert set(positions) <= set(NAMES)
    return tuple(positions.get(name, 0) if name else 0 for name in NAMES)
