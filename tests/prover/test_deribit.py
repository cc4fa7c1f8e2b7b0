"""Deribit's portfolio margin: the venue's two published examples, the matrix, parameters."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from prover.compile import Layout, choose_tier, compile_program, round_draft
from prover.models.base import load_parameters
from prover.models.deribit import Deribit
from prover.models.deribit.draft import draft_of
from prover.models.deribit.exact import figures
from prover.models.deribit.market import DeribitMarket, Product
from prover.models.deribit.parameters import DeribitParameters, rows_of
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.tiers import MATRIX


def parameters(**changes: Any) -> DeribitParameters:
    document = read_json(EXAMPLES / "models" / "deribit_btc.json")
    del document["model"]
    return load_parameters(DeribitParameters, document | changes, "rules.json")


BTC = (
    DeribitMarket(
        "BTC",
        Decimal("65666.19"),
        {"BTC-PERPETUAL": Product(Decimal("65666.19"), 0), "BTC-28JUN24": Product(Decimal("65666.19"), 0)},
    ),
    parameters(extended_moves=[], pnl_offset="1"),
    {
        "BTC-PERPETUAL": Fraction("0.314538364"),
        "BTC-28JUN24": Fraction("-0.001187534"),
        "BTC#CHARGE": Fraction("0.060018212"),
    },
    {"worst": "0.05968587238", "roll": "0.00315725898", "MM": "0.050274504784", "IM": "0.122861343"},
)
ETH = (
    DeribitMarket("ETH", Decimal(3000), {"ETH-PERPETUAL": Product(Decimal(3000), 0)}),
    parameters(underlying="ETH", price_range="0.18", extended_moves=[], pnl_offset="0.6", roll_contingency="0.005"),
    {"ETH-PERPETUAL": Fraction("-0.999487053")},
    {
        "worst": "0.15246412672881357",
        "roll": "0.004997435265",
        "MM": "0.125969249812",
        "IM": "0.157461562",
    },
)


@pytest.mark.parametrize("example", [BTC, ETH], ids=["btc", "eth"])
def test_the_published_examples(example: Any) -> None:
    """By exact arithmetic and by the integers, in coins; the examples round to nine digits and more."""
    market, rules, holdings, published = example
    names = ["USD", *holdings]
    model = Deribit(rules)
    layout = Layout(MATRIX, model.listing(names, MATRIX))
    for purpose, key in ((Purpose.INITIAL, "IM"), (Purpose.MAINTENANCE, "MM")):
        exact = figures(rules, market, holdings, purpose, lambda name: name).requirement / Fraction(market.index)
        assert abs(exact - Fraction(published[key])) < Fraction(1, 10**9)
        draft = draft_of(rules, market, layout.listing, layout.tier, purpose)
        program = round_draft("deribit", "2024-01-01T00:00:00Z", layout, purpose, draft, charge=True)
        lots = [int(holdings.get(s.instrument, Fraction(0)) * 10**6) if s else 0 for s in layout.listing.places]
        meaning = evaluate(program, lots)
        coins = Fraction(meaning.requirement - program.unit * meaning.equity, program.unit * 10**12) / Fraction(
            market.index
        )
        assert abs(coins - Fraction(published[key])) < Fraction(3, 10**6), "quantities are cut to a millionth"
    bare = {name: quantity for name, quantity in holdings.items() if "#" not in name}
    whole = figures(rules, market, bare, Purpose.INITIAL, lambda name: name).requirement / Fraction(market.index)
    assert abs(whole - Fraction(published["worst"]) - Fraction(published["roll"])) < Fraction(1, 10**10)


def test_the_matrix_has_nine_prices_three_volatilities_and_the_extended_moves() -> None:
    rows = rows_of(parameters())
    assert len(rows) == 27 + 8
    assert {row.move for row in rows[:27]} == {Fraction(k, 4) * Fraction("0.16") for k in range(-4, 5)}
    assert choose_tier(Deribit(parameters()), ["BTC-27MAR26-100000-C", "BTC"]).tier is MATRIX


def test_a_short_put_loses_more_coins_than_a_vanilla_one() -> None:
    """In coins a falling index makes the loss larger: the coins themselves are worth less."""
    model = Deribit(parameters())
    held = {"BTC-27MAR26-80000-P": Fraction(-1)}
    due = model.figures(real_snapshot(), held, Purpose.INITIAL)
    assert due.worst.startswith(("index -16.00%, volatility up", "index -66"))
    assert due.requirement > 0 > due.equity


def test_coins_on_credit_have_a_margin() -> None:
    """Coins bought with a debt in dollars, or sold short for dollars, lose when the index moves against them."""
    model = Deribit(parameters())
    price = Fraction(real_snapshot().index_price("BTC"))
    for held in ({"BTC": Fraction(2), "USD": -price}, {"BTC": Fraction(-1), "USD": 2 * price}):
        due = model.figures(real_snapshot(), held, Purpose.INITIAL)
        assert due.equity == price
        assert due.requirement > price / 10


def test_another_coin_is_refused() -> None:
    model = Deribit(parameters())
    for name in ("ETH-27MAR26-4000-C", "ETH", "BTC-PERPETUAL#BUY"):
        with pytest.raises(BadInput, match="products of BTC against BTC"):
            compile_program(model, real_snapshot(), choose_tier(model, [name]), Purpose.INITIAL)


def test_a_charge_of_the_account_counts_in_initial_margin_only() -> None:
    model = Deribit(parameters())
    held = {"BTC#CHARGE": Fraction(1, 100)}
    assert model.figures(real_snapshot(), held, Purpose.INITIAL).requirement > 0
    assert model.figures(real_snapshot(), held, Purpose.MAINTENANCE).requirement == 0
