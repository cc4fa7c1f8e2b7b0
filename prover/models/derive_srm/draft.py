"""From market and listing to the draft of a margin program."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from prover.market import black76
from prover.market.snapshot import YEAR_SECONDS
from prover.models.base import MONEY_EXPONENT, SETTLEMENT_UNIT, TierTooSmall, largest_tier
from prover.models.derive_srm.market import ExpiryKey, Option, SrmMarket
from prover.models.draft import Draft
from prover.models.layout import lay_out
from verifier.listing import Listing, Slot
from verifier.program import Purpose
from verifier.tiers import Tier

_TINY = 2.0**-48
"""Relative error of a product of a few decimals in floating point, with room."""
_ABOVE = 1 + 2.0**-46
"""What costs the trader is rounded up by this: above the exact figure in spite of float rounding."""


def layout_of(
    linear: list[str], expiries: Mapping[tuple[str, int], list[str]], tier: Tier, lots: Mapping[str, int] | None = None
) -> Listing:
    """Return the listing: cash, perpetuals and coins in group 0, then an expiry of a market a group.

    expiries: option names by market and expiry. Raises TierTooSmall.
    """
    groups = [[SETTLEMENT_UNIT, *sorted(set(linear) - {SETTLEMENT_UNIT})], *(expiries[key] for key in sorted(expiries))]
    if not tier.hinges or len(groups) > tier.groups:
        raise TierTooSmall(
            f"{len(expiries)} expiries do not fit tier {tier.name}; the largest in this is standard, with 11; "
            f"{largest_tier()}"
        )
    return lay_out(groups, tier, lots=lots)


def check_strikes(count: int, tier: Tier) -> None:
    """Raise TierTooSmall where an expiry has more strikes than the tier has rows for."""
    if rows_for(count) > tier.scenarios:
        most = tier.scenarios // 2 - 2
        raise TierTooSmall(f"an expiry has {count} strikes, tier {tier.name} takes {most}; {largest_tier()}")


def rows_for(strikes: int) -> int:
    """Return how many rows an expiry takes: nothing, a price of zero and each strike, all with and without the charge
    on unpaired short calls."""
    return 2 * (strikes + 2)


def draft_of(
    market: SrmMarket, depeg: tuple[Decimal, Decimal], listing: Listing, tier: Tier, purpose: Purpose
) -> Draft:
    """Return the draft of a listing that `layout_of` made; depeg: threshold and factor."""
    draft = Draft.blank(tier, ())
    draft.weight[tier.floor_row] = draft.tau[0] = 1
    depeg_charge = depeg_rate(market, depeg, purpose)
    strikes: dict[int, list[Decimal]] = {}
    for place, slot in enumerate(listing.places):
        if slot is not None and slot.instrument in market.options:
            at = strikes.setdefault(place // tier.slots, [])
            strike = market.options[slot.instrument].strike
            if strike not in at:
                at.append(strike)
    for place, slot in enumerate(listing.places):
        if slot is None:
            continue
        g = place // tier.slots
        if slot.instrument in market.options:
            draft.cover[g] = draft.free[g] = draft.pick[g] = 1
            _option(draft, market, place, slot, sorted(strikes[g]), tier, purpose, depeg_charge)
        else:
            _linear(draft, market, place, slot, purpose, depeg_charge)
    return draft


def depeg_rate(market: SrmMarket, depeg: tuple[Decimal, Decimal], purpose: Purpose) -> Decimal:
    """Return the share of spot that a settlement coin below its threshold costs, initial margin only."""
    threshold, factor = depeg
    return max(Decimal(0), threshold - market.stable_price) * factor if purpose is Purpose.INITIAL else Decimal(0)


def option_charge(market: SrmMarket, key: ExpiryKey, purpose: Purpose) -> Decimal:
    """Return the share of spot that low confidence costs a short option."""
    own, expiry = market.markets[key[0]], market.expiries[key]
    confidence = min(own.spot_confidence, expiry.forward_confidence, expiry.vol_confidence)
    oracle = own.rates.oracle
    return oracle.charge(oracle.option_threshold, confidence) if purpose is Purpose.INITIAL else Decimal(0)


def money_per_lot(slot: Slot) -> float:
    """Return money a lot of what is worth one USD a contract."""
    return float(10 ** (slot.lot_exponent - MONEY_EXPONENT))


def price_of(market: SrmMarket, option: Option) -> float:
    """Return an option's mark in USD a contract, undiscounted."""
    years, forward = option.expiry[1] / YEAR_SECONDS, market.expiries[option.expiry].forward
    made = black76.price(
        np.array(float(forward)),
        np.array(float(option.strike)),
        np.array(float(option.vol)),
        np.array(years),
        np.array(option.is_call),
    )
    return float(made)


def isolated_margin(market: SrmMarket, option: Option, price: float, purpose: Purpose) -> float:
    """Return what one short contract requires by itself, USD: its mark and a share of spot."""
    own = market.markets[option.expiry[0]]
    rates, spot, strike = own.rates.option, float(own.spot), float(option.strike)
    if option.is_call:
        maintenance = price + spot * float(rates.mm_call)
    else:
        maintenance = price + max(spot * float(rates.mm_put), price * float(rates.mm_put_mark))
    if purpose is Purpose.MAINTENANCE:
        return maintenance
    away = max(strike - spot if option.is_call else spot - strike, 0.0) / spot
    initial = price + spot * max(float(rates.max_spot) - away, float(rates.min_spot))
    return initial if option.is_call else max(initial, float(rates.mm_offset) * maintenance)


def _option(
    draft: Draft,
    market: SrmMarket,
    place: int,
    slot: Slot,
    strikes: list[Decimal],
    tier: Tier,
    purpose: Purpose,
    depeg_charge: Decimal,
) -> None:
    option, per_lot = market.options[slot.instrument], money_per_lot(slot)
    own, (g, i) = market.markets[option.expiry[0]], divmod(place, tier.slots)
    price = price_of(market, option)
    error = (float(market.expiries[option.expiry].forward + option.strike)) * black76.PRICE_ERROR
    error *= max(1.0, float(option.vol) * (option.expiry[1] / YEAR_SECONDS) ** 0.5)
    charge = float(own.spot * (option_charge(market, option.expiry, purpose) + depeg_charge))
    draft.short_value[place] = charge * _ABOVE * per_lot
    needed = isolated_margin(market, option, price, purpose)
    draft.group_floor[place] = (needed + 3 * error * (1 + float(own.rates.option.mm_offset))) * _ABOVE * per_lot
    scale = own.rates.option.unpaired_im if purpose is Purpose.INITIAL else own.rates.option.unpaired_mm
    unpaired = market.expiries[option.expiry].forward * scale if option.is_call else Decimal(0)
    points: list[Decimal | None] = [None, Decimal(0), *strikes]
    for n, point in enumerate(points):
        pays = Decimal(0) if point is None else payoff(option, point)
        for row, amount in ((2 * n, pays), (2 * n + 1, pays + unpaired)):
            exact = Fraction(amount) * Fraction(10) ** (slot.lot_exponent - MONEY_EXPONENT)
            draft.risk[g, row, i] = float(exact)
            draft.risk_error[g, row, i] = 0.0 if exact.denominator == 1 else abs(float(exact)) * _TINY


def payoff(option: Option, price: Decimal) -> Decimal:
    """Return what an option pays at a settlement price, USD a contract."""
    return max(Decimal(0), price - option.strike if option.is_call else option.strike - price)


def _linear(draft: Draft, market: SrmMarket, place: int, slot: Slot, purpose: Purpose, depeg_charge: Decimal) -> None:
    """Fill in cash, a perpetual or a coin."""
    name, per_lot = slot.instrument, money_per_lot(slot)
    if name == SETTLEMENT_UNIT:
        draft.value[place] = draft.long_value[place] = draft.short_value[place] = per_lot
        return
    initial = purpose is Purpose.INITIAL
    if name in market.perps:
        own = market.markets[market.perps[name]]
        oracle, confidence = own.rates.oracle, min(own.perp_confidence, own.spot_confidence)
        share = oracle.charge(oracle.perp_threshold, confidence) + depeg_charge if initial else Decimal(0)
        rate = own.rates.perp.im if initial else own.rates.perp.mm
        charge = float(own.perp_price * rate + own.spot * share) * per_lot
        draft.floor_linear[place], draft.floor_short[place] = charge, 2 * charge * _ABOVE
        draft.floor_error[place] = charge * _TINY
        return
    own = market.markets[market.bases[name]]
    base, oracle = own.rates.base, own.rates.oracle
    counted = base.margin * (base.im_scale if initial else 1)
    if initial and base.margin:
        counted -= oracle.charge(oracle.base_threshold, own.spot_confidence)
    draft.value[place] = draft.short_value[place] = float(own.spot) * per_lot
    draft.long_value[place] = float(own.spot * counted) * per_lot
    draft.value_error[place] = draft.value[place] * _TINY
    draft.long_only[place] = True
