"""Every venue model at the edges of time, volatility and price, and before the circuit itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import pytest

from prover import _core, artefacts
from prover.compile import choose_tier, compile_program
from prover.market.names import parse_name
from prover.market.snapshot import MarketSnapshot, Quote
from prover.models.base import Model
from prover.models.evaluate import evaluate_draft
from prover.vectors import circuit_verdicts
from tests.prover.market_files import EXAMPLES, real_snapshot
from tests.prover.venues import VENUES, Venue, judge
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import Tier

FIRST_EXPIRY = parse_name("BTC-30JAN26-90000-C").expiry
assert FIRST_EXPIRY is not None


def at(seconds_before_expiry: int) -> MarketSnapshot:
    """The real market, valued so many seconds before the first expiry."""
    assert FIRST_EXPIRY is not None
    return replace(real_snapshot(), valuation_time=FIRST_EXPIRY - timedelta(seconds=seconds_before_expiry))


def with_quotes(change: Callable[[Quote], Quote]) -> MarketSnapshot:
    market = real_snapshot()
    return replace(market, quotes={name: change(quote) for name, quote in market.quotes.items()})


def with_forwards(factor: Decimal) -> MarketSnapshot:
    """The real market with all prices multiplied, so that every option is far in or out of the money."""
    market = real_snapshot()
    return replace(
        market,
        forwards={key: price * factor for key, price in market.forwards.items()},
        index={key: price * factor for key, price in market.index.items()},
    )


EDGES: dict[str, Callable[[], MarketSnapshot]] = {
    "expiry-now": lambda: at(0),
    "a-second-before": lambda: at(1),
    "ten-minutes-before": lambda: at(600),
    "twenty-nine-minutes-before": lambda: at(1_740),
    "a-day-before": lambda: at(86_400),
    "zero-volatility": lambda: with_quotes(lambda quote: replace(quote, mark_vol=Decimal(0))),
    "tiny-volatility": lambda: with_quotes(lambda quote: replace(quote, mark_vol=Decimal("0.0001"))),
    "huge-volatility": lambda: with_quotes(lambda quote: replace(quote, mark_vol=Decimal(10))),
    "far-out-of-the-money": lambda: with_forwards(Decimal("0.02")),
    "deep-in-the-money": lambda: with_forwards(Decimal(3)),
}


def books(venue: Venue, rng: Random) -> list[dict[str, int]]:
    """Return random books, one-lot positions, only collateral, only cash, only debt."""
    out = []
    for bits in (1, 20, 30):
        book = {name: rng.randint(-(1 << bits), 1 << bits) for name in venue.names}
        out.append({name: abs(lots) if name in venue.long_only else lots for name, lots in book.items()})
    coins = {name: 10**6 for name in venue.names if parse_name(name).expiry is None and "-" not in name}
    return [*out, coins, {"USD": 10**6}, {"USD": -(10**6)}, {}]


def agree(venue: Venue, model: Model, market: MarketSnapshot, seed: str) -> None:
    """Check exact arithmetic, floating point and integers against each other on books of a venue."""
    layout = choose_tier(model, venue.names)
    for purpose in Purpose:
        program = compile_program(model, market, layout, purpose)
        draft = model.draft(market, layout.listing, layout.tier, purpose)
        for book in books(venue, Random(seed)):
            lots = [book.get(slot.instrument, 0) if slot else 0 for slot in layout.listing.places]
            holdings = {n: Fraction(book.get(n, 0), 10**6) for n in venue.names}
            exact = model.figures(market, holdings, purpose)
            headroom, size = exact.equity - exact.requirement, max(abs(exact.equity), exact.requirement, Fraction(1))
            meaning = evaluate(program, lots)
            integers = Fraction(meaning.surplus, 10_000 * program.unit) / 10**12
            assert 0 <= headroom - integers <= size / 10**5
            fast = evaluate_draft(draft, layout.tier, [float(lot) for lot in lots])
            assert abs((fast.equity - fast.requirement) * 1e-12 - float(headroom)) <= venue.tolerance * float(size)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("name", VENUES)
def test_the_three_opinions_agree_at_the_edge(name: str, edge: str) -> None:
    agree(VENUES[name], VENUES[name].model, EDGES[edge](), f"{name}{edge}")


@cache
def plan(tier: Tier) -> _core.WitnessPlan:
    return artefacts.load(tier).witness_plan()


@pytest.mark.slow
@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("name", VENUES)
def test_the_circuit_accepts_at_the_programs_margin_and_refuses_one_unit_below(name: str, purpose: Purpose) -> None:
    case, rng = judge(name, purpose), Random(f"circuit {name}")
    for bits in (1, 18, 24):
        book = case.positions(case.book(rng, bits))
        assert circuit_verdicts(case.program, book, plan(case.layout.tier)) == (True, True)


def changed(name: str, change: Callable[[dict[str, Any]], None]) -> Model:
    """Return a venue's model with its parameter file changed."""
    path = EXAMPLES / "models" / VENUES[name].file
    document = read_json(path)
    del document["model"]
    change(document)
    model: Model = type(VENUES[name].model).load(document, str(path))  # type: ignore[attr-defined]
    return model


CHANGES: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "derive-pmrm, the price falls by 100 %": (
        "derive-pmrm",
        lambda d: d["venue"]["Scenarios"][0].update(SpotShock="0", VolShockDirection="Up"),
    ),
    "derive-pmrm, negative rate": ("derive-pmrm", lambda d: d.update(rate="-0.08")),
    "derive-pmrm, the settlement coin is off its peg": ("derive-pmrm", lambda d: d.update(settlement_price="0.91")),
    "span, extreme moves beyond -100 %": ("span", lambda d: d.update(price_scan_range="0.5")),
    "greeks, the price falls by 100 %": (
        "greeks",
        lambda d: d["stress"][0].update(price={"BTC": "-1", "ETH": "-1"}, share="1"),
    ),
    "greeks, negative drift": ("greeks", lambda d: d.update(drift={"BTC": "-5", "ETH": "-9"}, mean="counted")),
    "greeks, volatility falls to nothing": ("greeks", lambda d: d["stress"][0].update(volatility={"BTC": "-1"})),
    "greeks, no volatility at all": ("greeks", lambda d: d.update(prices={"BTC": "0", "ETH": "0"})),
    "greeks, one factor twice": (
        "greeks",
        lambda d: d.update(correlation=[["1"] * 6] * 6, measure={"kind": "spectral", "risk_aversion": "250"}),
    ),
    "paradex, negative rate": ("paradex", lambda d: d.update(interest_rate="-0.05")),
    "paradex, negative funding": ("paradex", lambda d: d.update(funding_rate="-0.001")),
    "deribit, nearly all of the price": ("deribit", lambda d: d["extended_moves"][0].update(move="-0.99")),
    "history, nearly all of the price": ("history-var", lambda d: d.update(horizon_days="30")),
    "history, aged days": ("history-es", lambda d: d.update(age_decay="0.98", stress=None)),
    "derive-srm, the settlement coin is off its peg": ("derive-srm", lambda d: d.update(settlement_price="0.9")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_three_opinions_agree_under_odd_parameters(change: str) -> None:
    name, alter = CHANGES[change]
    agree(VENUES[name], changed(name, alter), real_snapshot(), change)


def test_a_book_without_anything_that_has_a_margin_makes_no_program() -> None:
    for name in ("paradex", "span", "brackets", "derive-srm"):
        model = VENUES[name].model
        with pytest.raises(BadInput, match="no position can move the requirement"):
            compile_program(model, real_snapshot(), choose_tier(model, ["USD"]), Purpose.INITIAL)
