"""No account passes the integers and fails the model: random books at the boundary, and books built to gain."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy.optimize import linprog  # type: ignore[import-untyped]

from prover.models.draft import Draft
from tests.prover.market_files import EXAMPLES, stress_grid
from tests.prover.rounding_bench import SCALE, Bench, Gains, Ints, bench, ints
from verifier.commitment import POSITION_LIMIT
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import GRID, PORTFOLIO, RATIO_BANDS, Tier

NAMES = tuple(
    line.strip() for line in (EXAMPLES / "listing.txt").read_text().splitlines() if line and not line.startswith("#")
)
BTC = tuple(name for name in NAMES if name.startswith("BTC") or name == "USD")
CASES = [
    (mode, purpose, tier)
    for mode, tier in (("portfolio", PORTFOLIO), ("cross", PORTFOLIO), ("isolated", PORTFOLIO), ("portfolio", GRID))
    for purpose in Purpose
]
IDS = [f"{mode}-{tier.name}-{purpose.name.lower()}" for mode, purpose, tier in CASES]
BOOKS = 1250
"""For each of the eight cases: 10,000 books."""


@cache
def judge(mode: str, purpose: Purpose, tier: Tier, charge: bool = True) -> Bench:
    return bench(mode, NAMES if tier is PORTFOLIO else BTC, tier, purpose, charge=charge)


def bands(case: Bench) -> tuple[int, ...]:
    return RATIO_BANDS[:1] if case.isolated else (RATIO_BANDS[0], RATIO_BANDS[-1])


def random_books(case: Bench, rng: Random, count: int) -> Ints:
    """Return books of one to all instruments, from a lot to a thousand contracts, with coins lent and borrowed."""
    books = ints([[0] * case.tier.positions for _ in range(count)])
    coins = [p for p, name in case.names.items() if name in ("BTC", "ETH")]
    for book in books:
        held = rng.sample(case.derivatives, rng.randint(1, len(case.derivatives)))
        bits = rng.choice([1, 10, 20, 25, 30])
        for p in held + [coin for coin in coins if rng.random() < 0.5]:
            book[p] = rng.randint(-(1 << bits), 1 << bits)
    return books


def refused_by_the_model(case: Bench, books: Ints, ratio: int) -> int:
    """Return how many of the books, put to the program's boundary, pass the integers and fail the model."""
    edge = case.at_the_boundary(books, ratio)
    passed = case.passes_program(edge, ratio)
    assert passed.all(), "the boundary is on the accepted side"
    return int((~case.passes_model(edge, ratio)).sum())


@pytest.mark.parametrize(("mode", "purpose", "tier"), CASES, ids=IDS)
def test_no_random_book_gains_by_rounding(mode: str, purpose: Purpose, tier: Tier) -> None:
    case = judge(mode, purpose, tier)
    books = random_books(case, Random(f"{mode}{purpose}{tier.name}"), BOOKS)
    for ratio in bands(case):
        assert refused_by_the_model(case, books, ratio) == 0
        assert case.least_gap(books, ratio) >= 0


@pytest.mark.parametrize(("mode", "purpose", "tier"), CASES, ids=IDS)
def test_the_two_judges_are_those_of_the_product(mode: str, purpose: Purpose, tier: Tier) -> None:
    case = judge(mode, purpose, tier)
    books = case.at_the_boundary(random_books(case, Random(1), 12), 10_000)
    short_of_it = books.copy()
    short_of_it[:, case.cash] -= 1
    exact = {name: case.model.exact_numbers(case.snapshot, name, purpose) for name in case.names.values()}
    share = Fraction(case.model.parameters.cross_offset).denominator if mode == "portfolio" and tier is PORTFOLIO else 1
    for group in (books, short_of_it):
        fast, slow = case.by_program(group), case.by_model(group)
        for row, book in enumerate(group):
            meaning = evaluate(case.program, book.tolist())
            assert (meaning.equity, meaning.requirement) == (fast.equity[row], fast.requirement[row])
            assert meaning.margin_met == case.passes_program(group, 10_000)[row]
            held = {name: Fraction(book[p], 10**6) for p, name in case.names.items()}
            figures = case.model.figures_from(exact, held)
            lots = sum(abs(x) for x in book.tolist())
            money = 10**12 * SCALE * share
            assert abs(figures.equity * money - slow.equity[row]) <= lots * share
            assert abs(figures.requirement * money - slow.requirement[row]) <= lots * share
            assert figures.met == case.passes_model(group, 10_000)[row]


LEG = POSITION_LIMIT - 1
"""Lots of the largest leg: 1.4e8 contracts."""


def adversarial_books(case: Bench, rng: Random) -> Ints:
    """Return books of huge legs whose exact P&L nearly cancels while the roundings add up."""
    books = butterflies(case)
    for gains in case.rounding_gains():
        for s in range(gains.risk.shape[1]):
            books.append(most_rounding(case, gains, s))
            for side in (gains.risk[:, s], gains.long, gains.short):
                books.append(_book(case, gains.places, [LEG if value > 0 else -LEG for value in side]))
        for k in range(len(gains.places)):
            books += [_book(case, gains.places[k : k + 1], [x]) for x in (LEG, -LEG)]
        for _ in range(20):
            books.append(_book(case, gains.places, [rng.choice([LEG, -LEG, LEG - 1, 0]) for _ in gains.places]))
    for _ in range(40):  # legs of several underlyings in one book
        books.append([max(-LEG, min(LEG, a + b)) for a, b in zip(rng.choice(books), rng.choice(books), strict=True)])
    return ints(books)


def butterflies(case: Bench) -> list[list[int]]:
    """Return butterflies of synthetic forwards (long call, short put, at three strikes of an expiry).

    (F - K1) w1 - (F - K2)(w1 + w3) + (F - K3) w3 with weights by the spacing is worth exactly nothing in every
    scenario: whatever the integers see in it is rounding.
    """
    places = {name: p for p, name in case.names.items()}
    books = []
    for expiry in ("30JAN26", "27MAR26"):
        pairs = {
            strike: (places[f"BTC-{expiry}-{strike}-C"], places[f"BTC-{expiry}-{strike}-P"])
            for strike in range(50_000, 150_000, 5_000)
            if {f"BTC-{expiry}-{strike}-C", f"BTC-{expiry}-{strike}-P"} <= set(places)
        }
        for low, middle, high in combinations(sorted(pairs), 3):
            scale = LEG // (high - low)
            weights = ((low, high - middle), (middle, low - high), (high, middle - low))
            for sign in (1, -1):
                book = [0] * case.tier.positions
                for strike, weight in weights:
                    call, put = pairs[strike]
                    book[call], book[put] = sign * weight * scale, -sign * weight * scale
                books.append(book)
    return books


def most_rounding(case: Bench, gains: Gains, s: int) -> list[int]:
    """Return the book of one underlying that rounding favours most among those whose worst scenario is s.

    A linear program over long and short legs x+, x- in [0, LEG]: maximise what the integers see too much in equity and
    too little in the loss of s, where the exact P&L of s is no larger than that of any other scenario.
    """
    value = np.concatenate([gains.long + gains.risk[:, s], gains.short - gains.risk[:, s]]).astype(float) / SCALE
    pnl = gains.pnl.astype(float) / SCALE / 1e9
    above = (pnl[:, [s]] - pnl).T
    found = linprog(-value, A_ub=np.hstack([above, -above]), b_ub=np.zeros(len(above)), bounds=(0, 1))
    count = len(gains.places)
    legs = found.x[:count] - found.x[count:] if found.x is not None else np.zeros(count)
    return _book(case, gains.places, [int(x * LEG) for x in legs])


def _book(case: Bench, places: list[int], lots: list[int]) -> list[int]:
    book = [0] * case.tier.positions
    for place, x in zip(places, lots, strict=True):
        book[place] = x
    return book


STRIKES = tuple(f"BTC-27MAR26-{k}-{side}" for k in ("80000", "85000", "90000", "95000", "100000") for side in "CP")


@cache
def strip_judge(mode: str, purpose: Purpose, tier: Tier, charge: bool = True) -> Bench:
    """A listing with both sides of five strikes, a perpetual, coins and cash."""
    return bench(
        mode, (*STRIKES, "BTC-30JAN26-90000-C", "BTC-30JAN26-90000-P", "BTC", "USD"), tier, purpose, charge=charge
    )


@pytest.mark.parametrize(("mode", "purpose", "tier"), CASES, ids=IDS)
def test_no_adversarial_book_gains_by_rounding(mode: str, purpose: Purpose, tier: Tier) -> None:
    for make in (judge, strip_judge):
        case = make(mode, purpose, tier)
        books = adversarial_books(make(mode, purpose, tier, False), Random(3))
        for ratio in bands(case):
            assert refused_by_the_model(case, books, ratio) == 0
            assert case.least_gap(books, ratio) >= 0


@pytest.mark.parametrize(("mode", "tier"), [("portfolio", PORTFOLIO), ("cross", PORTFOLIO), ("portfolio", GRID)])
@pytest.mark.parametrize("ratio", [10_000, 20_000])
def test_without_the_charge_books_do_gain(mode: str, tier: Tier, ratio: int) -> None:
    """What the charge is for: the same search finds accounts that the integers accept and the model refuses."""
    case = strip_judge(mode, Purpose.INITIAL, tier, False)
    assert refused_by_the_model(case, adversarial_books(case, Random(3)), ratio) > 0


@pytest.mark.parametrize(("mode", "tier"), [("portfolio", PORTFOLIO), ("cross", PORTFOLIO), ("portfolio", GRID)])
def test_a_charge_for_ratio_one_is_not_enough_for_the_largest_band(
    mode: str, tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charge is no larger than it has to be: half of it does not hold at ratio two."""
    names, books = (
        strip_judge(mode, Purpose.INITIAL, tier).names.values(),
        strip_judge(mode, Purpose.INITIAL, tier, False),
    )
    monkeypatch.setattr("prover.compile.RATIO_MAX", 1.0)
    case = bench(mode, tuple(names), tier, Purpose.INITIAL)
    assert refused_by_the_model(case, adversarial_books(books, Random(3)), 10_000) == 0
    assert refused_by_the_model(case, adversarial_books(books, Random(3)), 20_000) > 0


def test_isolated_rows_rounded_to_the_nearest_would_gain() -> None:
    """Isolated rows have no charge: what holds them is that each is rounded against its own sign."""

    def nearest(draft: Draft) -> Draft:
        return replace(draft, direction={})

    case = Bench(stress_grid(mode="isolated"), (*STRIKES, "USD"), PORTFOLIO, Purpose.INITIAL, alter=nearest)
    assert refused_by_the_model(case, adversarial_books(case, Random(3)), 10_000) > 0


def test_one_lot_less_of_collateral_or_cash_is_refused() -> None:
    """The boundary that the other tests stand on is the last lot."""
    for mode, purpose, tier in CASES:
        case = judge(mode, purpose, tier)
        edge = case.at_the_boundary(random_books(case, Random(9), 20), 10_000)
        less_cash = edge.copy()
        less_cash[:, case.cash] -= 1
        assert not case.passes_program(less_cash, 10_000).any()
        for p in [p for p, name in case.names.items() if "@" in name]:
            less = edge[edge[:, p] > 0]
            less[:, p] -= 1
            assert not case.passes_program(less, 10_000).any()


def test_a_debt_is_no_isolated_collateral() -> None:
    """The rows refuse it, however rich the rest of the account is, and so does the model."""
    case = judge("isolated", Purpose.INITIAL, PORTFOLIO)
    book = ints([[0] * case.tier.positions])
    collateral = next(p for p, name in case.names.items() if "@" in name)
    book[0, case.cash], book[0, collateral] = LEG, -1
    assert case.by_program(book).equity[0] > 0
    assert not case.passes_program(book, 10_000)[0]
    assert not case.passes_model(book, 10_000)[0]


@pytest.mark.parametrize("mode", ["portfolio", "cross", "isolated"])
def test_debt_and_coins_gain_nothing(mode: str) -> None:
    case = judge(mode, Purpose.INITIAL, PORTFOLIO)
    places = {name: p for p, name in case.names.items()}
    books = []
    for btc in (POSITION_LIMIT - 1, -POSITION_LIMIT, 1, -1, 0):
        for eth in (POSITION_LIMIT - 1, -POSITION_LIMIT, 1, -1, 0):
            for option in (0, 1, -1, 10**9):
                book = [0] * case.tier.positions
                book[places["BTC"]], book[places["ETH"]], book[case.derivatives[0]] = btc, eth, option
                books.append(book)
    for ratio in bands(case):
        assert refused_by_the_model(case, ints(books), ratio) == 0


@pytest.mark.parametrize(("mode", "purpose", "tier"), [c for c in CASES if c[0] != "isolated"])
def test_the_charge_is_small(mode: str, purpose: Purpose, tier: Tier) -> None:
    """The integers ask less than a millionth more than the model of 95 % of books, never a hundred-thousandth."""
    case = judge(mode, purpose, tier)
    books = random_books(case, Random(5), 200)
    for ratio in bands(case):
        excess = case.excess(case.at_the_boundary(books, ratio), ratio)
        assert (excess >= 0).all()
        assert np.quantile(excess, 0.95) < 1e-6
        assert excess.max() < 1e-5


def test_isolated_rounding_is_small() -> None:
    """The least collateral by the integers is at most a millionth above the model's, or a few lots of cash."""
    case = judge("isolated", Purpose.INITIAL, PORTFOLIO)
    edge = case.at_the_boundary(random_books(case, Random(5), 100), 10_000)
    for book in edge:
        held = {name: Fraction(book[p], 10**6) for p, name in case.names.items()}
        for p in case.derivatives:
            name = case.names[p]
            if not book[p]:
                continue
            numbers, q = case.exact[p], held[name]
            own = max(Fraction(0), numbers.minimum * max(-q, Fraction(0)), *(-q * v for v in numbers.pnl))
            least = max(own - q * numbers.long, Fraction(0))
            assert held[f"USD@{name}"] - least < max(own, abs(q * numbers.long)) / 10**6 + Fraction(2, 10**6)
