"""The model in exact arithmetic, from the snapshot's decimals: the second opinion on draft and integers."""

from collections.abc import Mapping
from fractions import Fraction

from prover.market.exact import price_exact, sqrt_exact
from prover.models.base import Figures
from prover.models.greeks.covariance import Matrix, variance
from prover.models.greeks.exposures import ExactExposures, option_exposures_exact
from prover.models.greeks.market import Contract, point_weights
from prover.models.greeks.measures import normal_multiple
from prover.models.greeks.parameters import GreeksParameters, StressRow
from verifier.program import Purpose

F = Fraction
MEAN_LABEL = "covariance and mean"
PLAIN_LABEL = "covariance"


def stress_label(number: int) -> str:
    """Return what a stress row is called; `number` counts from 0."""
    return f"covariance after stress {number + 1}"


def factor_of(parameters: GreeksParameters, purpose: Purpose) -> Fraction:
    """Return the factor of a purpose's requirement."""
    return F(parameters.initial_factor if purpose is Purpose.INITIAL else parameters.maintenance_factor)


def value_exact(contract: Contract) -> Fraction:
    """Return a contract's value, USD, before any haircut."""
    return _worth(contract, contract.forward, contract.vol)


def _worth(contract: Contract, forward: Fraction, vol: Fraction) -> Fraction:
    if contract.strike is None:
        return forward
    return price_exact(forward, contract.strike, vol, contract.seconds, contract.is_call)


def stress_exact(contract: Contract, row: StressRow) -> Fraction:
    """Return a contract's profit or loss in a stress row, USD, its share included."""
    forward = contract.forward * (1 + F(row.price.get(contract.underlying, 0)))
    vol = contract.vol * (1 + F(row.volatility.get(contract.underlying, 0)))
    return F(row.share) * (_worth(contract, forward, vol) - value_exact(contract))


def greeks_exact(parameters: GreeksParameters, contract: Contract) -> ExactExposures:
    """Return a contract's exposures, USD."""
    if contract.strike is None:
        return ExactExposures(contract.forward, F(0), F(0), F(0))
    return option_exposures_exact(
        contract.forward,
        F(contract.strike),
        contract.vol,
        contract.seconds,
        contract.is_call,
        F(parameters.least_deviation),
        parameters.horizon,
    )


def exposures_exact(parameters: GreeksParameters, contract: Contract) -> dict[int, Fraction]:
    """Return a contract's entries of the vector e (prices, volatility points, gammas) that are not zero, USD."""
    if not contract.underlying:
        return {}
    greeks, u = greeks_exact(parameters, contract), parameters.underlyings.index(contract.underlying)
    count = len(parameters.prices)
    out = {u: greeks.delta}
    out |= {count + j: greeks.vega * share for j, share in point_weights(parameters, contract).items()}
    if parameters.gamma:
        out[count + len(parameters.volatility_points) + u] = greeks.gamma
    return out


def mean_exact(parameters: GreeksParameters, covariance: Matrix, contract: Contract) -> Fraction:
    """Return a contract's expected profit and loss over the horizon, USD."""
    if not contract.underlying:
        return F(0)
    greeks, u = greeks_exact(parameters, contract), parameters.underlyings.index(contract.underlying)
    curved = greeks.gamma * covariance[u][u] / 2 if parameters.gamma else F(0)
    return greeks.delta * F(parameters.drift[contract.underlying]) * parameters.horizon + greeks.decay + curved


def book_variance(
    parameters: GreeksParameters, matrix: Matrix, contracts: Mapping[str, Contract], holdings: Mapping[str, Fraction]
) -> Fraction:
    """Return e'Be of a book, USD squared."""
    total = [F(0)] * len(matrix)
    for name, quantity in holdings.items():
        for j, exposure in exposures_exact(parameters, contracts[name]).items():
            total[j] += quantity * exposure
    return variance(matrix, total)


def figures(
    parameters: GreeksParameters,
    matrix: Matrix,
    contracts: Mapping[str, Contract],
    holdings: Mapping[str, Fraction],
    purpose: Purpose,
) -> Figures:
    """Return equity and requirement, USD. matrix: B of `covariance`."""
    p, equity, mean, stress = parameters, F(0), F(0), [F(0)] * len(parameters.stress)
    for name, quantity in holdings.items():
        contract = contracts[name]
        haircut = contract.haircut if quantity > 0 else -contract.haircut
        equity += quantity * value_exact(contract) * (1 - haircut)
        mean += quantity * mean_exact(p, matrix, contract)
        if contract.underlying:
            stress = [
                total + quantity * stress_exact(contract, row) for total, row in zip(stress, p.stress, strict=True)
            ]
    losses = {stress_label(number): -total for number, total in enumerate(stress)}
    if p.mean != "ignored":
        losses = {MEAN_LABEL: -mean} | losses
    if p.mean != "counted":
        losses = {PLAIN_LABEL: F(0)} | losses
    worst = max(losses, key=lambda label: losses[label])
    spread = normal_multiple(p.measure) * sqrt_exact(book_variance(p, matrix, contracts, holdings))
    requirement = max(F(0), factor_of(p, purpose) * (spread + losses[worst]))
    return Figures(equity, requirement, equity >= requirement, worst)
