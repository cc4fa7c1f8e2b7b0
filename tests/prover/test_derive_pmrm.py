"""Derive's portfolio margin: the venue's published cases, through model, integers and circuit; parameters and edges."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from prover import _core, artefacts
from prover.models.base import TierTooSmall, load_parameters
from prover.models.case_lots import best_lot
from prover.models.derive_pmrm.cases import Case, load_cases
from prover.models.derive_pmrm.parameters import DerivePmrmParameters
from prover.vectors import run_case, summarise, tier_of
from tests.prover.market_files import EXAMPLES
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.program import Purpose
from verifier.tiers import BOOK, PORTFOLIO, Tier

FILE = Path(__file__).parents[1] / "vectors" / "derive_pmrm" / "cases.json"
PARTS = 8


@cache
def cases() -> list[Case]:
    return load_cases(FILE)


@cache
def plan(tier: Tier) -> _core.WitnessPlan:
    return artefacts.load(tier).witness_plan()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_published_case_holds_in_model_integers_and_circuit(part: int) -> None:
    results = [
        run_case(case, tier_of(case), purpose, plan(tier_of(case)))
        for case in cases()[part::PARTS]
        for purpose in Purpose
    ]
    summary = summarise(results)
    assert summary.met, summary.out_of_tolerance
    assert summary.worst_model_difference < 1e-12


@pytest.mark.parametrize("part", range(PARTS))
def test_exact_arithmetic_agrees_with_the_published_margins(part: int) -> None:
    for case in cases()[part::PARTS]:
        for purpose in Purpose:
            figures, published = case.figures(purpose), Fraction(case.expected[purpose])
            size = max(abs(figures.equity), figures.requirement, Fraction(1))
            assert abs(figures.equity - figures.requirement - published) <= Fraction(1, 10**12) * size


def test_there_are_cases_of_every_kind() -> None:
    assert len(cases()) == 139
    assert {tier_of(case).name for case in cases()} == {"portfolio", "book"}
    assert max(len(case.market.options) for case in cases()) == 160  # 80 strikes, each with call and put
    assert min(option.expiry for case in cases() for option in case.market.options.values()) == 0


def test_a_case_with_another_expected_figure_is_out_of_tolerance() -> None:
    case = cases()[20]
    wrong = replace(case, expected={p: margin + Decimal("0.001") for p, margin in case.expected.items()})
    result = run_case(wrong, PORTFOLIO, Purpose.INITIAL, plan(PORTFOLIO))
    assert not result.within and not summarise([result]).met


def test_a_book_too_wide_for_any_tier_names_the_largest() -> None:
    case = next(case for case in cases() if tier_of(case) is BOOK)
    first = next(iter(case.market.options.values()))
    more = {
        f"{k}-{side}": replace(first, strike=Decimal(k), is_call=side == "C") for k in range(1, 18) for side in "CP"
    }
    wide = replace(case, market=replace(case.market, options={**case.market.options, **more}))
    with pytest.raises(TierTooSmall, match="the largest tier is book: 7 expiries of 16 strikes"):
        tier_of(wide)


def test_lots_follow_price_and_digits() -> None:
    assert best_lot(Fraction(100_000), [Fraction(3)]) == -6
    assert best_lot(Fraction(1), [Fraction(1000)]) == -1
    assert best_lot(Fraction(100_000), [Fraction("1.234567890123")]) < -6
    with pytest.raises(BadInput, match="outside what a lot"):
        best_lot(Fraction(10**9), [Fraction(10**9)])


@pytest.mark.parametrize("block", ["VolShock", "SkewShock", "Margin", "BasisContingency", "OtherContingency"])
def test_a_missing_parameter_is_named(block: str) -> None:
    document: dict[str, Any] = read_json(EXAMPLES / "models" / "derive_pmrm_btc.json")
    del document["model"]
    for field in document["venue"][block]:
        less = document | {"venue": document["venue"] | {block: dict(document["venue"][block])}}
        del less["venue"][block][field]
        with pytest.raises(BadInput, match=f"field venue.{block}.{field}: field required"):
            load_parameters(DerivePmrmParameters, less, "rules.json")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ([], "a list of cases is needed"),
        ([{"id": "x"}], "case 1: field portfolio: field required"),
        ("text", "a list of cases is needed"),
    ],
)
def test_a_file_that_holds_no_cases_is_refused(tmp_path: Path, change: Any, sentence: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(change))
    with pytest.raises(BadInput, match=sentence):
        load_cases(path)
