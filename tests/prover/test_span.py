"""SPAN-style margin: figures worked out by hand, spreads between months, the short option minimum."""

from fractions import Fraction
from typing import Any

import pytest

from prover.models.base import load_parameters
from prover.models.span import Span, SpanParameters
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.program import Purpose

CALL, PUT = "BTC-27MAR26-100000-C", "BTC-27MAR26-80000-P"


def span(**changes: Any) -> Span:
    document = read_json(EXAMPLES / "models" / "span_btc.json")
    del document["model"]
    return Span(load_parameters(SpanParameters, document | changes, "rules.json"))


def requirement(model: Span, held: dict[str, int], purpose: Purpose = Purpose.MAINTENANCE) -> Fraction:
    holdings = {name: Fraction(quantity) for name, quantity in held.items()}
    return model.figures(real_snapshot(), holdings, purpose).requirement


def test_there_are_sixteen_scenarios() -> None:
    rows = span().rows
    assert len(rows) == 16
    assert sorted({abs(row.price) for row in rows}) == [0, Fraction(1, 3), Fraction(2, 3), 1, 3]
    assert [row.cover for row in rows[-2:]] == [Fraction("0.33")] * 2


def test_a_future_is_margined_by_the_scan_range_or_the_covered_extreme_move() -> None:
    forward = Fraction(real_snapshot().index_price("BTC"))
    assert requirement(span(), {"BTC-PERPETUAL": 1}) == forward * Fraction("0.15")
    assert requirement(span(extreme_cover="0.5"), {"BTC-PERPETUAL": -1}) == forward * Fraction("0.225")


def test_a_calendar_spread_pays_the_spread_charge_on_its_delta() -> None:
    held = {"BTC-PERPETUAL": 2, "BTC-27MAR26": -1}
    with_charge, without = (requirement(span(intermonth_spread_charge=c), held) for c in ("600", "0"))
    assert with_charge - without == 600
    alone = requirement(span(intermonth_spread_charge="600"), {"BTC-PERPETUAL": 2})
    assert alone == requirement(span(intermonth_spread_charge="0"), {"BTC-PERPETUAL": 2})


def test_short_options_need_at_least_the_minimum() -> None:
    far = "BTC-30JAN26-200000-C"
    snapshot = real_snapshot()
    name = far if far in snapshot.quotes else CALL
    due = requirement(span(short_option_minimum="50000"), {name: -2})
    assert due == 100_000
    assert requirement(span(short_option_minimum="50000"), {name: 2}) < 100_000


def test_initial_margin_is_a_multiple_of_maintenance_margin() -> None:
    held = {CALL: -3, PUT: -2, "BTC-PERPETUAL": 1}
    assert requirement(span(), held, Purpose.INITIAL) == requirement(span(), held) * Fraction("1.1")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("ETH-PERPETUAL", "margins BTC only"), ("ETH", "no collateral"), ("BTC-PERPETUAL#BUY", "no open orders")],
)
def test_what_the_model_does_not_margin_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        requirement(span(), {name: 1})
