"""Admissible random margin programs and positions, for property tests of every part.

`random.Random` in, plain values out, so that a seed names a case in a failing test. `random_program` covers
every unit of a tier; keyword arguments fix what a test is about.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from verifier.commitment import POSITION_LIMIT
from verifier.listing import Listing, Slot
from verifier.meaning import BPS, evaluate
from verifier.program import MarginProgram, Purpose
from verifier.tiers import Section, Tier

MONEY_EXPONENT = -12
LOT_EXPONENT = -6
COLLATERAL_VALUE = (1 << 30) - 1
"""money per lot of the collateral that isolated groups hold in their last place."""
TAIL_KINDS = ("worst", "shortfall", "value-at-risk", "two", "none")
COVER_KINDS = ("none", "free", "isolated", "mixed")


TINY = Tier("tiny", 1, 2, 4, 5, 2, hinges=True, envelope=True, factors=2, domain_log2=12)
"""Every unit in a shape that brute force can go through; no circuit is compiled for it."""


@dataclass(frozen=True)
class Case:
    """A program with positions, a ratio and a vault balance."""

    program: MarginProgram
    positions: tuple[int, ...]
    ratio_bps: int
    vault_balance: int


def random_listing(rng: Random, tier: Tier, *, fill: float = 0.8) -> Listing:
    """Return a listing: cash in place 0, each group's last place filled, others by chance `fill`."""
    places: list[Slot | None] = [Slot("USD", LOT_EXPONENT)]
    for place in range(1, tier.positions):
        listed = place % tier.slots == tier.slots - 1 or rng.random() < fill
        places.append(Slot(f"INSTRUMENT-{place}", LOT_EXPONENT) if listed else None)
    return Listing(tier.groups, tier.slots, MONEY_EXPONENT, "USD", tuple(places))


def random_program(
    rng: Random,
    tier: Tier,
    *,
    tail: str | None = None,
    cover: str | None = None,
    fill: float = 0.8,
    bits: int = 30,
    extreme: bool = False,
    purpose: Purpose = Purpose.INITIAL,
) -> MarginProgram:
    """Return a program that admission accepts.

    tail: one of TAIL_KINDS; cover: one of COVER_KINDS (tiers with hinges; "isolated" and "mixed" hold groups
    that are covered and not free, so only ratio 10000 is allowed); bits: size of the money numbers; extreme:
    entries at the ends of their ranges instead.
    """
    tail = tail or rng.choice(TAIL_KINDS)
    listing = random_listing(rng, tier, fill=fill)
    sections = {section.name: section for section in tier.sections}

    def draw(name: str, limit_bits: int) -> Any:
        return _random_array(rng, sections[name], limit_bits, extreme) if name in sections else None

    arrays: dict[str, Any] = {
        name: draw(name, bits)
        for name in ("floor_linear", "floor_short", "floor_net", "risk_array", "roll", "loading", "mark")
    }
    arrays |= {name: draw(name, 20) for name in ("gain", "mark_weight", "roll_long", "roll_short")}
    arrays["offset"] = draw("offset", bits + 40)
    arrays["naked_charge"] = draw("naked_charge", bits)
    arrays["constant"] = rng.choice([0, rng.getrandbits(bits + 40)])
    arrays["factor_multiplier"] = draw("factor_multiplier", 12)
    arrays["blind"] = rng.choice([0, rng.getrandbits(253)])
    if not tier.wide:
        arrays["roll_net"] = rng.randint(-min(*arrays["roll_long"], *arrays["roll_short"]), 1 << 20)
    if tier.envelope:
        arrays |= {
            "up": draw("up", bits),
            "down": draw("down", bits),
            "envelope_weight": draw("envelope_weight", 20),
        }
    arrays = {name: array for name, array in arrays.items() if array is not None}
    arrays |= _random_tails(rng, tier, tail)
    if tier.hinges:
        extra = [
            [max(more, -max(0, gain)) if more < 0 else more for more, gain in zip(*rows, strict=True)]
            for rows in zip(draw("extra_loss", 20), arrays["gain"], strict=True)
        ]
        shift = [
            [0 if more < 0 else move for move, more in zip(*rows, strict=True)]
            for rows in zip(draw("shift", bits + 20), extra, strict=True)
        ]
        arrays |= {"shift": shift, "extra_loss": extra}
        arrays |= _random_cover(rng, tier, cover or "none", arrays, draw("group_floor", bits))
    if tail == "none":  # with fewer measures, a place of negative value may have none
        arrays["mark"] = [abs(value) for value in arrays["mark"]]
    for g in range(tier.groups if tier.hinges else 0):
        if arrays["pickable"][g]:  # what the floor does not margin when it is long counts nothing
            arrays["mark"][g * tier.slots : (g + 1) * tier.slots] = [0] * tier.slots
    arrays |= _random_values(rng, listing, arrays["mark"])
    _clear_unlisted(tier, listing, arrays)
    return MarginProgram.build(
        tier, listing, purpose, model="random", valuation_time="2026-01-01T00:00:00Z", arrays=arrays
    )


def random_positions(rng: Random, program: MarginProgram, *, bits: int = 24, edge: bool = False) -> tuple[int, ...]:
    """Return positions in lots, sparse or dense, zero in empty places; `edge`: each at an end of the range or
    next to it.

    Groups that are covered and not free get the collateral (in their last place) that fulfils them, where it
    fits.
    """
    density = rng.choice([0.1, 0.5, 1.0])
    out = []
    for place in program.listing.places:
        if place is None or (not edge and rng.random() > density):
            out.append(0)
        elif edge:
            out.append(rng.choice([-POSITION_LIMIT, POSITION_LIMIT - 1, 1 - POSITION_LIMIT, 0, 1, -1]))
        else:
            out.append(rng.randint(-(1 << bits), 1 << bits))
    if program.tier.hinges and not edge:
        for g in range(program.tier.groups):
            if program.cover[g] and not program.free[g]:
                _collateralise(program, g, out)
    return tuple(out)


def random_case(rng: Random, tier: Tier, *, short_by: int = 0, **features: Any) -> Case | None:
    """Return a program and positions whose margin is met exactly (short_by money units short).

    None where no vault can.
    """
    program = random_program(rng, tier, **features)
    positions = random_positions(rng, program)
    ratio = BPS if any_isolated(program) else rng.choice([10_000, 12_500, 15_000, 20_000])
    vault = exact_vault(program, positions, ratio)
    if vault is None or vault < short_by:
        return None
    return Case(program, positions, ratio, vault - short_by)


def exact_vault(program: MarginProgram, positions: tuple[int, ...], ratio_bps: int = BPS) -> int | None:
    """Return the least vault balance that meets the margin.

    None where it is not in [0, 2^90) or no proof can exist.
    """
    meaning = evaluate(program, positions, ratio_bps=ratio_bps)
    if meaning.cover_violations or meaning.requirement < 0:
        return None
    vault = -(meaning.surplus // (BPS * program.unit))
    return vault if 0 <= vault < 1 << 90 else None


def any_isolated(program: MarginProgram) -> bool:
    """Return whether a group is covered and not free, which allows ratio 10000 only."""
    return any(covered and not free for covered, free in zip(program.cover, program.free, strict=True))


def _random_array(rng: Random, section: Section, bits: int, extreme: bool) -> Any:
    low, high = max(section.low, -(1 << bits)), min(section.high, 1 << bits)
    if extreme:
        ends = [section.low, section.high - 1, 0]
        flat = [rng.choice(ends) for _ in range(section.count)]
    else:
        flat = [rng.randrange(low, high) if rng.random() < 0.8 else 0 for _ in range(section.count)]
    return _nested(flat, section.shape)


def _nested(flat: list[int], shape: tuple[int, ...]) -> Any:
    if not shape:
        return flat[0]
    step = len(flat) // shape[0]
    return [_nested(flat[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def _random_tails(rng: Random, tier: Tier, kind: str) -> dict[str, Any]:
    """Return tau, weight, unit, waivers, member, waivable; some rows are left out of use."""
    rows, plain = tier.tail_rows, tier.scenarios - tier.skew_rows
    tau = rng.choice([1, rng.randrange(2, 1 << 10)])
    scale = rng.choice([1, rng.randrange(2, 1 << 20)])
    used = [row < 3 or rng.random() < 0.8 for row in range(rows)]
    member, waivable, waivers = [0] * rows, [0] * tier.scenarios, [0, 0]
    weight = [tau if use else 0 for use in used]
    if kind == "none":
        return {
            "tau": [0, 0],
            "weight": [0] * rows,
            "unit": scale,
            "waivers": waivers,
            "member": member,
            "waivable": waivable,
        }
    if kind == "shortfall":
        weight = [rng.randrange(tau, 4 * tau) if use else 0 for use in used]
    if kind == "two":
        member = [row % 2 if row < 2 else rng.randrange(2) for row in range(rows)]
        member[2] = 0
    if kind in ("value-at-risk", "two"):
        waivable = [int(row < plain and used[row] and rng.random() < 0.7) for row in range(tier.scenarios)]
        for k in (0, 1):
            free = sum(bit for bit, tail in zip(waivable, member, strict=False) if tail == k)
            waivers[k] = rng.randrange(free) if free else 0
    return {
        "tau": [tau, tau if kind == "two" else 0],
        "weight": weight,
        "unit": scale * tau,
        "waivers": waivers,
        "member": member,
        "waivable": waivable,
    }


def _random_cover(rng: Random, tier: Tier, kind: str, arrays: dict[str, Any], group_floor: list[int]) -> dict[str, Any]:
    """Return cover, free, pickable and group floors; give free groups a zero row, isolated ones collateral."""
    cover, free, pickable = ([0] * tier.groups for _ in range(3))
    for g in range(tier.groups):
        choice = rng.choice(["none", "free", "isolated"]) if kind == "mixed" else kind
        part = slice(g * tier.slots, (g + 1) * tier.slots)
        cover[g], free[g] = int(choice != "none"), int(choice == "free")
        if choice != "free":
            group_floor[part] = [0] * tier.slots
        else:
            arrays["extra_loss"][g] = [abs(extra) for extra in arrays["extra_loss"][g]]
            row = rng.randrange(tier.scenarios)
            arrays["risk_array"][g][row] = [0] * tier.slots
            arrays["shift"][g][row] = 0
            if g and rng.random() < 0.4:  # the last place is always listed; cash stands in group 0
                pickable[g], group_floor[part.stop - 1] = 1, max(1, group_floor[part.stop - 1])
                arrays["extra_loss"][g] = [0] * tier.scenarios
        if choice == "isolated":
            arrays["mark"][part.stop - 1] = COLLATERAL_VALUE
            for cells in arrays["risk_array"][g]:
                cells[-1] = COLLATERAL_VALUE
    return {"cover": cover, "free": free, "pickable": pickable, "group_floor": group_floor}


def _random_values(rng: Random, listing: Listing, mark: list[int]) -> dict[str, list[int]]:
    """Return equity and short_charge around the marks; cash in place 0; some places long-only."""
    equity, short_charge = [], []
    mark[0] = 10 ** (LOT_EXPONENT - MONEY_EXPONENT)
    for place, value in enumerate(mark):
        charge = rng.choice([0, 1, rng.getrandbits(20)]) if place else 0
        equity.append(value - charge)
        long_only = rng.random() < 0.1
        short_charge.append(1 << 49 if long_only else 2 * charge + (place > 0))
    return {"equity": equity, "short_charge": short_charge}


def _clear_unlisted(tier: Tier, listing: Listing, arrays: dict[str, Any]) -> None:
    """Set every entry of an empty place, and of naked pairs that are not both listed, to zero."""
    for place, slot in enumerate(listing.places):
        if slot is not None:
            continue
        g, i = divmod(place, tier.slots)
        for row in arrays["risk_array"][g]:
            row[i] = 0
        for row in (*arrays.get("loading", ()), *arrays["floor_net"]):
            row[place] = 0
        for name in (
            "floor_linear",
            "floor_short",
            "equity",
            "short_charge",
            "mark",
            "up",
            "down",
            "group_floor",
            "roll",
        ):
            if name in arrays:
                arrays[name][place] = 0
        if "naked_charge" in arrays:
            arrays["naked_charge"][place // 2] = 0


def _collateralise(program: MarginProgram, g: int, positions: list[int]) -> None:
    """Raise the last place of an isolated group until no row of it has a hinge."""
    slots = range(program.tier.slots - 1)
    start = g * program.tier.slots
    last = start + program.tier.slots - 1
    if program.listing.places[last] is None:
        return
    need = 0
    for row, shift in zip(program.risk_array[g], program.shift[g], strict=True):
        value = sum(row[i] * positions[start + i] for i in slots) + shift
        need = max(need, -(value // row[-1]) if row[-1] else 0)
    positions[last] = min(need, POSITION_LIMIT - 1)
