"""The model: parameters, four opinions on random books, the largest legs, and more factors than a tier holds."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prover import _core, artefacts
from prover.compile import Layout, choose_tier, compile_program, round_draft
from prover.explain import report
from prover.models.base import TierTooSmall
from prover.models.draft import Draft
from prover.models.evaluate import evaluate_draft
from prover.models.greeks import GreeksMargin
from prover.portfolio import Portfolio
from prover.vectors import circuit_verdicts
from tests.prover.greeks.documents import MANY, document, many_points, model, one_factor_each, wide_market
from tests.prover.market_files import real_snapshot
from tests.prover.test_venue_edges import agree
from tests.prover.test_venues import LEG
from tests.prover.venues import VENUES, judge
from verifier.admission import admit
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import GREEKS, GRID, PORTFOLIO, Tier

NAMES = VENUES["greeks"].names
MONEY = Fraction(1, 10**12)

# ---- parameters ----


@pytest.mark.parametrize("field", sorted(document()))
def test_a_missing_field_is_an_error_that_names_it(field: str) -> None:
    made = document()
    del made[field]
    with pytest.raises(BadInput, match=f"rules.json: field {field}: field required"):
        GreeksMargin.load(made, "rules.json")


NO_MATRIX = [["1", "1", "1"], ["1", "1", "0.9"], ["1", "0.9", "1"]]
THREE = dict.fromkeys(("AA", "BB", "CC"), "1")
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("it names other underlyings", {"drift": {"BTC": "0"}}),
    ("a matrix of 6 x 6 is needed", {"correlation": [["1"]]}),
    ("not symmetric with ones", {"correlation": [["1", "0.5"], ["0.4", "1"]], "volatility_points": []}),
    ("not positive semidefinite", {
      "prices": THREE, "drift": THREE, "volatility_points": [], "stress": [], "correlation": NO_MATRIX}),
    ("sol has no price factor", {"volatility_points": [{"underlying": "SOL", "days": "30", "volatility": "1"}]}),
    ("sol has no price factor", {"stress": [{"price": {"SOL": "-0.5"}, "volatility": {}, "share": "1"}]}),
    ("above initial_factor", {"maintenance_factor": "1.3"}),
    ("greater than 0.5", {"measure": {"kind": "value-at-risk", "confidence": "0.5"}}),
    ("input tag 'var'", {"measure": {"kind": "var", "confidence": "0.99"}}),
    ("greater than or equal to -1", {"stress": [{"price": {"BTC": "-1.1"}, "volatility": {}, "share": "1"}]}),
    ("at most 7", {"stress": [{"price": {}, "volatility": {}, "share": "1"}] * 8}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "changes"), WRONG)
def test_wrong_parameters_are_refused_in_a_sentence(words: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=words):
        model(**changes)


# ---- tiers ----


def test_the_example_needs_eight_factors_and_takes_the_tier_greeks() -> None:
    assert model().factor_count == 8
    assert choose_tier(model(), NAMES).tier is GREEKS


def test_one_coin_fits_the_grid_tier() -> None:
    rules = one_factor_each("0.7", gamma=True)
    assert rules.factor_count == 4
    assert choose_tier(rules, NAMES).tier is GRID


def test_perfectly_correlated_factors_need_one() -> None:
    assert one_factor_each("1", gamma=False).factor_count == 1
    assert one_factor_each("-1", gamma=True).factor_count == 2


def test_what_does_not_fit_is_said() -> None:
    many = [f"BTC-27MAR26-{strike}-C" for strike in range(1000, 65_001, 1000)]
    with pytest.raises(TierTooSmall, match="67 instruments do not fit tier greeks, which has 64 places"):
        model().listing([*many, "BTC-PERPETUAL"], GREEKS)
    with pytest.raises(TierTooSmall, match="8 factors do not fit tier portfolio"):
        model().listing(NAMES, PORTFOLIO)
    with pytest.raises(BadInput, match="SOL-PERPETUAL: the model has no price factor of SOL"):
        model().listing(["SOL-PERPETUAL"], GREEKS)
    with pytest.raises(BadInput, match="USDC is no collateral of this model"):
        model().listing(["USDC"], GREEKS)


# ---- random models and books ----

shares = st.integers(0, 100).map(lambda n: str(n / 100))


@st.composite
def models(draw: st.DrawFn) -> GreeksMargin:
    """Return a model with random covariance, measure, mean and stress rows."""
    points = draw(st.integers(0, 5))
    rng = Random(draw(st.integers(0, 2**32)))
    count = 2 + 2 * points
    rank = draw(st.integers(1, count))
    root = np.array([[rng.gauss(0, 1) for _ in range(rank)] for _ in range(count)])
    size = np.linalg.norm(root, axis=1) + 1e-3
    rows = (root / size[:, None]) @ (root / size[:, None]).T * 0.999
    correlation = [["1" if j == k else f"{rows[j, k]:.4f}" for k in range(count)] for j in range(count)]
    measure = draw(
        st.sampled_from(
            [
                {"kind": "value-at-risk", "confidence": "0.95"},
                {"kind": "expected-shortfall", "confidence": "0.999"},
                {"kind": "spectral", "risk_aversion": "40"},
            ]
        )
    )

    def moves(low: float, high: float) -> dict[str, str]:
        return {coin: f"{rng.uniform(low, high):.3f}" for coin in ("BTC", "ETH") if rng.random() < 0.8}

    stress = [
        {"price": moves(-1, 1), "volatility": moves(-1, 2), "share": draw(shares)}
        for _ in range(draw(st.integers(0, 7)))
    ]
    return model(
        prices={coin: f"{rng.uniform(0, 2):.4f}" for coin in ("BTC", "ETH")},
        volatility_points=[
            {"underlying": coin, "days": str(20 * k + 7), "volatility": f"{rng.uniform(0, 2):.3f}"}
            for coin in ("BTC", "ETH")
            for k in range(points)
        ],
        correlation=correlation,
        gamma=draw(st.booleans()),
        measure=measure,
        horizon_days=draw(st.sampled_from(["0.25", "1", "10"])),
        mean=draw(st.sampled_from(["ignored", "losses", "counted"])),
        drift={coin: f"{rng.uniform(-3, 3):.3f}" for coin in ("BTC", "ETH")},
        stress=stress,
        initial_factor=draw(st.sampled_from(["1", "1.3", "2.123456789"])),
    )


def random_books(rng: Random, names: tuple[str, ...] = NAMES) -> list[dict[str, int]]:
    """Return books from one lot to the circuit's range; some of legs that nearly cancel."""
    out: list[dict[str, int]] = [{}, {"USD": -1}, {"BTC": 1}, {"ETH": -1}]
    for bits in (1, 20, 30, 47):
        out.append({name: rng.randint(-(1 << bits), (1 << bits) - 1) for name in names if rng.random() < 0.7})
    return [*out, {name: rng.choice([LEG, -LEG]) for name in names if name != "USD"}]


def holdings(book: dict[str, int]) -> dict[str, Fraction]:
    return {name: Fraction(lots, 10**6) for name, lots in book.items()}


@cache
def plan(tier: Tier) -> _core.WitnessPlan:
    return artefacts.load(tier).witness_plan()


def compare(rules: GreeksMargin, book: dict[str, int], ratio: int, slack: Fraction) -> tuple[int, ...]:
    """Hold floats and integers against exact arithmetic; return the positions."""
    market, layout = real_snapshot(), choose_tier(rules, NAMES, GREEKS)
    program = compile_program(rules, market, layout, Purpose.INITIAL)
    lots = tuple(book.get(slot.instrument, 0) if slot else 0 for slot in layout.listing.places)
    exact = rules.figures(market, holdings(book), Purpose.INITIAL)
    size = max(abs(exact.equity), exact.requirement, Fraction(1))
    due = Fraction(ratio, 10_000) * exact.requirement
    meaning = evaluate(program, lots, ratio_bps=ratio)
    gap = exact.equity - due - Fraction(meaning.surplus, 10_000 * program.unit) * MONEY
    assert 0 <= gap <= slack * size
    draft = rules.draft(market, layout.listing, layout.tier, Purpose.INITIAL)
    if not draft.loading_gap.any():
        fast = evaluate_draft(draft, layout.tier, [float(x) for x in lots])
        assert abs(max(fast.requirement, 0.0) * 1e-12 - float(exact.requirement)) <= 1e-8 * float(size)
    return lots


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models(), st.integers(0, 2**32), st.sampled_from([10_000, 20_000]))
def test_floats_and_integers_keep_to_exact_arithmetic(rules: GreeksMargin, seed: int, ratio: int) -> None:
    for book in random_books(Random(seed)):
        compare(rules, book, ratio, Fraction(1, 10**5))


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models(), st.integers(0, 2**32))
def test_the_circuit_accepts_at_the_margin_and_refuses_one_unit_below(rules: GreeksMargin, seed: int) -> None:
    layout = choose_tier(rules, NAMES, GREEKS)
    program = compile_program(rules, real_snapshot(), layout, Purpose.INITIAL)
    rng = Random(seed)
    book = {name: rng.randint(-(1 << 24), 1 << 24) for name in NAMES}
    lots = tuple(book.get(slot.instrument, 0) if slot else 0 for slot in layout.listing.places)
    assert circuit_verdicts(program, list(lots), plan(layout.tier)) == (True, True)


# ---- rounding ----


def pairs() -> list[dict[str, int]]:
    """Return the largest legs of one and of two instruments."""
    names = [name for name in NAMES if name != "USD"]
    out = [{name: lots} for name in names for lots in (1, -1, LEG, -LEG)]
    return out + [{a: x, b: y} for a, b in combinations(names, 2) for x in (LEG, -LEG) for y in (LEG, -LEG)]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_largest_pairs_gain_without_the_charge_and_never_with_it(purpose: Purpose) -> None:
    gains = {
        charge: max(case.integer_headroom(book, 20_000) - case.exact_headroom(book, 20_000)[0] for book in pairs())
        for charge in (True, False)
        for case in [judge("greeks", purpose, charge=charge)]
    }
    assert gains[False] > 100, "USD: what the rounding of loadings and rows is worth to the largest book"
    assert gains[True] <= 0


# ---- more factors than a tier holds ----


def test_sixteen_factors_hold_six_points_of_each_coin_and_no_more() -> None:
    assert many_points(6).factor_count == 16
    assert many_points(7).factor_count == 18


def test_points_that_no_listed_option_has_a_vega_at_take_no_factor() -> None:
    """What is listed decides the order of elimination; two expiries lie between few points."""
    rules = many_points(9)
    layout = choose_tier(rules, NAMES)
    assert not rules.draft(real_snapshot(), layout.listing, layout.tier, Purpose.INITIAL).loading_gap.any()


def wide(points: int) -> tuple[Draft, Layout, GreeksMargin]:
    """Return the draft of many expiries."""
    rules = many_points(points, stress=[])
    layout = choose_tier(rules, (*MANY, "BTC", "ETH"))
    return rules.draft(wide_market(), layout.listing, layout.tier, Purpose.INITIAL), layout, rules


def gaps(draft: Draft, layout: Layout, rules: GreeksMargin, books: list[dict[str, int]]) -> list[float]:
    """Return exact less integer headroom of each book, a share of max(|equity|, requirement, 1 USD)."""
    program = round_draft("greeks", "2026-01-01T00:00:00Z", layout, Purpose.INITIAL, draft, charge=True)
    admit(program)
    out = []
    for book in books:
        exact = rules.figures(wide_market(), holdings(book), Purpose.INITIAL)
        x = [book.get(slot.instrument, 0) if slot else 0 for slot in layout.listing.places]
        integers = Fraction(evaluate(program, x).surplus, 10_000 * program.unit) * MONEY
        size = max(abs(exact.equity), exact.requirement, Fraction(1))
        out.append(float((exact.equity - exact.requirement - integers) / size))
    return out


def wide_books(seed: int) -> list[dict[str, int]]:
    """Return single options, calendar spreads and random books."""
    single = [{name: lots} for name in MANY for lots in (10**6, -(10**6))]
    spreads = [{a: 10**6, b: -(10**6)} for a, b in zip(MANY, MANY[2:], strict=False)]
    return single + spreads + random_books(Random(seed), ("USD", "BTC", "ETH", *MANY))


@pytest.mark.parametrize("points", [6, 7, 9])
def test_what_the_factors_leave_out_is_charged_without_netting(points: int) -> None:
    draft, layout, rules = wide(points)
    assert draft.loading_gap.any() == (points > 6)
    excess = gaps(draft, layout, rules, wide_books(points))
    assert min(excess) >= 0
    assert max(excess) < (1e-5 if points == 6 else 0.5), "hedged books, whose rests do not net"
    assert max(excess[: 2 * len(MANY)]) < 0.04, "single options"


def test_dropping_what_does_not_fit_would_be_for_the_trader() -> None:
    draft, layout, rules = wide(9)
    bare = replace(draft, loading_gap=np.zeros_like(draft.loading_gap))
    assert min(gaps(bare, layout, rules, wide_books(9))) < -1e-4


# ---- books ----


def portfolio(**quantities: str) -> Portfolio:
    return Portfolio("book", {n.replace("_", "-"): Decimal(q) for n, q in quantities.items()}, {})


def test_coins_alone_have_a_margin() -> None:
    made = report(model(), real_snapshot(), portfolio(BTC="1"))
    assert made.tier == "greeks" and made.initial_met
    assert 0 < made.maintenance_margin_usd < made.initial_margin_usd < made.equity_usd


def test_cash_alone_has_none() -> None:
    made = report(model(), real_snapshot(), portfolio(USD="-3"))
    assert (made.tier, made.initial_margin_usd, made.initial_met) == ("none", 0, False)


def test_a_hedge_lowers_the_requirement_and_a_worse_correlation_raises_it() -> None:
    book = {"BTC-PERPETUAL": Fraction(1), "ETH-PERPETUAL": Fraction(-30)}
    due = [
        one_factor_each(rho).figures(real_snapshot(), book, Purpose.INITIAL).requirement
        for rho in ("0.9", "0.5", "0", "-0.5")
    ]
    assert due == sorted(due)


def test_forwards_below_the_spot() -> None:
    """Negative rates: expiries in backwardation, spot and perpetual where they were."""
    market = real_snapshot()
    below = {key: price * Decimal("0.8") for key, price in market.forwards.items()}
    agree(VENUES["greeks"], model(), replace(market, forwards=below), "backwardation")


def test_a_counted_mean_lowers_and_an_expected_loss_raises() -> None:
    long = {"BTC-PERPETUAL": Fraction(1)}

    def due(mean: str, drift: str) -> Fraction:
        rules = one_factor_each("0.7", mean=mean, drift={"BTC": drift, "ETH": "0"})
        return rules.figures(real_snapshot(), long, Purpose.INITIAL).requirement

    assert due("counted", "2") < due("ignored", "2") == due("losses", "2") == due("ignored", "-2")
    assert due("losses", "-2") == due("counted", "-2") > due("ignored", "-2")


def test_an_expected_profit_larger_than_the_risk_leaves_no_requirement() -> None:
    rules = one_factor_each("0.7", mean="counted", drift={"BTC": "20", "ETH": "0"}, prices={"BTC": "0.1", "ETH": "1"})
    long = {"BTC-PERPETUAL": 10**6}
    assert rules.figures(real_snapshot(), holdings(long), Purpose.INITIAL).requirement == 0
    layout = choose_tier(rules, NAMES)
    program = compile_program(rules, real_snapshot(), layout, Purpose.INITIAL)
    lots = [long.get(slot.instrument, 0) if slot else 0 for slot in layout.listing.places]
    assert evaluate(program, lots).requirement == 0


def test_layouts_list_everything_once() -> None:
    layout = Layout(GREEKS, model().listing(NAMES, GREEKS))
    listed = [slot.instrument for slot in layout.listing.places if slot is not None]
    assert sorted(listed) == sorted(NAMES)
    assert listed[:3] == ["BTC", "ETH", "USD"]
