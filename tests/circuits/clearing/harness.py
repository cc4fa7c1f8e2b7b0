"""Updates and valuations before their circuits, and what the exact meaning says of any input wires."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random

from prover import _core
from prover.books import conservation_inputs, private_shapes, public_shapes, valuation_inputs
from prover.inputs import nested
from prover.native import scalars
from tests.books import Case, random_case, random_listing, random_marks, random_positions
from tests.circuits.harness import CONTEXT, compiled
from verifier.books import BookOpening
from verifier.circuits import CLEARING, ConservationLayout, ValuationLayout
from verifier.conservation import Span, Terms, accrued, check_update
from verifier.errors import BadInput, ClaimFalse
from verifier.field import R, from_field
from verifier.valuation import BPS, Marks, Valuation, check_valuation, gross_value, reveal, value_of, within_band

CONSERVATION8 = ConservationLayout(8, domain_log2=12)
VALUATION8 = ValuationLayout(8, domain_log2=11)
Layout = ConservationLayout | ValuationLayout
LAYOUTS: tuple[Layout, ...] = (CONSERVATION8, VALUATION8, *CLEARING.values())


@cache
def plan(name: str) -> _core.WitnessPlan:
    return _core.WitnessPlan.derive(_core.Circuit(compiled(name).r1cs.read_bytes()))


def solves(layout: Layout, inputs: Sequence[int]) -> bool:
    """Return whether the native core finds a witness that every row takes."""
    try:
        plan(layout.name).solve(scalars(inputs))
    except _core.WitnessError:
        return False
    return True


@dataclass(frozen=True)
class Move:
    """A true update as its circuit takes it."""

    case: Case

    @property
    def layout(self) -> ConservationLayout:
        return ConservationLayout(len(self.case.span.keep), domain_log2=0)

    @cached_property
    def inputs(self) -> list[int]:
        case = self.case
        return conservation_inputs(case.span, case.terms, case.old, case.traded, case.new, CONTEXT)

    def true(self, inputs: Sequence[int]) -> bool:
        """Return whether other live and private input wires are a true update along the same span."""
        return inputs[: self.layout.prepared_count] == self.inputs[: self.layout.prepared_count] and is_conserved(
            self.case.span, inputs
        )


@dataclass(frozen=True)
class Priced:
    """A true valuation as its circuit takes it."""

    marks: Marks
    book: BookOpening
    claim: Valuation

    @property
    def layout(self) -> ValuationLayout:
        return ValuationLayout(len(self.marks.mark), domain_log2=0)

    @cached_property
    def inputs(self) -> list[int]:
        return valuation_inputs(self.marks, self.book, self.claim, CONTEXT)

    def true(self, inputs: Sequence[int]) -> bool:
        """Return whether other live and private input wires are a true valuation at the same marks."""
        return inputs[: self.layout.prepared_count] == self.inputs[: self.layout.prepared_count] and is_valued(
            self.marks, inputs
        )


def random_move(rng: Random, places: int, *, edge: bool = False) -> Move:
    return Move(random_case(rng, places, edge=edge))


def random_priced(rng: Random, places: int, *, edge: bool = False) -> Priced:
    """Return a value that is shown, or a trade in the narrowest band that holds it."""
    listing = random_listing(rng, places)
    marks = random_marks(rng, listing, edge=edge)
    book = BookOpening(random_positions(rng, listing, edge=edge), rng.getrandbits(253))
    if rng.random() < 0.5:
        return Priced(marks, book, reveal(marks, book))
    return Priced(marks, book, within_band(marks, book, narrowest_band(marks, book)))


def random_claim(rng: Random, layout: Layout, *, edge: bool = False) -> Move | Priced:
    make: Callable[..., Move | Priced] = random_move if isinstance(layout, ConservationLayout) else random_priced
    return make(rng, layout.places, edge=edge)


def narrowest_band(marks: Marks, book: BookOpening) -> int:
    """Return the least band_bps that a trade is in."""
    gross = gross_value(marks, book.positions)
    return -(-BPS * abs(value_of(marks, book.positions)) // gross) if gross else 0


def by_name(layout: Layout, inputs: Sequence[int]) -> dict[str, list[int]]:
    """Return input wires by name as signed integers, single ones as lists of one."""
    named = nested([*public_shapes(layout), *private_shapes(layout)], list(map(from_field, inputs)))
    return {name: value if isinstance(value, list) else [value] for name, value in named.items()}


def input_names(layout: Layout) -> list[str]:
    """Return the name of each input wire, without its index."""
    shapes = [*public_shapes(layout), *private_shapes(layout)]
    return [name for name, shape in shapes for _ in range(shape[0] if shape else 1)]


def is_conserved(span: Span, inputs: Sequence[int]) -> bool:
    """Return what `verifier.conservation` says of these wires, helper values included."""
    wires = by_name(ConservationLayout(len(span.keep), domain_log2=0), inputs)
    ((zero_old,), (zero_traded,), (zero_new,)) = (wires[f"zero_{book}"] for book in ("old", "traded", "new"))
    if not {zero_old, zero_traded, zero_new} <= {0, 1}:
        return False
    salts = [wires[f"salt_{book}"][0] % R for book in ("old", "traded", "new")]
    if wires["next_salt"][0] and salts[2] != (salts[0] + 1) % R:
        return False
    terms = Terms(wires["sign"][0], wires["parts"][0], bool(wires["next_salt"][0]), wires["amount"][0])
    old, traded = (
        BookOpening(tuple(wires[lots]), None if zero else salt)
        for lots, zero, salt in (("x", zero_old, salts[0]), ("y", zero_traded, salts[1]))
    )
    try:
        new = Case(span, terms, old, traded, None if zero_new else salts[2]).new
        update = check_update(span, terms, old, traded, new)
    except (BadInput, ClaimFalse):
        return False
    shown = tuple(wires[name][0] % R for name in ("old", "traded", "new"))
    return shown == (update.old, update.traded, update.new) and wires["accrued"] == [accrued(span, old.positions)]


def is_valued(marks: Marks, inputs: Sequence[int]) -> bool:
    """Return what `verifier.valuation` says of these wires; sizes may have signs that leave the band wide enough."""
    wires = by_name(ValuationLayout(len(marks.mark), domain_log2=0), inputs)
    book = BookOpening(tuple(wires["x"]), wires["salt"][0] % R)
    legs = [mark * lots for mark, lots in zip(marks.mark, book.positions, strict=True)]
    if any(abs(size) != abs(leg) for size, leg in zip(wires["size"], legs, strict=True)):
        return False
    claim = Valuation(bool(wires["revealed"][0]), wires["band_bps"][0], wires["value"][0], wires["commitment"][0] % R)
    try:
        check_valuation(marks, book, claim)
    except (BadInput, ClaimFalse):
        return False
    return BPS * abs(sum(legs) - claim.value) <= claim.band_bps * sum(wires["size"])
