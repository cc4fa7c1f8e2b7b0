"""The model in exact arithmetic, written apart from the fast one: the second opinion on every figure."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from prover.market.exact import price_exact
from prover.models.base import Figures
from prover.models.derive_srm.market import ExpiryKey, Option, SrmMarket
from verifier.program import Purpose

F = Fraction


def figures(
    market: SrmMarket, depeg: tuple[Decimal, Decimal], holdings: Mapping[str, Fraction], purpose: Purpose
) -> Figures:
    """Return equity after haircuts and charges, and the margins of perpetuals and expiries, USD.

    Payoffs are looked at at zero and at every strike of `holdings`, also of quantity zero: what is listed.
    """
    initial = purpose is Purpose.INITIAL
    drop = max(F(0), F(depeg[0]) - F(market.stable_price)) * F(depeg[1]) if initial else F(0)
    equity, requirement, worst = F(0), F(0), ("", F(0))
    by_expiry: dict[ExpiryKey, dict[str, Fraction]] = {}
    for name, quantity in holdings.items():
        if name in market.options:
            by_expiry.setdefault(market.options[name].expiry, {})[name] = quantity
        elif name in market.perps:
            requirement += abs(quantity) * _perp(market, name, initial, drop)
        else:
            equity += _linear(market, name, quantity, initial)
    for key, held in by_expiry.items():
        own = market.markets[key[0]]
        gross = sum((-quantity for quantity in held.values() if quantity < 0), F(0))
        equity -= gross * F(own.spot) * (_option_penalty(market, key, initial) + drop)
        margin = min(-_isolated(market, held, initial), -_worst_payoff(market, key, held, initial))
        requirement += margin
        worst = max(worst, (f"{key[0]}, {key[1]} s to expiry", margin), key=lambda pair: pair[1])
    return Figures(equity, requirement, equity >= requirement, worst[0] or "no expiry has a margin")


def _penalty(threshold: Decimal, confidence: Decimal, factor: Decimal) -> Fraction:
    return (1 - F(confidence)) * F(factor) if threshold and confidence < threshold else F(0)


def _option_penalty(market: SrmMarket, key: ExpiryKey, initial: bool) -> Fraction:
    own, expiry = market.markets[key[0]], market.expiries[key]
    least = min(own.spot_confidence, expiry.forward_confidence, expiry.vol_confidence)
    oracle = own.rates.oracle
    return _penalty(oracle.option_threshold, least, oracle.factor) if initial else F(0)


def _perp(market: SrmMarket, name: str, initial: bool, drop: Fraction) -> Fraction:
    own = market.markets[market.perps[name]]
    oracle, rates = own.rates.oracle, own.rates.perp
    if not initial:
        return F(own.perp_price) * F(rates.mm)
    least = min(own.perp_confidence, own.spot_confidence)
    return F(own.perp_price) * F(rates.im) + F(own.spot) * (
        _penalty(oracle.perp_threshold, least, oracle.factor) + drop
    )


def _linear(market: SrmMarket, name: str, quantity: Fraction, initial: bool) -> Fraction:
    if name in market.bases:
        own = market.markets[market.bases[name]]
        oracle, rates_base = own.rates.oracle, own.rates.base
        share = F(rates_base.margin) * (F(rates_base.im_scale) if initial else 1)
        if initial and rates_base.margin:
            share -= _penalty(oracle.base_threshold, own.spot_confidence, oracle.factor)
        return quantity * F(own.spot) * share
    return quantity


def _isolated(market: SrmMarket, held: Mapping[str, Fraction], initial: bool) -> Fraction:
    """Return the sum of the shorts' own margins, not above zero."""
    total = F(0)
    for name, quantity in held.items():
        if quantity >= 0:
            continue
        option = market.options[name]
        own = market.markets[option.expiry[0]]
        rates, spot = own.rates.option, F(own.spot)
        forward = F(market.expiries[option.expiry].forward)
        value = quantity * price_exact(forward, option.strike, F(option.vol), option.expiry[1], option.is_call)
        otm = max(F(0), F(option.strike) - spot if option.is_call else spot - F(option.strike)) / spot
        share = max(F(rates.max_spot) - otm, F(rates.min_spot))
        if option.is_call:
            total += value + quantity * spot * (share if initial else F(rates.mm_call))
            continue
        maintenance = value + min(quantity * spot * F(rates.mm_put), value * F(rates.mm_put_mark))
        total += min(value + quantity * spot * share, F(rates.mm_offset) * maintenance) if initial else maintenance
    return total


def _worst_payoff(market: SrmMarket, key: ExpiryKey, held: Mapping[str, Fraction], initial: bool) -> Fraction:
    """Return the least payoff at expiry, not above zero, with the charge on unpaired short calls."""
    own = market.markets[key[0]]
    options = {name: market.options[name] for name in held}
    prices = {F(0), *(F(option.strike) for option in options.values())}
    least = min(F(0), *(sum((held[n] * _pays(o, x) for n, o in options.items()), F(0)) for x in prices))
    calls = sum((held[name] for name, option in options.items() if option.is_call), F(0))
    scale = own.rates.option.unpaired_im if initial else own.rates.option.unpaired_mm
    return least + min(F(0), calls) * F(market.expiries[key].forward) * F(scale)


def _pays(option: Option, price: Fraction) -> Fraction:
    strike = F(option.strike)
    return max(F(0), price - strike if option.is_call else strike - price)
