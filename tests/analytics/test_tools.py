"""Liquidation prices, the largest trade, moved markets, pictures."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover import plots
from prover.analytics.liquidation import TOLERANCE, liquidation_prices
from prover.analytics.moves import moved
from prover.analytics.pictures import draw, profit_curve
from prover.analytics.sizing import largest, largest_trade
from prover.compile import choose_tier, compile_program
from prover.explain import Trade, report, what_if
from prover.models.base import load_model
from prover.portfolio import Portfolio, load_portfolio, positions_for
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import Purpose

GRID = load_model(EXAMPLES / "models" / "stress_grid.json")
DESK = load_portfolio(EXAMPLES / "portfolios" / "desk.csv")


def book(**quantities: str) -> Portfolio:
    return Portfolio("test", {name.replace("_", "-"): Decimal(q) for name, q in quantities.items()}, {})


def met(portfolio: Portfolio, factor: Decimal) -> bool:
    there = moved(real_snapshot(), "BTC", factor)
    layout = choose_tier(GRID, portfolio.instruments)
    program = compile_program(GRID, there, layout, Purpose.MAINTENANCE)
    return evaluate(program, positions_for(portfolio, layout.listing)).margin_met


def test_a_short_call_is_liquidated_above_and_nowhere_below() -> None:
    held = book(USD="60000", BTC_27MAR26_100000_C="-2")
    layout = choose_tier(GRID, held.instruments)
    (found,) = liquidation_prices(GRID, real_snapshot(), layout, held)
    assert found.met_now and found.down is None and found.up is not None
    index = real_snapshot().index_price("BTC")
    assert index < found.up.safe < found.up.lost
    assert found.up.lost - found.up.safe <= TOLERANCE * found.up.safe * Decimal("1.001")
    assert met(held, found.up.safe / index)
    assert not met(held, found.up.lost / index)


def test_a_book_without_risk_has_none_and_one_short_of_margin_says_so() -> None:
    cash = book(USD="1000", BTC_27MAR26_100000_C="0.001")
    (none,) = liquidation_prices(GRID, real_snapshot(), choose_tier(GRID, cash.instruments), cash)
    assert (none.down, none.up, none.met_now) == (None, None, True)
    poor = book(USD="1", BTC_27MAR26_100000_C="-2")
    (lost,) = liquidation_prices(GRID, real_snapshot(), choose_tier(GRID, poor.instruments), poor)
    assert not lost.met_now


def test_the_largest_trade_is_accepted_and_one_lot_more_is_not() -> None:
    name = "BTC-27MAR26-100000-C"
    price = GRID.figures(real_snapshot(), {name: Fraction(1)}, Purpose.INITIAL).equity
    for buy in (True, False):
        found = largest_trade(GRID, real_snapshot(), DESK, name, buy=buy, price_usd=price)
        lot = Decimal("0.000001") if buy else Decimal("-0.000001")
        kept, more = (
            what_if(GRID, real_snapshot(), DESK, {name: Trade(found.quantity + extra)}).after.initial_met
            for extra in (Decimal(0), lot)
        )
        assert kept and not more
        assert found.bound == "initial margin"
        assert (found.quantity > 0) is buy


def test_nothing_may_be_traded_short_of_margin() -> None:
    poor = book(USD="1", BTC_27MAR26_100000_C="-2")
    found = largest_trade(GRID, real_snapshot(), poor, "BTC-27MAR26-100000-C", buy=False, price_usd=Fraction(1))
    assert (found.quantity, found.bound) == (0, "the initial margin is not met now")
    with pytest.raises(BadInput, match="paid in"):
        largest_trade(GRID, real_snapshot(), DESK, "USD", buy=True, price_usd=Fraction(1))


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_doubling_and_halving_find_the_last_accepted_size(edge: int, limit: int) -> None:
    assert largest(lambda size: size <= min(edge, limit - 1), limit) == min(edge, limit - 1)


def test_a_moved_market_changes_one_underlying_only() -> None:
    market = real_snapshot()
    there = moved(market, "BTC", Decimal("0.5"))
    assert there.index["BTC"] * 2 == market.index["BTC"] and there.index["ETH"] == market.index["ETH"]
    assert all(
        there.forwards[key] == price * (Decimal("0.5") if key[0] == "BTC" else 1)
        for key, price in market.forwards.items()
    )
    assert report(GRID, moved(market, "BTC", Decimal(1)), DESK) == report(GRID, market, DESK)
    with pytest.raises(BadInput, match="above zero"):
        moved(market, "BTC", Decimal(0))
    with pytest.raises(BadInput, match="no price of SOL"):
        moved(market, "SOL", Decimal(2))


def test_pictures_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    made = report(GRID, real_snapshot(), DESK)
    for kind in ("scenarios", "tail"):
        path = tmp_path / f"{kind}.png"
        draw(kind, GRID, real_snapshot(), DESK, made, path)
        assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(BadInput, match="ends in"):
        draw("tail", GRID, real_snapshot(), DESK, made, tmp_path / "picture.txt")
    with pytest.raises(BadInput, match="cannot be written"):
        plots.curve([1.0, 2.0], [1.0, 3.0], ("x", "y"), "title", tmp_path / "scenarios.png" / "no.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scenarios.png", "tail.png"]
    history = load_model(EXAMPLES / "models" / "history_var.json")
    with pytest.raises(BadInput, match="no matrix"):
        draw("scenarios", history, real_snapshot(), DESK, report(history, real_snapshot(), DESK), tmp_path / "a.png")


def test_the_matrix_has_a_row_a_price_and_a_column_a_volatility() -> None:
    made = report(GRID, real_snapshot(), DESK)
    matrix = plots.matrix_of([(row.scenario, row.weighted_pnl_usd) for row in made.scenarios])
    assert matrix is not None
    assert (len(matrix.prices), len(matrix.volatilities)) == (7, 3)
    assert min(cell for row in matrix.pnl for cell in row if cell is not None) == pytest.approx(
        -float(made.initial_margin_usd)
    )
    assert plots.matrix_of([("2020-03-12", Decimal(1))]) is None


def test_profit_by_price_is_zero_where_the_market_is() -> None:
    prices, profit = profit_curve(GRID, real_snapshot(), book(USD="10", BTC_27MAR26_100000_C="1"), "BTC")
    middle = len(prices) // 2
    assert prices[middle] == pytest.approx(float(real_snapshot().index_price("BTC")))
    assert profit[middle] == 0 and profit == sorted(profit)


@pytest.mark.parametrize("name", ["greeks", "stress_grid", "history_es", "derive_srm"])
def test_the_parts_add_up_to_the_initial_margin(name: str) -> None:
    made = report(load_model(EXAMPLES / "models" / f"{name}.json"), real_snapshot(), DESK)
    short = made.initial_margin_usd - sum(row.initial_margin_usd for row in made.parts)
    assert len(made.parts) >= 1 and all(row.initial_margin_usd for row in made.parts)
    assert abs(short) < len(made.parts) * Decimal("0.000001")  # each is rounded up
    assert [row.part for row in made.parts if row.part == "covariance"] == (["covariance"] if name == "greeks" else [])
