"""The theoretical minimum: what it is a function of, closed forms, and the least collateral by the integers."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prover.compile import choose_tier, compile_program
from prover.market.exact import sqrt_exact
from prover.minimum.collateral import least_cash, least_vault_balance
from prover.minimum.minimum import curve, minimum, prepare
from prover.minimum.settings import AXES, Settings
from prover.models.base import load_model
from prover.models.greeks.measures import Spectral, ValueAtRisk, normal_multiple
from prover.portfolio import Portfolio, load_portfolio, positions_for
from tests.builders import TAIL_KINDS, random_positions, random_program
from tests.prover.greeks.documents import model, one_factor_each
from tests.prover.market_files import EXAMPLES, real_snapshot, stress_grid
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import GREEKS, GRID, RATIO_BANDS

D = Decimal
DESK = load_portfolio(EXAMPLES / "portfolios" / "desk.csv")
SHORT = Portfolio("short", {"BTC-27MAR26-100000-C": D(-2), "ETH-27MAR26-4000-C": D(-30), "USD": D(7)}, {})
PERP = Portfolio("perpetual", {"BTC-PERPETUAL": D("1.5"), "BTC": D("0.5"), "USD": D(0)}, {})


def plain(**changes: object) -> object:
    return one_factor_each("0.7", mean="ignored", initial_factor="1", **changes)


# ---- the formula ----


@pytest.mark.parametrize(
    ("chosen", "k"),
    [
        (Settings(confidence=D("0.99")), normal_multiple(ValueAtRisk(kind="value-at-risk", confidence=D("0.99")))),
        (Settings(risk_aversion=D(25)), normal_multiple(Spectral(kind="spectral", risk_aversion=D(25)))),
    ],
)
def test_one_underlying_asks_for_k_sigma_root_h_times_its_notional(chosen: Settings, k: Fraction) -> None:
    """M = k sigma sqrt(h) N, to a millionth of a dollar and the rounding charge."""
    rules = plain(measure={"kind": "value-at-risk", "confidence": "0.95"})
    long = Portfolio("long", {"BTC-PERPETUAL": D(1)}, {})
    size = Settings(
        volatility=D("0.8"), horizon=D("2.5"), notional=D(250_000),
        confidence=chosen.confidence, risk_aversion=chosen.risk_aversion,
    )  # fmt: skip
    made = minimum(rules, real_snapshot(), long, size)
    expected = k * Fraction("0.8") * sqrt_exact(Fraction("2.5") / 365) * 250_000
    assert abs(Fraction(made.requirement_usd) - expected) < Fraction(1, 10)  # a lot is 0.09 USD of notional
    assert made.notional_usd == pytest.approx(D(250_000), abs=D("0.05"))
    assert made.margin_share is not None and made.largest_leverage is not None
    assert made.margin_share * made.largest_leverage == pytest.approx(D(1), abs=D("0.0001"))


def test_leverage_is_notional_over_what_the_balances_count() -> None:
    made = minimum(model(), real_snapshot(), PERP, Settings(leverage=D(10)))
    own = Fraction(real_snapshot().index_price("BTC")) / 2 * Fraction("0.95")
    assert abs(Fraction(made.notional_usd) - 10 * own) < 1


RISING = {
    "volatility": ("0.1", "0.5", "1", "2"),
    "confidence": ("0.9", "0.99", "0.999"),
    "risk_aversion": ("1", "10", "100", "1000"),
    "horizon": ("0.5", "1", "5", "10"),
    "notional": ("0", "10000", "100000", "1000000"),
    "leverage": ("1", "2", "10"),
}


@pytest.mark.parametrize(("axis", "values"), RISING.items())
def test_more_of_it_asks_for_more(axis: str, values: tuple[str, ...]) -> None:
    points = curve(
        plain(), real_snapshot(), PERP if axis in ("notional", "leverage") else SHORT, axis, list(map(D, values))
    )
    due = [point.minimum.requirement_usd for point in points]
    assert due == sorted(set(due))
    assert [point.value for point in points] == list(map(D, values))


def test_correlation_raises_what_is_on_one_side_and_lowers_a_hedge() -> None:
    values = list(map(D, ("-0.5", "0", "0.5", "1")))
    hedge = Portfolio("hedge", {"BTC-PERPETUAL": D(1), "ETH-PERPETUAL": D(-30)}, {})
    one_side = Portfolio("one side", {"BTC-PERPETUAL": D(1), "ETH-PERPETUAL": D(30)}, {})
    rising = [p.minimum.requirement_usd for p in curve(plain(), real_snapshot(), one_side, "correlation", values)]
    falling = [p.minimum.requirement_usd for p in curve(plain(), real_snapshot(), hedge, "correlation", values)]
    assert rising == sorted(set(rising)) and falling == sorted(set(falling), reverse=True)


def test_every_axis_is_tried_above() -> None:
    assert {*RISING, "correlation"} == set(AXES)


def test_a_new_snapshot_gives_a_new_figure() -> None:
    market = real_snapshot()
    before = minimum(model(), market, SHORT)
    moved = type(market)(**{**vars(market), "index": {k: v * D("1.1") for k, v in market.index.items()},
                            "forwards": {k: v * D("1.1") for k, v in market.forwards.items()}})  # fmt: skip
    assert minimum(model(), moved, SHORT).requirement_usd > before.requirement_usd
    assert minimum(model(), market, SHORT) == before


REFUSED: list[tuple[str, object, Portfolio, Settings]] = [
    ("stress-grid has no volatility to vary", stress_grid(), DESK, Settings(volatility=D(1))),
    ("give one of them", model(), DESK, Settings(confidence=D("0.9"), risk_aversion=D(5))),
    ("give one of them", model(), DESK, Settings(notional=D(1), leverage=D(5))),
    ("no derivative is held", model(), Portfolio("coins", {"BTC": D(1)}, {}), Settings(notional=D(1))),
    ("the balances count nothing", model(), Portfolio("bare", {"BTC-PERPETUAL": D(1)}, {}), Settings(leverage=D(1))),
    ("not below zero", model(), DESK, Settings(notional=D(-1))),
    ("the settings: field prices.btc", model(), DESK, Settings(volatility=D(-1))),
    ("the settings: field correlation", model(), DESK, Settings(correlation=D("1.5"))),
    ("not positive semidefinite", model(), DESK, Settings(correlation=D("-1"))),
    ("the settings: field horizon_days", model(), DESK, Settings(horizon=D(0))),
    ("spectral, which has no confidence", model(measure={"kind": "spectral", "risk_aversion": "3"}), DESK,
     Settings(confidence=D("0.9"))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "rules", "book", "chosen"), REFUSED)
def test_what_cannot_be_varied_is_refused(words: str, rules: object, book: Portfolio, chosen: Settings) -> None:
    with pytest.raises(BadInput) as refused:
        minimum(rules, real_snapshot(), book, chosen)
    assert words in str(refused.value).lower()


# ---- the least collateral ----


@pytest.mark.parametrize("ratio", RATIO_BANDS)
@pytest.mark.parametrize("book", [DESK, SHORT, PERP], ids=lambda book: book.source)
@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_claim_holds_at_the_least_collateral_and_not_one_unit_below(
    ratio: int, book: Portfolio, purpose: Purpose
) -> None:
    made = prepare(model(), real_snapshot(), book, purpose=purpose)
    shown = minimum(model(), real_snapshot(), book, purpose=purpose, ratio_bps=ratio)

    def met(positions: tuple[int, ...], vault: int) -> bool:
        return evaluate(made.program, positions, ratio_bps=ratio, vault_balance=vault).margin_met

    vault = shown.minimum_collateral
    assert met(made.positions, vault)
    assert vault == 0 or not met(made.positions, vault - 1)
    place = [slot.instrument if slot else "" for slot in made.program.listing.places].index("USD")
    lots = int(shown.minimum_cash_usd.scaleb(6))
    for cash, holds in ((lots, True), (lots - 1, False)):
        positions = (*made.positions[:place], cash, *made.positions[place + 1 :])
        assert met(positions, 0) is holds


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32), st.sampled_from(TAIL_KINDS), st.sampled_from(RATIO_BANDS), st.sampled_from([GREEKS, GRID])
)
@example(44182, "worst", 10000, GREEKS)
def test_random_programs(seed: int, tail: str, ratio: int, tier: object) -> None:
    rng = Random(seed)
    program = random_program(rng, tier, tail=tail)
    positions = random_positions(rng, program, bits=rng.choice([1, 16, 24]))
    try:
        least = least_vault_balance(program, positions, ratio)
    except BadInput:
        # Refused only where the requirement was raised to zero or a little more, in steps of tau.
        assert 0 < evaluate(program, positions, ratio_bps=ratio).requirement < max(program.tau)
        return
    assert evaluate(program, positions, ratio_bps=ratio, vault_balance=least).margin_met
    if least:
        assert not evaluate(program, positions, ratio_bps=ratio, vault_balance=least - 1).margin_met


def test_the_settings_of_the_book_are_those_of_its_own_program() -> None:
    """Nothing chosen: the figures are the program's that an epoch would publish."""
    layout = choose_tier(model(), SHORT.instruments)
    program = compile_program(model(), real_snapshot(), layout, Purpose.INITIAL)
    book = Portfolio("short", dict(SHORT.quantities) | {"USD": D(0)}, {})
    made = prepare(model(), real_snapshot(), SHORT)
    assert made.program == program
    assert made.positions == positions_for(book, layout.listing)


def test_an_empty_book_needs_nothing() -> None:
    made = minimum(model(), real_snapshot(), Portfolio("cash", {"USD": D(-5), "BTC": D(0)}, {}))
    assert (made.minimum_collateral, made.minimum_cash_usd, made.requirement_usd) == (0, 0, 0)
    assert made.margin_share is None and made.largest_leverage is None


def test_cash_that_has_a_margin_of_its_own_is_said() -> None:
    rules = load_model(EXAMPLES / "models" / "deribit_btc.json")
    book = Portfolio("coins", {"BTC-27MAR26-100000-C": D(-2), "BTC": D(0), "USD": D(0)}, {})
    layout = choose_tier(rules, book.instruments)
    program = compile_program(rules, real_snapshot(), layout, Purpose.INITIAL)
    with pytest.raises(BadInput, match="cash has a margin of its own"):
        least_cash(program, positions_for(book, layout.listing))
    assert least_vault_balance(program, positions_for(book, layout.listing)) > 0


def test_what_no_collateral_can_cure_is_said() -> None:
    isolated = stress_grid(mode="isolated")
    book = Portfolio("isolated", {"BTC-27MAR26-100000-C": D(-2), "USD": D(0)}, {})
    layout = choose_tier(isolated, book.instruments)
    program = compile_program(isolated, real_snapshot(), layout, Purpose.INITIAL)
    with pytest.raises(BadInput, match="needs collateral of its own"):
        least_vault_balance(program, positions_for(book, layout.listing))
