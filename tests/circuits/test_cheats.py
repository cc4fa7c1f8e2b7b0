"""Each family of constraints refuses the witness that was made to get around it, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from prover.circom import PLAIN
from tests.builders import random_positions, random_program
from tests.circuits.cheats import CHEATS, other_waiver, rich_account
from tests.circuits.harness import WIDE, Account, Honest, Lie, accepts, best_account, forge, honest_witness, system
from verifier.admission import admit
from verifier.errors import AdmissionRefused
from verifier.meaning import check_helper_values
from verifier.tiers import GREEKS, GRID, PAIR_SHIFT, PORTFOLIO, ROW_BITS, VENUE, Tier

REAL = (GRID, GREEKS, PORTFOLIO)
ON_REAL_TIERS = (
    *(
        "bit-beyond-one",
        "bits-of-another-number",
        "sign",
        "sign-input",
        "short",
        "position-sum",
        "commitment",
    ),
    *("word-not-packed", "word-not-absorbed", "cell-sum", "scenario", "floor-net", "floor", "excess-input"),
    *("tail", "roll", "radius-sign", "price", "worth-sum", "worth", "equity-scale", "owed", "requirement"),
    "context",
)
"""Cheats of the table whose signals mean the same in every tier."""


def test_the_account_that_the_cheats_start_from_is_met_to_the_last_unit() -> None:
    account = rich_account()
    assert accepts(system("small"), account.inputs)
    admit(account.program)


@pytest.mark.parametrize("name", CHEATS)
def test_cheating_witness_is_refused(name: str) -> None:
    cheat = CHEATS[name]
    plain, optimised = system("small", PLAIN), system("small")
    honest = honest_witness(cheat.account().inputs, plain)
    forgery = forge(plain, cheat.attacker.inputs, honest, cheat.lie(honest))
    assert forgery is not None, "other constraints already exclude it, so that it shows nothing about this family"
    assert forgery.refused_by(plain)
    assert forgery.refused_by(optimised)


@pytest.mark.parametrize("name", [name for name, cheat in CHEATS.items() if cheat.short_by])
def test_the_cheater_has_no_honest_way(name: str) -> None:
    assert not accepts(system("small"), CHEATS[name].attacker.inputs)


@pytest.mark.parametrize("name", CHEATS)
def test_admission_takes_the_programs_that_are_cheated_on(name: str) -> None:
    cheat = CHEATS[name]
    if cheat.admissible:
        admit(cheat.account().program)
    else:
        with pytest.raises(AdmissionRefused):
            admit(cheat.account().program)


@cache
def _wealthy(tier: Tier) -> Account:
    """Return an account with every row in loss (t lies low) and much more margin and radius than it needs."""
    rng = Random(f"{tier.name}/cheats")
    program = random_program(rng, tier, tail="worst", cover="none", fill=1.0, bits=12)
    account = best_account(program, [random_positions(rng, program, bits=10)])
    meaning = check_helper_values(program, account.positions, account.helpers)
    low = -max(map(abs, meaning.z)) - 1000
    helpers = replace(account.helpers, t=(low, low), r=account.helpers.r + (1 << 24))
    return replace(account, helpers=helpers, vault_balance=1 << 85)


@cache
def _honest(tier: Tier) -> Honest:
    return honest_witness(_wealthy(tier).inputs, system(tier.name, PLAIN))


def _assert_refused(tier: Tier, lie: Callable[[Honest], Lie]) -> None:
    honest = _honest(tier)
    forgery = forge(honest.system, _wealthy(tier).inputs, honest, lie(honest))
    assert forgery is not None, "other constraints already exclude it"
    assert forgery.refused_by(honest.system)
    assert forgery.refused_by(system(tier.name))


@pytest.mark.parametrize("tier", REAL, ids=lambda tier: tier.name)
@pytest.mark.parametrize("name", ON_REAL_TIERS)
def test_cheating_witness_is_refused_by_the_real_tiers(tier: Tier, name: str) -> None:
    _assert_refused(tier, CHEATS[name].lie)


@pytest.mark.parametrize("tier", REAL, ids=lambda tier: tier.name)
def test_a_short_position_cannot_be_called_long(tier: Tier) -> None:
    def lie(honest: Honest) -> Lie:
        place = next(i for i in range(1, tier.positions) if honest[f"x[0][{i}]"] < 0)
        bits = f"book.account[0].bits[{place}]"
        signals: dict[str, int | None] = {f"{bits}.out[{k}]": 0 for k in range(1, 47)}
        signals |= {f"{bits}.out[47]": 1, f"{bits}.out[0]": honest[f"x[0][{place}]"]}
        return Lie(signals, honest.boolean_row(f"{bits}.out[0]"))

    _assert_refused(tier, lie)


def test_the_blocks_of_a_long_commitment_are_chained() -> None:
    def lie(honest: Honest) -> Lie:
        chained = "opening[0].hash[1].in[0]"
        return Lie({"x[0][0]": honest["x[0][0]"] + 1, chained: honest[chained]})

    _assert_refused(PORTFOLIO, lie)


def test_group_levels_are_summed_in_the_portfolio_tier() -> None:
    def lie(honest: Honest) -> Lie:
        return Lie({"covers[0].out": honest["covers[0].out"] - 1})

    _assert_refused(PORTFOLIO, lie)


ON_WIDE_TIERS = tuple(
    name
    for name in ON_REAL_TIERS
    if name not in ("cell-sum", "scenario", "roll", "radius-sign", "price", "word-not-absorbed")
)


@pytest.mark.parametrize("name", ON_WIDE_TIERS)
def test_cheating_witness_is_refused_by_a_wide_tier(name: str) -> None:
    _assert_refused(WIDE, CHEATS[name].lie)


def _set(signal: str, change: int) -> Callable[[Honest], Lie]:
    return lambda honest: Lie({signal: honest[signal] + change})


def _gain_from_the_other_row(honest: Honest) -> Lie:
    """The high row gives up a little, and the low one's lowest bit becomes what that was worth in the sum."""
    pair = next(s for s in range(3) if honest[f"gain[0][{s}]"] > 0)
    bits = [f"pairs.bits[{pair}].out[{k}]" for k in range(2 * (ROW_BITS + 1))]
    given = next(k for k in range(PAIR_SHIFT, 2 * PAIR_SHIFT) if honest[bits[k]])
    signals = {bit: honest[bit] for bit in bits} | {bits[given]: 0, bits[0]: honest[bits[0]] + (1 << given)}
    return Lie(signals, honest.boolean_row(bits[0]))


def _bits_of_another_pair(honest: Honest) -> Lie:
    """The bits are those of two rows without a loss."""
    bits = [f"pairs.bits[1].out[{k}]" for k in range(2 * (ROW_BITS + 1))]
    return Lie({bit: int(k in (ROW_BITS, 2 * ROW_BITS + 1)) for k, bit in enumerate(bits)})


PAIR_LIES: dict[str, Callable[[Honest], Lie]] = {
    "product": _set("pairs.sum[0].product[1]", 4),
    "product-of-the-high-row": _set("pairs.sum[0].product[1]", 4 << PAIR_SHIFT),
    "sum": _set("pairs.sum[1].out", 4),
    "input": _set("pairs.bits[1].in", 1 << PAIR_SHIFT),
    "bits-of-another-pair": _bits_of_another_pair,
    "bit-beyond-one": _gain_from_the_other_row,
    "low-row": _set("pairs.gained[1]", 4),
    "high-row": _set("pairs.gained[4]", 4),
    "charges": _set("worth.out", 4),
    "row": _set("tail.z[2]", 4),
    "waiver": other_waiver,
}
"""Lies about the units that wide tiers have for themselves."""


@pytest.mark.parametrize("name", PAIR_LIES)
def test_lies_about_pairs_of_rows_are_refused(name: str) -> None:
    _assert_refused(WIDE, PAIR_LIES[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["product-of-the-high-row", "bits-of-another-pair", "high-row"])
def test_lies_about_pairs_of_rows_are_refused_by_the_tier_venue(name: str) -> None:
    _assert_refused(VENUE, PAIR_LIES[name])


@pytest.mark.parametrize("factor", range(GREEKS.factors))
def test_every_factor_of_the_ellipsoid_counts(factor: int) -> None:
    """A square that is left out makes the radius smaller than the risk."""

    def lie(honest: Honest) -> Lie:
        assert honest[f"ellipsoid.square[{factor}]"]
        return Lie({f"ellipsoid.square[{factor}]": 0})

    _assert_refused(GREEKS, lie)
