"""Admission rules on places: what stands in them, what their lots are worth, and that something measures
them.

A program does not say what an instrument is, so the rules on debt read it from the numbers. A place's *full
value* is that of a lot of cash where the instrument is the settlement unit itself, else its mark. A long lot
counts equity_i, a short lot costs equity_i + short_charge_i; the two must enclose the full value, or
borrowing would create equity.
"""

from fractions import Fraction

from verifier.errors import AdmissionRefused
from verifier.program import MarginProgram

LONG_ONLY_CHARGE = 1 << 49
"""short_charge, money per lot, from which on a place counts as long-only: half of its range."""


def check_listing(program: MarginProgram) -> None:
    """Rules listing-name and listing-repeated."""
    seen: dict[str, int] = {}
    for place, slot in enumerate(program.listing.places):
        if slot is None:
            continue
        if not slot.instrument:
            raise AdmissionRefused("listing-name", f"place {place}: the instrument has no name, as an empty place has")
        if slot.instrument in seen:
            first = seen[slot.instrument]
            raise AdmissionRefused("listing-repeated", f"{slot.instrument} stands in place {first} and in {place}")
        seen[slot.instrument] = place


def place_entries(program: MarginProgram, place: int) -> list[int]:
    """Return every entry of the program's arrays that belongs to one place, naked charges apart."""
    g, i = divmod(place, program.tier.slots)
    vectors = (
        program.floor_linear,
        program.floor_short,
        *program.floor_net,
        program.equity,
        program.short_charge,
        program.mark,
        program.up,
        program.down,
        program.group_floor,
        program.roll,
        *program.loading,
    )
    return [vector[place] for vector in vectors if vector] + [row[i] for row in program.risk_array[g]]


def check_unlisted(program: MarginProgram) -> None:
    """Rule unlisted-place: a place without an instrument counts for nothing."""
    for place, slot in enumerate(program.listing.places):
        if slot is None and any(place_entries(program, place)):
            raise AdmissionRefused("unlisted-place", f"place {place} has no instrument but entries that are not zero")


def check_naked_pairs(program: MarginProgram) -> None:
    """Rule naked-pair: a naked charge needs a call and a put, in places 2j and 2j + 1."""
    places = program.listing.places
    for j, charge in enumerate(program.naked_charge):
        if charge and None in places[2 * j : 2 * j + 2]:
            raise AdmissionRefused("naked-pair", f"places {2 * j} and {2 * j + 1} have a naked charge, not two options")


def is_measured(program: MarginProgram, place: int) -> bool:
    """Return whether a position in this place can move the requirement, through a row in use or a charge."""
    tier = program.tier
    g = place // tier.slots
    envelope = tier.envelope_row
    in_envelope = envelope is not None and program.weight[envelope] and program.envelope_weight[g]
    floors = program.floor_linear[place], program.floor_short[place], *(form[place] for form in program.floor_net)
    rolls = program.roll_long[g] or program.roll_short[g] or program.roll_net
    ways = (
        _in_a_row(program, place),
        in_envelope and (program.up[place] or program.down[place]),
        program.weight[tier.floor_row] and any(floors),
        tier.hinges and program.cover[g] and program.group_floor[place],
        program.roll[place] and rolls,
        program.factor_multiplier and any(row[place] for row in program.loading),
    )
    return any(ways)


def _in_a_row(program: MarginProgram, place: int) -> bool:
    """Return whether a row in use, or the cover of its group, reacts to a position in this place."""
    hinges = program.tier.hinges
    g, i = divmod(place, program.tier.slots)
    for s, row in enumerate(program.risk_array[g]):
        reacts = program.gain[g][s] or (hinges and program.extra_loss[g][s])
        covered = hinges and program.cover[g] and not program.pickable[g]
        if row[i] and ((program.weight[s] and reacts) or covered):
            return True
        if program.weight[s] and program.mark_weight[g][s] and program.mark[place]:
            return True
    return False


def check_something_measured(program: MarginProgram) -> None:
    """Rules all-zero and nothing-measured: a requirement that no position moves accepts everybody."""
    named = ("listing_hash", "blind", "unit")
    if not any(any(program.section_values(part)) for part in program.tier.sections if part.name not in named):
        raise AdmissionRefused("all-zero", "the program is all zero and would accept every account")
    if not any(is_measured(program, place) for place in range(program.tier.positions)):
        raise AdmissionRefused("nothing-measured", "no position can move the requirement of this program")


def full_value(program: MarginProgram, place: int) -> Fraction:
    """Return a lot's worth before any haircut, money: exact for the settlement unit's cash, else the mark."""
    slot = program.listing.places[place]
    if slot is not None and slot.instrument == program.listing.settlement_unit:
        return Fraction(10) ** (slot.lot_exponent - program.listing.money_exponent)
    return Fraction(program.mark[place])


def check_values(program: MarginProgram) -> None:
    """Rules long-value, debt-charge, haircut-debt and unmeasured-place, on every place that may go short.

    long-value: equity <= full value. debt-charge: a short lot costs at least the full value. haircut-debt:
    where nothing else measures the place, it costs at least twice the haircut more than a long lot counts:
    the haircut is taken on debt as well. unmeasured-place: where nothing measures the place, a short lot
    costs something. A place whose short_charge is at least LONG_ONLY_CHARGE is exempt.
    """
    for place, slot in enumerate(program.listing.places):
        charge, counted = program.short_charge[place], program.equity[place]
        if slot is None or (charge >= LONG_ONLY_CHARGE and counted >= 0):
            continue
        name, value = f"place {place} ({slot.instrument})", full_value(program, place)
        if counted > value:
            raise AdmissionRefused(
                "long-value",
                f"{name}: a long lot counts more than its mark; state the mark, or make the place long-only",
            )
        if counted + charge < value:
            raise AdmissionRefused("debt-charge", f"{name}: a short lot costs less than its mark, so debt is a gain")
        if is_measured(program, place):
            continue
        if charge < 2 * (value - counted):
            raise AdmissionRefused("haircut-debt", f"{name}: nothing but the haircut measures it, and debt has none")
        if counted + charge <= 0:
            raise AdmissionRefused("unmeasured-place", f"{name}: nothing measures it and a short lot costs nothing")
