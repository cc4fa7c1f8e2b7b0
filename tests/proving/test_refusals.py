"""A claim that the circuit refuses is refused by the name of its rule, for every circuit and every rule of it."""

import re
from collections.abc import Mapping
from functools import cache
from random import Random

import pytest

from prover import _core, artefacts
from prover.artefacts import Artefacts
from prover.books import conservation_inputs, valuation_inputs
from prover.native import scalars
from prover.refusals import RULES, named, proved, refusal
from tests.books import random_case as random_update
from tests.books import random_listing
from tests.circuits.harness import best_account
from tests.proving.test_proving import met_case
from verifier.books import BookOpening
from verifier.circuits import CIRCUITS, CLEARING, ConservationLayout, PublicLayout
from verifier.errors import ClaimFalse, WitnessRefused
from verifier.field import R
from verifier.tiers import TIERS, Tier
from verifier.valuation import Marks, reveal, within_band

POSITION_END = 1 << 47
Change = Mapping[str, int]


@cache
def kit_of(layout: PublicLayout) -> Artefacts[PublicLayout]:
    return artefacts.load(layout)


@cache
def plan_of(layout: PublicLayout) -> _core.WitnessPlan:
    return kit_of(layout).witness_plan()


@cache
def places_of(layout: PublicLayout) -> dict[str, int]:
    """Return the place of each input of a circuit by its name."""
    kit = kit_of(layout)
    return kit.circuit().sym_inputs(kit.data(f"{layout.name}.sym").decode())


def refused(layout: PublicLayout, inputs: list[int], change: Change) -> WitnessRefused:
    """Return what is said of inputs in which some are changed."""
    values = list(inputs)
    for name, value in change.items():
        values[places_of(layout)[name]] = value % R
    kit = kit_of(layout)
    assert plan_of(layout).violations(scalars(inputs)) == []
    assert plan_of(layout).violations(scalars(values)) != [], f"{change} is no false claim"
    error = refusal(kit, scalars(values))
    said = str(error)
    assert isinstance(error, ClaimFalse)
    assert "constraint" not in said
    # Places, groups and powers of two are small; a quantity is not.
    assert all(int(number) < 1000 for number in re.findall(r"\d+", said.replace(layout.name, "")))
    return error


@cache
def margin_inputs(tier: Tier) -> tuple[int, ...]:
    """The inputs of a book whose margin is met to the last unit, cash the vault's."""
    case = met_case(tier)
    book = best_account(case.program, [case.positions], case.ratio_bps, case.vault_balance)
    return tuple(book.with_exact_vault().inputs)


def margin_lies(tier: Tier) -> list[tuple[str, Change]]:
    """Return each rule of a margin circuit with inputs that break it; `inputs` are those of `margin_inputs`."""
    inputs, places = margin_inputs(tier), places_of(tier)

    def now(name: str) -> int:
        return inputs[places[name]]

    used = int(now("member[0]"))
    lies: list[tuple[str, Change]] = [
        ("margin", {"vault_balance": now("vault_balance") - 1}),
        ("margin", {"ratio_bps": 20_001}),
        ("margin", {"constant": now("constant") + now("unit")}),
        ("position-range", {"x[0][1]": POSITION_END}),
        ("position-range", {"x[0][2]": -POSITION_END - 1}),
        ("commitment", {"x[0][1]": now("x[0][1]") + 1}),
        ("commitment", {"salt[0]": now("salt[0]") + 1}),
        ("commitment", {"commitment[0]": 1}),
        ("commitment", {"listing_hash": now("listing_hash") + 1}),
        ("t-range", {f"t[{used}]": 1 << 150}),
        ("t-range", {f"t[{used}]": -(1 << 150)}),
        ("waived-row", {"waived[0]": 1, "waivable[0]": 0}),
        ("waived-bit", {"waived[0]": 2, "waivable[0]": 1, "waivers[0]": 9, "waivers[1]": 9}),
        ("waived-count", {"waived[0]": 1, "waivable[0]": 1, "waivers[0]": 0, "waivers[1]": 0}),
        ("requirement-negative", {"constant": -(1 << 160)}),
    ]
    if tier.factors:
        lies += [("ellipsoid", {"r": 0}), ("r-range", {"r": -now("r")}), ("r-range", {"r": 1 << 92})]
    if tier.wide:
        group, slot = divmod(next(place for place in range(tier.positions) if now(f"x[0][{place}]")), tier.slots)
        lies.append(("program-range", {f"risk_array[{group}][0][{slot}]": 1 << 220}))
    if tier.hinges:
        group = next(g for g in range(tier.groups) if now(f"t_g[{g}]"))
        lies += [
            ("t-g-range", {"t_g[0]": 1 << 93}),
            ("t-g-range", {"t_g[0]": -1}),
            ("t-g-free", {"free[0]": 0, "t_g[0]": 1 + now("t_g[0]")}),
            ("cover", {f"t_g[{group}]": 0}),
            ("cover", {f"t_g[{group}]": 0, f"pickable[{group}]": 1}),
            ("pick-group", {"pick[0]": 1, "pickable[0]": 0}),
            ("program-range", {"shift[0][0]": 1 << 120, "gain[0][0]": 0}),
        ]
    return lies


@pytest.mark.slow
@pytest.mark.parametrize("tier", TIERS.values(), ids=list(TIERS))
def test_every_rule_of_a_tier_is_named(tier: Tier) -> None:
    for rule, change in margin_lies(tier):
        assert refused(tier, list(margin_inputs(tier)), change).rule == rule, change


@cache
def update_inputs(layout: ConservationLayout, *, tranche: bool) -> tuple[int, ...]:
    seed = 0
    while True:
        case = random_update(Random(seed), layout.places)
        seed += 1
        books = (case.old, case.traded, case.new)
        wanted = bool(case.terms.parts) is tranche and all(book.salt is not None for book in books)
        if wanted and any(case.old.positions) and any(case.traded.positions) and case.new.salt:
            return tuple(conservation_inputs(case.span, case.terms, *books, 77))


@pytest.mark.parametrize("layout", [x for x in CLEARING.values() if isinstance(x, ConservationLayout)], ids=str)
def test_every_rule_of_conservation_is_named(layout: ConservationLayout) -> None:
    inputs = list(update_inputs(layout, tranche=False))
    places = places_of(layout)
    held = next(i for i in range(layout.places) if inputs[places[f"x[{i}]"]] and not inputs[places[f"cash[{i}]"]])
    lies: list[tuple[str, Change]] = [
        ("position-range", {f"x[{held}]": POSITION_END}),
        ("position-range", {f"y[{held}]": -POSITION_END - 1}),
        ("commitment", {"amount": 1 << 60}),
        ("commitment", {"old": 1}),
        ("commitment", {"traded": 1}),
        ("commitment", {"new": 1}),
        ("commitment", {"salt_old": 1}),
        ("commitment", {"salt_new": 1}),
        ("commitment", {f"y[{held}]": inputs[places[f"y[{held}]"]] + 1}),
        ("accrued", {"accrued": inputs[places["accrued"]] + 1}),
        ("accrued", {"accrued": 1 << 49}),
        ("zero-book", {"zero_old": 1}),
        ("zero-book", {"zero_traded": 1}),
        ("next-salt", {"next_salt": 1, "salt_new": inputs[places["salt_old"]] + 2}),
        ("tranche", {"parts": 3}),
    ]
    for rule, change in lies:
        assert refused(layout, inputs, change).rule == rule, change
    part = list(update_inputs(layout, tranche=True))
    held = next(i for i in range(layout.places) if part[places[f"x[{i}]"]])
    assert refused(layout, part, {f"y[{held}]": part[places[f"y[{held}]"]] + 5}).rule == "tranche"


@pytest.mark.parametrize("layout", [x for x in CLEARING.values() if not isinstance(x, ConservationLayout)], ids=str)
def test_every_rule_of_valuation_is_named(layout: PublicLayout) -> None:
    count = layout.public_count - 6
    marks = Marks(random_listing(Random(1), count), (3,) * count)
    book = BookOpening((5, -5, 2, *(0 for _ in range(count - 3))), 9)
    shown = valuation_inputs(marks, book, reveal(marks, book), 77)
    hidden = valuation_inputs(marks, book, within_band(marks, book, 2000), 77)
    lies: list[tuple[str, list[int], Change]] = [
        ("position-range", shown, {"x[4]": POSITION_END}),
        ("commitment", shown, {"commitment": 1}),
        ("commitment", shown, {"salt": 1}),
        ("commitment", shown, {"x[0]": 4}),
        ("value", shown, {"value": 7}),
        ("value", hidden, {"value": 1}),
        ("size", shown, {"size[0]": 14}),
        ("size", hidden, {"size[3]": 1}),
        ("band", hidden, {"band_bps": 1}),
        ("band", hidden, {"size[0]": -15}),
    ]
    for rule, inputs, change in lies:
        assert refused(layout, inputs, change).rule == rule, change


def test_every_rule_is_tested() -> None:
    tested = {rule for rule, _ in margin_lies(TIERS["portfolio"])}
    tested |= {"new-position", "accrued", "zero-book", "next-salt", "tranche", "value", "size", "band"}
    assert {rule.name for rule in RULES} == tested


@pytest.mark.slow
@pytest.mark.parametrize("layout", CIRCUITS.values(), ids=list(CIRCUITS))
def test_each_constraint_that_can_refuse_belongs_to_a_rule(layout: PublicLayout) -> None:
    """Inputs that are all wrong violate very many constraints: each has a rule."""
    kit, rng = kit_of(layout), Random(layout.name)
    plan = kit.witness_plan()
    for _ in range(3):
        error = refusal(kit, scalars([rng.randrange(R) for _ in range(plan.n_inputs)]))
        assert error.rule != "unknown"


def test_the_prover_names_the_rule() -> None:
    inputs = list(margin_inputs(TIERS["grid"]))
    inputs[places_of(TIERS["grid"])["vault_balance"]] -= 1
    kit = artefacts.load(TIERS["grid"])
    with pytest.raises(WitnessRefused, match="the circuit grid refuses this claim: margin is not met") as caught:
        proved(kit, scalars(inputs), None)
    assert (caught.value.rule, caught.value.exit_code) == ("margin", 1)


def test_a_new_position_out_of_range_is_named_where_nothing_else_is_wrong() -> None:
    error = named([["kept[3]", "after.places.bits[3].out[1]", "after.places.negative[3]"]], "conservation64")
    assert error.rule == "new-position"
    assert "place 3" in str(error)


def test_a_constraint_without_a_rule_is_a_sentence_too() -> None:
    assert named([["elsewhere"], []], "grid").rule == "unknown"
    assert "zkmargin" not in str(named([], "grid"))
