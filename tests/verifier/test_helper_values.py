"""Whatever helper values a prover chooses, they are refused or the requirement is no lower."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import COVER_KINDS, TAIL_KINDS, TINY, random_positions, random_program
from tests.verifier.sound import bare, lots
from verifier.admission import admit
from verifier.errors import BadInput, WitnessRefused
from verifier.meaning import R_LIMIT, T_G_LIMIT, Helpers, check_helper_values, evaluate
from verifier.meaning.tails import T_HIGH, T_LOW

HONEST = evaluate(bare(), lots(PERP=-10)).helpers


def moved(rng: Random, value: int, low: int, high: int) -> int:
    """Return a value near or far from an honest one, inside [low, high]."""
    step = rng.choice([0, 1, -1, rng.randint(-1000, 1000), rng.randint(-(1 << 90), 1 << 90)])
    return rng.choice([min(max(value + step, low), high), min(max(value + step, low), high), low, high, 0])


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from(TAIL_KINDS),
    st.sampled_from(COVER_KINDS),
    st.sampled_from([4, 12, 30]),
)
def test_no_accepted_choice_lowers_the_requirement(seed: int, tail: str, cover: str, bits: int):
    rng = Random(seed)
    program = random_program(rng, TINY, tail=tail, cover=cover, bits=bits)
    admit(program)
    positions = random_positions(rng, program, bits=bits)
    best = evaluate(program, positions)
    slack = max(0, *program.tau) if best.requirement < max(1, *program.tau) else 0
    honest = best.helpers
    for _ in range(30):
        helpers = Helpers(
            t=tuple(moved(rng, t, T_LOW, T_HIGH) for t in honest.t),
            t_g=tuple(moved(rng, t_g, 0, T_G_LIMIT - 1) if rng.random() < 0.5 else t_g for t_g in honest.t_g),
            r=moved(rng, honest.r, 0, R_LIMIT - 1) if rng.random() < 0.5 else honest.r,
            waived=tuple(int(bit and rng.random() < 0.5) for bit in program.waivable),
            pick=tuple(rng.choice([0, 1, 1, 2]) if may else 0 for may in program.pickable),
        )
        try:
            other = check_helper_values(program, positions, helpers)
        except WitnessRefused:
            continue
        assert other.requirement > best.requirement - max(1, slack)
        assert other.surplus <= best.surplus + 10_000 * slack


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(TAIL_KINDS), st.sampled_from(COVER_KINDS))
def test_the_evaluated_helper_values_are_accepted_as_they_are(seed: int, tail: str, cover: str):
    rng = Random(seed)
    program = random_program(rng, TINY, tail=tail, cover=cover)
    positions = random_positions(rng, program)
    meaning = evaluate(program, positions)
    if meaning.cover_violations:
        with pytest.raises(WitnessRefused, match="not covered"):
            check_helper_values(program, positions, meaning.helpers)
    else:
        assert check_helper_values(program, positions, meaning.helpers) == meaning


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"t": (T_HIGH + 1, 0)}, "t-range"),
        ({"t": (0, T_LOW - 1)}, "t-range"),
        ({"t_g": (0, -1)}, "t-g-range"),
        ({"t_g": (T_G_LIMIT, 0)}, "t-g-range"),
        ({"t_g": (1, 0)}, "t-g-free"),
        ({"r": -1}, "r-range"),
        ({"r": R_LIMIT}, "r-range"),
        ({"pick": (0, 1)}, "pick-group"),
        ({"waived": (2, 0, 0, 0, 0)}, "waived-bit"),
        ({"waived": (1, 0, 0, 0, 0)}, "waived-row"),
        ({"t": (-(10**6), 0)}, None),
    ],
)
def test_the_constraint_system_refuses_by_name(change: dict, rule: str | None):
    helpers = replace(HONEST, **change)
    if rule is None:
        assert check_helper_values(bare(), lots(PERP=-10), helpers).requirement > 1000
        return
    with pytest.raises(WitnessRefused) as caught:
        check_helper_values(bare(), lots(PERP=-10), helpers)
    assert caught.value.rule == rule


def test_more_waivers_than_allowed_are_refused():
    program = bare(waivable=(1, 1, 1, 0, 0), waivers=(1, 0))
    with pytest.raises(WitnessRefused) as caught:
        check_helper_values(program, lots(PERP=-10), replace(HONEST, waived=(1, 0, 1, 0, 0)))
    assert caught.value.rule == "waived-count"


def test_a_radius_that_is_too_small_is_refused():
    program = bare(loading=((0, 0, 0, 0, 1, 0, 0, 0),) * 2, factor_multiplier=1)
    with pytest.raises(WitnessRefused) as caught:
        check_helper_values(program, lots(PERP=-10), replace(HONEST, r=14))
    assert caught.value.rule == "ellipsoid"
    assert check_helper_values(program, lots(PERP=-10), replace(HONEST, r=15)).ellipsoid == 15
    one_beyond = bare(loading=((0, 0, 0, 0, 3, 0, 0, 0), (0, 0, 0, 0, 1, 0, 0, 0)), factor_multiplier=1)
    with pytest.raises(WitnessRefused):
        check_helper_values(one_beyond, lots(PERP=-1), replace(HONEST, r=3, t=(0, 0)))


def test_a_negative_requirement_is_refused():
    program = bare(offset=(500,) * 5, weight=(1, 1, 1, 0, 0, 0, 0))
    with pytest.raises(WitnessRefused) as caught:
        check_helper_values(program, lots(), replace(HONEST, t=(-500, 0)))
    assert caught.value.rule == "requirement-negative"


def test_wrong_counts_are_no_helper_values():
    with pytest.raises(BadInput, match="wrong counts"):
        check_helper_values(bare(), lots(), replace(HONEST, t_g=(0,)))
