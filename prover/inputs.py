"""A circuit's inputs: the public signals, then the private values in the order of circuits/margin.circom.

Private values are positions (lots), salts, the levels t (money/W) and t_g (money), the radius r (money) and
the waiver bits. Nothing here logs or names one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from verifier.commitment import check_positions
from verifier.errors import BadInput
from verifier.field import R, to_field
from verifier.meaning import Helpers
from verifier.program import MarginProgram
from verifier.statement import LiveInputs, public_signals
from verifier.tiers import Tier

Shape = tuple[int, ...]
Nested = int | list[Any]
"""An int, or nested lists of ints."""


def public_shapes(tier: Tier) -> list[tuple[str, Shape]]:
    """Return name and shape of each public input in the order of the circuit."""
    prepared = [(section.name, section.signal_shape) for section in tier.sections]
    return [
        *prepared,
        ("ratio_bps", ()),
        ("vault_balance", ()),
        ("commitment", (tier.accounts,)),
        ("context", ()),
    ]


def private_shapes(tier: Tier) -> list[tuple[str, Shape]]:
    """Return name and shape of each private input in the order of the circuit."""
    levels = [("t_g", (tier.groups,)), ("pick", (tier.groups,))] if tier.hinges else []
    radius: list[tuple[str, Shape]] = [] if tier.wide else [("r", ())]
    return [
        ("x", (tier.accounts, tier.positions)),
        ("salt", (tier.accounts,)),
        ("t", (2,)),
        *levels,
        *radius,
        ("waived", (tier.scenarios,)),
    ]


def flat_inputs(
    program: MarginProgram,
    live: LiveInputs,
    positions: Sequence[Sequence[int]],
    salts: Sequence[int],
    helpers: Helpers,
) -> list[int]:
    """Return every input wire in order, public then private, as field elements in [0, R).

    `positions` in lots and `salts`, one of each an account; `helpers` from `evaluate`. Raises
    AdmissionRefused for a live input that no proof may have, BadInput for private values of a wrong count
    or range.
    """
    private = private_inputs(program, positions, salts, helpers)
    return [*public_signals(program, live), *private]


def private_inputs(
    program: MarginProgram, positions: Sequence[Sequence[int]], salts: Sequence[int], helpers: Helpers
) -> list[int]:
    """Return the private input wires in order; arguments and errors of `flat_inputs`."""
    tier = program.tier
    if len(positions) != tier.accounts or len(salts) != tier.accounts:
        raise BadInput(
            f"the tier {tier.name} takes the positions and salts of {tier.accounts} accounts, "
            f"not of {len(positions)} and {len(salts)}"
        )
    for account in positions:
        check_positions(program.listing, account)
    if not all(0 <= salt < R for salt in salts):
        raise BadInput("a salt is not an element of the field")
    levels = (*helpers.t_g, *helpers.pick) if tier.hinges else ()
    lots = [lot for account in positions for lot in account]
    radius = () if tier.wide else (helpers.r,)
    integers = [*helpers.t, *levels, *radius, *helpers.waived]
    private = [*(to_field(lot) for lot in lots), *salts, *(to_field(value) for value in integers)]
    if len(private) != sum(_count(shape) for _, shape in private_shapes(tier)):
        raise BadInput(f"the helper values do not have the counts of the tier {tier.name}")
    return private


def circuit_inputs(
    program: MarginProgram,
    live: LiveInputs,
    positions: Sequence[Sequence[int]],
    salts: Sequence[int],
    helpers: Helpers,
) -> dict[str, Nested]:
    """Return the inputs by their names in the circuit, as snarkjs takes them; arguments and errors of
    `flat_inputs`."""
    return named_inputs(program.tier, flat_inputs(program, live, positions, salts, helpers))


def named_inputs(tier: Tier, flat: Sequence[int]) -> dict[str, Nested]:
    """Return a flat list of input wires by name, in nested lists of their shapes."""
    return nested([*public_shapes(tier), *private_shapes(tier)], flat)


def nested(shapes: Sequence[tuple[str, Shape]], flat: Sequence[int]) -> dict[str, Nested]:
    """Return flat values by name, in nested lists of these shapes; refuses another number of them (BadInput)."""
    entries = iter(flat)
    out = {name: _nest(entries, shape) for name, shape in shapes}
    if next(entries, None) is not None:
        raise BadInput("there are more input wires than the circuit has")
    return out


def _count(shape: Shape) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


def _nest(entries: Iterator[int], shape: Shape) -> Nested:
    if not shape:
        value = next(entries, None)
        if value is None:
            raise BadInput("there are fewer input wires than the circuit has")
        return value
    return [_nest(entries, shape[1:]) for _ in range(shape[0])]
