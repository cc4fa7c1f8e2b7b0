"""Admission of listings and values: each test shows the account that gets through without the rule."""

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.verifier.sound import ARRAYS, LISTING, bare, lots
from verifier.admission import admit
from verifier.admission.places import LONG_ONLY_CHARGE, full_value, is_measured
from verifier.errors import AdmissionRefused
from verifier.listing import Listing, Slot
from verifier.meaning import evaluate
from verifier.program import MarginProgram, Purpose
from verifier.tiers import GRID

MILLION = 10**6


def refused(program: MarginProgram, rule: str) -> None:
    with pytest.raises(AdmissionRefused) as caught:
        admit(program)
    assert caught.value.rule == rule


def with_place(place: int, slot: Slot | None) -> Listing:
    places = list(LISTING.places)
    places[place] = slot
    return replace(LISTING, places=tuple(places))


def at(place: int, value: int, name: str) -> dict[str, tuple[int, ...]]:
    """Return one changed entry of an array of the sound program."""
    array = list(ARRAYS.get(name, (0,) * 8))
    array[place] = value
    return {name: tuple(array)}


def test_listing_repeated_stops_choosing_the_cheaper_place():
    cells = [[list(row) for row in group] for group in bare().risk_array]
    cells[1][0][1] = 1  # PERP again, in place 5, where a fall costs 1 instead of 100
    program = bare(with_place(5, Slot("PERP", 0)), risk_array=cells)
    refused(program, "listing-repeated")
    dear, cheap = (tuple(-MILLION if k == place else 2 * MILLION * (k == 0) for k in range(8)) for place in (4, 5))
    assert not evaluate(program, dear).margin_met
    assert evaluate(program, cheap).margin_met


def test_listing_name_stops_a_commitment_that_opens_under_two_listings():
    nameless = with_place(5, Slot("", 0))
    assert nameless.hash == LISTING.hash
    refused(bare(nameless), "listing-name")


@pytest.mark.parametrize("name", ["equity", "floor_linear", "roll", "mark"])
def test_unlisted_place_stops_wealth_in_an_instrument_that_does_not_exist(name: str):
    refused(bare(**at(6, 1, name)), "unlisted-place")
    phantom = evaluate(bare(**at(6, 100, "equity")), tuple(MILLION * (k == 6) for k in range(8)))
    assert phantom.margin_met
    assert phantom.equity == 100 * MILLION


def test_unlisted_place_looks_at_rows_and_factors():
    cells = [[list(row) for row in group] for group in bare().risk_array]
    cells[1][2][1] = 1
    refused(bare(risk_array=cells), "unlisted-place")
    refused(bare(loading=((0,) * 8, (0, 0, 0, 0, 0, 1, 0, 0))), "unlisted-place")


def test_naked_pair_stops_an_empty_leg_that_cancels_the_charge():
    charge = (0, 1000, 0, 0)
    admit(bare(naked_charge=charge))
    program = bare(with_place(3, None), **{**half_put(), "naked_charge": charge})
    refused(program, "naked-pair")
    naked = lots(USD=9 * MILLION, CALL=-MILLION)
    hedged_by_nothing = tuple(MILLION if k == 3 else value for k, value in enumerate(naked))
    assert evaluate(program, naked).measures.naked_charges == 1000 * MILLION
    assert evaluate(program, hedged_by_nothing).measures.naked_charges == 0


def half_put() -> dict[str, object]:
    """Return the sound arrays without the PUT."""
    cells = [[list(row) for row in group] for group in bare().risk_array]
    for row in cells[0]:
        row[3] = 0
    return {"risk_array": cells, **at(3, 0, "equity"), **at(3, 0, "mark")}


def test_long_value_stops_borrowing_to_buy_what_counts_more_than_it_is_worth():
    program = bare(**at(1, 110, "equity"))
    refused(program, "long-value")
    bought_on_credit = lots(COIN=MILLION, USD=-100 * MILLION)
    assert evaluate(program, bought_on_credit).equity == 10 * MILLION
    assert evaluate(program, bought_on_credit).margin_met
    assert not evaluate(bare(), bought_on_credit).margin_met


def test_long_value_needs_the_mark_of_what_counts_in_equity():
    program = bare(**at(1, 0, "mark"))
    refused(program, "long-value")
    sold_short = lots(COIN=-MILLION, USD=120 * MILLION)
    assert evaluate(bare(**at(1, 0, "mark"), **at(1, 0, "short_charge")), sold_short).equity == 30 * MILLION


def test_debt_charge_stops_debt_at_a_discounted_price():
    program = bare(**at(1, 0, "short_charge"))
    refused(program, "debt-charge")
    worth_nothing = lots(COIN=-MILLION, USD=100 * MILLION, PERP=-100_000)
    assert evaluate(program, worth_nothing).margin_met
    assert not evaluate(bare(), worth_nothing).margin_met


def test_debt_charge_holds_where_rows_measure_the_place():
    cells = [[list(row) for row in group] for group in bare().risk_array]
    for s, move in enumerate((-10, 10, 5)):
        cells[0][s][1] = move
    program = bare(risk_array=cells, **at(1, 0, "short_charge"))
    refused(program, "debt-charge")
    cells[1][0][0], cells[1][1][0], cells[1][2][0] = (
        -10,
        10,
        5,
    )  # a perpetual of the coin: the hedge that hides the debt
    hedged = bare(risk_array=cells, **at(1, 0, "short_charge"))
    riskless = lots(COIN=-MILLION, PERP=MILLION, USD=100 * MILLION)
    assert (evaluate(hedged, riskless).equity, evaluate(hedged, riskless).requirement) == (10 * MILLION, 0)


def test_haircut_debt_stops_debt_without_a_margin():
    program = bare(**at(1, 10, "short_charge"))
    refused(program, "haircut-debt")
    borrowed = lots(COIN=-MILLION, USD=100 * MILLION)  # nothing of its own: any rise of the coin is a loss
    assert evaluate(program, borrowed).margin_met
    assert not evaluate(bare(), borrowed).margin_met


def test_unmeasured_place_stops_options_that_are_written_for_nothing():
    program = bare(with_place(6, Slot("DEEP", 0)))
    refused(program, "unmeasured-place")
    assert evaluate(program, tuple(-MILLION * (k == 6) for k in range(8))).margin_met
    admit(bare(with_place(6, Slot("DEEP", 0)), **at(6, 1, "short_charge")))


def test_a_place_with_a_prohibitive_short_charge_is_long_only():
    unmarked = {**at(1, 0, "mark"), **at(1, LONG_ONLY_CHARGE, "short_charge")}
    admit(bare(**unmarked))
    assert not evaluate(bare(**unmarked), lots(COIN=-1, USD=MILLION * MILLION)).margin_met
    refused(bare(**at(1, -LONG_ONLY_CHARGE, "equity"), **at(1, LONG_ONLY_CHARGE, "short_charge")), "debt-charge")


def test_cash_is_worth_its_lot_without_a_mark():
    assert full_value(bare(), 0) == 1
    finer = replace(LISTING, money_exponent=3)
    assert full_value(bare(finer), 0) == Fraction(1, 1000)
    refused(bare(finer), "long-value")
    printed = lots(USD=MILLION, COIN=-1)
    assert evaluate(bare(finer), printed).margin_met  # cash counted a thousand times its worth


def test_all_zero_stops_the_program_that_accepts_everybody():
    program = MarginProgram.build(
        GRID,
        Listing(1, 64, 0, "USD", (Slot("USD", 0),) + (None,) * 63),
        Purpose.INITIAL,
        model="",
        valuation_time="",
        arrays={"unit": 1, "blind": 5},
    )
    refused(replace(program, unit=1), "all-zero")
    assert evaluate(program, (-MILLION,) + (0,) * 63).margin_met


def test_nothing_measured_stops_a_requirement_that_no_position_moves():
    silent = {"gain": ((0,) * 5,) * 2, "constant": 5, "offset": (-3,) * 5}
    refused(bare(**silent), "nothing-measured")
    assert evaluate(bare(**silent), lots(USD=10, PERP=-(10**12))).margin_met


@pytest.mark.parametrize(
    "way",
    [
        {"mark_weight": ((1, 0, 0, 0, 0), (0,) * 5)},
        {"extra_loss": ((1, 0, 0, 0, 0), (0,) * 5)},
        {"envelope_weight": (1, 0), "down": (0, 1, 1, 1, 0, 0, 0, 0)},
        {"floor_short": (0, 1, 1, 1, 0, 0, 0, 0)},
        {"cover": (1, 0)},
        {"cover": (1, 0), "free": (1, 0), "risk_array": None, "group_floor": (0, 1, 1, 1, 0, 0, 0, 0)},
        {"roll": (0, 1, 1, 1, 0, 0, 0, 0), "roll_short": (1, 0)},
        {"loading": ((0, 1, 1, 1, 0, 0, 0, 0), (0,) * 8), "factor_multiplier": 1},
    ],
    ids=lambda way: next(iter(way)),
)
def test_every_unit_counts_as_a_measure(way: dict):
    silent = {"gain": ((0,) * 5,) * 2}
    program = bare(**silent, **way)
    assert any(is_measured(program, place) for place in (1, 2, 3))
    assert not any(is_measured(bare(**silent), place) for place in range(8))
    assert not is_measured(program, 4)
