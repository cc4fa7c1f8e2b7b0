"""Every width of circuits/gadgets against the bounds of the layouts, by interval arithmetic.

Two questions for each range check. Complete: does every honest value fit, given the bounds of Tier.sections
(and the caps on offset and floor arrays that widths.circom states)? Sound: can the checked expression wrap,
given only what admission and the other range checks enforce? Values that admission and the checks allow are
below R/2 by far.
"""

from dataclasses import dataclass, replace
from math import isqrt

import pytest

from tests.circuits.harness import FLAT, PAIR, SMALL, WIDE, tree
from tests.circuits.widths import FLOOR_CAP, OFFSET_CAP, width_functions
from verifier.circuits import (
    CONSERVATION64,
    CONSERVATION128,
    VALUATION64,
    VALUATION128,
    ConservationLayout,
    PublicLayout,
    ValuationLayout,
)
from verifier.conservation import ACCRUAL_SCALE_BITS, AMOUNT_LIMIT, MAX_PARTS
from verifier.field import R
from verifier.tiers import GREEKS, GRID, PORTFOLIO, RATIO_BANDS, ROW_BITS, VAULT_BITS, Tier
from verifier.tiers import TIERS as PUBLISHED
from verifier.valuation import BPS

WIDTH = width_functions()
WIDE_CONSERVATION, WIDE_VALUATION = ConservationLayout(256, domain_log2=16), ValuationLayout(256, domain_log2=14)
CONSERVATIONS = (CONSERVATION64, CONSERVATION128, WIDE_CONSERVATION)
VALUATIONS = (VALUATION64, VALUATION128, WIDE_VALUATION)
DEEP = tuple(replace(tier, name=f"{tier.name}-2", accounts=2) for tier in (GRID, GREEKS, PORTFOLIO))
TIERS = (*PUBLISHED.values(), *DEEP, SMALL, PAIR, FLAT, WIDE)


@dataclass(frozen=True)
class Bounds:
    """Largest magnitudes of a tier's signals; `z` and `hinge` for honest helper values unless said."""

    tier: Tier

    def entry(self, name: str) -> int:
        """Return the largest magnitude of an array's entries; 0 where the tier has no such array."""
        for section in self.tier.sections:
            if section.name == name:
                return max(-section.low, section.high - 1)
        return 0

    @property
    def position(self) -> int:
        return self.tier.accounts << 47

    def group_sum(self, name: str) -> int:
        return self.tier.slots * self.entry(name) * self.position

    @property
    def y(self) -> int:
        return self.tier.groups * self.group_sum("risk_array") if self.tier.wide else self.group_sum("risk_array")

    @property
    def z_width(self) -> int:
        return WIDTH["wide_z_width"]() if self.tier.wide else WIDTH["z_width"](*self.size)

    @property
    def tail_width(self) -> int:
        return WIDTH["wide_tail_width"]() if self.tier.wide else WIDTH["tail_width"](*self.size)

    @property
    def size(self) -> tuple[int, int, int]:
        """What the widths of rows depend on."""
        return self.tier.accounts, self.tier.groups, _hinges(self.tier)

    @property
    def honest_level(self) -> int:
        """t_g: above each -(y + shift) and the group floor."""
        return max(self.y + self.entry("shift"), self.group_sum("group_floor"))

    def pnl(self, hinge: int) -> int:
        return (
            self.entry("gain") * self.y
            + self.entry("extra_loss") * hinge
            + self.entry("mark_weight") * self.group_sum("mark")
        )

    def z(self, *, hinge: int, offset: int, floor: int) -> int:
        scenario = offset + (1 if self.tier.wide else self.tier.groups) * self.pnl(hinge)
        sides = max(self.group_sum("up"), self.group_sum("down"))
        envelope = self.tier.groups * self.entry("envelope_weight") * sides
        return max(scenario, envelope, (2 + self.tier.nets) * self.floor_form(floor))

    def floor_form(self, floor: int) -> int:
        return self.tier.positions * floor * self.position

    @property
    def honest_z(self) -> int:
        return self.z(
            hinge=self.y + self.entry("shift"),
            offset=min(self.entry("offset"), OFFSET_CAP),
            floor=min(self.entry("floor_net"), FLOOR_CAP),
        )

    @property
    def widest_z(self) -> int:
        """Given only the hinge's range check and admission."""
        return self.z(
            hinge=1 << WIDTH["hinge_width"](),
            offset=self.entry("offset"),
            floor=max(self.entry(f"floor_{part}") for part in ("linear", "short", "net")),
        )

    @property
    def factor(self) -> int:
        return self.tier.positions * self.entry("loading") * self.position

    @property
    def largest_equity(self) -> int:
        return self.tier.positions * self.entry("equity") * self.position + (1 << VAULT_BITS)

    @property
    def roll_charge(self) -> int:
        total = self.tier.positions * self.entry("roll") * self.position
        return 2 * self.entry("roll_long") * total + self.entry("roll_net") * total


@pytest.fixture(params=TIERS, ids=lambda tier: tier.name)
def bounds(request: pytest.FixtureRequest) -> Bounds:
    return Bounds(request.param)


def _hinges(tier: Tier) -> int:
    return int(tier.hinges)


def test_positions(bounds: Bounds) -> None:
    accounts = bounds.tier.accounts
    assert WIDTH["position_bits"]() == 48
    assert bounds.position <= 1 << WIDTH["position_width"](accounts)
    assert 2 * bounds.position <= 1 << WIDTH["pair_width"](accounts)


def test_weighted_sums_of_a_group(bounds: Bounds) -> None:
    if bounds.tier.wide:
        assert bounds.y <= 1 << WIDTH["row_width"]()
        assert WIDTH["row_width"]() == ROW_BITS and 2 * (ROW_BITS + 1) <= 253
    for name in () if bounds.tier.wide else ("risk_array", "mark", "up", "down", "group_floor"):
        assert bounds.group_sum(name) <= 1 << WIDTH["y_width"]()
    assert bounds.tier.positions * bounds.entry("roll") * bounds.position <= 1 << WIDTH["y_width"]()


def test_group_levels_and_hinges(bounds: Bounds) -> None:
    if bounds.tier.wide:
        return
    assert bounds.honest_level < 1 << WIDTH["group_level_bits"]()
    widest_level = (1 << WIDTH["group_level_bits"]()) - 1
    assert bounds.y + bounds.entry("shift") + widest_level < 1 << WIDTH["hinge_width"]()
    assert max(widest_level, bounds.group_sum("group_floor")) <= 1 << WIDTH["group_floor_width"]()


def test_skew_rows(bounds: Bounds) -> None:
    assert bounds.tier.wide or bounds.pnl(1 << WIDTH["hinge_width"]()) < 1 << WIDTH["pnl_width"]()


def test_rows_and_tails(bounds: Bounds) -> None:
    tier = bounds.tier
    accounts = tier.accounts
    assert bounds.honest_z < 1 << bounds.z_width
    assert 2 * bounds.honest_z < 1 << bounds.tail_width
    floor = bounds.floor_form(min(bounds.entry("floor_net"), FLOOR_CAP))
    assert floor <= 1 << WIDTH["floor_net_width"](accounts, bounds.tier.positions)
    section = next(section for section in bounds.tier.sections if section.name == "waivers")
    assert section.high <= 1 << WIDTH["waiver_bits"]() and bounds.tier.scenarios < section.high


def test_radius(bounds: Bounds) -> None:
    squares = bounds.tier.factors * bounds.factor**2
    radius = isqrt(squares) + 1
    assert radius < 1 << WIDTH["radius_bits"]()
    # the honest r is the smallest: (r - 1)^2 < squares, so r^2 - squares < 2 r
    assert 2 * radius <= 1 << WIDTH["radius_gap_bits"]()
    widest = (1 << WIDTH["radius_bits"]()) ** 2
    assert max(widest, squares) + (1 << WIDTH["radius_gap_bits"]()) < R // 2


def test_claim(bounds: Bounds) -> None:
    size = bounds.tier.accounts, bounds.tier.positions
    scaled = bounds.entry("unit") * bounds.largest_equity
    # a true claim: min(ratio) * Requirement <= 10^4 * unit * Equity
    assert min(RATIO_BANDS) == 10_000
    assert scaled < 1 << WIDTH["requirement_bits"](*size)
    assert 10_000 * scaled < 1 << WIDTH["claim_bits"](*size)


def test_no_sum_wraps_the_field(bounds: Bounds) -> None:
    """The largest value of each expression under admission and the range checks alone, far below R/2."""
    tier = bounds.tier
    accounts = tier.accounts
    tail = 1 << bounds.tail_width
    level = tail + bounds.widest_z
    weights, tau = bounds.entry("weight"), bounds.entry("tau")
    tails = 2 * tau * level + tier.tail_rows * weights * tail
    groups = bounds.entry("unit") * tier.groups * (1 << WIDTH["group_level_bits"]())
    radius = bounds.entry("factor_multiplier") * (1 << WIDTH["radius_bits"]())
    requirement = tails + groups + bounds.roll_charge + radius + bounds.entry("constant")
    price = bounds.entry("equity") + bounds.entry("short_charge") + bounds.entry("naked_charge")
    equity = tier.positions * price * bounds.position + (1 << VAULT_BITS)
    owed = max(RATIO_BANDS) * (1 << WIDTH["requirement_bits"](accounts, tier.positions))
    assert level < 1 << 139, "Tail says so"
    assert requirement < 1 << 179, "Claim says so"
    assert equity < 1 << 110, "Claim says so"
    assert bounds.widest_z < 1 << 138, "Tail says so"
    uncovered = (tier.scenarios + 1) << WIDTH["hinge_width"]()
    net = bounds.floor_form(bounds.entry("floor_net"))
    largest = max(
        requirement,
        10_000 * bounds.entry("unit") * equity + owed,
        bounds.widest_z + level + tail,
        uncovered,
        net + (1 << WIDTH["floor_net_width"](accounts, tier.positions)),
    )
    assert largest < 1 << 200 < R // 2


def test_words_are_canonical() -> None:
    assert 5 * WIDTH["position_bits"]() < R.bit_length() - 1


def test_no_decomposition_is_wide_enough_for_an_alias(bounds: Bounds) -> None:
    size = bounds.tier.accounts, bounds.tier.positions
    arguments: dict[str, tuple[int, ...]] = {
        "floor_net_width": size,
        "requirement_bits": size,
        "claim_bits": size,
    }
    arguments |= dict.fromkeys(
        ("z_width", "tail_width"), (bounds.tier.accounts, bounds.tier.groups, _hinges(bounds.tier))
    )
    arguments |= dict.fromkeys(("position_width", "pair_width"), size[:1])
    arguments |= dict.fromkeys(("value_width", "band_bits"), size[1:])
    widest = max(function(*arguments.get(name, ())) for name, function in WIDTH.items())
    assert 1 << (widest + 1) < R // 2


def _entry(layout: PublicLayout, name: str) -> int:
    """Return the largest magnitude of an array's entries."""
    section = next(section for section in layout.sections if section.name == name)
    return max(-section.low, section.high - 1)


@pytest.mark.parametrize("layout", CONSERVATIONS, ids=lambda layout: layout.name)
def test_accruals(layout: ConservationLayout) -> None:
    position, half = 1 << 47, 1 << (WIDTH["accrued_bits"]() - 1)
    scale = 1 << WIDTH["accrual_scale_bits"]()
    assert scale == 1 << ACCRUAL_SCALE_BITS
    # complete: accrued = x' - keep x - sign y - amount at the cash place, three positions and an amount
    lowest = -position - (position - 1) - position - (AMOUNT_LIMIT - 1)
    highest = (position - 1) + position + position + (AMOUNT_LIMIT - 1)
    assert -half <= lowest and highest < half
    # sound: the sum less 2^32 * accrued is the integer that it is
    total = layout.places * _entry(layout, "accrual") * position
    assert total + scale * half < 1 << 119 < R // 2


@pytest.mark.parametrize("layout", CONSERVATIONS, ids=lambda layout: layout.name)
def test_new_positions_and_parts(layout: ConservationLayout) -> None:
    position, half = 1 << 47, 1 << (WIDTH["accrued_bits"]() - 1)
    assert _entry(layout, "keep") == _entry(layout, "cash") == 1
    largest = position + position + (AMOUNT_LIMIT - 1) + half
    assert largest + position < 1 << 50 < R // 2
    # complete: what is left is in 0..n-1, and so is n - 1 less that; sound: x - n y is the integer that it is
    assert 1 << WIDTH["part_bits"]() >= MAX_PARTS
    assert position + MAX_PARTS * position < 1 << 50 < R // 2


@pytest.mark.parametrize("layout", VALUATIONS, ids=lambda layout: layout.name)
def test_values_and_bands(layout: ValuationLayout) -> None:
    gross = layout.places * _entry(layout, "mark") << 47
    assert _entry(layout, "mark") << 47 < 1 << 86, "Band says so"
    assert gross <= 1 << WIDTH["value_width"](layout.places)
    assert BPS * gross < 1 << WIDTH["band_bits"](layout.places)
    # sound: band_bps * gross - 10^4 |V|, whatever the signs of the sizes
    assert 2 * BPS * gross < 1 << 115 < R // 2


@pytest.mark.parametrize("layout", (WIDE_CONSERVATION, WIDE_VALUATION), ids=lambda layout: layout.name)
def test_templates_take_no_more_places_than_are_bounded_here(layout: PublicLayout) -> None:
    name = layout.name.rstrip("0123456789")
    assert "assert(N <= 256);" in (tree() / "circuits" / f"{name}.circom").read_text()


def test_sections_are_within_the_caps_of_the_rows() -> None:
    """Offsets and floor arrays beyond the caps are refused as a width, not proven wrongly."""
    for tier in PUBLISHED.values():
        bounds = Bounds(tier)
        for name, cap in (("offset", OFFSET_CAP), ("floor_net", FLOOR_CAP)):
            if bounds.entry(name) > cap:
                pytest.xfail(f"{tier.name}: {name} may exceed what a row holds; Tier.sections is to be narrowed")
