"""The exact integer meaning of a margin program: what a proof proves, computed in the open.

docs/statement.md, part 4, in plain integers: the reference that circuits, contracts and fast paths are
compared with. `evaluate` finds the prover's best helper values; `check_helper_values` takes any others, so
that a test can show that no choice lowers the requirement. Nothing here reduces modulo a prime: the bounds of
part 3 exclude that any value wraps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.commitment import POSITION_LIMIT
from verifier.errors import BadInput, WitnessRefused
from verifier.meaning.measures import Measures, measure, short
from verifier.meaning.tails import T_HIGH, T_LOW, TAILS, best_waivers, tail_of, worst_row
from verifier.program import MarginProgram, Matrix, Vector
from verifier.tiers import Y_BITS

BPS = 10_000
"""ratio_bps that stands for one."""
T_G_LIMIT = 1 << (Y_BITS + 1)
"""0 <= t_g < T_G_LIMIT, money."""
R_LIMIT = 1 << Y_BITS
"""0 <= r < R_LIMIT, money."""


@dataclass(frozen=True)
class Helpers:
    """The private values besides positions and salts.

    The prover chooses them. Any choice can only raise the requirement.
    """

    t: Vector
    """2, money/W."""
    t_g: Vector
    """G, money; zeros in a tier without hinges."""
    r: int
    """money."""
    waived: Vector
    """S bits."""
    pick: Vector
    """G: 1 where the group's level covers its floor and not its rows, else 0; zeros in a tier without hinges."""


@dataclass(frozen=True)
class Meaning:
    """Every figure of the claim by its name in the statement.

    Rows of z: scenarios, envelope row, floor row.
    """

    measures: Measures
    helpers: Helpers
    hinge: Matrix
    """G x S, money."""
    pnl: Matrix
    """G x S, money/W."""
    z: Vector
    """tail rows, money/W."""
    tails: Vector
    """2, money/unit."""
    group_charge: int
    """money/unit: unit * sum of t_g."""
    ellipsoid: int
    """money/unit: factor_multiplier * r."""
    requirement: int
    """money/unit."""
    cover_violations: tuple[int, ...]
    """Groups whose cover condition fails: with any, no proof exists."""
    worst_rows: tuple[int | None, int | None]
    """The row of largest loss that counts, of each tail."""
    worst_row: int | None
    """The row of largest loss that counts, of both tails."""
    surplus: int
    """10^4*unit*Equity - ratio_bps*Requirement, in 1/10^4 of money/unit; negative means not met."""
    margin_met: bool
    """True exactly when these helper values prove the claim."""

    @property
    def x(self) -> Vector:
        return self.measures.x

    @property
    def equity(self) -> int:
        """money."""
        return self.measures.equity


def combine(program: MarginProgram, positions: Sequence[int] | Sequence[Sequence[int]]) -> Vector:
    """Return X, the sum of the accounts' positions, N lots; `positions` is one list of N or `accounts` lists
    of N.

    Raises BadInput for a wrong count or a position outside [-2^47, 2^47); the message names the place only.
    """
    count = program.tier.positions
    accounts = _accounts(positions)
    if len(accounts) > program.tier.accounts:
        raise BadInput(f"the tier {program.tier.name} takes {program.tier.accounts} accounts, not {len(accounts)}")
    total = [0] * count
    for account in accounts:
        if len(account) != count:
            raise BadInput(f"a position is needed for each of the {count} places of the tier {program.tier.name}")
        for place, lots in enumerate(account):
            if not -POSITION_LIMIT <= lots < POSITION_LIMIT:
                raise BadInput(f"place {place}: the position is larger than the circuit's range of 2^47 lots")
            total[place] += lots
    return tuple(total)


def _accounts(positions: Sequence[int] | Sequence[Sequence[int]]) -> list[list[int]]:
    """Return one list of positions for each account."""
    whole = [entry for entry in positions if isinstance(entry, int)]
    parts = [list(entry) for entry in positions if not isinstance(entry, int)]
    if whole and parts:
        raise BadInput("give the positions as one list or as one list an account, not mixed")
    return parts or [whole]


def evaluate(
    program: MarginProgram,
    positions: Sequence[int] | Sequence[Sequence[int]],
    *,
    ratio_bps: int = BPS,
    vault_balance: int = 0,
) -> Meaning:
    """Return the meaning with the helper values that prove the claim if any do.

    t_g is what its group needs (where the prover may pick, the lower of the two levels), r the rounded-up radius,
    waivers go to the worst rows, t minimises its tail.
    Where the requirement would come out negative, which the circuit refuses, one t is raised to the least
    requirement not below zero that raising it reaches (less than tau above zero, a part of a money unit).
    """
    measures = measure(program, combine(program, positions), vault_balance)
    t_g, pick = needed_group_levels(program, measures)
    waived = best_waivers(program, rows_of(program, measures, t_g)[2])
    z = rows_of(program, measures, t_g)[2]
    t = tuple(tail_of(program, k, z, waived).best() for k in TAILS)
    meaning = _assemble(program, measures, Helpers(t, t_g, measures.radius, waived, pick), ratio_bps)
    if meaning.requirement >= 0:
        return meaning
    raised = [
        _assemble(program, measures, Helpers(levels, t_g, measures.radius, waived, pick), ratio_bps)
        for levels in _raised_levels(program, z, waived, t, -meaning.requirement)
    ]
    return min(raised, key=lambda other: other.requirement, default=meaning)


def check_helper_values(
    program: MarginProgram,
    positions: Sequence[int] | Sequence[Sequence[int]],
    helpers: Helpers,
    *,
    ratio_bps: int = BPS,
    vault_balance: int = 0,
) -> Meaning:
    """Return the meaning under given helper values; raises WitnessRefused(rule) where the constraint system
    has none.

    A margin that is not met is not refused here: it stands in `margin_met`.
    """
    measures = measure(program, combine(program, positions), vault_balance)
    _check_ranges(program, helpers)
    _check_waivers(program, helpers.waived)
    if helpers.r**2 < sum(factor * factor for factor in measures.factors):
        raise WitnessRefused("ellipsoid", "r is smaller than the ellipsoid's radius")
    meaning = _assemble(program, measures, helpers, ratio_bps)
    if meaning.cover_violations:
        raise WitnessRefused("cover", f"group {meaning.cover_violations[0]} is not covered by its t_g")
    if meaning.requirement < 0:
        raise WitnessRefused("requirement-negative", "the requirement is negative")
    return meaning


def needed_group_levels(program: MarginProgram, measures: Measures) -> tuple[Vector, Vector]:
    """Return the least t_g for each group, and where it covers the floor only (pick).

    In a covered free group no hinge and no group floor may be open; where the prover may pick, one of them may. Every
    other group has 0.
    """
    out, pick = [0] * program.tier.groups, [0] * program.tier.groups
    if program.tier.hinges:
        for g, (covered, free) in enumerate(zip(program.cover, program.free, strict=True)):
            if not (covered and free):
                continue
            open_rows = [-(y + shift) for y, shift in zip(measures.y[g], program.shift[g], strict=True)]
            rows, floor = max(0, *open_rows), max(0, measures.group_floor[g])
            pick[g] = int(program.pickable[g] and floor < rows)
            out[g] = min(rows, floor) if program.pickable[g] else max(rows, floor)
    return tuple(out), tuple(pick)


def rows_of(program: MarginProgram, measures: Measures, t_g: Vector) -> tuple[Matrix, Matrix, Vector]:
    """Return (hinge, pnl, z) for given group levels, in the units of `Meaning`."""
    tier = program.tier
    groups, scenarios = range(tier.groups), range(tier.scenarios)
    y = measures.y
    if tier.hinges:
        hinge = tuple(tuple(short(y[g][s] + program.shift[g][s] + t_g[g]) for s in scenarios) for g in groups)
        loss = tuple(tuple(program.extra_loss[g][s] * hinge[g][s] for s in scenarios) for g in groups)
    else:
        hinge = loss = tuple((0,) * tier.scenarios for _ in groups)
    pnl = tuple(
        tuple(
            program.gain[g][s] * y[g][s] - loss[g][s] - program.mark_weight[g][s] * measures.mark[g] for s in scenarios
        )
        for g in groups
    )
    first_skew = tier.scenarios - tier.skew_rows
    z = [
        program.offset[s] + (sum(pnl[g][s] for g in groups) if s < first_skew else -sum(abs(pnl[g][s]) for g in groups))
        for s in scenarios
    ]
    if tier.envelope:
        z.append(
            -sum(
                weight * max(short(up), short(down))
                for weight, up, down in zip(program.envelope_weight, measures.up, measures.down, strict=True)
            )
        )
    z.append(-(measures.floor_linear + measures.floor_short + measures.floor_net))
    return hinge, pnl, tuple(z)


def _assemble(program: MarginProgram, measures: Measures, helpers: Helpers, ratio_bps: int) -> Meaning:
    """Return the meaning of these helper values, whether or not the constraint system would take them."""
    hinge, pnl, z = rows_of(program, measures, helpers.t_g)
    tails = tuple(tail_of(program, k, z, helpers.waived).cost(helpers.t[k]) for k in TAILS)
    group_charge = program.unit * sum(helpers.t_g)
    ellipsoid = program.factor_multiplier * helpers.r
    requirement = sum(tails) + group_charge + measures.roll + ellipsoid + program.constant
    violations = tuple(g for g in range(program.tier.groups) if _is_open(program, measures, helpers, hinge, g))
    surplus = BPS * program.unit * measures.equity - ratio_bps * requirement
    return Meaning(
        measures=measures,
        helpers=helpers,
        hinge=hinge,
        pnl=pnl,
        z=z,
        tails=tails,
        group_charge=group_charge,
        ellipsoid=ellipsoid,
        requirement=requirement,
        cover_violations=violations,
        worst_rows=(worst_row(program, 0, z, helpers.waived), worst_row(program, 1, z, helpers.waived)),
        worst_row=worst_row(program, None, z, helpers.waived),
        surplus=surplus,
        margin_met=not violations and requirement >= 0 and surplus >= 0,
    )


def _is_open(program: MarginProgram, measures: Measures, helpers: Helpers, hinge: Matrix, g: int) -> bool:
    """Return whether a covered group's level leaves open what it has to cover: rows, floor, or the one picked."""
    if not program.tier.hinges or not program.cover[g]:
        return False
    rows_count, floor_counts = helpers.pick[g] != 1, not program.pickable[g] or helpers.pick[g] != 0
    below_floor = helpers.t_g[g] < measures.group_floor[g]
    return (rows_count and any(hinge[g])) or (floor_counts and below_floor)


def _raised_levels(program: MarginProgram, z: Vector, waived: Vector, t: Vector, amount: int) -> list[Vector]:
    """Return, for each tail in use, the t that make it `amount` money/unit dearer than its minimum."""
    out = []
    for k in TAILS:
        level = tail_of(program, k, z, waived).raised(t[k], amount) if program.tau[k] else None
        if level is not None:
            out.append(tuple(level if j == k else t[j] for j in TAILS))
    return out


def _check_ranges(program: MarginProgram, helpers: Helpers) -> None:
    tier = program.tier
    counts = len(helpers.t), len(helpers.t_g), len(helpers.pick), len(helpers.waived)
    if counts != (2, tier.groups, tier.groups, tier.scenarios):
        raise BadInput("helper values have the wrong counts for the tier")
    if not all(T_LOW <= t <= T_HIGH for t in helpers.t):
        raise WitnessRefused("t-range", "a tail's t is outside [-2^139, 2^139), which no row accepts")
    if not all(0 <= t_g < T_G_LIMIT for t_g in helpers.t_g):
        raise WitnessRefused("t-g-range", "a group's t_g is outside [0, 2^93)")
    if not 0 <= helpers.r < R_LIMIT:
        raise WitnessRefused("r-range", "r is outside [0, 2^92)")
    free = program.free if tier.hinges else (0,) * tier.groups
    if any(t_g and not may for t_g, may in zip(helpers.t_g, free, strict=True)):
        raise WitnessRefused("t-g-free", "t_g is not zero in a group that is not free")
    pickable = program.pickable if tier.hinges else (0,) * tier.groups
    if any(bit and not may for bit, may in zip(helpers.pick, pickable, strict=True)):
        raise WitnessRefused("pick-group", "a group is picked that leaves no choice")


def _check_waivers(program: MarginProgram, waived: Vector) -> None:
    if not all(bit in (0, 1) for bit in waived):
        raise WitnessRefused("waived-bit", "a waiver is neither 0 nor 1")
    if any(bit and not may for bit, may in zip(waived, program.waivable, strict=True)):
        raise WitnessRefused("waived-row", "a row is waived that may not be")
    for k in TAILS:
        used = sum(bit for bit, member in zip(waived, program.member, strict=False) if member == k)
        if used > program.waivers[k]:
            raise WitnessRefused("waived-count", f"more rows of tail {k} are waived than it has waivers")
