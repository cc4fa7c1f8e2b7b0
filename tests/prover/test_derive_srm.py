"""Derive's standard margin: the venue's published cases, through model, integers and circuit; picks and edges."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from prover import _core, artefacts
from prover.compile import choose_tier, compile_program
from prover.models.base import TierTooSmall, load_parameters
from prover.models.derive_srm.cases import Case, load_cases
from prover.models.derive_srm.parameters import DeriveSrmParameters
from prover.vectors import run_case, summarise, tier_of
from tests.prover.market_files import EXAMPLES, real_snapshot
from tests.prover.venues import VENUES, judge
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import STANDARD, Tier

FILE = Path(__file__).parents[1] / "vectors" / "derive_srm" / "cases.json"
CALL, HIGHER = "BTC-30JAN26-90000-C", "BTC-30JAN26-100000-C"


@cache
def cases() -> list[Case]:
    return load_cases(FILE)


@cache
def plan(tier: Tier) -> _core.WitnessPlan:
    return artefacts.load(tier).witness_plan()


@pytest.mark.slow
def test_every_published_case_holds_in_model_integers_and_circuit() -> None:
    results = [run_case(case, tier_of(case), p, plan(tier_of(case))) for case in cases() for p in Purpose]
    summary = summarise(results)
    assert summary.met, summary.out_of_tolerance
    assert (summary.count, {result.tier for result in results}) == (56, {"portfolio", "standard"})


def test_exact_arithmetic_agrees_with_the_published_margins() -> None:
    for case in cases():
        for purpose in Purpose:
            figures, published = case.figures(purpose), Fraction(case.expected[purpose])
            size = max(abs(figures.equity), figures.requirement, Fraction(1))
            assert abs(figures.equity - figures.requirement - published) <= Fraction(1, 10**10) * size


def test_each_expiry_takes_the_better_of_isolated_and_maximum_loss() -> None:
    """A call spread is margined by its maximum loss, a naked call by itself: the prover's pick."""
    case = judge("derive-srm", Purpose.INITIAL)
    place = case.layout.listing.index(CALL)
    assert place is not None
    group = place // case.layout.tier.slots
    spread = evaluate(case.program, case.positions({CALL: -(10**6), HIGHER: 10**6}))
    naked = evaluate(case.program, case.positions({CALL: -(10**6)}))
    assert (spread.helpers.pick[group], naked.helpers.pick[group]) == (0, 1)
    assert Fraction(spread.requirement, case.program.unit * 10**12) == pytest.approx(10_000)
    assert naked.requirement > spread.requirement


def test_a_paired_short_call_is_margined_by_its_worst_payoff() -> None:
    model = VENUES["derive-srm"].model
    covered = {CALL: Fraction(-1), HIGHER: Fraction(1), "USD": Fraction(0)}
    assert model.figures(real_snapshot(), covered, Purpose.INITIAL).requirement == 10_000


def test_an_expiry_with_too_many_strikes_names_the_largest_tier() -> None:
    model = VENUES["derive-srm"].model
    names = [f"BTC-30JAN26-{1000 * k}-C" for k in range(50, 68)]
    with pytest.raises(TierTooSmall, match="the largest tier is book"):
        choose_tier(model, names)
    with pytest.raises(TierTooSmall, match=r"10 strikes, tier standard takes 9"):
        model.listing(names[:10], STANDARD)


def test_a_book_of_many_expiries_takes_the_standard_tier() -> None:
    names = sorted({name for name in real_snapshot().quotes if name.endswith(("-90000-C", "-3000-C", "-100000-P"))})
    expiries = {name.rsplit("-", 2)[0] for name in names}
    extra = [f"{key}-{100_000 if key.startswith('BTC') else 3000}-C" for key in expiries]
    tier = choose_tier(VENUES["derive-srm"].model, [*names, *extra, "USD"]).tier
    assert tier.groups > len(expiries)


@pytest.mark.parametrize("confidence", ["1", "0.55", "0.5499"])
def test_low_confidence_costs_its_whole_distance_from_one(confidence: str) -> None:
    oracle = VENUES["derive-srm"].model.parameters.venue.markets[0].oracle  # type: ignore[attr-defined]
    charge = oracle.charge(oracle.option_threshold, Decimal(confidence))
    assert charge == (Decimal(1) - Decimal(confidence) if confidence == "0.5499" else 0)


def test_futures_and_unknown_markets_are_refused() -> None:
    model = VENUES["derive-srm"].model
    for name in ("BTC-30JAN26", "SOL"):
        layout = choose_tier(model, [name, CALL, "USD"])
        with pytest.raises(BadInput, match=f"{name}: the model has no"):
            compile_program(model, real_snapshot(), layout, Purpose.INITIAL)


@pytest.mark.parametrize("block", ["Perp", "Option", "Base", "OracleContingency"])
def test_a_missing_parameter_is_named(block: str) -> None:
    document: dict[str, Any] = read_json(EXAMPLES / "models" / "derive_srm.json")
    del document["model"]
    for field in document["venue"]["markets"][0][block]:
        market = dict(document["venue"]["markets"][0])
        market[block] = {key: value for key, value in market[block].items() if key != field}
        less = document | {"venue": document["venue"] | {"markets": [market]}}
        with pytest.raises(BadInput, match=f"field venue.markets.0.{block}.{field}: field required"):
            load_parameters(DeriveSrmParameters, less, "rules.json")
