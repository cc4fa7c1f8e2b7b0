"""Traded books: quantities by name as lots, with a cash leg at the marks where none is given."""

from prover.portfolio import Portfolio, positions_for
from verifier.books import cash_place
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
