"""The closed form against a simulation of the delta-gamma-vega profit and loss, within its standard error."""

from fractions import Fraction

import numpy as np
import pytest

from prover.market.exact import sqrt_exact
from prover.models.draft import Floats
from prover.models.greeks import GreeksMargin
from prover.models.greeks.exact import book_variance, exposures_exact, mean_exact
from prover.models.greeks.market import contract_of
from prover.models.greeks.measures import normal_multiple
from prover.portfolio import load_portfolio
from tests.prover.greeks.documents import model, one_factor_each
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.program import Purpose

DRAWS = 1_000_000
BOOKS = {
    "desk": load_portfolio(EXAMPLES / "portfolios/desk.csv").holdings(),
    "short straddles": {
        name: Fraction(-3) for name in ("BTC-30JAN26-90000-C", "BTC-30JAN26-90000-P", "ETH-30JAN26-3000-C")
    },
    "long gamma, short delta": {"BTC-30JAN26-90000-C": Fraction(10), "BTC-PERPETUAL": Fraction(-5)},
    "linear": {"BTC": Fraction(2), "ETH-PERPETUAL": Fraction(-40), "BTC-27MAR26": Fraction(-1)},
}


def simulate(rules: GreeksMargin, book: dict[str, Fraction], seed: int) -> Floats:
    """Return profits and losses: d'R + sum g R^2/2 + theta h + drift, R normal with the model's covariance, USD."""
    p, market = rules.parameters, real_snapshot()
    covariance = np.array(p.covariance(), dtype=float)
    count, n = len(covariance), len(p.prices)
    e, fixed = np.zeros(count + n), 0.0
    for name, quantity in book.items():
        contract = contract_of(p, market, name)
        own = exposures_exact(p, contract)
        for j, exposure in own.items():
            e[j] += float(quantity * exposure)
        curved = sum(float(own.get(count + u, 0)) * covariance[u, u] / 2 for u in range(n))
        fixed += float(quantity) * (float(mean_exact(p, rules.matrix, contract)) - curved)
    returns = np.random.default_rng(seed).multivariate_normal(np.zeros(count), covariance, DRAWS)
    out: Floats = returns @ e[:count] + 0.5 * (returns[:, :n] ** 2) @ e[count:] + fixed
    return out


def closed_form(rules: GreeksMargin, book: dict[str, Fraction]) -> tuple[float, float]:
    """Return (mean, variance) of the model."""
    p, market = rules.parameters, real_snapshot()
    contracts = {name: contract_of(p, market, name) for name in book}
    mean = sum(float(q * mean_exact(p, rules.matrix, contracts[name])) for name, q in book.items())
    return mean, float(book_variance(p, rules.matrix, contracts, book))


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_mean_and_variance(name: str) -> None:
    rules = model(horizon_days="3", drift={"BTC": "1.5", "ETH": "-2"})
    drawn = simulate(rules, BOOKS[name], 1)
    mean, variance = closed_form(rules, BOOKS[name])
    assert abs(drawn.mean() - mean) < 4 * np.sqrt(variance / DRAWS)
    centred = drawn - drawn.mean()
    error = np.sqrt(((centred**4).mean() - centred.var() ** 2) / DRAWS)
    assert abs(centred.var() - variance) < 4 * error
    assert error < 0.01 * variance, "the simulation can tell"


@pytest.mark.slow
def test_without_the_gammas_the_variance_of_a_hedged_straddle_would_be_wrong() -> None:
    """The check above is sharp: leaving the extra factors out is far outside of its error."""
    rules = model(horizon_days="3", volatility_points=[], correlation=[["1", "0.67"], ["0.67", "1"]], stress=[])
    plain = model(
        horizon_days="3", volatility_points=[], correlation=[["1", "0.67"], ["0.67", "1"]], stress=[], gamma=False
    )
    book = {"BTC-30JAN26-90000-C": Fraction(10), "BTC-PERPETUAL": Fraction(-5)}
    assert closed_form(plain, book)[1] < 0.8 * closed_form(rules, book)[1]


@pytest.mark.slow
@pytest.mark.parametrize("confidence", ["0.95", "0.99", "0.995"])
def test_quantile_and_shortfall_where_the_loss_is_normal(confidence: str) -> None:
    a = float(confidence)
    measures = {kind: {"kind": kind, "confidence": confidence} for kind in ("value-at-risk", "expected-shortfall")}
    book = BOOKS["linear"]
    rules = {
        kind: one_factor_each(
            "0.7", measure=measure, initial_factor="1", mean="counted", drift={"BTC": "1", "ETH": "-1"}
        )
        for kind, measure in measures.items()
    }
    due = {
        kind: float(each.figures(real_snapshot(), book, Purpose.INITIAL).requirement) for kind, each in rules.items()
    }
    losses = -simulate(rules["value-at-risk"], book, 2)
    beyond = (losses > due["value-at-risk"]).mean()
    assert abs(beyond - (1 - a)) < 4 * np.sqrt(a * (1 - a) / DRAWS)
    tail = losses[losses > due["value-at-risk"]]
    assert abs(tail.mean() - due["expected-shortfall"]) < 5 * tail.std() / np.sqrt(len(tail))


def test_the_requirement_is_the_multiple_of_the_standard_deviation() -> None:
    rules = one_factor_each("0.7", mean="ignored", initial_factor="1")
    book = {"BTC-PERPETUAL": Fraction(1), "ETH-PERPETUAL": Fraction(-20)}
    market = real_snapshot()
    b, e = (Fraction(market.index_price(coin)) for coin in ("BTC", "ETH"))
    p = rules.parameters
    x, y = b * Fraction(p.prices["BTC"]), -20 * e * Fraction(p.prices["ETH"])
    variance = (x * x + y * y + 2 * Fraction("0.7") * x * y) / 365
    expected = normal_multiple(p.measure) * sqrt_exact(variance)
    assert abs(rules.figures(market, book, Purpose.INITIAL).requirement - expected) < Fraction(1, 10**30)
