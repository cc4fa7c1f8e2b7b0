"""Instruments priced now and at every point of a grid, fast with error bounds and exactly: shared by models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from prover.market import black76
from prover.market.exact import price_exact
from prover.market.names import Instrument, Kind, parse_name
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from prover.models.base import MONEY_PER_LOT
from prover.models.draft import Floats
from prover.portfolio import COLLATERAL_SUFFIX


@dataclass(frozen=True)
class Scenario:
    """One grid point: the price moves by `price` ranges, volatility by `volatility` of itself, P&L counts `cover`."""

    label: str
    price: Fraction
    volatility: Fraction
    cover: Fraction


@dataclass(frozen=True)
class Priced:
    """Money per lot, a row an instrument, a column a scenario; |exact - float| <= the error beside it."""

    value: Floats
    error: Floats
    pnl: Floats
    pnl_error: Floats


@dataclass(frozen=True)
class ExactNumbers:
    """Exact USD a contract: what a long one counts, what a short one costs, P&L by scenario, short option minimum."""

    long: Fraction
    short: Fraction
    pnl: tuple[Fraction, ...]
    minimum: Fraction
    underlying: str
    """Empty for balances."""

    def worth(self, quantity: Fraction) -> Fraction:
        """What a position counts in equity."""
        return quantity * (self.long if quantity > 0 else self.short)


def is_derivative(name: str) -> bool:
    """Return whether a listing name is an option, a future or a perpetual, not a balance or collateral."""
    return COLLATERAL_SUFFIX not in name and parse_name(name).kind is not Kind.BALANCE


def price_grid(
    snapshot: MarketSnapshot,
    instruments: Sequence[Instrument],
    scenarios: Sequence[Scenario],
    price_range: Mapping[str, Decimal],
) -> Priced:
    """Price instruments now and under every scenario; `price_range`: by underlying, a share of the forward."""
    forward = np.array([float(snapshot.forward(i)) for i in instruments])
    reach = np.array([float(price_range[i.underlying]) for i in instruments])
    option = np.array([i.kind is Kind.OPTION for i in instruments], dtype=np.bool_)
    strike = np.array([float(i.strike or 1) for i in instruments])
    vol = np.array([float(snapshot.volatility(i)) if i.kind is Kind.OPTION else 0.0 for i in instruments])
    years = np.array([snapshot.seconds_to_expiry(i) / YEAR_SECONDS for i in instruments])
    is_call = np.array([i.is_call for i in instruments], dtype=np.bool_)
    move = np.array([float(s.price) for s in scenarios])
    wider = np.array([float(s.volatility) for s in scenarios])
    cover = np.array([float(s.cover) for s in scenarios])
    moved = forward[:, None] * (1 + reach[:, None] * move[None, :])
    shocked = vol[:, None] * (1 + wider[None, :])
    now = np.where(option, black76.price(forward, strike, vol, years, is_call), forward)
    then = np.where(
        option[:, None],
        black76.price(moved, strike[:, None], shocked, years[:, None], is_call[:, None]),
        np.maximum(moved, 0.0),
    )
    widest = np.maximum(vol, shocked.max(axis=1, initial=0.0)) * np.sqrt(years)
    size = np.maximum(forward, np.abs(moved).max(axis=1, initial=0.0)) + np.where(option, strike, 0.0)
    error = size * np.maximum(1.0, widest) * black76.PRICE_ERROR
    return Priced(
        value=now * MONEY_PER_LOT,
        error=error * MONEY_PER_LOT,
        pnl=cover * (then - now[:, None]) * MONEY_PER_LOT,
        pnl_error=np.repeat(2 * error[:, None] * MONEY_PER_LOT, len(scenarios), axis=1),
    )


def exact_grid(
    snapshot: MarketSnapshot, instrument: Instrument, scenarios: Sequence[Scenario], price_range: Mapping[str, Decimal]
) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Return (value now, P&L by scenario) of one contract in USD, by `price_exact`."""
    reach = Fraction(price_range[instrument.underlying])
    forward = Fraction(snapshot.forward(instrument))

    def worth(price_move: Fraction, vol_move: Fraction) -> Fraction:
        moved = max(Fraction(0), forward * (1 + reach * price_move))
        if instrument.kind is not Kind.OPTION:
            return moved
        assert instrument.strike is not None
        vol = Fraction(snapshot.volatility(instrument)) * (1 + vol_move)
        return price_exact(moved, instrument.strike, vol, snapshot.seconds_to_expiry(instrument), instrument.is_call)

    now = worth(Fraction(0), Fraction(0))
    return now, tuple(s.cover * (worth(s.price, s.volatility) - now) for s in scenarios)
