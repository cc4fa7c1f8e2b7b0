"""The margin program: the risk numbers of one epoch and purpose, as integers.

A model is compiled to a program; one circuit interprets every program of a tier. Shapes, units and bounds of
the arrays stand in docs/statement.md, part 3, and in `Tier.sections`; what they mean, in `verifier.meaning`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import wraps
from math import prod
from typing import Any, TypeVar

from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.tiers import Section, Tier

Vector = tuple[int, ...]
Matrix = tuple[Vector, ...]
Cube = tuple[Matrix, ...]
T = TypeVar("T")


class Purpose(IntEnum):
    """What a program's requirement is: epochs are keyed by it."""

    INITIAL = 0
    MAINTENANCE = 1


@dataclass(frozen=True)
class MarginProgram:
    """One epoch's integers.

    Arrays that the tier does not have are empty tuples. g: group, s: scenario, i: slot.
    """

    tier: Tier
    listing: Listing
    purpose: Purpose
    model: str
    """Name of the model it was compiled from; for people, not part of the program hash."""
    valuation_time: str
    """ISO 8601, UTC; for people, not part of the program hash."""
    blind: int
    constant: int
    offset: Vector
    floor_linear: Vector
    floor_short: Vector
    floor_net: Matrix
    equity: Vector
    short_charge: Vector
    naked_charge: Vector
    risk_array: Cube
    mark: Vector
    roll: Vector
    loading: Matrix
    gain: Matrix
    mark_weight: Matrix
    roll_long: Vector
    roll_short: Vector
    roll_net: int
    factor_multiplier: int
    tau: Vector
    weight: Vector
    unit: int
    waivers: Vector
    member: Vector
    waivable: Vector
    shift: Matrix = field(default=())
    extra_loss: Matrix = field(default=())
    group_floor: Vector = field(default=())
    cover: Vector = field(default=())
    free: Vector = field(default=())
    pickable: Vector = field(default=())
    up: Vector = field(default=())
    down: Vector = field(default=())
    envelope_weight: Vector = field(default=())

    @classmethod
    def build(
        cls,
        tier: Tier,
        listing: Listing,
        purpose: Purpose,
        *,
        model: str,
        valuation_time: str,
        arrays: Mapping[str, Any],
    ) -> "MarginProgram":
        """Make a program from nested sequences or integer numpy arrays by section name; absent arrays are
        zero.

        Checks names and shapes, not bounds: those are admission's. Raises BadInput. A wide tier's one row of
        gains stands for each group; what the tier leaves out is `absent_arrays`.
        """
        if (listing.groups, listing.slots) != (tier.groups, tier.slots):
            raise BadInput(
                f"the listing is {listing.groups}x{listing.slots}, the tier {tier.name} is "
                f"{tier.groups}x{tier.slots}; compile for the listing's tier"
            )
        known = {section.name: section for section in tier.sections if section.name != "listing_hash"}
        for name in arrays:
            if name not in known:
                raise BadInput(f"the tier {tier.name} has no array {name!r}")
        values = {name: _shaped(section, arrays.get(name)) for name, section in known.items()}
        if tier.wide:
            values |= absent_arrays(tier) | {"gain": values["gain"] * tier.groups}
        return cls(tier=tier, listing=listing, purpose=purpose, model=model, valuation_time=valuation_time, **values)

    def section_values(self, section: Section) -> Vector:
        """Return one section's entries, flattened in row-major order, as signed integers."""
        if section.name == "listing_hash":
            return (self.listing.hash,)
        if section.name == "gain" and self.tier.wide:
            return self.gain[0]
        return tuple(_flatten(getattr(self, section.name)))

    def prepared_values(self) -> Vector:
        """Return the prepared values v_1..v_M as signed integers, in the order of the sections.

        The prepared signals are these, folded where a tier reads rows in pairs (`verifier.tiers.fold`).
        """
        return tuple(value for section in self.tier.sections for value in self.section_values(section))


def once(function: Callable[[MarginProgram], T]) -> Callable[[MarginProgram], T]:
    """Return `function`, with what it returned for a program kept beside that program, which never changes.

    What it raises is not kept. A program made from another one (`dataclasses.replace`) starts without.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(program: MarginProgram) -> T:
        results: dict[str, T] = program.__dict__.setdefault("_once", {})
        if name not in results:
            results[name] = function(program)
        return results[name]

    return kept


def absent_arrays(tier: Tier) -> dict[str, Any]:
    """Return the arrays that a wide tier leaves out, as its programs read them: all zero, no row of loadings."""
    groups, places = (0,) * tier.groups, (0,) * tier.positions
    return {
        "naked_charge": places[::2],
        "roll": places,
        "loading": (),
        "mark_weight": ((0,) * tier.scenarios,) * tier.groups,
        "roll_long": groups,
        "roll_short": groups,
        "roll_net": 0,
        "factor_multiplier": 0,
    }


def _flatten(value: Any) -> list[int]:
    if isinstance(value, int):
        return [value]
    return [entry for part in value for entry in _flatten(part)]


def _shaped(section: Section, value: Any) -> Any:
    """Return `value` as nested tuples of int in the section's shape, zeros where it is None."""
    flat = [0] * section.count if value is None else [int(entry) for entry in _flatten_any(value)]
    if len(flat) != prod(section.shape):
        raise BadInput(f"array {section.name} has {len(flat)} entries, its shape {section.shape} needs {section.count}")
    return _nest(flat, section.shape)


def _flatten_any(value: Any) -> list[Any]:
    if hasattr(value, "ravel"):
        return list(value.ravel().tolist())
    if isinstance(value, Sequence):
        return [entry for part in value for entry in _flatten_any(part)]
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"a margin program holds integers only, not {type(value).__name__}")
    return [value]


def _nest(flat: list[int], shape: tuple[int, ...]) -> Any:
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return tuple(flat)
    step = len(flat) // shape[0]
    return tuple(_nest(flat[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0]))
