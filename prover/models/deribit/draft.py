"""From market and listing to the draft of a margin program. Figures are coins times the index price, in USD."""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from prover.market import black76
from prover.market.snapshot import YEAR_SECONDS
from prover.models.base import MONEY_PER_LOT, SETTLEMENT_UNIT, TierTooSmall, largest_tier
from prover.models.deribit.market import DeribitMarket, Product
from prover.models.deribit.parameters import DeribitParameters, Row, rows_of
from prover.models.draft import Draft, Floats
from prover.models.layout import lay_out
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier

DAY = 86_400
_TINY = 2.0**-46


def layout_of(linear: list[str], groups: Mapping[str, list[str]], tier: Tier, rows: int) -> Listing:
    """Return the listing: cash, coin and charges in group 0, then an expiry a group. Raises TierTooSmall."""
    if not tier.hinges or rows > tier.scenarios - tier.skew_rows:
        raise TierTooSmall(f"{rows} rows in groups by expiry do not fit tier {tier.name}; {largest_tier()}")
    runs = [[SETTLEMENT_UNIT, *sorted(set(linear) - {SETTLEMENT_UNIT})], *(groups[key] for key in sorted(groups))]
    return lay_out(runs, tier)


def draft_of(
    parameters: DeribitParameters, market: DeribitMarket, listing: Listing, tier: Tier, purpose: Purpose
) -> Draft:
    """Return the draft of a listing that `layout_of` made."""
    rows = rows_of(parameters)
    draft = Draft.blank(tier, tuple(row.label for row in rows))
    factor = float(parameters.maintenance_factor) if purpose is Purpose.MAINTENANCE else 1.0
    dampening = np.array([float(row.dampening) for row in rows])
    used = len(rows)
    draft.weight[:used] = draft.weight[tier.floor_row] = draft.tau[0] = 1
    draft.gain[:, :used] = factor * float(parameters.pnl_offset)
    draft.loss[:, :used] = factor
    index = float(market.index)
    cash = np.array([float(1 / (1 + row.move) - 1) for row in rows])  # what a dollar gains in coins, at the index
    for place, slot in enumerate(listing.places):
        if slot is None:
            continue
        name, (g, i) = slot.instrument, divmod(place, tier.slots)
        if name == SETTLEMENT_UNIT:
            draft.value[place] = draft.long_value[place] = draft.short_value[place] = MONEY_PER_LOT
            draft.risk[g, :used, i] = cash * dampening * MONEY_PER_LOT
            draft.risk_error[g, :used, i] = np.abs(cash) * MONEY_PER_LOT * _TINY
        elif name == market.coin:
            draft.value[place] = draft.long_value[place] = draft.short_value[place] = index * MONEY_PER_LOT
            draft.value_error[place] = index * MONEY_PER_LOT * _TINY
        elif name == market.charge_name():
            draft.long_only[place] = True
            if purpose is Purpose.INITIAL:
                draft.roll[place], draft.roll_error[place] = index * MONEY_PER_LOT, index * MONEY_PER_LOT * _TINY
                draft.roll_long[g] = 1.0
        else:
            product = market.products[name]
            coins, error = coin_values(parameters, product, rows)
            draft.risk[g, :used, i] = (coins[1:] - coins[0]) * dampening * index * MONEY_PER_LOT
            draft.risk_error[g, :used, i] = 2 * error * dampening * index * MONEY_PER_LOT
            if product.strike is None:
                rate = float(parameters.roll_contingency)
                draft.roll[place], draft.roll_error[place] = index * MONEY_PER_LOT, index * MONEY_PER_LOT * _TINY
                draft.roll_long[g] = draft.roll_short[g] = rate * factor
            else:
                worth = float(coins[0]) * index * MONEY_PER_LOT
                draft.value[place] = draft.long_value[place] = draft.short_value[place] = worth
                draft.value_error[place] = error * index * MONEY_PER_LOT
    return draft


def coin_values(parameters: DeribitParameters, product: Product, rows: tuple[Row, ...]) -> tuple[Floats, float]:
    """Return a contract's value in coins now and in every row, with the error bound.

    A future of one coin's notional gains 1 - 1/(1 + move); an option is worth its price over the forward.
    """
    moves = np.array([0.0, *(float(row.move) for row in rows)])
    if product.strike is None:
        return 1 - 1 / (1 + moves), _TINY * float(1 / (1 + moves).min())
    vol, years = float(product.vol), product.seconds / YEAR_SECONDS
    vols = np.array([vol, *(shocked_vol(parameters, product, row) for row in rows)])
    forward, strike = float(product.forward) * (1 + moves), float(product.strike)
    prices = black76.price(forward, np.array(strike), vols, np.array(years), np.array(product.is_call))
    spread = max(1.0, float(vols.max()) * sqrt(years))
    error = (float(forward.max()) + strike) / float(forward.min()) * spread * 4 * black76.PRICE_ERROR
    return prices / forward, error


def shocked_vol(parameters: DeribitParameters, product: Product, row: Row) -> float:
    """Return an option's volatility in a row: it moves more the nearer the expiry is."""
    vol, days = float(product.vol), max(product.seconds / DAY, 1.0)
    if row.volatility == 0:
        return vol
    power = float(parameters.short_term_power if days < 30 else parameters.long_term_power)
    term: float = (30 / days) ** power
    if row.volatility > 0:
        return max(vol * (1 + float(parameters.volatility_range_up) * term), float(parameters.minimum_volatility))
    return max(0.0, vol * (1 - float(parameters.volatility_range_down) * term))
