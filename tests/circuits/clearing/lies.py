"""The forms that lies about books take: what is changed, what is held, and that commitments follow."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.circuits.clearing.harness import Move, Priced
from tests.circuits.harness import Honest, Lie, is_commitment
from verifier.listing import Listing, Slot

Told = Callable[[Honest], Lie]
TOP = (1 << 47) - 1
STOLEN = 4242
"""The commitment of somebody else's book."""


@dataclass(frozen=True)
class Cheat:
    """family: the constraints that catch it; lie: from the honest witness of `base`, which is true and takes the number
    of places; admissible: whether the contract lets the public signals pass (False: a second line of defence)."""

    family: str
    story: str
    lie: Told
    base: Callable[[int], Move | Priced]
    admissible: bool = True


def listing_of(places: int) -> Listing:
    """Return a listing with cash in place 0."""
    names = ["USD", *(f"INSTRUMENT-{place}" for place in range(1, places))]
    return Listing(1, places, 0, "USD", tuple(Slot(name, 0) for name in names))


def repeated(pattern: tuple[int, ...], places: int) -> tuple[int, ...]:
    """Return a pattern of eight over all places; its first entry is for cash, which stands once."""
    return tuple(pattern[place] if place < 8 else pattern[1 + place % 7] for place in range(places))


def change(honest: Honest, *values: tuple[str, int], rows: frozenset[int] = frozenset()) -> Lie:
    """Signals get these values and these rows are broken; each commitment that is not named follows."""
    follow: dict[str, int | None] = {name: None for name in honest.values if is_commitment(name)}
    return Lie(follow | dict(values), rows)


def put(*values: tuple[str, int]) -> Told:
    """Signals get these values."""
    return lambda honest: change(honest, *values)


def add(*amounts: tuple[str, int]) -> Told:
    """Signals grow by these amounts."""
    return lambda honest: change(honest, *((name, honest[name] + amount) for name, amount in amounts))


def hold(moved: str, amount: int, *held: str) -> Told:
    """A signal grows, while others, which should follow, stay what they were."""
    return lambda honest: change(honest, (moved, honest[moved] + amount), *((name, honest[name]) for name in held))


def alias(places: str, moved: str) -> Told:
    """2^47 in place 3 is stored as 2^48, which packs as -2^47 there and one lot more in place 4; `places`: the
    component that packs, `moved`: the input that takes the position there."""

    def lie(honest: Honest) -> Lie:
        bits = f"{places}.bits[3]"
        zeros = ((f"{bits}.out[{k}]", 0) for k in range(48))
        rows = honest.rows_with(f"{bits}.in", f"{bits}.out[0]")
        return change(honest, (moved, honest[moved] + 1), *zeros, rows=rows)

    return lie


def uncommitted(commitment: str, computed: str) -> Told:
    """Another's commitment: the row that compares it with the computed one is broken."""
    return lambda honest: change(honest, (commitment, STOLEN), rows=honest.rows_with(commitment, computed))
