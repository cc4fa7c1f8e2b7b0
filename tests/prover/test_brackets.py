"""Bracketed margin: the venue's own way of computing it, edges of brackets, isolated positions."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from prover.compile import Layout, choose_tier, compile_program
from prover.models.base import TierTooSmall, load_parameters
from prover.models.brackets import Brackets, BracketsParameters
from prover.portfolio import collateral_place
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.admission import admit, allowed_bands
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import STANDARD

PERP = "BTC-PERPETUAL"


def brackets(mode: str = "cross", **changes: Any) -> Brackets:
    document = read_json(EXAMPLES / "models" / "brackets.json")
    del document["model"]
    return Brackets(load_parameters(BracketsParameters, document | {"mode": mode} | changes, "rules.json"))


def by_layers(model: Brackets, notional: Fraction, purpose: Purpose) -> Fraction:
    """Return the margin as the sum over the layers of the notional: another way to the same figure."""
    table = model.parameters.brackets["BTC"]
    total = Fraction(0)
    for k, bracket in enumerate(table):
        top = Fraction(table[k + 1].from_usd) if k + 1 < len(table) else notional
        rate = Fraction(bracket.initial_rate if purpose is Purpose.INITIAL else bracket.maintenance_rate)
        total += rate * max(Fraction(0), min(notional, top) - Fraction(bracket.from_usd))
    return total


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_margin_is_the_sum_of_the_layers(purpose: Purpose) -> None:
    model, rng = brackets(), Random("layers")
    price = Fraction(real_snapshot().index_price("BTC"))
    sizes = [Fraction(rng.randint(1, 10**10), 10**6) for _ in range(50)]
    sizes += [Fraction(bracket.from_usd) / price for bracket in model.parameters.brackets["BTC"]]
    for size in sizes:
        for side in (1, -1):
            due = model.figures(real_snapshot(), {PERP: side * size}, purpose).requirement
            assert due == by_layers(model, size * price, purpose)


def test_isolated_positions_hold_by_their_own_collateral_to_the_last_lot() -> None:
    """The integers accept a position's collateral only where the exact model does, and ask for little more."""
    model = brackets("isolated")
    names = [PERP, "ETH-PERPETUAL"]
    layout = choose_tier(model, names)
    rng = Random("isolated")
    for purpose in Purpose:
        program = compile_program(model, real_snapshot(), layout, purpose)
        admit(program)
        assert allowed_bands(program) == (10_000,)
        places = {slot.instrument: p for p, slot in enumerate(layout.listing.places) if slot is not None}
        for _ in range(40):
            lots = rng.choice([1, -1]) * rng.randint(1, 10**9)
            price = Fraction(real_snapshot().index_price("BTC"))
            size = Fraction(lots, 10**6)
            due = by_layers(model, abs(size) * price, purpose) - size * price
            least = -((-due * 10**6) // 1)
            book = [0] * layout.tier.positions
            book[places[PERP]], book[places["USD"]] = lots, 10**12
            for more, met in ((least - 1, False), (least + 2 + abs(least) // 10**9, True)):
                book[places[collateral_place(PERP)]] = int(more)
                meaning = evaluate(program, book)
                assert bool(meaning.cover_violations) is not met
                held = {PERP: size, collateral_place(PERP): Fraction(more, 10**6), "USD": Fraction(10**6)}
                assert model.figures(real_snapshot(), held, purpose).met is met


def test_debt_is_no_collateral() -> None:
    model = brackets("isolated")
    layout = choose_tier(model, [PERP])
    program = compile_program(model, real_snapshot(), layout, Purpose.MAINTENANCE)
    book = [0] * layout.tier.positions
    book[0] = 10**9
    place = layout.listing.index(collateral_place(PERP))
    assert place is not None
    book[place] = -1
    assert evaluate(program, book).cover_violations


def test_eleven_positions_fit_the_standard_tier_and_twelve_none() -> None:
    names = [PERP, *(f"BTC-{day}JAN26" for day in range(2, 12))]
    assert choose_tier(brackets(), names).tier is STANDARD
    with pytest.raises(TierTooSmall, match="a position takes a group"):
        choose_tier(brackets(), [*names, "BTC-12JAN26"])
    assert Layout(STANDARD, brackets().listing(names, STANDARD)).tier.groups == 12


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ([("1", "0.01", "0.02")], "does not start at zero"),
        ([("0", "0.01", "0.02"), ("5", "0.005", "0.02")], "not in rising order"),
        ([("0", "0.02", "0.01")], "below the maintenance rate"),
    ],
)
def test_tables_that_make_no_sense_are_refused(table: list[tuple[str, str, str]], sentence: str) -> None:
    rows = [{"from_usd": a, "maintenance_rate": b, "initial_rate": c} for a, b, c in table]
    with pytest.raises(BadInput, match=sentence):
        brackets(brackets={"BTC": rows})


def test_options_and_coins_are_refused() -> None:
    for name in ("BTC-27MAR26-100000-C", "BTC", "SOL-PERPETUAL"):
        with pytest.raises(BadInput, match=name):
            choose_tier(brackets(), [name])
