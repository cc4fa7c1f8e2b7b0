"""From market and listing to the draft of a margin program; docs/models/paradex.md derives the floor row."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import exp, sqrt

import numpy as np

from prover.market import black76
from prover.market.snapshot import YEAR_SECONDS
from prover.models.base import MONEY_PER_LOT, SETTLEMENT_UNIT, TierTooSmall, largest_tier
from prover.models.draft import Draft, Floats
from prover.models.layout import lay_out
from prover.models.paradex.market import ParadexMarket, Product, place_of
from prover.models.paradex.parameters import Config
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier

SETTLEMENT_WINDOW = 1_800
"""Seconds before expiry over which an option's scenario losses fade."""
DAY = 86_400
_TINY = 2.0**-46
Prices = Callable[[Product], tuple[Floats, float]]
"""Prices of a product under every scenario with their error bound, USD a contract."""


def layout_of(names: list[str], tier: Tier) -> Listing:
    """Return the listing: everything in one run of places. Raises TierTooSmall."""
    ordered = [SETTLEMENT_UNIT, *sorted(set(names) - {SETTLEMENT_UNIT})]
    orders = any(place_of(name).kind in ("buy", "sell") for name in ordered)
    if len(ordered) > tier.positions or (orders and tier.nets < 2):
        what = "open orders do" if len(ordered) <= tier.positions else f"{len(ordered)} instruments do"
        raise TierTooSmall(f"{what} not fit tier {tier.name}; {largest_tier()}")
    return lay_out([ordered[at : at + tier.slots] for at in range(0, len(ordered), tier.slots)], tier)


def check_rows(config: Config, tier: Tier) -> None:
    """Raise TierTooSmall where the tier has too few rows."""
    if len(config.scenarios) > tier.scenarios - tier.skew_rows:
        raise TierTooSmall(f"{len(config.scenarios)} scenarios do not fit tier {tier.name}; {largest_tier()}")


def live_share(product: Product) -> Fraction:
    """Return the share of a scenario loss that still counts: less in the last half hour of an option, exact."""
    if product.strike is None:
        return Fraction(1)
    return min(Fraction(1), Fraction(product.seconds, SETTLEMENT_WINDOW))


def model_prices(config: Config, market: ParadexMarket) -> Prices:
    """Return the pricing of the model: Black-Scholes with the interest rate, the perpetual by its basis."""

    def prices(product: Product) -> tuple[Floats, float]:
        moved = np.array([float(market.spot * (1 + s.spot_shock)) for s in config.scenarios])
        if product.strike is None:
            values = moved * float(1 + market.basis)
            return values, float(values.max()) * _TINY
        years, strike = product.seconds / YEAR_SECONDS, float(product.strike)
        growth = exp(float(market.rate) * years)
        vols = np.array([shocked_vol(config, product, s.vol_shock) for s in config.scenarios])
        forward = moved * growth
        values = black76.price(forward, np.array(strike), vols, np.array(years), np.array(product.is_call)) / growth
        spread = max(1.0, float(vols.max()) * sqrt(years))
        return values, (float(forward.max()) + strike) * spread * 4 * black76.PRICE_ERROR

    return prices


def shocked_vol(config: Config, product: Product, shock: Decimal) -> float:
    """Return an option's volatility under a shock: larger for short expiries, not below the floor where it rises."""
    v = config.vol_shock_params
    days = product.seconds / DAY
    power = float(v.vega_power_short_dte if days < 30 else v.vega_power_long_dte)
    term: float = (30 / max(float(v.dte_floor_days), days)) ** power
    vol = float(product.vol) * (1 + float(shock) * term)
    return max(vol, float(v.min_vol_shock_up)) if shock > 0 else max(vol, 0.0)


def draft_of(
    config: Config, market: ParadexMarket, listing: Listing, tier: Tier, purpose: Purpose, prices: Prices | None = None
) -> Draft:
    """Return the draft of a listing that `layout_of` made; `prices` replaces the model's own pricing."""
    labels = tuple(f"spot {s.spot_shock:+%}, volatility {s.vol_shock:+%}" for s in config.scenarios)
    draft = Draft.blank(tier, labels)
    rows = len(labels)
    draft.weight[:rows] = draft.weight[tier.floor_row] = draft.tau[0] = 1
    draft.gain[:, :rows] = draft.loss[:, :rows] = 1.0
    draft.roll_long[:] = 1.0
    price = prices or model_prices(config, market)
    scale = config.mmf_factor if purpose is Purpose.MAINTENANCE else Decimal(1)
    for place, slot in enumerate(listing.places):
        if slot is None:
            continue
        what = place_of(slot.instrument)
        if what.kind == "cash":
            draft.value[place] = draft.long_value[place] = draft.short_value[place] = MONEY_PER_LOT
        elif what.kind == "position":
            _position(draft, config, market, market.products[what.product], place, tier, scale, price)
        elif purpose is Purpose.INITIAL:
            _order(draft, config, market, what.kind, market.products.get(what.product), place, tier, price)
        draft.long_only[place] = what.kind in ("buy", "sell", "open-loss")
    return draft


def _position(
    draft: Draft,
    config: Config,
    market: ParadexMarket,
    product: Product,
    place: int,
    tier: Tier,
    scale: Decimal,
    price: Prices,
) -> None:
    g, i = divmod(place, tier.slots)
    mark, fee = float(product.mark) * MONEY_PER_LOT, float(product.fee) * MONEY_PER_LOT
    draft.value[place], draft.value_error[place] = mark, (mark + fee) * _TINY
    draft.long_value[place], draft.short_value[place] = mark - fee, mark + fee
    values, error = price(product)
    weights = np.array([float(s.weight * scale) for s in config.scenarios]) * float(live_share(product))
    draft.risk[g, : len(values), i] = (values - float(product.mark)) * weights * MONEY_PER_LOT
    draft.risk_error[g, : len(values), i] = (error + float(product.mark) * _TINY) * weights * MONEY_PER_LOT
    hedged, unhedged = (
        factor * scale * market.spot for factor in (config.hedged_margin_factor, config.unhedged_margin_factor)
    )
    size, signed = abs(product.delta), product.delta
    draft.floor_linear[place] = float(hedged * size / 2) * MONEY_PER_LOT
    draft.floor_short[place] = float(hedged * size) * (1 + _TINY) * MONEY_PER_LOT
    _nets(draft, place, hedged * signed / 2, (unhedged - hedged) * signed)
    draft.floor_error[place] = float(unhedged * size) * 4 * _TINY * MONEY_PER_LOT
    if product.strike is None:
        draft.roll[place] = float(market.funding * market.spot) * MONEY_PER_LOT
        draft.roll_error[place] = abs(draft.roll[place]) * _TINY


def _nets(draft: Draft, place: int, first: Decimal, second: Decimal) -> None:
    """Put the two net forms in their rows, or their sum in the one row of a tier without orders."""
    if len(draft.floor_net) == 1:
        draft.floor_net[0, place] = float(first + second) * MONEY_PER_LOT
    else:
        draft.floor_net[:, place] = float(first) * MONEY_PER_LOT, float(second) * MONEY_PER_LOT


def _order(
    draft: Draft,
    config: Config,
    market: ParadexMarket,
    kind: str,
    product: Product | None,
    place: int,
    tier: Tier,
    price: Prices,
) -> None:
    """Fill in an open order, which costs and never gains, or the loss that orders would make at once."""
    g, i = divmod(place, tier.slots)
    if product is None:
        draft.risk[g, : len(config.scenarios), i] = -MONEY_PER_LOT
        return
    sign = 1 if kind == "buy" else -1
    fee = float(product.fee) * MONEY_PER_LOT
    draft.value[place] = 0.0
    draft.long_value[place], draft.value_error[place] = -fee, fee * _TINY
    values, error = price(product)
    weights = np.array([float(s.weight) for s in config.scenarios]) * float(live_share(product))
    losses = np.maximum(sign * (float(product.mark) - values), 0.0)
    draft.risk[g, : len(values), i] = -losses * weights * MONEY_PER_LOT
    draft.risk_error[g, : len(values), i] = (error + float(product.mark) * _TINY) * weights * MONEY_PER_LOT
    hedged, unhedged = config.hedged_margin_factor * market.spot, config.unhedged_margin_factor * market.spot
    signed = product.delta * sign
    draft.floor_linear[place] = float(unhedged * abs(signed) / 2) * MONEY_PER_LOT
    _nets(draft, place, hedged * signed / 2, (unhedged - hedged) * signed / 2)
    draft.floor_error[place] = float(unhedged * abs(signed)) * 4 * _TINY * MONEY_PER_LOT
    if product.strike is None:
        draft.roll[place] = -sign * float(market.funding * market.spot) * MONEY_PER_LOT
        draft.roll_error[place] = abs(draft.roll[place]) * _TINY
