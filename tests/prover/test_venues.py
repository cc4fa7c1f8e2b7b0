"""Every venue model: exact arithmetic, floating point and integers agree, and rounding never helps the trader."""

from random import Random

import pytest

from tests.prover.venues import VENUES, Judge, judge
from verifier.admission import admit
from verifier.commitment import POSITION_LIMIT
from verifier.program import Purpose

LEG = POSITION_LIMIT - 1


def books(case: Judge, seed: str, most: int = 60) -> list[dict[str, int]]:
    rng, count = Random(seed), min(most, case.venue.books)
    return [case.book(rng, rng.choice([1, 10, 20, 25, 30])) for _ in range(count)]


def huge_books(case: Judge, seed: str, count: int) -> list[dict[str, int]]:
    """Return books of the largest legs, whose values nearly cancel while their roundings add up."""
    rng, out = Random(seed), []
    for _ in range(count):
        book = {name: rng.choice([LEG, -LEG, LEG - 1]) for name in case.venue.names if name != "USD"}
        out.append({name: abs(lots) if name in case.venue.long_only else lots for name, lots in book.items()})
    return out


@pytest.fixture(params=[(name, purpose) for name in VENUES for purpose in Purpose], ids=lambda p: f"{p[0]}-{p[1].name}")
def case(request: pytest.FixtureRequest) -> Judge:
    return judge(*request.param)


def test_the_program_is_admitted(case: Judge) -> None:
    admit(case.program)


def test_no_book_gains_by_rounding_and_none_loses_much(case: Judge) -> None:
    excess = []
    for book in books(case, case.venue.file):
        for ratio in (10_000, 20_000):
            exact, size = case.exact_headroom(book, ratio)
            gap = exact - case.integer_headroom(book, ratio)
            assert gap >= 0, "the integers are never better for the trader"
            excess.append(float(gap / size))
    assert max(excess) < 1e-5
    assert sorted(excess)[int(0.95 * len(excess))] < 1e-6


def test_no_huge_book_gains_by_rounding(case: Judge) -> None:
    for book in huge_books(case, case.venue.file, min(25, case.venue.books)):
        for ratio in (10_000, 20_000):
            assert case.exact_headroom(book, ratio)[0] >= case.integer_headroom(book, ratio)


def test_without_the_charge_some_book_gains(case: Judge) -> None:
    """What the charge is for: a few lots, or as many as there may be, whose roundings happen to add up."""
    if not case.venue.needs_charge:
        pytest.skip("nearly every number is exact or rounded against the trader")
    bare = judge(case.name, case.purpose, charge=False)
    rng = Random(1)
    tried = [bare.book(rng, bits) for bits in (1, 40) for _ in range(150)]
    tried += [{name: lots} for name in bare.venue.names for lots in (1, -1) if name not in bare.venue.long_only]
    assert max(bare.integer_headroom(book, 10_000) - bare.exact_headroom(book, 10_000)[0] for book in tried) > 0


def test_floating_point_and_exact_arithmetic_agree(case: Judge) -> None:
    for book in books(case, "float", 20):
        exact, size = case.exact_headroom(book, 10_000)
        assert abs(case.float_margin(book) - float(exact)) <= case.venue.tolerance * float(size)


@pytest.mark.parametrize("lots", [1, -1])
def test_one_lot_of_each_instrument(case: Judge, lots: int) -> None:
    for name in case.venue.names:
        book = {name: abs(lots) if name in case.venue.long_only else lots}
        exact, _ = case.exact_headroom(book, 10_000)
        assert 0 <= exact - case.integer_headroom(book, 10_000) < 1e-4


def test_books_without_positions(case: Judge) -> None:
    assert case.integer_headroom({}, 10_000) == 0
    if case.venue.cash_moves:
        assert 0 < case.integer_headroom({"USD": 5_000_000}, 10_000) < 5
        assert case.integer_headroom({"USD": -5_000_000}, 10_000) < -5
        return
    assert case.integer_headroom({"USD": 5_000_000}, 10_000) == 5
    assert case.integer_headroom({"USD": -5_000_000}, 10_000) == -5
