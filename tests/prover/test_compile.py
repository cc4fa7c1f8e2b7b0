"""Compiling: from real-valued risk numbers to admitted integers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from prover.compile import RATIO_MAX, Layout, choose_tier, compile_program, round_draft
from prover.market.files import load_snapshot
from prover.portfolio import load_portfolio, positions_for
from tests.prover.market_files import EXAMPLES, csv_text, real_snapshot, row, snapshot_of, stress_grid
from verifier.admission import admit, allowed_bands
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import MarginProgram, Purpose
from verifier.tiers import GRID, PORTFOLIO, RATIO_BANDS

NAMES = tuple(line for line in (EXAMPLES / "listing.txt").read_text().splitlines() if line and line[0] != "#")
CALL = "BTC-27MAR26-100000-C"


def compiled(purpose: Purpose = Purpose.INITIAL, *, charge: bool = True, **changes: Any) -> MarginProgram:
    model = stress_grid(**changes)
    return compile_program(model, real_snapshot(), choose_tier(model, NAMES), purpose, charge=charge)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("mode", ["portfolio", "cross", "isolated"])
def test_every_mode_makes_a_program_that_is_admitted(mode: str, purpose: Purpose) -> None:
    program = compiled(purpose, mode=mode)
    admit(program)
    assert (program.tier, program.purpose, program.model) == (PORTFOLIO, purpose, "stress-grid")
    assert program.valuation_time == "2026-01-01T09:10:00Z"
    assert allowed_bands(program) == (RATIO_BANDS[:1] if mode == "isolated" else RATIO_BANDS)


def test_the_charge_is_sized_for_the_largest_band() -> None:
    assert max(RATIO_BANDS) == RATIO_MAX * 10_000


def test_the_charge_is_a_few_money_units_a_lot() -> None:
    charged, bare = compiled(), compiled(charge=False)
    gaps = [b - c for c, b in zip(charged.equity, bare.equity, strict=True)]
    assert all(0 <= gap <= 4 for gap in gaps)
    assert sum(gap > 0 for gap in gaps) == sum(1 for name in NAMES if len(name) > 3), "derivatives only"
    costs = zip(charged.equity, charged.short_charge, bare.equity, bare.short_charge, strict=True)
    assert all(0 <= (e + s) - (be + bs) <= 4 for e, s, be, bs in costs)


def test_cash_is_exact() -> None:
    program = compiled()
    place = program.listing.index("USD")
    assert place is not None
    assert (program.equity[place], program.short_charge[place], program.mark[place]) == (10**6, 0, 10**6)


def test_the_same_inputs_make_the_same_program() -> None:
    assert compiled() == compiled()


def test_a_listing_serves_books_that_it_was_not_made_of() -> None:
    program = compiled()
    book = load_portfolio(EXAMPLES / "portfolios" / "desk.csv")
    meaning = evaluate(program, positions_for(book, program.listing))
    own = choose_tier(stress_grid(), book.instruments)
    other = compile_program(stress_grid(), real_snapshot(), own, Purpose.INITIAL)
    again = evaluate(other, positions_for(book, own.listing))
    assert (meaning.equity, meaning.requirement) == (again.equity, again.requirement)


def test_initial_margin_is_above_maintenance_margin() -> None:
    book = load_portfolio(EXAMPLES / "portfolios" / "desk.csv")
    initial, maintenance = (compiled(purpose) for purpose in Purpose)
    lots = positions_for(book, initial.listing)
    im, mm = (evaluate(program, lots).requirement for program in (initial, maintenance))
    assert im / mm == pytest.approx(1.25, rel=1e-9)


def test_numbers_too_large_for_the_tier_are_refused_in_words(tmp_path: Any) -> None:
    market = snapshot_of(tmp_path, row(forward="900000", index_price="900000", mark_price_coin=""))
    model = stress_grid()
    layout = choose_tier(model, [CALL])
    with pytest.raises(BadInput, match="the model's numbers do not make a program: array"):
        compile_program(model, market, layout, Purpose.INITIAL)


@pytest.mark.parametrize("price", ["87800.1234567", "87800.1234561", "0.0123456789", "87800.00000050001"])
@pytest.mark.parametrize("haircut", ["0", "0.000000001", "0.08", "1"])
def test_collateral_of_any_price_is_admitted(tmp_path: Any, price: str, haircut: str) -> None:
    """The mark, the long and the short value of a coin are rounded so that debt is never a gain, at any haircut."""
    quote = row("BTC-27MAR26", forward=price, index_price=price, mark_iv="")
    market = snapshot_of(tmp_path, quote)
    model = stress_grid(collateral_haircut={"USD": "0", "BTC": haircut})
    compile_program(model, market, choose_tier(model, ["BTC", "BTC-27MAR26"]), Purpose.INITIAL)


@pytest.mark.parametrize("minimum", ["0", "0.005"])
def test_worthless_options_are_admitted(tmp_path: Any, minimum: str) -> None:
    """An option that is worth nothing anywhere in the grid still costs its writer something."""
    head = "# valuation_time=2026-03-27T07:59:59Z\n# confidence=1\n"
    far = row("BTC-27MAR26-900000-C", mark_iv="0.01", mark_price_coin="0")
    (tmp_path / "last.csv").write_text(csv_text([far, row(mark_iv="0.3", mark_price_coin="")], head))
    market = load_snapshot(tmp_path / "last.csv")
    model = stress_grid(short_option_minimum=minimum)
    program = compile_program(model, market, choose_tier(model, list(market.quotes)), Purpose.INITIAL)
    place = program.listing.index("BTC-27MAR26-900000-C")
    assert place is not None
    assert program.equity[place] < 0 < program.equity[place] + program.short_charge[place]


def test_a_book_of_cash_alone_measures_nothing() -> None:
    with pytest.raises(BadInput, match="no position can move the requirement"):
        compile_program(stress_grid(), real_snapshot(), choose_tier(stress_grid(), ["USD"]), Purpose.INITIAL)


def test_rows_of_isolated_groups_are_rounded_outward() -> None:
    model = stress_grid(mode="isolated")
    layout = choose_tier(model, NAMES)
    draft = model.draft(real_snapshot(), layout.listing, layout.tier, Purpose.INITIAL)
    program = round_draft("x", "2026-01-01T09:10:00Z", layout, Purpose.INITIAL, draft, charge=True)
    risk = np.array(program.risk_array)
    for (g, s), direction in draft.direction.items():
        sign = 1 if direction.value == "floor" else -1
        held = draft.risk[g, s] != 0
        cash = draft.risk_error[g, s] == 0
        assert (sign * (draft.risk[g, s] - risk[g, s])[held & ~cash] > 0).all()
        assert (draft.risk[g, s] == risk[g, s])[cash].all()


def test_floors_are_rounded_up() -> None:
    model = stress_grid(mode="cross")
    layout = choose_tier(model, NAMES)
    draft = model.draft(real_snapshot(), layout.listing, layout.tier, Purpose.INITIAL)
    program = round_draft("x", "2026-01-01T09:10:00Z", layout, Purpose.INITIAL, draft, charge=True)
    assert (np.array(program.group_floor) >= draft.group_floor).all()
    odd = replace(draft, group_floor=draft.group_floor * 0 + 0.25)
    again = round_draft("x", "2026-01-01T09:10:00Z", layout, Purpose.INITIAL, odd, charge=True)
    assert set(again.group_floor) == {1}


def test_a_smaller_tier_than_the_book_needs_is_refused() -> None:
    with pytest.raises(BadInput, match="do not fit tier grid"):
        Layout(GRID, stress_grid().listing(NAMES, GRID))
