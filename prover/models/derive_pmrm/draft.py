"""From market and listing to the draft of a margin program."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from prover.models.base import MONEY_EXPONENT, SETTLEMENT_UNIT, TierTooSmall
from prover.models.derive_pmrm.market import PmrmMarket
from prover.models.derive_pmrm.parameters import SpotScenario, VenueParameters
from prover.models.derive_pmrm.terms import (
    confidence_charge,
    expiry_terms,
    loss_factor,
    market_confidence,
    option_confidence,
    prices,
    with_initial,
)
from prover.models.draft import Draft
from prover.models.layout import lay_out
from verifier.listing import Listing, Slot
from verifier.program import Purpose
from verifier.tiers import TIERS, Tier

_TINY = 2.0**-48
"""Relative error of a product of a few decimals in floating point, with room."""


def rows_of(scenarios: list[SpotScenario], tier: Tier) -> list[int]:
    """Return the row of each scenario: skew scenarios take the tier's skew rows. Raises TierTooSmall."""
    plain = tier.scenarios - tier.skew_rows
    skewed = sum(scenario.is_skew for scenario in scenarios)
    if skewed > tier.skew_rows or len(scenarios) - skewed > plain or not (tier.hinges and tier.envelope):
        raise TierTooSmall(
            f"the model's {len(scenarios) - skewed} scenarios and {skewed} skew scenarios with a basis contingency do "
            f"not fit tier {tier.name}; {largest()}"
        )
    free_plain, free_skew = iter(range(plain)), iter(range(plain, tier.scenarios))
    return [next(free_skew if scenario.is_skew else free_plain) for scenario in scenarios]


def largest() -> str:
    """Return which tier holds the largest books of this model, for errors."""
    fit = [tier for tier in TIERS.values() if tier.hinges and tier.envelope and tier.skew_rows]
    tier = max(fit, key=lambda t: t.positions)
    return (
        f"the largest tier is {tier.name}: {tier.groups - 1} expiries of {tier.slots // 2} strikes, {tier.slots} "
        "places for cash, perpetual and collateral"
    )


def labels_of(scenarios: list[SpotScenario], tier: Tier) -> tuple[str, ...]:
    """Return what each row of a tier is; empty for padding."""
    out = [""] * tier.scenarios
    for row, scenario in zip(rows_of(scenarios, tier), scenarios, strict=True):
        out[row] = f"spot x {scenario.spot_shock}, volatility {scenario.direction}"
    return tuple(out)


def layout_of(
    linear: list[str],
    strikes: Mapping[int, Mapping[Decimal, tuple[str, str]]],
    tier: Tier,
    lots: Mapping[str, int] | None = None,
) -> Listing:
    """Return the listing: cash, perpetual and collateral in group 0, then an expiry a group, call and put side by side.

    strikes: by expiry and strike, the names of call and put. lots: exponents of other lots than the usual one; call and
    put of a strike share theirs.
    """
    groups: list[list[str]] = [[SETTLEMENT_UNIT, *sorted(set(linear) - {SETTLEMENT_UNIT})]]
    groups += [[name for _, pair in sorted(strikes[key].items()) for name in pair] for key in sorted(strikes)]
    return lay_out(groups, tier, lots=lots, largest=largest())


def draft_of(venue: VenueParameters, market: PmrmMarket, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
    """Return the draft of a listing that `layout_of` made."""
    draft = Draft.blank(tier, labels_of(venue.scenarios, tier))
    rows = rows_of(venue.scenarios, tier)
    scale = loss_factor(venue, market, purpose)
    draft.weight[rows] = draft.weight[tier.floor_row] = draft.tau[0] = 1
    draft.weight[tier.scenarios] = 1
    draft.gain[0, rows] = draft.loss[0, rows] = float(scale)
    filled: set[int] = set()
    for place, slot in enumerate(listing.places):
        if slot is None:
            continue
        if slot.instrument in market.options:
            g = place // tier.slots
            _option(draft, venue, market, place, slot, tier, purpose)
            if g not in filled:
                filled.add(g)
                _weights(draft, venue, market, g, slot.instrument, rows, scale)
        else:
            _linear(draft, venue, market, place, slot, rows, purpose)
    return draft


def money_per_lot(slot: Slot) -> float:
    """Return money a lot of what is worth one USD a contract."""
    return float(10 ** (slot.lot_exponent - MONEY_EXPONENT))


def _weights(
    draft: Draft,
    venue: VenueParameters,
    market: PmrmMarket,
    g: int,
    name: str,
    rows: list[int],
    scale: Decimal,
) -> None:
    """Fill in the weights of an expiry's group."""
    terms = expiry_terms(venue, market.expiries[market.options[name].expiry])
    for row, scenario in zip(rows, venue.scenarios, strict=True):
        counted = float(scenario.damping * scale)
        draft.gain[g, row] = float(scale) * terms.gain
        draft.loss[g, row] = float(scale) * terms.loss
        draft.mark_weight[g, row] = counted
    draft.envelope_weight[g] = terms.envelope * float(scale)


def _option(
    draft: Draft,
    venue: VenueParameters,
    market: PmrmMarket,
    place: int,
    slot: Slot,
    tier: Tier,
    purpose: Purpose,
) -> None:
    option, per_lot = market.options[slot.instrument], money_per_lot(slot)
    expiry = market.expiries[option.expiry]
    now, moved, up, down, error = prices(venue, market, option, expiry_terms(venue, expiry), venue.scenarios)
    charge = float(market.spot * confidence_charge(venue, option_confidence(market, expiry), purpose))
    o, (g, i) = venue.other, divmod(place, tier.slots)
    draft.value[place] = now * per_lot
    draft.long_value[place] = (now - charge) * per_lot
    draft.short_value[place] = (now + charge) * per_lot
    draft.value_error[place] = (error + charge * _TINY) * per_lot
    draft.up[place], draft.down[place] = up * per_lot, down * per_lot
    draft.envelope_error[place] = 2 * error * per_lot
    naked = float(market.spot * with_initial(o.mm_option, o.im_option, purpose))
    draft.naked_charge[place // 2] = naked * (1 + _TINY) * per_lot
    rows = rows_of(venue.scenarios, tier)
    damped = np.array([float(scenario.damping) for scenario in venue.scenarios])
    draft.risk[g, rows, i] = moved * damped * per_lot
    draft.risk_error[g, rows, i] = error * damped * per_lot


def _linear(
    draft: Draft,
    venue: VenueParameters,
    market: PmrmMarket,
    place: int,
    slot: Slot,
    rows: list[int],
    purpose: Purpose,
) -> None:
    """Fill in cash, the perpetual or a balance: all stand in group 0."""
    name, per_lot = slot.instrument, money_per_lot(slot)
    if name == SETTLEMENT_UNIT:
        draft.value[place] = draft.long_value[place] = draft.short_value[place] = per_lot
        return
    price = Fraction(0)
    if name in market.perps:
        o = venue.other
        share = with_initial(o.mm_perp, o.im_perp, purpose) + confidence_charge(
            venue, market_confidence(market), purpose
        )
        charge = float(market.spot * share) * per_lot
        draft.long_value[place], draft.short_value[place] = -charge, charge
        draft.value_error[place] = charge * _TINY
        price = Fraction(market.perp_price)
    else:
        held = market.collateral[name]
        full = Fraction(held.price) / Fraction(market.stable_price)
        haircut = with_initial(held.rule.mm_haircut, held.rule.im_haircut, purpose)
        haircut += confidence_charge(venue, min(held.confidence, market.spot_confidence), purpose)
        draft.value[place] = draft.short_value[place] = float(full) * per_lot
        draft.long_value[place] = float(full * (1 - Fraction(haircut))) * per_lot
        draft.value_error[place] = draft.value[place] * _TINY
        draft.long_only[place] = True
        price = full if held.rule.risk_cancelling else price
    for row, scenario in zip(rows, venue.scenarios, strict=True):
        if price and not scenario.is_skew:
            change = float(price * (Fraction(scenario.spot_shock) - 1) * Fraction(scenario.damping)) * per_lot
            draft.risk[0, row, place] = change
            draft.risk_error[0, row, place] = abs(change) * _TINY
