"""Cheating witnesses against valuation: a book that is worth more, a trade that was made far from the marks.

As `conservation_cheats`; what a lie shows is false by `verifier.valuation`.
"""

from tests.circuits.clearing.harness import Priced
from tests.circuits.clearing.lies import (
    TOP,
    Cheat,
    Told,
    add,
    alias,
    change,
    hold,
    listing_of,
    repeated,
    uncommitted,
)
from tests.circuits.harness import Honest, Lie
from verifier.books import BookOpening
from verifier.valuation import BPS, Marks, Valuation, gross_value, value_of, within_band

BAND = 100
MARKS = (1, 100, -3, 7, 1, 50, 9, 2)
LOTS = (0, 300, 4, -2, 0, 5, -1, 3)


def bought(places: int, sign: int = 1) -> Priced:
    """A trade that is in the band to the last unit: 10^4 |V| = 100 Gross, V above zero where `sign` is 1."""
    marks = Marks(listing_of(places), repeated(MARKS, places))
    for more in range(101):
        lots = list(repeated(LOTS, places))
        lots[4] = more
        cash, left = divmod(BPS * value_of(marks, lots) - BAND * gross_value(marks, lots), BPS + BAND)
        if not left:
            break
    lots[0] = -cash
    book = BookOpening(tuple(sign * lot for lot in lots), 11)
    return Priced(marks, book, within_band(marks, book, BAND))


def sold(places: int) -> Priced:
    """The other side of the trade."""
    return bought(places, sign=-1)


def shown(places: int) -> Priced:
    """A value that is shown, under a band that would hold any."""
    marks, book = bought(places).marks, bought(places).book
    claim = Valuation(True, BPS, value_of(marks, book.positions), book.commitment(marks.listing))
    return Priced(marks, book, claim)


def full(places: int) -> Priced:
    """The largest position in place 3."""
    marks, book = bought(places).marks, bought(places).book
    book = BookOpening((*book.positions[:3], TOP, *book.positions[4:]), 11)
    return Priced(marks, book, within_band(marks, book, BPS))


def _dearer(amount: int, *values: tuple[str, int], holds: tuple[str, ...] = ()) -> Told:
    """More cash for the same legs, so that the trade of `bought` leaves the band; signals grow by `values`, or hold."""

    def lie(honest: Honest) -> Lie:
        grown = (("x[0]", amount), ("size[0]", -amount), *values, *((name, 0) for name in holds))
        return change(honest, *((name, honest[name] + more) for name, more in grown))

    return lie


def _with_size(honest: Honest) -> Lie:
    """A size that is no leg, so that the gross value looks larger."""
    rows = honest.rows_with("band.size[1]", "band.leg[1]")
    return Lie(_dearer(1, ("size[1]", 200))(honest).signals, rows)


def _shown_as(amount: int) -> Told:
    """A value that is not the book's."""
    return lambda honest: Lie(add(("value", amount))(honest).signals, honest.rows_with("value", "revealed"))


def _hidden_in_value(honest: Honest) -> Lie:
    """Nothing is said to be shown, but V stands in the value, so that nothing is left for the band."""
    total = sum(honest[name] for name in honest.values if name.startswith("leg["))
    return Lie(_dearer(9000, ("value", total + 9000))(honest).signals, honest.rows_with("value", "revealed"))


def _at_the_marks(honest: Honest) -> Lie:
    """V is said to be 0."""
    return Lie({**_dearer(9000)(honest).signals, "band.value": 0})


def _aliased(honest: Honest) -> Lie:
    lie = alias("positions", "x[3]")(honest)
    return Lie({**lie.signals, "size[3]": honest["size[3]"] + MARKS[3]}, lie.rows)


def _no_short_side(honest: Honest) -> Lie:
    """V is below zero, and further than the band; its sign test is shown 0."""
    return change(honest, ("x[0]", honest["x[0]"] - 9000), ("size[0]", honest["size[0]"] - 9000), ("band.short.in", 0))


CHEATS: dict[str, Cheat] = {
    "room": Cheat("band: the inequality", "one unit outside", _dearer(1, holds=("band.room.in",)), bought),
    "allowed": Cheat("band: bps * gross", "a wider band", _dearer(1, ("band.allowed", 10_000)), bought),
    "short": Cheat("short: the product", "|V| is less than V", _dearer(1, ("band.short.out", -1)), bought),
    "short-input": Cheat("band: |V|", "no short side", _no_short_side, sold),
    "size": Cheat("band: a size is a leg or its negative", "a larger size", _with_size, bought),
    "size-input": Cheat("band: its sizes", "others than the inputs", hold("size[1]", 5, "band.size[1]"), bought),
    "leg": Cheat("mark * x", "a lot at no price", hold("x[1]", 1, "leg[1]"), bought),
    "leg-counted": Cheat("band: its legs", "larger ones", _dearer(1, ("band.leg[1]", 200), ("size[1]", 200)), bought),
    "value-counted": Cheat("band: V", "another V", _at_the_marks, bought),
    "bps": Cheat("band: bps", "a wider band", _dearer(9000, ("band.band_bps", BPS - BAND)), bought),
    "value-high": Cheat("value = V", "one unit too much", _shown_as(1), shown),
    "value-low": Cheat("value = V", "one unit too little", _shown_as(-1), shown),
    "value-hidden": Cheat("value = 0 where it is hidden", "V in the value", _hidden_in_value, bought),
    "alias": Cheat("positions: 48 bits", "a position that packs as another", _aliased, full),
    "checked": Cheat("positions checked are those that count", "a lot more", add(("positions.position[0]", 1)), shown),
    "commitment": Cheat("commitment: equality", "another's", uncommitted("commitment", "opening.out"), shown),
    "word": Cheat("commitment: words", "a word of another book", add(("opening.word[0]", 1)), shown),
    "listing": Cheat("commitment: listing", "another listing", add(("opening.listing_hash", 1)), shown),
    "salt": Cheat("commitment: salt", "another salt", add(("opening.salt", 1)), shown),
    "context": Cheat("context: bound to the proof", "another square", add(("context_square", 1)), shown),
}
