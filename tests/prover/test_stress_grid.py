"""The stress grid: parameters, layout, the three modes, and figures that can be checked by hand."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prover.compile import choose_tier, compile_program
from prover.market.names import parse_name
from prover.models.base import MONEY_PER_LOT, load_model, registry
from prover.models.stress_grid import StressGrid
from prover.portfolio import load_portfolio, positions_for
from tests.prover.market_files import (
    EXAMPLES,
    MODEL,
    example_model,
    parameters,
    real_snapshot,
    row,
    snapshot_of,
    stress_grid,
)
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import GRID, PORTFOLIO, VENUE, Tier

IM, MM = Purpose.INITIAL, Purpose.MAINTENANCE
NAMES = tuple(line for line in (EXAMPLES / "listing.txt").read_text().splitlines() if line and line[0] != "#")
CALL, PUT, ETH_CALL = "BTC-27MAR26-100000-C", "BTC-27MAR26-80000-P", "ETH-27MAR26-3400-C"


def held(**quantities: str) -> dict[str, Fraction]:
    return {name.replace("_", "-"): Fraction(quantity) for name, quantity in quantities.items()}


# ---- parameters ----


@pytest.mark.parametrize("field", sorted(parameters()))
def test_a_missing_field_is_an_error_that_names_it(field: str) -> None:
    document = parameters()
    del document[field]
    with pytest.raises(BadInput, match=f"rules.json: field {field}: field required"):
        StressGrid.load(document, "rules.json")


BAD_PARAMETERS: list[tuple[str, dict[str, Any]]] = [
    ("cross_ofset", {"cross_ofset": "0.5"}),
    ("mode", {"mode": "net"}),
    ("price_moves", {"price_moves": []}),
    ("price_moves.0", {"price_moves": ["NaN"]}),
    ("price_moves.0", {"price_moves": ["21"]}),
    ("volatility_moves.0", {"volatility_moves": ["-1.01"]}),
    ("extreme_cover", {"extreme_cover": "1.1"}),
    ("cross_offset", {"cross_offset": "-0.1"}),
    ("cross_offset", {"cross_offset": "0.1234567891"}),
    ("cross_offset", {"cross_offset": "0.5999999999999999999999999999999999999"}),
    ("price_range.BTC", {"price_range": {"BTC": "0"}}),
    ("price_range.BTC", {"price_range": {"BTC": "Infinity"}}),
    ("collateral_haircut.BTC", {"collateral_haircut": {"BTC": "1.5"}}),
    ("initial_factor", {"initial_factor": "0"}),
    ("minimum_confidence", {"minimum_confidence": "high"}),
]


@pytest.mark.parametrize(("field", "changes"), BAD_PARAMETERS)
def test_a_parameter_out_of_range_is_an_error_that_names_it(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=f"field {field}"):
        stress_grid(**changes)


def test_models_are_found_by_name() -> None:
    assert registry()["stress-grid"] is StressGrid
    assert example_model().name == "stress-grid"
    assert len(example_model().row_labels(PORTFOLIO)) == 23


@pytest.mark.parametrize("text", ["{}", "[]", '{"model": "var"}', '{"model": 3}'])
def test_a_file_that_names_no_model_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.json").write_text(text)
    with pytest.raises(BadInput, match=r"field model names none of .*stress-grid"):
        load_model(tmp_path / "rules.json")


def test_every_scenario_has_a_label_of_its_own() -> None:
    labels = stress_grid(volatility_moves=["-0.251", "-0.25", "0.4"]).row_labels(PORTFOLIO)
    assert len(set(labels)) == len(labels)
    assert labels[1] == "price -1 ranges, volatility -25%"


# ---- layout ----


def test_a_single_underlying_fits_the_smallest_tier() -> None:
    assert choose_tier(stress_grid(), [CALL, PUT, "BTC"]).tier is GRID
    assert choose_tier(stress_grid(mode="cross"), [CALL, PUT]).tier is GRID
    assert choose_tier(stress_grid(), [CALL], PORTFOLIO).tier is PORTFOLIO, "padded on demand"


def test_offsets_across_underlyings_need_groups_unless_they_are_full() -> None:
    assert choose_tier(stress_grid(), [CALL, ETH_CALL]).tier is PORTFOLIO
    assert choose_tier(stress_grid(cross_offset="1"), [CALL, ETH_CALL]).tier is GRID
    assert choose_tier(stress_grid(mode="cross", cross_offset="1"), [CALL, ETH_CALL]).tier is PORTFOLIO
    assert choose_tier(stress_grid(mode="isolated"), [CALL]).tier is PORTFOLIO


def options(count: int, underlying: str = "BTC") -> list[str]:
    return [f"{underlying}-27MAR26-{1000 * k}-C" for k in range(1, count + 1)]


TOO_LARGE: list[tuple[dict[str, Any], list[str]]] = [
    ({}, options(1344)),
    ({}, [*options(33), *options(2, "ETH")]),
    ({"price_range": {f"U{k}": "0.1" for k in range(8)}}, [f"U{k}-PERPETUAL" for k in range(8)]),
    ({"mode": "isolated"}, options(78)),
    ({"price_moves": [str(k) for k in range(12)]}, options(1)),
]


@pytest.mark.parametrize(("changes", "names"), TOO_LARGE)
def test_what_fits_no_tier_names_the_largest(changes: dict[str, Any], names: list[str]) -> None:
    with pytest.raises(BadInput, match=r"the largest tier is book \(8 groups of 32\)"):
        choose_tier(stress_grid(**changes), names)


def test_a_venue_takes_what_no_other_tier_does() -> None:
    assert choose_tier(stress_grid(), options(65)).tier is VENUE
    assert choose_tier(stress_grid(), options(1343)).tier is VENUE


def test_groups_hold_one_underlying_each_and_the_balances_come_last() -> None:
    listing = stress_grid().listing(NAMES, PORTFOLIO)
    groups = [[s.instrument for s in listing.places[g * 16 : g * 16 + 16] if s] for g in range(8)]
    assert [{parse_name(name).underlying for name in group} for group in groups[:2]] == [{"BTC"}, {"ETH"}]
    assert groups[2] == ["BTC", "ETH", "USD"]
    assert not any(groups[3:])


def test_the_layout_does_not_depend_on_the_order_of_names_and_always_has_cash() -> None:
    names = [CALL, PUT, "BTC"]
    assert stress_grid().listing(names, GRID).hash == stress_grid().listing(names[::-1], GRID).hash
    assert stress_grid().listing([CALL], GRID).index("USD") is not None


def test_isolated_positions_have_a_collateral_place_each() -> None:
    listing = stress_grid(mode="isolated").listing(options(56), PORTFOLIO)
    assert all(listing.index(f"USD@{name}") == (listing.index(name) or 0) + 8 for name in options(56))


@pytest.mark.parametrize("name", ["DOGE", "SOL-27MAR26-100-C", "SOL-PERPETUAL"])
def test_an_asset_that_the_parameters_do_not_know_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=name):
        stress_grid().listing([name], PORTFOLIO)


# ---- figures ----


def perpetual_market(folder: Path) -> Any:
    """A market of round numbers: both indexes and forwards are the same."""
    return snapshot_of(
        folder,
        row("BTC-PERPETUAL", forward="100000", index_price="100000", mark_iv=""),
        row("BTC-27MAR26", forward="100000", index_price="100000", mark_iv=""),
        row("BTC-27MAR26-100000-C", forward="100000", index_price="100000", mark_iv="0.5", mark_price_coin=""),
        row("ETH-PERPETUAL", forward="4000", index_price="4000", mark_iv=""),
    )


FLAT = {
    "price_range": {"BTC": "0.1", "ETH": "0.2"},
    "price_moves": ["-1", "0", "1"],
    "volatility_moves": ["0"],
    "extreme_moves": ["-2", "2"],
    "extreme_cover": "0.35",
    "cross_offset": "0.5",
}


def requirement(model: StressGrid, market: Any, purpose: Purpose = IM, **quantities: str) -> Fraction:
    return model.figures(market, held(**quantities), purpose).requirement


def test_linear_positions_by_hand(tmp_path: Path) -> None:
    """A long perpetual loses its range: 10 % of 100,000, times the factor 1.25; a short ETH 20 % of 4,000 each."""
    market, model = perpetual_market(tmp_path), stress_grid(**FLAT)
    assert requirement(model, market, BTC_PERPETUAL="1") == 12_500
    assert requirement(model, market, MM, BTC_PERPETUAL="-1") == 10_000
    assert requirement(model, market, MM, ETH_PERPETUAL="-10") == 8_000
    assert requirement(model, market, MM, BTC_PERPETUAL="1", BTC_27MAR26="-1") == 0


def test_the_extreme_move_counts_its_share(tmp_path: Path) -> None:
    market = perpetual_market(tmp_path)
    assert requirement(stress_grid(**FLAT), market, MM, BTC_PERPETUAL="1") == 10_000, "0.35 * 2 ranges is less than one"
    wide = stress_grid(**FLAT | {"extreme_moves": ["-3", "3"]})
    assert requirement(wide, market, MM, BTC_PERPETUAL="1") == Fraction("0.35") * 30_000
    assert wide.figures(market, held(BTC_PERPETUAL="1"), MM).worst == "extreme price -3 ranges"


def test_a_price_cannot_fall_below_zero(tmp_path: Path) -> None:
    crash = stress_grid(**FLAT | {"extreme_moves": ["-15"], "extreme_cover": "1"})
    assert requirement(crash, perpetual_market(tmp_path), MM, BTC_PERPETUAL="1") == 100_000


def test_offsets_and_netting_by_mode(tmp_path: Path) -> None:
    """Long 1 BTC (10,000 at risk), short 10 ETH (8,000): when both fall, ETH gains 8,000 and half of it counts."""
    market, book = perpetual_market(tmp_path), {"BTC_PERPETUAL": "1", "ETH_PERPETUAL": "-10"}
    assert requirement(stress_grid(**FLAT), market, MM, **book) == 10_000 - 4_000
    assert requirement(stress_grid(**FLAT | {"cross_offset": "1"}), market, MM, **book) == 2_000
    assert requirement(stress_grid(**FLAT | {"cross_offset": "0"}), market, MM, **book) == 10_000
    assert requirement(stress_grid(**FLAT, mode="cross"), market, MM, **book) == 18_000
    hedge = {"BTC_PERPETUAL": "1", "BTC_27MAR26": "-1"}
    assert requirement(stress_grid(**FLAT, mode="cross"), market, MM, **hedge) == 0
    assert requirement(stress_grid(**FLAT, mode="isolated"), market, MM, **hedge) == 20_000


def test_a_span_array_by_hand(tmp_path: Path) -> None:
    """The sixteen scenarios of CME SPAN.

    0, 1/3, 2/3, 3/3 of the range up and down, volatility up and down, two extremes of twice the range that count 35 %.
    A future's scanning risk is its range; one future against a short call leaves the call's curvature.
    """
    thirds = ["-1", "-0.666666667", "-0.333333333", "0", "0.333333333", "0.666666667", "1"]
    span = stress_grid(**FLAT | {"price_moves": thirds, "volatility_moves": ["-0.1", "0.1"]})
    assert len(span.scenarios) == 16
    market = perpetual_market(tmp_path)
    array = span.exact_numbers(market, "BTC-27MAR26", MM).pnl
    expected = [move * 10_000 for move in (-1, -2 / 3, -1 / 3, 0, 1 / 3, 2 / 3, 1) for _ in range(2)] + [-7_000, 7_000]
    assert [float(value) for value in array] == pytest.approx(expected, abs=1e-5)
    assert requirement(span, market, MM, BTC_27MAR26="3") == 30_000
    call = float(requirement(span, market, MM, BTC_27MAR26_100000_C="-1"))
    covered = float(requirement(span, market, MM, BTC_27MAR26_100000_C="-1", BTC_27MAR26="1"))
    assert 5_000 < call < 10_000
    assert covered < call


def test_a_short_option_has_a_minimum_and_a_long_one_has_none(tmp_path: Path) -> None:
    """With a range of nearly nothing the scan asks for nearly nothing: what is left is 0.5 % of the index each."""
    quiet = FLAT | {
        "price_range": {"BTC": "0.000001", "ETH": "0.2"},
        "extreme_moves": [],
        "short_option_minimum": "0.005",
    }
    market = perpetual_market(tmp_path)
    assert requirement(stress_grid(**quiet), market, MM, BTC_27MAR26_100000_C="-3") == 3 * 500
    assert requirement(stress_grid(**quiet), market, IM, BTC_27MAR26_100000_C="-3") == 3 * 625
    assert requirement(stress_grid(**quiet, mode="cross"), market, MM, BTC_27MAR26_100000_C="-3") == 3 * 500
    assert requirement(stress_grid(**quiet, mode="isolated"), market, MM, BTC_27MAR26_100000_C="-3") == 3 * 500
    assert requirement(stress_grid(**quiet), market, MM, BTC_27MAR26_100000_C="3") < 1
    assert stress_grid(**quiet).figures(market, held(BTC_27MAR26_100000_C="-3"), MM).worst == "short option minimum"
    assert requirement(stress_grid(**quiet), market, MM, BTC_PERPETUAL="-3") < 1, "options only"


def test_the_minimum_is_a_floor_over_the_book_or_over_each_underlying(tmp_path: Path) -> None:
    market, book = perpetual_market(tmp_path), {"BTC_27MAR26_100000_C": "-10", "ETH_PERPETUAL": "-10"}
    rules = FLAT | {
        "price_range": {"BTC": "0.000001", "ETH": "0.2"},
        "extreme_moves": [],
        "short_option_minimum": "0.005",
    }
    whole = requirement(stress_grid(**rules), market, MM, **book)
    assert 8_000 < whole < 8_010, "the scan of ETH is more than the minimum of BTC, 5,000, and takes it in"
    assert requirement(stress_grid(**rules, mode="cross"), market, MM, **book) == 5_000 + 8_000


def test_haircuts_lower_collateral_and_raise_debt(tmp_path: Path) -> None:
    market, model = perpetual_market(tmp_path), stress_grid(**FLAT)
    assert model.figures(market, held(USD="-5", BTC="2"), IM).equity == 2 * 92_000 - 5
    assert model.figures(market, held(BTC="-2"), IM).equity == -2 * 108_000
    cut = stress_grid(**FLAT | {"collateral_haircut": {"USD": "0.01"}})
    assert cut.figures(market, held(USD="100"), IM).equity == 99


def test_isolated_positions_do_not_help_each_other(tmp_path: Path) -> None:
    market, model = perpetual_market(tmp_path), stress_grid(**FLAT, mode="isolated")

    def met(aside: str, **others: str) -> bool:
        book = held(BTC_27MAR26_100000_C="-1", **others) | {"USD@BTC-27MAR26-100000-C": Fraction(aside)}
        return model.figures(market, book, MM).met

    numbers = model.exact_numbers(market, "BTC-27MAR26-100000-C", MM)
    needed = numbers.long + max(numbers.pnl)
    assert met(str(Decimal(float(needed)) + 1))
    assert not met("1000", USD="1000000", BTC="10")
    assert not met("1000", BTC_PERPETUAL="1")
    rich = {"USD@BTC-27MAR26-100000-C": Fraction(-1), "USD": Fraction(1000)}
    assert not model.figures(market, rich, MM).met, "collateral below zero is none"


def test_a_quote_of_too_little_confidence_cannot_be_held(tmp_path: Path) -> None:
    market = snapshot_of(tmp_path, row(confidence="0.89"), row(PUT, confidence="0.9"))
    with pytest.raises(BadInput, match=f"confidence of {CALL} is below the model's minimum"):
        stress_grid().figures(market, {CALL: Fraction(1)}, IM)
    layout = stress_grid().listing([CALL], GRID)
    with pytest.raises(BadInput, match=f"confidence of {CALL}"):
        stress_grid().draft(market, layout, GRID, IM)
    stress_grid().draft(market, stress_grid().listing([PUT], GRID), GRID, IM)


def test_what_is_listed_must_be_quoted() -> None:
    excluded = next(iter(real_snapshot().exclusions))
    with pytest.raises(BadInput, match=f"{excluded} cannot be valued: missing"):
        stress_grid().draft(real_snapshot(), stress_grid().listing([excluded], GRID), GRID, IM)
    with pytest.raises(BadInput, match="BTC-PERPETUAL is not quoted"):
        stress_grid().draft(real_snapshot(), stress_grid().listing(["BTC-PERPETUAL"], GRID), GRID, IM)


# ---- draft against exact ----


@pytest.mark.parametrize("purpose", [IM, MM])
@pytest.mark.parametrize(("mode", "tier"), [("portfolio", PORTFOLIO), ("cross", PORTFOLIO), ("portfolio", GRID)])
def test_the_draft_is_within_its_errors_of_the_exact_numbers(mode: str, tier: Tier, purpose: Purpose) -> None:
    market = real_snapshot()
    every = [name for name in market.quotes if name.startswith("ETH-27MAR26")][:14]
    names = [n for n in NAMES if n.startswith("BTC")] if tier is GRID else [n for n in NAMES if n[:3] != "ETH"] + every
    model = stress_grid(mode=mode)
    listing = model.listing(names, tier)
    draft = model.draft(market, listing, tier, purpose)
    for place, slot in enumerate(listing.places):
        if slot is None:
            continue
        g, i = divmod(place, tier.slots)
        exact = model.exact_numbers(market, slot.instrument, purpose)
        bound = Fraction(draft.value_error[place])
        assert abs(Fraction(draft.long_value[place]) - exact.long * MONEY_PER_LOT) <= bound
        assert abs(Fraction(draft.short_value[place]) - exact.short * MONEY_PER_LOT) <= bound
        floors = Fraction(draft.floor_short[place]) + Fraction(draft.group_floor[place])
        assert 0 <= floors - exact.minimum * MONEY_PER_LOT <= exact.minimum * MONEY_PER_LOT / 2**46
        for s, pnl in enumerate(exact.pnl):
            assert abs(Fraction(draft.risk[g, s, i]) - pnl * MONEY_PER_LOT) <= Fraction(draft.risk_error[g, s, i])
    assert draft.risk_error.max() < 0.1, "the pricing's own error is far below the rounding"
    assert not np.isnan(draft.risk).any()


def test_isolated_margin_takes_grids_of_any_size() -> None:
    """Only the worst loss of a position counts, so that the number of scenarios does not matter."""
    model = stress_grid(mode="isolated", price_moves=[str(Decimal(k) / 10) for k in range(-14, 15)])
    assert len(model.scenarios) == 29 * 3 + 2
    draft = model.draft(real_snapshot(), model.listing([CALL, PUT], PORTFOLIO), PORTFOLIO, IM)
    assert np.count_nonzero(draft.risk) == 2 * (2 + 3)


EXAMPLE_BOOKS = [
    ("desk.csv", "stress_grid.json", True),
    ("desk.csv", "stress_grid_cross.json", True),
    ("short_of_margin.json", "stress_grid.json", False),
    ("isolated.csv", "stress_grid_isolated.json", True),
]


@pytest.mark.parametrize(("name", "rules", "met"), EXAMPLE_BOOKS)
def test_the_example_books_do_what_they_are_for(name: str, rules: str, met: bool) -> None:
    """By the exact model and by the program, at initial margin."""
    book, model, market = (
        load_portfolio(EXAMPLES / "portfolios" / name),
        load_model(MODEL.parent / rules),
        real_snapshot(),
    )
    assert model.figures(market, book.holdings(), IM).met is met
    layout = choose_tier(model, book.instruments)
    program = compile_program(model, market, layout, IM)
    assert evaluate(program, positions_for(book, layout.listing)).margin_met is met


def test_the_example_models_differ_in_their_mode_only() -> None:
    for mode in ("cross", "isolated"):
        assert read_json(MODEL.parent / f"stress_grid_{mode}.json") == read_json(MODEL) | {"mode": mode}
