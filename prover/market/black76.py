"""Black-76: prices and Greeks of options on a forward, undiscounted, vectorised over instruments and scenarios.

F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976). With sd = vol * sqrt(T),
d1 = ln(F/K)/sd + sd/2, d2 = d1 - sd: call = F N(d1) - K N(d2), put = K N(-d2) - F N(-d1). At sd = 0, F = 0 or T <= 0
the price is the intrinsic value, which is the limit. A forward below zero (a price move past -100 %) counts as zero.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]

PRICE_ERROR = 2.0**-46
"""|computed - exact| <= PRICE_ERROR * (F + K) * max(1, sd): 64 units in the last place of the larger term. The first
order error of d1 and d2 cancels (F n(d1) = K n(d2)); what is left are the roundings of N, of the products and of
the inputs. tests/prover/test_black76.py compares with 50-digit arithmetic.
"""


@dataclass(frozen=True)
class Greeks:
    """One contract's sensitivities, same shape as the inputs."""

    delta: Floats
    """USD a USD of the forward."""
    gamma: Floats
    """delta a USD of the forward."""
    vega: Floats
    """USD for one volatility point (0.01)."""
    theta: Floats
    """USD a day of passing time, forward and volatility unchanged."""


def _terms(forward: Floats, strike: Floats, vol: Floats, years: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    forward = np.maximum(forward, 0.0)
    sd = np.maximum(vol, 0.0) * np.sqrt(np.maximum(years, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        d1 = np.log(forward / strike) / sd + 0.5 * sd
    return forward, sd, d1, d1 - sd


def price(forward: Floats, strike: Floats, vol: Floats, years: Floats, is_call: npt.NDArray[np.bool_]) -> Floats:
    """Return prices in USD a contract; all arguments broadcast. forward, strike in USD, vol 1 = 100 % a year."""
    forward, sd, d1, d2 = _terms(forward, strike, vol, years)
    sign = np.where(is_call, 1.0, -1.0)
    intrinsic = np.maximum(sign * (forward - strike), 0.0)
    live = (sd > 0) & (forward > 0)
    value = sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * d2))
    return np.where(live, np.maximum(value, intrinsic), intrinsic)


def greeks(forward: Floats, strike: Floats, vol: Floats, years: Floats, is_call: npt.NDArray[np.bool_]) -> Greeks:
    """Return Greeks of one contract; at expiry or zero volatility, delta is 0, 1 or -1 and the others are zero."""
    forward, sd, d1, _ = _terms(forward, strike, vol, years)
    sign = np.where(is_call, 1.0, -1.0)
    live = (sd > 0) & (forward > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        density = np.exp(-0.5 * d1 * d1) / np.sqrt(2 * np.pi)
        gamma = density / (forward * sd)
        vega = forward * density * np.sqrt(np.maximum(years, 0.0)) * 0.01
        theta = -forward * density * vol / (2 * np.sqrt(years)) / 365
    in_the_money = (sign * (forward - strike) > 0) * sign
    return Greeks(
        delta=np.where(live, sign * ndtr(sign * d1), in_the_money),
        gamma=np.where(live, gamma, 0.0),
        vega=np.where(live, vega, 0.0),
        theta=np.where(live, theta, 0.0),
    )
