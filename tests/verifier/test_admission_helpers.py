"""Admission of tails, waivers, covers, units: each test shows the account that a rule keeps out."""

from dataclasses import replace
from random import Random

import pytest

from tests.builders import COVER_KINDS, TAIL_KINDS, random_positions, random_program
from tests.verifier.sound import bare, lots
from verifier.admission import admit, allowed_bands
from verifier.errors import AdmissionRefused, WitnessRefused
from verifier.meaning import Helpers, check_helper_values, evaluate, rows_of
from verifier.program import MarginProgram
from verifier.tiers import GRID, PORTFOLIO, Tier

HOPELESS = lots(USD=1, PERP=-(10**6))
"""A dollar against a million short perpetuals, each of which loses 100 in scenario 0."""


def refused(program: MarginProgram, rule: str) -> None:
    with pytest.raises(AdmissionRefused) as caught:
        admit(program)
    assert caught.value.rule == rule
    assert str(caught.value).count("\n") == 0


def test_the_sound_program_is_admitted_and_refuses_the_hopeless_account():
    admit(bare())
    assert not evaluate(bare(), HOPELESS).margin_met


@pytest.mark.parametrize("tier", [GRID, PORTFOLIO], ids=lambda tier: tier.name)
@pytest.mark.parametrize("tail", TAIL_KINDS)
def test_random_programs_are_admitted(tier: Tier, tail: str):
    for seed, cover in enumerate(COVER_KINDS):
        for extreme in (False, True):
            admit(random_program(Random(seed), tier, tail=tail, cover=cover, extreme=extreme))


def test_tail_weights_stop_a_t_that_falls_without_end():
    program = bare(tau=(8, 0), unit=8)
    refused(program, "tail-weights")
    assert evaluate(program, HOPELESS).margin_met


def test_tail_weights_count_what_waivers_leave():
    light = {"weight": (1, 1, 1, 0, 0, 0, 0), "waivable": (1, 1, 1, 0, 0)}
    program = bare(tau=(2, 0), unit=2, waivers=(2, 0), **light)
    refused(program, "tail-weights")
    assert evaluate(program, HOPELESS).margin_met


def test_tail_use_stops_rows_that_no_tail_counts():
    program = bare(member=(1,) * 7)
    refused(program, "tail-use")
    assert evaluate(program, HOPELESS).margin_met
    unmeasured = bare(tau=(0, 0))
    refused(unmeasured, "tail-use")
    assert evaluate(unmeasured, HOPELESS).margin_met


def test_tail_use_stops_tau_without_rows():
    program = bare(tau=(1, 1))
    refused(program, "tail-use")
    assert evaluate(program, HOPELESS).margin_met


def test_tau_equal_stops_a_tail_that_counts_at_a_fraction():
    program = bare(tau=(4, 1), unit=4, weight=(1, 4, 4, 4, 4, 4, 4), member=(1, 0, 0, 0, 0, 0, 0))
    refused(program, "tau-equal")
    quarter = lots(USD=26 * 10**6 + 30 * 10**6, PERP=-(10**6))
    assert evaluate(program, quarter).margin_met
    assert not evaluate(bare(), quarter).margin_met


def test_unit_multiple_stops_a_scale_that_no_gain_weight_has():
    program = bare(tau=(2, 0), weight=(2,) * 7, unit=3)
    refused(program, "unit-multiple")
    two_thirds = lots(USD=67_000_000, PERP=-(10**6))
    assert evaluate(program, two_thirds).margin_met
    assert not evaluate(bare(), two_thirds).margin_met


def test_waivable_row_stops_waiving_a_skew_row():
    skew = {"gain": ((0, 0, 0, 1, 0), (0, 0, 0, 1, 0)), "risk_array": bare().risk_array}
    cells = [[list(row) for row in group] for group in skew["risk_array"]]
    cells[1][3][0] = 100
    skew["risk_array"] = cells
    assert not evaluate(bare(**skew), HOPELESS).margin_met
    program = bare(**skew, waivable=(0, 0, 0, 1, 1), waivers=(1, 0))
    refused(program, "waivable-row")
    assert evaluate(program, HOPELESS).margin_met


def test_waivable_row_stops_padding_that_makes_room_for_waivers():
    padded = {"weight": (1, 0, 0, 0, 0, 0, 1), "waivable": (1, 1, 1, 0, 0)}
    program = bare(**padded, waivers=(1, 0))
    refused(program, "waivable-row")
    assert program.waivers[0] < sum(program.waivable)  # counted with its padding, the rule on counts would hold
    assert evaluate(program, HOPELESS).margin_met


def test_waiver_count_stops_waiving_every_historical_row():
    program = bare(waivable=(1, 1, 1, 0, 0), waivers=(3, 0))
    refused(program, "waiver-count")
    assert evaluate(program, HOPELESS).margin_met
    admit(bare(waivable=(1, 1, 1, 0, 0), waivers=(2, 0)))


def test_waiver_weights_stop_a_shortfall_without_its_worst_row():
    shortfall = {"tau": (2, 0), "unit": 2, "weight": (1, 1, 1, 0, 0, 0, 0)}
    book = lots(USD=60_000_000, PERP=-(10**6))
    admit(bare(**shortfall))
    assert not evaluate(bare(**shortfall), book).margin_met
    program = bare(**shortfall, waivable=(1, 1, 1, 0, 0), waivers=(1, 0))
    refused(program, "waiver-weights")
    assert evaluate(program, book).margin_met


def test_cover_free_stops_a_level_that_opens_no_row_and_covers_none():
    broken = {"extra_loss": ((0,) * 5, (50, 0, 0, 0, 0)), "gain": ((0,) * 5, (0,) * 5), "free": (0, 1)}
    program = bare(**broken)
    refused(program, "cover-free")
    honest = evaluate(program, HOPELESS)
    chosen = Helpers((0, 0), (0, 10**8), 0, (0,) * 5, (0, 0))
    assert check_helper_values(program, HOPELESS, chosen).requirement * 50 == honest.requirement


def test_cover_zero_row_keeps_group_levels_from_falling_below_zero():
    cells = [[list(row) for row in group] for group in bare().risk_array]
    cells[1][3:] = [[100, 0, 0, 0], [100, 0, 0, 0]]
    program = bare(risk_array=cells, cover=(0, 1), free=(0, 1))
    refused(program, "cover-zero-row")
    gains = lots(PERP=10)
    rising = bare(risk_array=[cells[0], [[100, 0, 0, 0]] * 5], cover=(0, 1), free=(0, 1))
    measures = evaluate(rising, gains).measures
    hinge, _, _ = rows_of(rising, measures, (0, -1000))
    assert not any(map(any, hinge))  # no row stops a level that lowers the requirement by 1000
    with pytest.raises(WitnessRefused) as caught:
        check_helper_values(rising, gains, Helpers((0, 0), (0, -1000), 0, (0,) * 5, (0, 0)))
    assert caught.value.rule == "t-g-range"  # the circuit's range check is the second defence


def test_extra_loss_free_stops_a_level_that_is_paid_for_being_low():
    paying = {"extra_loss": ((0,) * 5, (-1, -1, -1, 0, 0)), "cover": (0, 1), "free": (0, 1)}
    program = bare(**paying)
    refused(program, "extra-loss-free")
    honest = evaluate(program, HOPELESS)
    plain = evaluate(bare(cover=(0, 1), free=(0, 1)), HOPELESS)
    low = replace(honest.helpers, t_g=(0, 0))
    hinge, _, z = rows_of(program, honest.measures, low.t_g)
    assert any(map(any, hinge))
    assert min(z) > min(plain.z)  # the open hinges raise every row; only the cover condition still stops it
    admit(bare(extra_loss=((0,) * 5, (-1, -1, -1, 0, 0))))  # without a level the hinge is the position's own loss


def test_extra_loss_shift_stops_a_hinge_that_pays_everybody():
    paying = {"extra_loss": ((0,) * 5, (-1, -1, -1, 0, 0)), "shift": ((0,) * 5, (-(10**9),) * 3 + (0, 0))}
    program = bare(**paying)
    refused(program, "extra-loss-shift")
    assert evaluate(program, HOPELESS).requirement < evaluate(bare(), HOPELESS).requirement


PICKED = {"cover": (0, 1), "free": (0, 1), "pickable": (0, 1), "gain": ((1, 1, 1, 0, 0), (0,) * 5)}
"""Group 1 is margined by its level alone, and the prover picks what it covers."""


def test_pick_floor_stops_a_choice_that_costs_nothing():
    program = bare(**PICKED)
    refused(program, "pick-floor")
    assert evaluate(program, HOPELESS).requirement == 0
    priced = bare(**PICKED, group_floor=(0, 0, 0, 0, 100, 0, 0, 100))
    admit(priced)
    assert evaluate(priced, HOPELESS).requirement > 0


def test_pick_free_stops_rows_that_hold_nothing():
    isolated = PICKED | {"free": (0, 0)}
    program = bare(**isolated)
    refused(program, "pick-free")
    honest = evaluate(program, HOPELESS)
    assert honest.cover_violations
    freed = check_helper_values(program, HOPELESS, replace(honest.helpers, pick=(0, 1)))
    assert not freed.cover_violations


def test_pick_long_stops_longs_on_credit():
    floor = (0, 0, 0, 0, 100, 0, 0, 100)
    values = {"equity": (1, 90, 10, 10, 500, 0, 0, 0), "mark": (1, 100, 10, 10, 500, 0, 0, 0)}
    program = bare(**PICKED, group_floor=floor, **values)
    refused(program, "pick-long")
    bought = evaluate(program, lots(USD=-500_000, PERP=1000))
    assert bought.requirement == 0
    assert bought.helpers.pick == (0, 1)


def test_pick_plain_stops_hinges_that_weigh_against_the_pick():
    floor = (0, 0, 0, 0, 10, 0, 0, 10)
    program = bare(**PICKED, group_floor=floor, extra_loss=((0,) * 5, (9, 9, 9, 0, 0)))
    refused(program, "pick-plain")
    picked = evaluate(program, HOPELESS)
    assert picked.helpers.pick == (0, 1)
    rows = max(-y for y in picked.measures.y[1])
    other = check_helper_values(program, HOPELESS, replace(picked.helpers, pick=(0, 0), t_g=(0, rows), t=(0, 0)))
    assert other.requirement < picked.requirement  # the lower level is not the cheaper choice


def test_group_floor_cover_stops_a_floor_that_nothing_charges():
    floor = (0, 0, 0, 0, 100, 0, 0, 0)
    program = bare(group_floor=floor, gain=((1, 1, 1, 0, 0), (0,) * 5))
    refused(program, "group-floor-cover")
    assert evaluate(program, HOPELESS).margin_met
    charged = bare(group_floor=floor, cover=(0, 1), free=(0, 1))
    admit(charged)
    assert not evaluate(charged, HOPELESS).margin_met


def test_a_floor_in_an_isolated_group_would_only_lock_its_traders_out():
    program = bare(group_floor=(0, 0, 0, 0, 1, 0, 0, 0), cover=(0, 1))
    refused(program, "group-floor-cover")
    rows_hold = lots(USD=10**9, ALT=0, PERP=-1)
    assert evaluate(program, rows_hold).cover_violations == (1,)


def test_isolated_groups_prove_ratio_one_only():
    isolated = bare(cover=(0, 1), shift=((0,) * 5, (1000,) * 5))
    admit(isolated)
    assert allowed_bands(isolated) == (10_000,)
    assert allowed_bands(bare(cover=(0, 1), free=(0, 1))) == allowed_bands(bare()) == (10_000, 12_500, 15_000, 20_000)
    at_twice = evaluate(isolated, lots(USD=2000, PERP=-10), ratio_bps=20_000)
    assert not at_twice.cover_violations  # its rows hold at a ratio of one; nothing in them knows of two


@pytest.mark.parametrize("rate", ["roll_long", "roll_short"])
def test_roll_net_stops_a_negative_roll_charge(rate: str):
    rates = {"roll_long": (10, 10), "roll_short": (10, 10)} | {rate: (10, 5)}
    rolls = {**rates, "roll": (0, 0, 1, 0, 0, 0, 0, 1)}
    admit(bare(**rolls, roll_net=-5))
    assert evaluate(bare(**rolls, roll_net=-5), lots(CALL=-7, ALT=-3)).measures.roll >= 0
    refused(bare(**rolls, roll_net=-6), "roll-net")
    program = bare(**rolls, roll_net=-1000)
    refused(program, "roll-net")
    assert evaluate(program, lots(USD=1, PERP=-(10**6), ALT=10**6)).margin_met


def test_an_admitted_requirement_is_never_negative_before_tails():
    for seed in range(20):
        rng = Random(seed)
        program = random_program(rng, PORTFOLIO, tail="none", cover="free")
        meaning = evaluate(program, random_positions(rng, program))
        assert meaning.measures.roll >= 0
        assert meaning.requirement >= 0
