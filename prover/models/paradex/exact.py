"""The model in arithmetic of many digits, written apart from the fast one: the second opinion on every figure."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from prover.market.exact import exp_exact, power_exact, price_exact
from prover.models.base import Figures
from prover.models.paradex.market import ParadexMarket, Product, place_of
from prover.models.paradex.parameters import Config, Scenario, VolShock
from verifier.program import Purpose

F = Fraction
_DAY, _YEAR = 86_400, 31_536_000


def figures(config: Config, market: ParadexMarket, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
    """Return account value less fees, and the larger of scan and minimum delta plus funding, USD."""
    initial = purpose is Purpose.INITIAL
    equity = F(0)
    positions: dict[str, Fraction] = {}
    orders: list[tuple[Product, int, Fraction]] = []
    at_once = F(0)
    for name, quantity in holdings.items():
        place = place_of(name)
        if place.kind == "cash":
            equity += quantity
        elif place.kind == "position":
            positions[place.product] = quantity
            product = market.products[place.product]
            equity += quantity * F(product.mark) - abs(quantity) * F(product.fee)
        elif place.kind == "open-loss":
            at_once += quantity if initial else 0
        elif initial:
            product = market.products[place.product]
            orders.append((product, 1 if place.kind == "buy" else -1, quantity))
            equity -= quantity * F(product.fee)
    scan, label = _scan(config, market, positions, orders, at_once)
    least = _minimum_delta(config, market, positions, orders)
    if not initial:
        scan, least = scan * F(config.mmf_factor), least * F(config.mmf_factor)
    requirement = max(scan, least) + _funding(market, positions, orders)
    return Figures(equity, requirement, equity >= requirement, label if scan >= least else "minimum delta margin")


@lru_cache(1 << 14)
def _price(v: VolShock, quoted: tuple[Decimal, Decimal, Decimal], product: Product, scenario: Scenario) -> Fraction:
    """Return a product's price in a scenario, USD; `quoted`: spot, basis and rate. Books of a market share prices."""
    spot = F(quoted[0]) * (1 + F(scenario.spot_shock))
    if product.strike is None:
        return spot * (1 + F(quoted[1]))
    days = F(product.seconds, _DAY)
    power = F(v.vega_power_short_dte if days < 30 else v.vega_power_long_dte)
    term = power_exact(F(30) / max(F(v.dte_floor_days), days), power)
    vol = max(F(0), F(product.vol) * (1 + F(scenario.vol_shock) * term))
    if scenario.vol_shock > 0:
        vol = max(vol, F(v.min_vol_shock_up))
    growth = exp_exact(F(quoted[2]) * F(product.seconds, _YEAR))
    return price_exact(spot * growth, product.strike, vol, product.seconds, product.is_call) / growth


def _scan(
    config: Config,
    market: ParadexMarket,
    positions: Mapping[str, Fraction],
    orders: list[tuple[Product, int, Fraction]],
    at_once: Fraction,
) -> tuple[Fraction, str]:
    """Return the largest weighted loss of any scenario, not below zero, and which."""
    worst, label = F(0), "no scenario loses"
    shock, quoted = config.vol_shock_params, (market.spot, market.basis, market.rate)
    for scenario in config.scenarios:
        total = -at_once
        for name, quantity in positions.items():
            product = market.products[name]
            live = F(1) if product.strike is None else min(F(1), F(product.seconds, 1800))
            gain = _price(shock, quoted, product, scenario) - F(product.mark)
            total += live * gain * F(scenario.weight) * quantity
        for product, sign, quantity in orders:
            live = F(1) if product.strike is None else min(F(1), F(product.seconds, 1800))
            loss = max(F(0), sign * (F(product.mark) - _price(shock, quoted, product, scenario)))
            total -= live * loss * F(scenario.weight) * quantity
        if -total > worst:
            worst, label = -total, f"spot {scenario.spot_shock:+%}, volatility {scenario.vol_shock:+%}"
    return worst, label


def _minimum_delta(
    config: Config,
    market: ParadexMarket,
    positions: Mapping[str, Fraction],
    orders: list[tuple[Product, int, Fraction]],
) -> Fraction:
    """Return the charge on hedged and unhedged delta; orders count on the side that makes it larger."""
    deltas = [F(market.products[name].delta) * quantity for name, quantity in positions.items()]
    asked = [F(product.delta) * sign * quantity for product, sign, quantity in orders]
    long, short = sum((d for d in deltas if d > 0), F(0)), sum((-d for d in deltas if d < 0), F(0))
    most_long = long + sum((d for d in asked if d > 0), F(0))
    most_short = short + sum((-d for d in asked if d < 0), F(0))
    open_delta = max(F(0), most_long - short, most_short - long)
    hedged = max(F(0), max(most_long, most_short) - open_delta)
    return (hedged * F(config.hedged_margin_factor) + open_delta * F(config.unhedged_margin_factor)) * F(market.spot)


def _funding(
    market: ParadexMarket, positions: Mapping[str, Fraction], orders: list[tuple[Product, int, Fraction]]
) -> Fraction:
    size = sum((q for name, q in positions.items() if market.products[name].strike is None), F(0))
    size -= sum((sign * q for product, sign, q in orders if product.strike is None), F(0))
    return max(F(0), size * F(market.funding) * F(market.spot))
