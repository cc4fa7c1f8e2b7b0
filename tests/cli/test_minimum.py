"""`zkmargin minimum`: one number, one curve, and what it refuses."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prover.cli.minimum import parse_curve
from prover.minimum.minimum import minimum
from prover.minimum.settings import Settings
from prover.models.base import load_model
from prover.portfolio import load_portfolio
from tests.e2e.devnet import EXAMPLES, done, zkmargin
from tests.prover.market_files import real_snapshot
from verifier.errors import UsageError

FILES = (
    *("--snapshot", EXAMPLES / "market" / "options_2026-01-01.csv"),
    *("--model", EXAMPLES / "models" / "greeks.json"),
    *("--portfolio", EXAMPLES / "portfolios" / "desk.csv"),
)


def test_one_number_is_the_functions() -> None:
    shown = done("minimum", *FILES, "--risk-aversion", "50", "--leverage", "20")
    book = load_portfolio(EXAMPLES / "portfolios" / "desk.csv")
    rules = load_model(EXAMPLES / "models" / "greeks.json")
    made = minimum(rules, real_snapshot(), book, Settings(risk_aversion=Decimal(50), leverage=Decimal(20)))
    assert shown["requirement_usd"] == str(made.requirement_usd)
    assert shown["minimum_collateral"] == str(made.minimum_collateral)
    assert shown["minimum_cash_usd"] == str(made.minimum_cash_usd)


def test_a_curve_as_json_and_as_csv(tmp_path: Path) -> None:
    out = tmp_path / "curve.csv"
    shown = done("minimum", *FILES, "--curve", "volatility=0.2:1.5:14", "--csv", out)["curve"]
    assert [row["volatility"] for row in shown] == [f"{Decimal(n) / 10}" for n in range(2, 16)]
    due = [Decimal(row["requirement_usd"]) for row in shown]
    assert due == sorted(due) and due[-1] > 3 * due[0]
    with out.open(newline="") as file:
        assert list(csv.DictReader(file)) == shown


def test_people_get_a_table() -> None:
    run = zkmargin("minimum", *FILES, "--curve", "horizon=1:10:2")
    assert run.code == 0
    assert "requirement_usd" in run.out and len(run.out.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo=1:2:3", "'foo' is no setting; take one of volatility"),
        ("volatility", "write it like volatility=0.2:1.5:14"),
        ("volatility=1:2", "write it like"),
        ("volatility=1:2:1", "2 to 1000 points"),
        ("volatility=1:2:1001", "2 to 1000 points"),
    ],
)
def test_curves_that_are_none(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_curve(text)


def test_a_curve_goes_down_as_well_as_up() -> None:
    assert parse_curve("correlation=0.9:-0.9:3") == ("correlation", [Decimal("0.9"), Decimal(0), Decimal("-0.9")])
    assert parse_curve("measure-confidence=0.9:0.99:2")[0] == "confidence"


REFUSED: list[tuple[tuple[Any, ...], int, str]] = [
    (("--volatility", "much"), 3, "--volatility: 'much' is no plain number"),
    (("--notional", "1e30"), 3, "no plain number"),
    (("--curve", "volatility=a:1:3"), 3, "--curve volatility: 'a' is no plain number"),
    (("--curve", "volatility=1:2"), 2, "write it like"),
    (("--horizon", "0"), 3, "the settings: field horizon_days"),
    (("--notional", "5", "--leverage", "2"), 3, "give one of them"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED)
def test_bad_settings_are_a_sentence(arguments: tuple[Any, ...], code: int, words: str) -> None:
    run = zkmargin("minimum", *FILES, *arguments)
    assert run.code == code and words in run.sentence and not run.out
