"""Admission rules on the helper values' freedom: tails, waivers, covered groups and the unit.

Each keeps the prover's t, waived or t_g from lowering a requirement: a tail that falls without end as t
falls, a waiver for a row that no waiver is meant for, a group level below zero.
"""

from verifier.errors import AdmissionRefused
from verifier.meaning.tails import TAILS
from verifier.program import MarginProgram


def check_unit(program: MarginProgram) -> None:
    """Rules tau-equal and unit-multiple: unit = W*T with T = tau of the tails in use, which is one scale."""
    used = {tau for tau in program.tau if tau}
    if len(used) > 1:
        raise AdmissionRefused("tau-equal", "the two tails have different scales tau; put a blend into the gains")
    if used and program.unit % used.pop():
        raise AdmissionRefused("unit-multiple", "unit is not a multiple of tau, so it is no scale of the tails")


def tail_rows(program: MarginProgram, k: int) -> list[int]:
    """Return the rows in use of tail k: members with a weight."""
    return [
        row
        for row, (weight, member) in enumerate(zip(program.weight, program.member, strict=True))
        if weight and member == k
    ]


def check_tails(program: MarginProgram) -> None:
    """Rules tail-use and tail-weights: a tail has rows exactly if it has tau, and its cost cannot fall with t
    for ever.

    Its slope in t, far down, is tau minus the weights that are left after the waivers; it must not be
    positive even if the heaviest rows are waived.
    """
    for k in TAILS:
        weights = sorted(program.weight[row] for row in tail_rows(program, k))
        if bool(weights) != bool(program.tau[k]):
            raise AdmissionRefused("tail-use", f"tail {k} has rows without tau or tau without rows")
        left = weights[: len(weights) - program.waivers[k]] if program.waivers[k] <= len(weights) else []
        if program.tau[k] > sum(left):
            raise AdmissionRefused("tail-weights", f"the rows of tail {k} weigh less than tau once waivers are used")


def check_waivers(program: MarginProgram) -> None:
    """Rules waivable-row, waiver-count and waiver-weights."""
    plain = program.tier.scenarios - program.tier.skew_rows
    for row, waivable in enumerate(program.waivable):
        if waivable and (row >= plain or not program.weight[row]):
            raise AdmissionRefused("waivable-row", f"row {row} is no historical row in use, so nothing may waive it")
    for k in TAILS:
        if not program.waivers[k]:
            continue
        rows = tail_rows(program, k)
        waivable = sum(program.waivable[row] for row in rows if row < program.tier.scenarios)
        if program.waivers[k] >= waivable:
            raise AdmissionRefused("waiver-count", f"tail {k} has as many waivers as waivable rows")
        if any(program.weight[row] != program.tau[k] for row in rows):
            raise AdmissionRefused("waiver-weights", f"tail {k} has waivers and a weight other than tau")


def has_isolated_group(program: MarginProgram) -> bool:
    """Return whether a group is covered and not free: each of its rows must hold by itself."""
    return any(cover and not free for cover, free in zip(program.cover, program.free, strict=True))


def check_extra_loss(program: MarginProgram) -> None:
    """Rules extra-loss-free, extra-loss-sign and extra-loss-shift: a loss may count less than a gain, if it is one."""
    if not program.tier.hinges:
        return
    for g in range(program.tier.groups):
        for extra, gain, shift in zip(program.extra_loss[g], program.gain[g], program.shift[g], strict=True):
            if extra >= 0:
                continue
            if program.free[g]:
                raise AdmissionRefused("extra-loss-free", f"group {g} is free and its hinges pay the trader")
            if gain + extra < 0:
                raise AdmissionRefused("extra-loss-sign", f"group {g} counts losses as gains")
            if shift:
                raise AdmissionRefused("extra-loss-shift", f"group {g} pays the trader for a loss that is a shift")


def check_cover(program: MarginProgram) -> None:
    """Rules cover-free, cover-zero-row, group-floor-cover and those of a pick."""
    if not program.tier.hinges:
        return
    slots = program.tier.slots
    for g, (cover, free) in enumerate(zip(program.cover, program.free, strict=True)):
        if free and not cover:
            raise AdmissionRefused("cover-free", f"group {g} is free and not covered: its t_g would hold no row")
        zero_row = any(
            shift == 0 and not any(row) for row, shift in zip(program.risk_array[g], program.shift[g], strict=True)
        )
        if free and not zero_row:
            raise AdmissionRefused("cover-zero-row", f"group {g} is free and has no all-zero row that keeps t_g >= 0")
        if not free and any(program.group_floor[g * slots : (g + 1) * slots]):
            raise AdmissionRefused("group-floor-cover", f"group {g} has a group floor that no free t_g can pay")
        if program.pickable[g]:
            _check_pick(program, g)


def _check_pick(program: MarginProgram, g: int) -> None:
    """Rules pick-free, pick-floor, pick-plain and pick-long of a group in which the prover may pick rows or floor."""
    slots = program.tier.slots
    for i in range(slots):
        if program.equity[g * slots + i] > 0 and any(row[i] for row in program.risk_array[g]):
            raise AdmissionRefused("pick-long", f"place {g * slots + i} counts in equity and may be picked unmargined")
    if not program.free[g]:
        raise AdmissionRefused("pick-free", f"group {g} may be picked and is not free: its rows would hold nothing")
    if not any(program.group_floor[g * slots : (g + 1) * slots]):
        raise AdmissionRefused(
            "pick-floor", f"group {g} may be picked and has no group floor: the choice costs nothing"
        )
    if any(program.extra_loss[g]):
        raise AdmissionRefused("pick-plain", f"group {g} may be picked and has an extra_loss, so neither pick is best")
