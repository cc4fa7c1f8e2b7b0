"""Cheating witnesses against conservation: what a prover would write who wants positions or cash from nothing.

Each lie starts from a true update and breaks one family of constraints; all else follows, commitments too. What it
then shows is false by `verifier.conservation`. The table holds for every number of places.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.books import Case
from tests.circuits.clearing.harness import Move
from tests.circuits.clearing.lies import (
    STOLEN,
    TOP,
    Cheat,
    Told,
    add,
    alias,
    change,
    hold,
    listing_of,
    put,
    repeated,
    uncommitted,
)
from tests.circuits.harness import Honest, Lie
from verifier.books import BookOpening
from verifier.conservation import Span, Terms, tranche
from verifier.field import R
from verifier.listing import Slot

Base = Callable[[int], Move]

LOTS = (500, 7, -12, 9, -3, 2, 5, -2)
TRADE = (-40, 1, 4, -9, 0, 1, -1, 2)
RATES = (0, 3 << 30, -(5 << 31), 1, 7 << 32, 0, -1, 2)
BOOKS = {
    "before": ("x", "old", "zero_old", "salt_old"),
    "trade": ("y", "traded", "zero_traded", "salt_traded"),
    "after": ("", "new", "zero_new", "salt_new"),
}
"""Component to the names of its positions, commitment, zero bit and salt among the inputs."""


def bought(places: int, x: tuple[int, ...] = LOTS, y: tuple[int, ...] = TRADE) -> Move:
    """A trade and a deposit after perpetuals have accrued funding."""
    span = Span.of_accruals(listing_of(places), repeated(RATES, places))
    old, traded = (BookOpening(repeated(lots, places), salt) for lots, salt in ((x, 11), (y, 12)))
    return Move(Case(span, Terms(amount=25), old, traded, 13))


def sold(places: int) -> Move:
    """The other side of the trade."""
    move = bought(places)
    return Move(replace(move.case, terms=Terms(sign=-1, amount=25)))


def bid(places: int, parts: int = 3) -> Move:
    """A tranche of an auction: place 1 leaves 1 of 3, place 5 leaves 2, places 2 and 3 divide evenly."""
    listing = listing_of(places)
    old = BookOpening(repeated(LOTS, places), 11)
    traded = BookOpening(tranche(old.positions, parts), 12)
    return Move(Case(Span.of_accruals(listing), Terms(sign=-1, parts=parts, next_salt=True), old, traded, 12))


def last_bid(places: int) -> Move:
    return bid(places, parts=1)


def settled(places: int) -> Move:
    """Place 2 expires worth three lots of cash."""
    old = listing_of(places)
    new = replace(old, places=(*old.places[:2], Slot("LATER", 0), *old.places[3:]))
    keep = tuple(int(place != 2) for place in range(places))
    accrual = tuple((3 << 32) * (place == 2) for place in range(places))
    openings = (BookOpening(repeated(lots, places), salt) for lots, salt in ((LOTS, 11), (TRADE, 12)))
    return Move(Case(Span.of_relisting(old, new, keep, accrual), Terms(), *openings, 13))


def empty(places: int) -> Move:
    """Books without a position that nobody sees to be empty."""
    zeros = (0,) * 8
    return bought(places, zeros, (-25, *zeros[1:]))


def closed(places: int) -> Move:
    """A trade that closes the whole book, and leaves a hidden empty one."""
    listing = listing_of(places)
    book = BookOpening(repeated(LOTS, places), 11)
    return Move(Case(Span.of_accruals(listing), Terms(sign=-1), book, replace(book, salt=12), 13))


def nothing(places: int) -> Move:
    """An empty trade."""
    return bought(places, y=(0,) * 8)


def full(places: int) -> Move:
    """The largest position in place 3, and nothing of it traded."""
    return bought(places, (*LOTS[:3], TOP, *LOTS[4:]), (*TRADE[:3], 0, *TRADE[4:]))


def full_trade(places: int) -> Move:
    """The largest position in place 3 is bought."""
    return bought(places, (*LOTS[:3], -5, *LOTS[4:]), (*TRADE[:3], TOP, *TRADE[4:]))


def full_sale(places: int) -> Move:
    """The largest position in place 3, and some of it sold."""
    return bought(places, (*LOTS[:3], TOP, *LOTS[4:]), (*TRADE[:3], -5, *TRADE[4:]))


def _stolen(book: str) -> Told:
    """The empty book shows another's commitment: (1 - zero) * hash, with a zero bit that is none."""
    _, commitment, zero, _ = BOOKS[book]

    def lie(honest: Honest) -> Lie:
        bit = (1 - STOLEN * pow(honest[f"{book}.sponge.out"], -1, R)) % R
        rows = honest.boolean_row(f"{book}.zero")
        return change(honest, (zero, bit), (commitment, STOLEN), rows=rows)

    return lie


def _unbacked(book: str) -> Told:
    """The commitment 0 for a book that holds positions."""
    zero = BOOKS[book][2]

    def lie(honest: Honest) -> Lie:
        held = [name for name in honest.values if name.startswith(f"{book}.position[") and honest[name]]
        rows = frozenset().union(*(honest.rows_with(f"{book}.zero", name) for name in held))
        return change(honest, (zero, 1), rows=rows)

    return lie


def _cheat(family: str, story: str, lie: Told, base: Base = bought, *, admissible: bool = True) -> Cheat:
    return Cheat(family, story, lie, base, admissible)


def _of_each_book() -> dict[str, Cheat]:
    """Return the cheats on one book's opening, three times."""
    out: dict[str, Cheat] = {}
    hidden: dict[str, Base] = {"before": empty, "trade": nothing, "after": closed}
    widest: dict[str, tuple[Base, str]] = {
        "before": (full_sale, "x[3]"),
        "trade": (full_trade, "y[3]"),
        "after": (full, "y[3]"),
    }
    for book, (lots, commitment, zero, salt) in BOOKS.items():
        base, moved = widest[book]
        listing = "listing_old" if book == "before" else "listing_new"
        more = {
            "zero-bit": _cheat("opened: zero is 0 or 1", "another's commitment", _stolen(book), hidden[book]),
            "unbacked": _cheat("opened: the zero book holds nothing", "positions under 0", _unbacked(book)),
            "alias": _cheat(
                "positions: 48 bits", "a position that packs as another", alias(f"{book}.places", moved), base
            ),
            "commitment": _cheat(
                "commitment: equality", "another's commitment", uncommitted(commitment, f"{book}.commitment")
            ),
            "checked": _cheat("opened: what is checked counts", "one lot more", add((f"{book}.places.position[0]", 1))),
            "word": _cheat("opened: words absorbed", "a word of another book", add((f"{book}.sponge.word[0]", 1))),
            "listing": _cheat(f"{listing} absorbed", "another listing", add((f"{book}.listing_hash", 1))),
            "sponge-listing": _cheat("opened: listing", "another listing", add((f"{book}.sponge.listing_hash", 1))),
            "salt": _cheat(f"{salt} absorbed", "another salt", add((f"{book}.salt", 1))),
            "sponge-salt": _cheat("opened: salt", "another salt", add((f"{book}.sponge.salt", 1))),
            "zero": _cheat(f"{zero} is the one that counts", "0 without a bit", put((f"{book}.zero", 1)), hidden[book]),
            "product": _cheat("opened: (1 - zero) * hash", "0 for a book", put((f"{book}.commitment", 0))),
        }
        if lots:
            more["counted"] = _cheat(
                "what is committed counts", "one lot more", hold(f"{lots}[0]", 1, f"{book}.position[0]")
            )
        out |= {f"{book}-{name}": cheat for name, cheat in more.items()}
    return out


def _wrapped(honest: Honest) -> Lie:
    """Another rest, made up for by an accrual that is no small integer; a cash entry that is none brings it back."""
    accrued = (honest["accruing.sum.out"] - 1 - honest["accruing.rest.in"]) * pow(1 << 32, -1, R) % R
    cash = pow(honest["amount"] + accrued, -1, R)
    return change(honest, ("cash[0]", cash), ("accrued", accrued), ("accruing.size.in", 0))


def _other_salt(honest: Honest) -> Lie:
    rows = honest.rows_with("next_salt", "salt_new")
    return change(honest, ("salt_new", honest["salt_new"] + 1), rows=rows)


def _any_part(*changes: tuple[str, int]) -> Told:
    """A trade that is no part of the book, where a wrong factor says that no part was asked for."""
    return lambda honest: change(honest, ("y[1]", honest["y[1]"] + 100), *changes)


CHEATS: dict[str, Cheat] = _of_each_book() | {
    "floor-high": _cheat("accrued: rest >= 0", "one lot too much", hold("accrued", 1, "accruing.rest.in")),
    "floor-low": _cheat("accrued: rest < 2^32", "one too few", hold("accrued", -1, "accruing.rest.in")),
    "accrued-wrapped": _cheat("accrued: its range", "a share of the field", _wrapped, admissible=False),
    "accrued-counted": _cheat("accrued is the one checked", "a lot more", hold("accrued", 1, "accruing.accrued")),
    "accrual": _cheat("accrued: accruals", "another rate", add(("accrued", 7 << 8), ("accruing.accrual[1]", 1 << 40))),
    "accrual-sum": _cheat(
        "accrued: accruals", "another rate", add(("accrued", 7 << 8), ("accruing.sum.coefficient[1]", 1 << 40))
    ),
    "accruing-position": _cheat(
        "accrued: positions", "a larger position", add(("accrued", 75), ("accruing.position[1]", 100))
    ),
    "accruing-value": _cheat(
        "accrued: positions", "a larger position", add(("accrued", 75), ("accruing.sum.value[1]", 100))
    ),
    "kept": _cheat("keep * x", "an expired place is settled and kept", add(("kept[2]", -12)), settled),
    "sign": _cheat("sign * y", "what is sold is bought", lambda h: change(h, ("taken[2]", h["y[2]"])), sold),
    "paid": _cheat("cash * (amount + accrued)", "a deposit counts twice", add(("paid[0]", 25))),
    "paid-elsewhere": _cheat("cash at its place only", "cash in place 1", add(("paid[1]", 25))),
    "new-position": _cheat("the sum x'", "a lot from nothing", add(("after.position[1]", 1))),
    "next-salt": _cheat("next_salt", "a salt that bidders do not know", _other_salt, bid),
    "part-high": _cheat("tranche: left >= 0", "more than the part", add(("y[5]", 1), ("tranche.low[5].in", 0)), bid),
    "part-low": _cheat("tranche: left < n", "less than the part", add(("y[2]", -1), ("tranche.high[2].in", 0)), bid),
    "part-counted": _cheat("tranche: the trade", "any trade", hold("y[1]", 100, "tranche.part[1]"), bid),
    "whole-counted": _cheat("tranche: the book", "any trade", add(("y[1]", -1), ("tranche.whole[1]", -3)), bid),
    "parts-counted": _cheat("tranche: parts", "any trade", _any_part(("tranche.parts", 0)), bid),
    "part-taken": _cheat("tranche: n * y", "any trade", hold("y[1]", 100, "tranche.taken[1]"), bid),
    "part-left": _cheat("tranche: x - n * y", "any trade", hold("y[1]", 100, "tranche.left[1]"), bid),
    "parts-none": _cheat("tranche: no parts", "any trade", _any_part(("tranche.none", 1)), bid),
    "parts-below": _cheat("tranche: the polynomial", "any trade", _any_part(("tranche.below", 4)), last_bid),
    "parts-above": _cheat("tranche: the polynomial", "any trade", _any_part(("tranche.above", 12)), bid),
    "context": _cheat("context: bound to the proof", "another square", add(("context_square", 1))),
}
