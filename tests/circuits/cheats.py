"""Cheating witnesses, one table: what a prover without enough margin would write, for each family of
constraints.

All but the few that say so start from one account whose margin is met to the last unit and take one unit
away from the vault: honest computation is then refused, and each lie makes up for the unit. The helper
value t lies below every loss, which is honest if wasteful, so that each row counts in the requirement.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.circuits.harness import SMALL, Account, Honest, Lie
from tests.verifier.sound import ARRAYS, LISTING, lots
from verifier.meaning import Helpers, evaluate
from verifier.program import MarginProgram, Purpose

LOW = -1_000_000
"""money/W: a t below every loss."""

RICH: dict[str, Any] = ARRAYS | {
    "constant": 5,
    "offset": (-3, -2, -1, -4, -5),
    "floor_linear": (0, 1, 2, 2, 1, 0, 0, 1),
    "floor_short": (0, 1, 1, 1, 1, 0, 0, 1),
    "floor_net": ((0, 0, 3, 3, -1, 0, 0, 1), (0, 1, 0, -2, 4, 0, 0, 0)),
    "naked_charge": (0, 6, 0, 0),
    "short_charge": (0, 20, 3, 4, 2, 0, 0, 2),
    "risk_array": (
        ((0, -9, 8, -6), (0, 4, -6, 8), (0, -2, 2, 2), (0, 1, 1, 1), (0, 0, 0, 0)),
        ((100, 0, 0, 20), (-5, 0, 0, -20), (30, 0, 0, -9), (3, 0, 0, 2), (0, 0, 0, 0)),
    ),
    "gain": ((1, 2, 1, 1, 1), (1, 1, 2, 1, 1)),
    "mark_weight": ((1, 1, 0, 1, 1), (0, 1, 1, 1, 1)),
    "shift": ((-7, 2, -5, -40, -90), (3, 0, -2, -1, 0)),
    "extra_loss": ((3, 3, 3, 3, 3), (0, 0, 0, 0, 0)),
    "up": (0, 2, -3, 4, 5, 0, 0, -2),
    "down": (0, -2, 3, -4, 2, 0, 0, 2),
    "envelope_weight": (2, 3),
    "group_floor": (0, 0, 0, 0, 7, 0, 0, 7),
    "roll": (0, 1, 2, -1, 1, 0, 0, -3),
    "roll_long": (2, 3),
    "roll_short": (4, 5),
    "roll_net": 2,
    "loading": ((0, 3, -2, 1, 2, 0, 0, 1), (0, 1, 1, -2, 4, 0, 0, -1)),
    "factor_multiplier": 2,
    "tau": (1, 1),
    "waivers": (1, 0),
    "member": (0, 0, 1, 1, 0, 1, 1),
    "waivable": (1, 1, 1, 0, 0),
    "cover": (0, 1),
    "free": (0, 1),
}
POSITIONS = lots(USD=50, COIN=7, CALL=-12, PUT=9, PERP=-3, ALT=-2)


def program(**changes: Any) -> MarginProgram:
    """Return the rich program with arrays replaced."""
    return MarginProgram.build(
        SMALL,
        LISTING,
        Purpose.INITIAL,
        model="rich",
        valuation_time="2026-01-01T00:00:00Z",
        arrays=RICH | changes,
    )


def rich_account(**changes: Any) -> Account:
    """Return the account whose margin is met to the last unit."""
    chosen = program(**changes)
    helpers = replace(evaluate(chosen, POSITIONS).helpers, t=(LOW, LOW))
    return Account(chosen, (POSITIONS,), helpers, 0).with_exact_vault()


@dataclass(frozen=True)
class Cheat:
    """family: the constraints that catch it; lie: from the honest witness of `account`; short_by: what is
    taken from the vault afterwards; admissible: whether admission takes the program (False: a second line
    of defence)."""

    family: str
    story: str
    lie: Callable[[Honest], Lie]
    account: Callable[[], Account] = rich_account
    short_by: int = 1
    admissible: bool = True

    @property
    def attacker(self) -> Account:
        """The account that the lie is told for."""
        account = self.account()
        return replace(account, vault_balance=account.vault_balance - self.short_by)


def _set(signal: str, value: int) -> Callable[[Honest], Lie]:
    return lambda honest: Lie({signal: value})


def _add(signal: str, amount: int) -> Callable[[Honest], Lie]:
    return lambda honest: Lie({signal: honest[signal] + amount})


def _bits_of(honest: Honest, component: str) -> list[str]:
    out: list[str] = []
    while (name := f"{component}.out[{len(out)}]") in honest.values:
        out.append(name)
    return out


def _bit_beyond_one(honest: Honest) -> Lie:
    """The top bit of a negative excess says "not negative", and the lowest one makes up for it."""
    bits = _bits_of(honest, "tail.excess[1].sign.bits")
    signals = dict.fromkeys(bits, 0) | {bits[-1]: 1, bits[0]: honest["tail.excess[1].in"]}
    return Lie(signals, honest.boolean_row(bits[0]))


def _bits_of_another_number(honest: Honest) -> Lie:
    bits = _bits_of(honest, "tail.excess[1].sign.bits")
    return Lie(dict.fromkeys(bits, 0) | {bits[-1]: 1})


def _larger_cash(honest: Honest) -> Lie:
    """The book says 51 of cash, the commitment 50: the sponge's result is not the public commitment."""
    return Lie({"x[0][0]": 51}, honest.rows_with("commitment[0]", "opening[0].out"))


def _uncommitted_position(honest: Honest) -> Lie:
    """The position that is range-checked and packed is the committed one, the one that counts another."""
    inner = "book.account[0].bits[0].in"
    return Lie({"x[0][0]": 1 << 47, inner: honest[inner]})


def _uncommitted_word(honest: Honest) -> Lie:
    return Lie({"x[0][0]": 51, "book.account[0].word[0]": honest["book.account[0].word[0]"]})


def _unabsorbed_word(honest: Honest) -> Lie:
    return Lie({"x[0][0]": 51, "opening[0].hash[0].in[1]": honest["opening[0].hash[0].in[1]"]})


def _other_listing(honest: Honest) -> Lie:
    """The commitment was made under another listing, in which the same lots are other instruments."""
    return Lie({"listing_hash": 4, "opening[0].hash[0].in[0]": honest["opening[0].hash[0].in[0]"]})


def _other_salt(honest: Honest) -> Lie:
    return Lie({"salt[0]": 4, "opening[0].hash[0].in[3]": honest["salt[0]"]})


def _last_state(honest: Honest) -> Lie:
    """Another book, whose hash is said to be the committed one."""
    boxes = sum(name.startswith("opening[0].hash[0].fifth[") for name in honest.values)
    out = "opening[0].hash[0].out"
    return Lie({"x[0][0]": 51}, honest.rows_with(out, f"opening[0].hash[0].fifth[{boxes - 1}]"))


def _wrong_box(part: str) -> Callable[[Honest], Lie]:
    """A part of an S-box is off by one, so that the commitment is no hash of anything."""

    def lie(honest: Honest) -> Lie:
        signal = f"opening[0].hash[0].{part}[100]"
        return Lie({signal: honest[signal] + 1, "commitment[0]": None})

    return lie


def _waived_beyond_one(honest: Honest) -> Lie:
    """(1 - waived) is negative in a row of large loss: its weight turns into a gift. The sum stays 1."""
    rows = honest.boolean_row("tail.waived[0]") | honest.boolean_row("tail.waived[1]")
    larger = 0 if honest["tail.excess[0].out"] > honest["tail.excess[1].out"] else 1
    return Lie({f"waived[{larger}]": 100, f"waived[{1 - larger}]": -99}, rows)


def _waived_row_that_may_not_be(honest: Honest) -> Lie:
    return Lie({"waived[4]": 1}, honest.rows_with("tail.waived[4]", "tail.waivable[4]"))


def _too_many_waivers(honest: Honest) -> Lie:
    return Lie({"waived[1]": 1, "tail.unused[0].in": 0})


def _waiver_of_the_other_tail(honest: Honest) -> Lie:
    """Row 2 is in tail 1, which has no waivers; it is counted against tail 0."""
    return Lie({"waived[2]": 1, "tail.waived_second[2]": 0})


def other_waiver(_honest: Honest) -> Lie:
    """The waiver that is given is not the one that counts."""
    return Lie({"waived[0]": 1, "tail.waived[0]": 0})


def _open_cover(honest: Honest) -> Lie:
    return Lie({"t_g[1]": honest["t_g[1]"] - 1}, honest.rows_with("covers[0].rows_count[1]", "covers[0].hinge[1][0]"))


def _pick_where_none_may_be(honest: Honest) -> Lie:
    """The floor is lower than the rows, and the group leaves no choice."""
    rows = honest.rows_with("covers[0].pick[1]", "covers[0].pickable[1]")
    rows -= {honest.source["covers[0].floor_counts[1]"]}
    return Lie({"pick[1]": 1, "t_g[1]": honest["t_g[1]"] - 1}, rows)


def _neither(honest: Honest) -> Lie:
    """The rows are picked, being cheaper; then they are said not to count either."""
    return Lie({"t_g[1]": honest["t_g[1]"] - 1, "covers[0].rows_count[1]": 0})


def _not_even_the_floor(honest: Honest) -> Lie:
    return Lie({"t_g[1]": honest["t_g[1]"] - 1, "covers[0].floor_counts[1]": 0})


def _other_pick(honest: Honest) -> Lie:
    """The pick that counts is not the one among the inputs."""
    return Lie({"pick[1]": 0, "covers[0].pick[1]": honest["pick[1]"]})


def _below_the_floor(honest: Honest) -> Lie:
    rows = honest.rows_with("covers[0].floor_counts[1]", "covers[0].missing[1].out")
    return Lie({"t_g[1]": honest["t_g[1]"] - 1}, rows)


def _open_floor(honest: Honest) -> Lie:
    return Lie({"t_g[1]": honest["t_g[1]"] - 1, "covers[0].missing[1].in": 0})


def _level_where_none_may_be(honest: Honest) -> Lie:
    return Lie({"t_g[0]": 90}, honest.rows_with("covers[0].free[0]", "covers[0].t_g[0]"))


def _negative_level(honest: Honest) -> Lie:
    return Lie({"t_g[1]": -500, "covers[0].level[1].in": 0})


def _small_radius(honest: Honest) -> Lie:
    return Lie({"r": honest["r"] - 1, "ellipsoid.gap.in": 0})


def _negative_radius(honest: Honest) -> Lie:
    return Lie({"r": -honest["r"], "ellipsoid.radius_range.in": 0})


def _gains_as_collateral() -> Account:
    """Nothing in use but a row of gains: the least t makes the requirement negative, and debt would be
    covered."""
    unused = {name: None for name in RICH if name not in ARRAYS}
    used = ARRAYS | {"weight": (1, 0, 0, 0, 0, 0, 0)}
    helpers = Helpers(t=(0, 0), t_g=(0, 0), r=0, waived=(0,) * SMALL.scenarios, pick=(0, 0))
    return Account(program(**(unused | used)), (lots(USD=-60, PERP=1),), helpers, 60)


def _negative_requirement(honest: Honest) -> Lie:
    return Lie({"t[0]": -100, "claim.not_negative.in": 0})


def _exactly_met(honest: Honest) -> Lie:
    return Lie({"claim.margin.in": 0})


def _floor_account() -> Account:
    """Rows of group 1 are flat; only the group floor asks for t_g."""
    flat = ((0, 0, 0, 0),) * SMALL.scenarios
    return rich_account(risk_array=(RICH["risk_array"][0], flat), shift=(RICH["shift"][0], (0,) * SMALL.scenarios))


def _picked_rows() -> Account:
    """Group 1 leaves the choice, and its rows ask for less than its floor."""
    return rich_account(pickable=(0, 1), group_floor=(0, 0, 0, 0, 1000, 0, 0, 1000))


def _picked_floor() -> Account:
    """Group 1 leaves the choice, and its floor asks for less than its rows."""
    return rich_account(pickable=(0, 1))


def _unwaived_account() -> Account:
    """No waiver is used yet."""
    account = rich_account()
    helpers = replace(account.helpers, waived=(0,) * SMALL.scenarios)
    return replace(account, helpers=helpers).with_exact_vault()


def _uncovered_account() -> Account:
    """Group 1 is free and not covered, which admission refuses."""
    return rich_account(cover=(0, 0))


CHEATS: dict[str, Cheat] = {
    "bit-beyond-one": Cheat("bits: each is 0 or 1", "a sign bit is turned, bit 0 makes up for it", _bit_beyond_one),
    "bits-of-another-number": Cheat(
        "bits: their sum", "a row of loss shows the bits of a gain", _bits_of_another_number
    ),
    "sign": Cheat("sign: the top bit", "a row of loss is called a gain", _set("tail.excess[1].sign.negative", 0)),
    "sign-input": Cheat("sign: its input", "the sign of zero is taken", _set("tail.excess[1].sign.in", 0)),
    "short": Cheat("short: the product", "the short side of a loss is written as 0", _set("tail.excess[1].out", 0)),
    "position-not-committed": Cheat(
        "positions: what is packed is what counts",
        "2^47 of cash, one beyond the range",
        _uncommitted_position,
    ),
    "word-not-packed": Cheat("positions: words", "a word of other positions", _uncommitted_word),
    "position-sum": Cheat("positions: the sum X", "one lot of cash more", _add("book.total[0]", 1)),
    "position-sign": Cheat("positions: the sign of X", "a short call pays no charge", _set("book.negative[2]", 0)),
    "account-sign": Cheat("positions: the top bit", "a short call is long", _set("book.account[0].negative[2]", 0)),
    "commitment": Cheat("commitment: equality", "a book that was not committed", _larger_cash),
    "word-not-absorbed": Cheat("commitment: words absorbed", "the old word is absorbed", _unabsorbed_word),
    "other-listing": Cheat("commitment: listing hash", "committed under another listing", _other_listing, short_by=0),
    "other-salt": Cheat("commitment: salt absorbed", "opened with another salt", _other_salt, short_by=0),
    "poseidon-output": Cheat("poseidon: the last state", "another book, the old hash", _last_state),
    "poseidon-square": Cheat("poseidon: x^2", "a commitment to nothing", _wrong_box("square"), short_by=0),
    "poseidon-cube": Cheat("poseidon: x^3", "a commitment to nothing", _wrong_box("cube"), short_by=0),
    "poseidon-fifth": Cheat("poseidon: x^5", "a commitment to nothing", _wrong_box("fifth"), short_by=0),
    "cell-product": Cheat("inner: the products", "a position's loss shrinks", _add("cells.cell[0][1].product[1]", 4)),
    "cell-sum": Cheat("inner: the sum", "a cell is better than its parts", _add("cells.cell[0][1].out", 4)),
    "cell": Cheat("cells: y", "a cell is better than its sum", _add("cells.y[0][1]", 4)),
    "hinge": Cheat("cells: hinge", "a hinge that costs is closed", _set("cells.hinge[0][3]", 0)),
    "hinge-input": Cheat("cells: the hinge's input", "a hinge is taken elsewhere", _set("cells.below[0][3].in", 0)),
    "gain": Cheat("scenarios: gain * y", "a gain is doubled", _add("scenarios.gained[0][1]", 4)),
    "extra-loss": Cheat("scenarios: extra_loss * hinge", "no extra loss", _set("scenarios.lost[0][3]", 0)),
    "mark": Cheat("scenarios: mark_weight * mark", "the marks count less", _add("scenarios.carried[0][1]", -4)),
    "scenario": Cheat("scenarios: z", "a row is better than its parts", _add("scenarios.z[1]", 4)),
    "skew-input": Cheat("skew: its input", "a group's loss is 0", _set("scenarios.skew[0].negative[0].in", 0)),
    "skew": Cheat("skew: the sum", "a skew row loses less", _add("scenarios.skew[0].loss", -4)),
    "envelope-up": Cheat("envelope: its short sides", "up is a gain", _set("envelope[0].up_short[1].in", 0)),
    "envelope-down": Cheat("envelope: its short sides", "down is a gain", _set("envelope[0].down_short[0].in", 0)),
    "envelope-excess": Cheat("envelope: the larger", "the smaller counts", _set("envelope[0].excess[0].in", 0)),
    "envelope-loss": Cheat("envelope: the weight", "no weight", _set("envelope[0].loss[0]", 0)),
    "envelope": Cheat("envelope: z", "the row is a gain", _add("envelope[0].z", 4)),
    "floor-net": Cheat("floor: the net form", "the net is 0", _set("floor.net_short[0].in", 0)),
    "floor-second": Cheat("floor: the second net form", "the net is 0", _set("floor.net_short[1].in", 0)),
    "floor": Cheat("floor: z", "the row is better than its parts", _add("floor.z", 4)),
    "floor-side": Cheat("sided: tilt", "a short lot costs as a long one", _set("floor.sides.tilted[2]", 0)),
    "waived-bit": Cheat("tail: waived is 0 or 1", "a waiver of 100 and one of -99", _waived_beyond_one),
    "waivable": Cheat(
        "tail: waivable rows",
        "a row that nothing may waive",
        _waived_row_that_may_not_be,
        account=_unwaived_account,
    ),
    "waivers": Cheat("tail: number of waivers", "two rows, one waiver", _too_many_waivers),
    "waivers-second": Cheat(
        "tail: waivers of each tail",
        "the other tail's waiver",
        _waiver_of_the_other_tail,
        account=_unwaived_account,
    ),
    "level-charge": Cheat("tail: tau * t", "t costs less", _add("tail.level_charge[0]", -1)),
    "level-step": Cheat("tail: t of the row's tail", "another t", _add("tail.level_step[3]", 4)),
    "excess-input": Cheat("tail: z + t", "a row is better", _set("tail.excess[1].in", 0)),
    "counted": Cheat("tail: waived rows only", "a row that is not waived", _set("tail.counted[1]", 0)),
    "row-charge": Cheat("tail: weight * excess", "a row has no weight", _set("tail.charge[1]", 0)),
    "floor-charge": Cheat("tail: weight * excess, rows without waiver", "no floor", _set("tail.charge[6]", 0)),
    "tail": Cheat("tail: the sum", "less than its parts", _add("tail.out", -1)),
    "cover": Cheat("cover: rows covered", "t_g one unit too low", _open_cover),
    "group-floor": Cheat("cover: the floor covered", "t_g below the floor", _open_floor, account=_floor_account),
    "pick-group": Cheat("cover: pickable groups only", "the floor where the rows count", _pick_where_none_may_be),
    "pick-rows": Cheat("cover: the rows count", "neither rows nor floor", _neither, account=_picked_rows),
    "pick-floor": Cheat("cover: the floor counts", "not even the floor", _not_even_the_floor, account=_picked_floor),
    "pick-input": Cheat("cover: the pick", "not the input's", _other_pick, account=_picked_floor, short_by=0),
    "floor-covered": Cheat("cover: the level", "below the floor", _below_the_floor, account=_floor_account),
    "free": Cheat("cover: free groups only", "a level against hinges", _level_where_none_may_be),
    "level-range": Cheat(
        "cover: 0 <= t_g", "a level below zero", _negative_level, admissible=False, account=_uncovered_account
    ),
    "levels": Cheat("cover: the sum", "less than its parts", _add("covers[0].out", -1)),
    "level-cost": Cheat("requirement: unit * sum t_g", "levels for nothing", _set("group_levels", 0)),
    "roll-input": Cheat("roll: its short sides", "a short sum is 0", _set("rolls.negative[0].in", 0)),
    "roll-long": Cheat("roll: the long charge", "none", _set("rolls.long_charge[1]", 0)),
    "roll-short": Cheat("roll: the short charge", "none", _set("rolls.short_charge[0]", 0)),
    "roll-net-input": Cheat("roll: the net", "the short side of the net is 0", _set("rolls.net[0].in", 0)),
    "roll-net": Cheat("roll: the net charge", "none", _set("rolls.net_charge", 0)),
    "roll": Cheat("roll: the sum", "less than its parts", _add("rolls.out", -1)),
    "radius": Cheat("ellipsoid: r^2 >= sum of squares", "r one unit too small", _small_radius),
    "radius-sign": Cheat("ellipsoid: r >= 0", "the negative root", _negative_radius),
    "radius-cost": Cheat("requirement: factor_multiplier * r", "a radius for nothing", _set("radius_charge", 0)),
    "pair-input": Cheat("worth: the pair's sum", "a short pair is flat", _set("worth.pair[1].in", 0)),
    "naked": Cheat("worth: the naked charge", "none", _set("worth.naked[1]", 0)),
    "short-charge": Cheat("sided: tilt", "a short lot costs nothing more", _set("worth.sides.tilted[2]", 0)),
    "price": Cheat("sided: the products", "a lot of cash more", _add("worth.sides.product[0]", 1)),
    "worth-sum": Cheat("sided: the sum", "more than its parts", _add("worth.sides.out", 1)),
    "worth": Cheat("worth: the sum", "more than its parts", _add("worth.out", 1)),
    "negative-requirement": Cheat(
        "claim: Requirement >= 0",
        "gains as collateral",
        _negative_requirement,
        account=_gains_as_collateral,
        short_by=60,
    ),
    "margin": Cheat("claim: the inequality", "one unit short", _exactly_met),
    "owed": Cheat("claim: ratio * requirement", "a smaller ratio", _add("claim.owed", -10_000)),
    "equity-scale": Cheat("claim: unit * equity", "a larger unit", _add("claim.worth", 1)),
    "equity": Cheat("claim: equity", "vault counted twice", _add("claim.equity", 1)),
    "requirement": Cheat("claim: requirement", "less than its parts", _add("claim.requirement", -1)),
    "context": Cheat("context: bound to the proof", "another square", _add("context_square", 1), short_by=0),
}
