"""Admission of ranges: without them a coefficient wraps the field, or turns a charge into a gift."""

from dataclasses import replace
from random import Random

import pytest

from tests.builders import TINY, random_program
from tests.verifier.sound import bare, lots
from verifier.admission import admit, allowed_bands, check_live
from verifier.admission.bounds import bound_rule, section_range
from verifier.errors import AdmissionRefused
from verifier.field import R, from_field
from verifier.meaning import evaluate
from verifier.program import MarginProgram
from verifier.tiers import GRID, PORTFOLIO, TIERS, Section

SECTIONS = [section for section in TINY.sections if section.name != "listing_hash"]
HOPELESS = lots(USD=1, PERP=-(10**6))


def refused(program: MarginProgram, rule: str) -> None:
    with pytest.raises(AdmissionRefused) as caught:
        admit(program)
    assert caught.value.rule == rule


def with_first_entry(program: MarginProgram, section: Section, value: int) -> MarginProgram:
    """Return the program with one entry of one array replaced, whatever its value."""

    def put(array: object) -> object:
        return (put(array[0]), *array[1:]) if isinstance(array, tuple) else value

    return replace(program, **{section.name: put(getattr(program, section.name))})


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_entry_just_outside_its_range_is_refused_by_name(section: Section):
    program = random_program(Random(1), TINY, tail="worst", cover="none", fill=1)
    allowed = section_range(section)
    for value in (allowed.start - 1, allowed.stop):
        refused(with_first_entry(program, section, value), bound_rule(section.name))
    for value in (allowed.start, allowed.stop - 1):
        try:
            admit(with_first_entry(program, section, value))
        except AdmissionRefused as error:
            assert error.rule != bound_rule(section.name)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_bound_stops_the_inverse_that_shrinks_a_loss_in_the_field(section: Section):
    """A coefficient 1/k mod R makes an astronomic loss a loss of one in the circuit."""
    lots_held = 10**6
    inverse = from_field(pow(lots_held, -1, R))
    assert from_field(inverse * lots_held % R) == 1
    assert abs(inverse * lots_held) > R
    assert inverse not in section_range(section) or section.name == "blind"  # blind multiplies nothing


@pytest.mark.parametrize("tier", TIERS.values(), ids=lambda tier: tier.name)
def test_no_product_of_admitted_entries_and_positions_reaches_half_the_field(tier):
    """The widest sums of the statement, from the sections' own ranges.

    The circuits' widths are tested beside them.
    """
    top = {section.name: max(abs(section.low), section.high - 1) for section in tier.sections}
    lots_max, n = 1 << 47, tier.positions
    y = top["risk_array"] * lots_max * (n if tier.wide else tier.slots)
    assert y <= 1 << (97 if tier.wide else 92)
    hinge = y + top.get("shift", 0) + (1 << 93)
    assert tier.wide or hinge < 1 << 94
    mark = top["mark"] * lots_max * tier.slots
    pnl = top["gain"] * y + top.get("extra_loss", 0) * hinge + top.get("mark_weight", 0) * mark
    assert pnl < 1 << (131 if tier.wide else 129)
    z = max(
        top["offset"] + (1 if tier.wide else tier.groups) * pnl,
        n * lots_max * (top["floor_linear"] + top["floor_short"] + tier.nets * top["floor_net"]),
        tier.groups * top.get("envelope_weight", 0) * mark,
    )
    assert z < 1 << 137
    assert 2 * (tier.factors * (top.get("loading", 0) * lots_max * n) ** 2) < 1 << 185
    roll_sum = top.get("roll", 0) * lots_max * n
    assert roll_sum < 1 << 92
    requirement = (
        2 * top["tau"] * (1 << 137)
        + tier.tail_rows * top["weight"] * (1 << 138)
        + top["unit"] * tier.groups * (1 << 93)
        + roll_sum * (top.get("roll_long", 0) + top.get("roll_net", 0))
        + top.get("factor_multiplier", 0) * (1 << 92)
        + top["constant"]
    )
    equity = n * lots_max * (top["equity"] + top["short_charge"] + top.get("naked_charge", 0)) + (1 << 90)
    assert 20_000 * requirement + 10_000 * top["unit"] * equity < 1 << 200 < R // 2


@pytest.mark.parametrize(
    ("rule", "arrays"),
    [
        ("extra-loss-sign", {"extra_loss": ((0,) * 5, (-2, 0, 0, 0, 0)), "weight": (1, 0, 0, 0, 0, 0, 1)}),
        ("constant-bound", {"constant": -(10**9)}),
        ("roll-short-bound", {"roll": (0, 0, 0, 0, 1, 0, 0, 0), "roll_short": (0, -1000)}),
        ("factor-multiplier-bound", {"loading": ((0, 0, 0, 0, 1, 0, 0, 0),) * 2, "factor_multiplier": -1000}),
        (
            "envelope-weight-bound",
            {"envelope_weight": (0, -1), "down": (0, 0, 0, 0, 1, 0, 0, 0), "weight": (0,) * 5 + (1, 0)},
        ),
        ("short-charge-bound", {"short_charge": (0, 20, 0, 0, -1000, 0, 0, 0)}),
        ("naked-charge-bound", {"naked_charge": (0, 0, -1000, 0)}),
        ("weight-bound", {"weight": (-1, 0, 0, 0, 0, 0, 1)}),
        ("tau-bound", {"tau": (-1, 0), "weight": (-1, 0, 0, 0, 0, 0, 0)}),
        ("unit-bound", {"unit": 0, "weight": (0, 1, 0, 0, 0, 0, 1), "equity": (-1, 90, 10, 10, 0, 0, 0, 0)}),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_sign_that_no_unit_may_have_lets_the_hopeless_account_through(rule: str, arrays: dict):
    program = bare(**arrays)
    refused(program, rule)
    assert evaluate(program, HOPELESS).surplus >= 0
    assert not evaluate(bare(), HOPELESS).margin_met


def test_a_negative_group_floor_is_refused():
    refused(bare(group_floor=(0, 0, 0, 0, -1, 0, 0, 0), cover=(0, 1), free=(0, 1)), "group-floor-bound")


@pytest.mark.parametrize("name", ["member", "waivable", "cover", "free"])
def test_a_switch_is_zero_or_one(name: str):
    section = next(section for section in SECTIONS if section.name == name)
    refused(with_first_entry(bare(), section, 2), bound_rule(name))


def test_a_waivable_of_two_would_waive_a_row_against_its_sign():
    """waived*(1-waivable) = 0 lets waived be 1 for waivable 1 only; any other value but 0 is a typo."""
    refused(bare(waivable=(2, 0, 0, 0, 0)), "waivable-bound")


def test_array_shape_stops_a_missing_entry_that_shifts_all_later_signals():
    program = bare()
    short = replace(program, equity=program.equity[1:])
    refused(short, "array-shape")
    assert short.prepared_values()[-100:] == program.prepared_values()[-100:]
    assert len(short.prepared_values()) == len(program.prepared_values()) - 1


class TestLive:
    """Live inputs that no proof may name."""

    PROGRAM = random_program(Random(2), GRID)

    def live_refused(self, rule: str, program: MarginProgram | None = None, **change: object) -> None:
        live = {"ratio_bps": 10_000, "vault_balance": 0, "commitments": (5,), "context": 7} | change
        with pytest.raises(AdmissionRefused) as caught:
            check_live(program or self.PROGRAM, **live)  # type: ignore[arg-type]
        assert caught.value.rule == rule

    def test_usual_inputs_are_taken(self):
        for band in allowed_bands(self.PROGRAM):
            check_live(self.PROGRAM, band, (1 << 90) - 1, (R - 1,), 0)

    def test_a_ratio_between_the_bands_would_bisect_the_margin(self):
        self.live_refused("ratio-band", ratio_bps=10_001)

    def test_a_ratio_above_one_is_no_claim_about_isolated_rows(self):
        isolated = random_program(Random(2), PORTFOLIO, cover="isolated")
        self.live_refused("ratio-band", isolated, ratio_bps=12_500)

    @pytest.mark.parametrize("vault", [-1, 1 << 90, R - 1])
    def test_a_vault_balance_out_of_range_would_wrap_equity(self, vault: int):
        self.live_refused("vault-balance-bound", vault_balance=vault)

    def test_signals_at_or_above_the_order_have_a_twin(self):
        self.live_refused("live-field", context=R)
        self.live_refused("live-field", commitments=(R + 5,))

    def test_a_commitment_too_many_is_refused(self):
        self.live_refused("commitment-count", commitments=(5, 6))

    def test_one_book_does_not_count_twice(self):
        pair = random_program(Random(2), replace(TINY, accounts=2))
        self.live_refused("commitment-repeated", pair, commitments=(5, 5))
