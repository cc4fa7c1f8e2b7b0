"""Instrument names: what they say, and what is no name."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from prover.market.names import Kind, did_you_mean, parse_name
from verifier.errors import BadInput


def test_an_option_name_says_underlying_expiry_strike_and_side() -> None:
    call = parse_name("BTC-27MAR26-100000-C")
    assert (call.kind, call.underlying, call.strike, call.is_call) == (Kind.OPTION, "BTC", Decimal(100000), True)
    assert call.expiry == datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert not parse_name("ETH-2JAN26-3000-P").is_call


def test_a_strike_may_have_decimals_written_with_d() -> None:
    assert parse_name("XRP-27MAR26-2d45-C").strike == Decimal("2.45")


def test_futures_perpetuals_and_balances_have_no_strike() -> None:
    future, perpetual, cash = (parse_name(name) for name in ("BTC-27MAR26", "BTC-PERPETUAL", "USD"))
    assert (future.kind, perpetual.kind, cash.kind) == (Kind.FUTURE, Kind.PERPETUAL, Kind.BALANCE)
    assert future.expiry is not None
    assert perpetual.expiry is None
    assert {future.strike, perpetual.strike, cash.strike} == {None}


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "btc-27MAR26-100000-C",
        "BTC-27MAR26-100000",
        "BTC-27MAR26-100000-X",
        "BTC-27MAR26--100000-C",
        "BTC-27MAR26-1e5-C",
        "BTC-27MAR26-NaN-C",
        "BTC-27MAR2026-100000-C",
        "BTC-PERP",
        "BTC-27MAR26-100000-C\n",
        "USD@BTC-27MAR26-100000-C",
        "B",
        "Ü" * 300,
    ],
)
def test_what_is_no_name_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(BadInput, match="is no instrument name; write it as the exchange does") as caught:
        parse_name(name)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("name", ["BTC-30FEB26-100000-C", "BTC-0MAR26-1-P", "BTC-27MRZ26-100000-C"])
def test_a_date_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="no such expiry date"):
        parse_name(name)


@pytest.mark.parametrize("strike", ["0", "0d0"])
def test_a_strike_of_zero_is_refused(strike: str) -> None:
    with pytest.raises(BadInput, match="strikes are positive"):
        parse_name(f"BTC-27MAR26-{strike}-C")


def test_a_typo_gets_the_nearest_names() -> None:
    known = ["BTC-27MAR26-100000-C", "BTC-27MAR26-110000-C", "ETH-27MAR26-3000-P"]
    hint = did_you_mean("BTC-27MAR26-10000-C", known)
    assert hint.startswith("; did you mean BTC-27MAR26-1")
    assert "BTC-27MAR26-100000-C" in hint
    assert did_you_mean("SOMETHING", known) == "; names are those the exchange lists"
