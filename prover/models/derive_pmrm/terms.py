"""Per-expiry and per-instrument factors of the model in floating point; docs/models/derive_pmrm.md has the formulas."""

from dataclasses import dataclass
from decimal import Decimal
from math import copysign, exp, inf, log, sqrt

import numpy as np

from prover.market import black76
from prover.market.snapshot import YEAR_SECONDS
from prover.models.derive_pmrm.market import Expiry, Option, PmrmMarket
from prover.models.derive_pmrm.parameters import SkewShock, SpotScenario, VenueParameters, VolShock
from prover.models.draft import Floats
from verifier.program import Purpose

DAY = 86_400
SETTLEMENT_WINDOW = 1_800
"""Seconds before expiry over which the settlement price is averaged: the part that is averaged no longer moves."""
PRICE_ERROR = 4 * black76.PRICE_ERROR
"""Relative to (forward + strike) * max(1, sd): Black-76 at inputs that are off by a few units in the last place."""


@dataclass(frozen=True)
class ExpiryTerms:
    """Factors of one expiry."""

    years: float
    discount: float
    moving: float
    """Share of the forward that a spot shock still moves."""
    vol_up: float
    vol_down: float
    gain: float
    """Static discount of an expiry's positive value."""
    loss: float
    """Static mark-up of a negative one."""
    linear: float
    """Cap of the linear skew shock."""
    absolute: float
    k_star: float
    envelope: float


def loss_factor(venue: VenueParameters, market: PmrmMarket, purpose: Purpose) -> Decimal:
    """Return what scales every scenario, exact: the loss factor and, for initial margin, the peg loss."""
    if purpose is Purpose.MAINTENANCE:
        return venue.margin.mm_loss
    gap = venue.other.peg_threshold - market.stable_price
    return venue.margin.im_loss + max(Decimal(0), gap) * venue.other.peg_factor


def confidence_charge(venue: VenueParameters, confidence: Decimal, purpose: Purpose) -> Decimal:
    """Return the share of the value that low confidence costs, exact: only for initial margin, below the threshold."""
    if purpose is Purpose.MAINTENANCE or confidence >= venue.other.confidence_threshold:
        return Decimal(0)
    return (1 - confidence) * venue.other.confidence_margin


def with_initial(maintenance: Decimal, addition: Decimal, purpose: Purpose) -> Decimal:
    """Return a rate of the purpose: the venue states initial margin as an addition."""
    return maintenance + (addition if purpose is Purpose.INITIAL else Decimal(0))


def market_confidence(market: PmrmMarket) -> Decimal:
    """Return the confidence of spot, and of the perpetual where it counts."""
    both = min(market.spot_confidence, market.perp_confidence)
    return both if market.perp_confidence_counts else market.spot_confidence


def option_confidence(market: PmrmMarket, expiry: Expiry) -> Decimal:
    """Return the least confidence that an option's value rests on."""
    return min(market_confidence(market), expiry.forward_confidence, expiry.rate_confidence, expiry.vol_confidence)


def expiry_terms(venue: VenueParameters, expiry: Expiry) -> ExpiryTerms:
    """Return the factors of one expiry."""
    m, years, rate = venue.margin, expiry.seconds / YEAR_SECONDS, float(max(Decimal(0), expiry.rate))
    discount = exp(-rate * years)
    up, down = vol_range(venue.vol, expiry.seconds)
    gain = float(m.static_discount) * exp(-years * (rate * float(m.long_rate_multiple) + float(m.long_rate_addition)))
    loss = float(m.static_discount_negative) * exp(
        years * (rate * float(m.short_rate_multiple) + float(m.short_rate_addition))
    )
    root = sqrt(years)
    s = venue.skew
    return ExpiryTerms(
        years=years,
        discount=discount,
        moving=min(1.0, expiry.seconds / SETTLEMENT_WINDOW),
        vol_up=up,
        vol_down=down,
        gain=gain,
        loss=min(loss, 1 / discount),
        linear=float(s.linear_cap) + float(s.linear_base) * root,
        absolute=float(s.abs_cap) + float(s.abs_base) * root,
        k_star=max(float(s.min_k_star), root * float(s.min_width) * (float(s.vol_static) + root * float(s.vol_scale))),
        envelope=float(venue.basis.addition) + float(venue.basis.multiple) * years,
    )


def vol_range(vol: VolShock, seconds: int) -> tuple[float, float]:
    """Return the factors of a volatility move up and down: larger for short expiries."""
    reach = 30 * DAY / max(float(seconds), float(vol.dte_floor) * DAY, 1.0)
    power = vol.short_power if seconds <= 30 * DAY else vol.long_power
    multiple = reach ** float(power)
    return 1 + float(vol.range_up) * multiple, max(0.0, 1 - float(vol.range_down) * multiple)


def skewed_vol(skew: SkewShock, terms: ExpiryTerms, direction: str, forward: float, strike: float, vol: float) -> float:
    """Return the volatility under a skew shock: linear in log-moneyness up to a cap."""
    moneyness = log(strike / forward)
    cap = terms.linear
    if direction == "ABS":
        moneyness, cap = abs(moneyness), terms.absolute
    if moneyness == 0:
        return vol
    change = moneyness * cap / terms.k_star if terms.k_star > 0 else copysign(inf, moneyness) * cap
    change = min(cap, change) if moneyness >= 0 else max(-cap, change)
    return vol * max(0.0, 1 + change)


def prices(
    venue: VenueParameters, market: PmrmMarket, option: Option, terms: ExpiryTerms, scenarios: list[SpotScenario]
) -> tuple[float, Floats, float, float, float]:
    """Return (value, value by scenario, change under the basis move up, down, error bound), USD a contract."""
    expiry = market.expiries[option.expiry]
    forward, strike, vol = float(expiry.forward), float(option.strike), float(option.vol)
    still, floor = forward * (1 - terms.moving), float(venue.vol.min_shocked)
    points = [(forward, vol)]
    for scenario in scenarios:
        if scenario.is_skew:
            points.append((forward, skewed_vol(venue.skew, terms, scenario.direction, forward, strike, vol)))
            continue
        shocked = {"Up": max(floor, vol * terms.vol_up), "Down": vol * terms.vol_down, "None": vol}[scenario.direction]
        points.append((still + forward * terms.moving * float(scenario.spot_shock), shocked))
    points += [(still + forward * terms.moving * float(move), vol) for move in (venue.basis.up, venue.basis.down)]
    moved, vols = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    values = terms.discount * black76.price(
        moved, np.array(strike), vols, np.array(terms.years), np.array(option.is_call)
    )
    spread = max(1.0, float(vols.max()) * sqrt(terms.years))
    error = (float(moved.max()) + strike) * spread * PRICE_ERROR
    return float(values[0]), values[1:-2], float(values[-2] - values[0]), float(values[-1] - values[0]), error
