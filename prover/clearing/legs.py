"""Traded books and steps: quantities and amounts by name as lots a place."""

import csv
from pathlib import Path

from prover.market.decimals import plain_decimal
from prover.portfolio import Portfolio, positions_for
from verifier.books import cash_place
from verifier.errors import BadInput
from verifier.files import read_text
from verifier.listing import Listing
from verifier.valuation import Marks, value_of


def traded_positions(trade: Portfolio, listing: Listing, marks: Marks) -> tuple[int, ...]:
    """Return a trade as lots a place. Without cash in it, cash balances the other legs at the marks.

    The cash that balances is rounded towards minus infinity: the buyer receives at most what its legs are worth.
    """
    positions = positions_for(trade, listing)
    if listing.settlement_unit in trade.quantities:
        return positions
    return with_cash_at_marks(positions, listing, marks)


def with_cash_at_marks(positions: tuple[int, ...], listing: Listing, marks: Marks) -> tuple[int, ...]:
    """Return positions whose cash place makes their marked value zero, up to one cash lot."""
    place = cash_place(listing)
    value = value_of(marks, positions) - marks.mark[place] * positions[place]
    return tuple(-value // marks.mark[place] if k == place else x for k, x in enumerate(positions))


def per_lot_amounts(path: Path, listing: Listing, token_decimals: int) -> list[int]:
    """Return USD a contract or coin, by instrument in a CSV file, as cash lots times 2^32 per lot of each place.

    Rounded towards minus infinity. BadInput naming the row.
    """
    out = [0] * len(listing.places)
    rows = csv.DictReader(read_text(path).splitlines())
    if rows.fieldnames != ["instrument", "amount"]:
        raise BadInput(f"{path}: the columns must be instrument and amount")
    for row in rows:
        name = (row["instrument"] or "").strip()
        place = listing.index(name)
        slot = listing.places[place] if place is not None else None
        if place is None or slot is None:
            raise BadInput(f"{path}: {name[:40]!r} is not listed; take its name from the listing")
        amount = plain_decimal((row["amount"] or "").strip())
        if amount is None or not amount.is_finite() or abs(amount.adjusted()) > 30:
            raise BadInput(f"{path}: the amount of {name} is no number; write it like -12.5")
        whole, denominator = amount.as_integer_ratio()
        exponent = slot.lot_exponent + token_decimals
        scaled = (whole << 32) * 10 ** max(exponent, 0)
        out[place] = scaled // (denominator * 10 ** max(-exponent, 0))
    return out
