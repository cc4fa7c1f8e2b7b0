"""The meaning against definitions written another way, brute force, and figures worked out by hand."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.builders import COVER_KINDS, TAIL_KINDS, TINY, exact_vault, random_positions, random_program
from tests.verifier.sound import bare, lots
from verifier.commitment import POSITION_LIMIT
from verifier.errors import BadInput
from verifier.meaning import BPS, Meaning, evaluate
from verifier.meaning.tails import Tail
from verifier.program import MarginProgram
from verifier.tiers import GRID, PORTFOLIO, Tier

SEEDS = st.integers(0, 2**32)


def neg(values: np.ndarray) -> np.ndarray:
    return np.maximum(0, -values)


def arrays_of(program: MarginProgram, name: str) -> np.ndarray:
    """Return a section as an array of Python ints, zeros where the tier has none."""
    tier = program.tier
    shapes = {
        "shift": (tier.groups, tier.scenarios),
        "extra_loss": (tier.groups, tier.scenarios),
        "group_floor": (tier.positions,),
        "up": (tier.positions,),
        "down": (tier.positions,),
        "envelope_weight": (tier.groups,),
    }
    value = getattr(program, name)
    return np.array(value, dtype=object) if len(value) else np.zeros(shapes[name], dtype=object)


def rows_by_einsum(program: MarginProgram, meaning: Meaning) -> np.ndarray:
    """Return z by array expressions on whole tensors."""
    tier = program.tier
    x = np.array(meaning.x, dtype=object).reshape(tier.groups, tier.slots)

    def grouped(name: str) -> np.ndarray:
        return (arrays_of(program, name).reshape(tier.groups, tier.slots) * x).sum(axis=1)

    y = (arrays_of(program, "risk_array") * x[:, None, :]).sum(axis=2)
    t_g = np.array(meaning.helpers.t_g, dtype=object)[:, None]
    hinge = neg(y + arrays_of(program, "shift") + t_g)
    pnl = (
        arrays_of(program, "gain") * y
        - arrays_of(program, "extra_loss") * hinge * int(tier.hinges)
        - arrays_of(program, "mark_weight") * grouped("mark")[:, None]
    )
    plain = tier.scenarios - tier.skew_rows
    z = np.concatenate([pnl[:, :plain].sum(axis=0), -np.abs(pnl[:, plain:]).sum(axis=0)])
    z = z + np.array(program.offset, dtype=object)
    rows = list(z)
    if tier.envelope:
        worst = np.maximum(neg(grouped("up")), neg(grouped("down")))
        rows.append(-(arrays_of(program, "envelope_weight") * worst).sum())
    flat = x.reshape(-1)
    rows.append(
        -(arrays_of(program, "floor_linear") * flat).sum()
        - (arrays_of(program, "floor_short") * neg(flat)).sum()
        - abs((arrays_of(program, "floor_net") * flat).sum(axis=1)).sum()
    )
    return np.array(rows, dtype=object)


@pytest.mark.parametrize("tier", [TINY, GRID, PORTFOLIO], ids=lambda tier: tier.name)
@pytest.mark.parametrize("tail", TAIL_KINDS)
def test_rows_equity_and_charges_equal_tensor_expressions(tier: Tier, tail: str):
    rng = Random(f"{tier.name}{tail}")
    for cover in COVER_KINDS:
        program = random_program(rng, tier, tail=tail, cover=cover)
        meaning = evaluate(program, random_positions(rng, program), vault_balance=12345)
        assert list(meaning.z) == list(rows_by_einsum(program, meaning))
        x = np.array(meaning.x, dtype=object)
        charges = (np.array(program.short_charge, dtype=object) * neg(x)).sum()
        charges += (np.array(program.naked_charge, dtype=object) * neg(x[::2] + x[1::2])).sum()
        assert meaning.measures.charges == charges
        assert meaning.equity == (np.array(program.equity, dtype=object) * x).sum() - charges + 12345
        roll = np.array(meaning.measures.roll_groups, dtype=object)
        expected = (np.array(program.roll_long, dtype=object) * np.maximum(0, roll)).sum()
        expected += (np.array(program.roll_short, dtype=object) * neg(roll)).sum()
        assert meaning.measures.roll == expected + program.roll_net * abs(roll.sum())
        total = sum(meaning.tails) + program.unit * sum(meaning.helpers.t_g) + meaning.measures.roll
        assert meaning.requirement == total + program.factor_multiplier * meaning.helpers.r + program.constant
        assert meaning.surplus == BPS * program.unit * meaning.equity - BPS * meaning.requirement


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-30, 30)), min_size=1, max_size=7), st.data())
def test_the_best_t_is_the_least_of_all_t(rows: list[tuple[int, int]], data: st.DataObject):
    tau = data.draw(st.integers(1, sum(weight for weight, _ in rows)))
    tail = Tail(tau, tuple(rows))
    assert tail.cost(tail.best()) == min(tail.cost(t) for t in range(-40, 41))
    assert tail.best() == min((loss for _, loss in rows), key=lambda t: (tail.cost(t), t))


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=12), st.integers(1, 1000))
def test_equal_weights_make_the_worst_loss(losses: list[int], tau: int):
    tail = Tail(tau, tuple((tau, loss) for loss in losses))
    assert tail.cost(tail.best()) == tau * max(losses)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=24), st.integers(1, 4))
def test_shortfall_weights_make_the_mean_of_the_worst_losses(losses: list[int], count: int):
    tau = 12 * count  # weight tau/count is an integer: the mean is over exactly `count` rows
    tail = Tail(tau, tuple((tau // count, loss) for loss in losses))
    assert Fraction(tail.cost(tail.best()), tau) == Fraction(sum(sorted(losses)[-count:]), count)


@settings(max_examples=40)
@given(SEEDS)
@example(4476)  # its least requirement is negative
def test_no_other_waivers_are_better(seed: int):
    rng = Random(seed)
    program = random_program(rng, TINY, tail="value-at-risk", cover="none", bits=12)
    meaning = evaluate(program, random_positions(rng, program, bits=8))
    tau, weight = program.tau[0], program.weight
    waivable = [s for s, bit in enumerate(program.waivable) if bit]
    best = min(
        tau * max(-meaning.z[row] for row in range(TINY.tail_rows) if weight[row] and row not in chosen)
        for count in range(program.waivers[0] + 1)
        for chosen in combinations(waivable, count)
    )
    least = meaning.requirement - meaning.tails[0] + best
    if least >= 0:
        assert meaning.requirement == least
    else:  # t was raised to the least requirement that is not negative
        assert 0 <= meaning.requirement < tau


def test_value_at_risk_is_the_loss_that_k_rows_exceed():
    program = bare(tau=(1, 0), weight=(1, 1, 1, 0, 0, 0, 0), waivable=(1, 1, 1, 0, 0), waivers=(1, 0))
    meaning = evaluate(program, lots(PERP=-10))
    assert meaning.z[:3] == (-1000, 50, -300)
    assert (meaning.requirement, meaning.helpers.waived, meaning.worst_row) == (300, (1, 0, 0, 0, 0), 2)


@settings(max_examples=40)
@given(SEEDS)
def test_a_free_covered_group_charges_its_worst_row_or_its_floor(seed: int):
    rng = Random(seed)
    program = random_program(rng, TINY, tail="none", cover="free")
    meaning = evaluate(program, random_positions(rng, program))
    for g in range(TINY.groups):
        rows = zip(meaning.measures.y[g], program.shift[g], strict=True)
        floor, worst = meaning.measures.group_floor[g], max(-(y + shift) for y, shift in rows)
        assert meaning.helpers.t_g[g] == (min(floor, worst) if program.pickable[g] else max(floor, worst))
    assert meaning.group_charge == program.unit * sum(meaning.helpers.t_g)
    assert not meaning.cover_violations


def test_a_row_that_is_open_in_an_isolated_group_leaves_no_proof():
    program = bare(cover=(0, 1), weight=(0,) * 7, tau=(0, 0))
    short_perp = evaluate(program, lots(USD=10**6, PERP=-10))
    assert short_perp.cover_violations == (1,)
    assert not short_perp.margin_met
    assert short_perp.surplus > 0
    assert evaluate(program, lots(USD=10**6)).margin_met


def test_the_radius_is_rounded_up():
    loading = ((0, 0, 0, 0, 3, 0, 0, 1), (0, 0, 0, 0, 4, 0, 0, 1))
    program = bare(loading=loading, factor_multiplier=2)
    assert evaluate(program, lots(PERP=1)).helpers.r == 5
    assert evaluate(program, lots(ALT=1)).helpers.r == 2
    assert evaluate(program, lots(ALT=-1)).ellipsoid == 4
    assert evaluate(program, lots()).helpers.r == 0


def test_worked_figures_of_a_short_perpetual_on_borrowed_coin():
    meaning = evaluate(bare(), lots(USD=5000, COIN=-20, PERP=-10), ratio_bps=12500, vault_balance=7)
    assert meaning.measures.y == ((0, 0, 0, 0, 0), (-1000, 50, -300, 0, 0))
    assert meaning.measures.gross == 5000 - 20 * 90
    assert meaning.measures.short_charges == 20 * 20
    assert meaning.equity == 5000 - 2200 + 7
    assert (meaning.requirement, meaning.worst_row, meaning.worst_rows) == (1000, 0, (0, None))
    assert meaning.surplus == 10_000 * 2807 - 12_500 * 1000
    assert meaning.margin_met


def test_a_negative_requirement_is_raised_to_zero():
    program = bare(offset=(500,) * 5, weight=(1, 1, 1, 0, 0, 0, 0))
    assert evaluate(program, lots()).requirement == 0
    assert evaluate(program, lots()).margin_met
    owing = evaluate(program, lots(USD=-1))
    assert owing.requirement == 0
    assert not owing.margin_met


@settings(max_examples=60)
@given(SEEDS, st.sampled_from([kind for kind in TAIL_KINDS if kind != "none"]))
def test_a_raised_requirement_is_less_than_tau_above_zero(seed: int, tail: str):
    rng = Random(seed)
    program = random_program(rng, TINY, tail=tail, cover="none", bits=8)
    program = replace(program, offset=tuple(1 << 100 for _ in program.offset), constant=0)
    weight = (*program.weight[: TINY.scenarios], 0, 0)
    meaning = evaluate(replace(program, weight=weight), random_positions(rng, program, bits=4))
    assert 0 <= meaning.requirement < max(program.tau)


@settings(max_examples=40)
@given(SEEDS)
def test_the_exact_vault_balance_meets_the_margin_and_one_unit_less_does_not(seed: int):
    rng = Random(seed)
    program = random_program(rng, TINY, cover="none")
    positions = random_positions(rng, program)
    ratio = rng.choice([10_000, 12_500, 15_000, 20_000])
    vault = exact_vault(program, positions, ratio)
    if vault is not None:
        assert evaluate(program, positions, ratio_bps=ratio, vault_balance=vault).margin_met
        assert not evaluate(program, positions, ratio_bps=ratio, vault_balance=vault - 1).margin_met


def test_accounts_are_summed():
    pair = replace(TINY, accounts=2)
    program = random_program(Random(8), pair)
    first, second = (random_positions(Random(seed), program) for seed in (1, 2))
    total = tuple(a + b for a, b in zip(first, second, strict=True))
    assert evaluate(program, [first, second]) == evaluate(program, total)
    with pytest.raises(BadInput, match="takes 2 accounts"):
        evaluate(program, [first] * 3)


def test_positions_of_a_wrong_count_or_size_are_refused_by_place():
    program = bare()
    with pytest.raises(BadInput, match="each of the 8 places"):
        evaluate(program, (0,) * 7)
    with pytest.raises(BadInput, match="place 1") as caught:
        evaluate(program, lots(COIN=POSITION_LIMIT))
    assert str(POSITION_LIMIT) not in str(caught.value)
    with pytest.raises(BadInput, match="not mixed"):
        evaluate(program, [0, (0,) * 8])  # type: ignore[list-item]


@pytest.mark.parametrize("tier", [GRID, PORTFOLIO], ids=lambda tier: tier.name)
def test_at_the_widest_program_and_positions_every_value_stays_in_its_width(tier: Tier):
    for seed in range(4):
        rng = Random(seed)
        program = random_program(rng, tier, extreme=True, cover="free")
        meaning = evaluate(program, random_positions(rng, program, edge=True))
        assert all(abs(y) < 1 << 92 for row in meaning.measures.y for y in row)
        assert all(hinge < 1 << 94 for row in meaning.hinge for hinge in row)
        assert all(abs(pnl) < 1 << 129 for row in meaning.pnl for pnl in row)
        assert all(abs(z) < 1 << 137 for z in meaning.z)
        assert all(t_g < 1 << 93 for t_g in meaning.helpers.t_g)
        assert meaning.helpers.r < 1 << 92
        assert abs(meaning.surplus) < 1 << 250
