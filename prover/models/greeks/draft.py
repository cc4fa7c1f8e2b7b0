"""From market and listing to the draft of a margin program."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from prover.market import black76
from prover.market.snapshot import YEAR_SECONDS
from prover.models.base import MONEY_PER_LOT, TierTooSmall
from prover.models.draft import Draft, Floats
from prover.models.greeks.covariance import Matrix, Row, factorise
from prover.models.greeks.exact import MEAN_LABEL, factor_of, stress_label
from prover.models.greeks.exposures import Contracts, Exposures, exposures
from prover.models.greeks.market import Contract, point_weights
from prover.models.greeks.measures import normal_multiple
from prover.models.greeks.parameters import GreeksParameters
from prover.models.layout import lay_out
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import TIERS, Tier

_TINY = 2.0**-46
"""Relative error of a sum of a few products of floats, with room."""
MOST_FACTORS = max(tier.factors for tier in TIERS.values())


def labels_of(parameters: GreeksParameters) -> tuple[str, ...]:
    """Return what each scenario row is: the mean where it counts, then the stress rows."""
    mean = () if parameters.mean == "ignored" else (MEAN_LABEL,)
    return (*mean, *(stress_label(number) for number in range(len(parameters.stress))))


def layout_of(parameters: GreeksParameters, names: Sequence[str], factors: int, tier: Tier) -> Listing:
    """Return the listing: names in order, group by group. factors: how many hold the whole covariance.

    Raises TierTooSmall where names or rows do not fit, or the factors do not but would in another tier.
    """
    rows, most = len(labels_of(parameters)), tier.scenarios - tier.skew_rows
    if rows > most:
        raise TierTooSmall(f"{rows} scenario rows do not fit tier {tier.name}, which has {most}")
    if factors > tier.factors and tier.factors < MOST_FACTORS:
        raise TierTooSmall(f"{factors} factors do not fit tier {tier.name}, which has {tier.factors}")
    if len(names) > tier.positions:
        raise TierTooSmall(
            f"{len(names)} instruments do not fit tier {tier.name}, which has {tier.positions} places; list less, or "
            "margin each coin by itself"
        )
    return lay_out([names[start : start + tier.slots] for start in range(0, len(names), tier.slots)], tier)


def draft_of(
    parameters: GreeksParameters,
    matrix: Matrix,
    contracts: Mapping[str, Contract],
    listing: Listing,
    tier: Tier,
    purpose: Purpose,
) -> Draft:
    """Return the draft of a listing that `layout_of` made. matrix: B of `covariance`."""
    labels = labels_of(parameters)
    draft = Draft.blank(tier, labels)
    held = [contracts[slot.instrument] for slot in listing.places if slot is not None]
    places = [place for place, slot in enumerate(listing.places) if slot is not None]
    fast = _arrays(held)
    made = exposures(fast, float(parameters.least_deviation), float(parameters.horizon))
    factor, used = float(factor_of(parameters, purpose)), len(labels)
    draft.gain[:, :used] = draft.loss[:, :used] = factor
    draft.weight[:used] = draft.tau[0] = 1
    draft.weight[tier.floor_row] = int(parameters.mean != "counted")
    draft.multiplier[0] = float(factor_of(parameters, purpose) * normal_multiple(parameters.measure))
    _values(draft, places, held, fast)
    _loadings(draft, parameters, matrix, places, held, made)
    rows = _rows(parameters, matrix, held, fast, made)
    for s, (change, error) in enumerate(rows):
        for place, one, bound in zip(places, change, error, strict=True):
            g, i = divmod(place, tier.slots)
            draft.risk[g, s, i], draft.risk_error[g, s, i] = one * MONEY_PER_LOT, bound * MONEY_PER_LOT
    return draft


def _arrays(held: Sequence[Contract]) -> Contracts:
    """Return contracts as arrays; the settlement unit has forward 0, since it has no risk."""
    return Contracts(
        forward=np.array([float(c.forward) if c.underlying else 0.0 for c in held]),
        strike=np.array([float(c.strike or 1) for c in held]),
        vol=np.array([float(c.vol) for c in held]),
        seconds=np.array([float(c.seconds) for c in held]),
        is_call=np.array([c.is_call for c in held], dtype=np.bool_),
        is_option=np.array([c.strike is not None for c in held], dtype=np.bool_),
    )


def _prices(c: Contracts, forward: Floats, vol: Floats) -> tuple[Floats, Floats]:
    """Return (values, error bounds), USD a contract."""
    years = c.seconds / YEAR_SECONDS
    option = black76.price(forward, c.strike, vol, years, c.is_call)
    size = (forward + np.where(c.is_option, c.strike, 0.0)) * np.maximum(1.0, vol * np.sqrt(years))
    return np.where(c.is_option, option, forward), size * 2 * black76.PRICE_ERROR


def _values(draft: Draft, places: Sequence[int], held: Sequence[Contract], fast: Contracts) -> None:
    now, error = _prices(fast, fast.forward, fast.vol)
    for place, contract, value, bound in zip(places, held, now.tolist(), error.tolist(), strict=True):
        full = float(contract.forward) if contract.strike is None else value
        draft.value[place] = full * MONEY_PER_LOT
        draft.long_value[place] = full * float(1 - contract.haircut) * MONEY_PER_LOT
        draft.short_value[place] = full * float(1 + contract.haircut) * MONEY_PER_LOT
        exact = not contract.underlying and not contract.haircut
        draft.value_error[place] = 0.0 if exact else (bound + full * _TINY) * MONEY_PER_LOT


def _loadings(
    draft: Draft,
    parameters: GreeksParameters,
    matrix: Matrix,
    places: Sequence[int],
    held: Sequence[Contract],
    made: Exposures,
) -> None:
    """Fill in the factors, and what they leave out where there are more than the tier holds."""
    e, error = _vectors(parameters, matrix, held, made)
    factors = factorise(matrix, draft.loading.shape[0], (e * e).mean(axis=0).tolist() if held else [1.0] * len(matrix))
    for k, row in enumerate(factors.rows):
        c = _coefficients(row)
        draft.loading[k, places] = (e @ c) * MONEY_PER_LOT
        draft.loading_error[k, places] = ((error + np.abs(e) * _TINY) @ np.abs(c)) * MONEY_PER_LOT
    if any(any(line) for line in factors.rest):
        widths = np.sqrt([float(factors.rest[j][j]) for j in range(len(matrix))]) * (1 + _TINY)
        gap = [_length(factors.rest, line) + float(bound @ widths) for line, bound in zip(e, error, strict=True)]
        draft.loading_gap[places] = np.array(gap) * (1 + _TINY) * MONEY_PER_LOT


def _coefficients(row: Row) -> Floats:
    c: Floats = np.array([float(entry) for entry in row.entries]) / np.sqrt(float(row.pivot))
    return c


def _length(rest: Matrix, exposure: Floats) -> float:
    """Return sqrt(e' rest e), not below the exact one: the sum is exact, so nothing cancels."""
    e = [Fraction(entry) for entry in exposure.tolist()]
    square = sum((a * b * rest[j][k] for j, a in enumerate(e) if a for k, b in enumerate(e) if b), Fraction(0))
    return float(np.sqrt(float(square))) * (1 + _TINY)


def _vectors(
    parameters: GreeksParameters, matrix: Matrix, held: Sequence[Contract], made: Exposures
) -> tuple[Floats, Floats]:
    """Return (exposures, error bounds), a row a contract: prices, volatility points, gammas; USD."""
    count, points = len(parameters.prices), len(parameters.volatility_points)
    e, error = np.zeros((len(held), len(matrix))), np.zeros((len(held), len(matrix)))
    for row, contract in enumerate(held):
        if not contract.underlying:
            continue
        u = parameters.underlyings.index(contract.underlying)
        e[row, u], error[row, u] = made.delta[row], made.error[row]
        for j, share in point_weights(parameters, contract).items():
            e[row, count + j] = made.vega[row] * float(share)
            error[row, count + j] = made.error[row] + abs(made.vega[row]) * _TINY
        if parameters.gamma:
            e[row, count + points + u], error[row, count + points + u] = made.gamma[row], made.gamma_error[row]
    return e, error


def _rows(
    parameters: GreeksParameters, matrix: Matrix, held: Sequence[Contract], fast: Contracts, made: Exposures
) -> list[tuple[list[float], list[float]]]:
    """Return (change, error bound) of each contract in each row of `labels_of`, USD."""
    out = []
    if parameters.mean != "ignored":
        out.append(_mean(parameters, matrix, held, made))
    now, error = _prices(fast, fast.forward, fast.vol)
    for stress in parameters.stress:
        forward = fast.forward * (1 + _moves(stress.price, held))
        then, later = _prices(fast, forward, fast.vol * (1 + _moves(stress.volatility, held)))
        share = float(stress.share)
        out.append(((share * (then - now)).tolist(), (share * (error + later) * (1 + _TINY)).tolist()))
    return out


def _moves(moves: Mapping[str, object], held: Sequence[Contract]) -> Floats:
    return np.array([float(str(moves.get(contract.underlying, 0))) for contract in held])


def _mean(
    parameters: GreeksParameters, matrix: Matrix, held: Sequence[Contract], made: Exposures
) -> tuple[list[float], list[float]]:
    change, error = [], []
    for row, contract in enumerate(held):
        if not contract.underlying:
            change.append(0.0)
            error.append(0.0)
            continue
        u = parameters.underlyings.index(contract.underlying)
        drift = float(Fraction(parameters.drift[contract.underlying]) * parameters.horizon)
        half = float(matrix[u][u]) / 2 if parameters.gamma else 0.0
        parts = (made.delta[row] * drift, made.gamma[row] * half, made.decay[row])
        change.append(float(sum(parts)))
        bound = made.error[row] * (abs(drift) + 1) + made.gamma_error[row] * half
        error.append(float(bound + sum(map(abs, parts)) * _TINY))
    return change, error
