"""The model in arithmetic of many digits, written apart from the fast one: the second opinion on every figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from prover.market.exact import exp_exact, log_exact, power_exact, price_exact, sqrt_exact
from prover.models.base import Figures
from prover.models.derive_pmrm.market import Expiry, Option, PmrmMarket
from prover.models.derive_pmrm.parameters import SkewShock, SpotScenario, VenueParameters, VolShock
from verifier.program import Purpose

F = Fraction
_YEAR, _DAY = 31_536_000, 86_400
_CACHED = 1 << 14
"""Values that are kept: the books of one market, and the purposes of one book, ask for the same ones."""


@dataclass(frozen=True)
class _Rates:
    """What initial margin changes."""

    loss: Fraction
    perp: Fraction
    option: Fraction
    initial: bool


def figures(venue: VenueParameters, market: PmrmMarket, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
    """Return equity after haircuts and contingencies, and the worst loss, of a book in USD."""
    rates = _rates(venue, market, purpose)
    linear = {n: q for n, q in holdings.items() if market.kind(n) != "option"}
    equity = sum((_linear_worth(venue, market, rates, n, q) for n, q in linear.items()), F(0))
    by_expiry: dict[int, dict[str, Fraction]] = {}
    for name, quantity in holdings.items():
        if name in market.options:
            by_expiry.setdefault(market.options[name].expiry, {})[name] = quantity
    pairs: dict[tuple[int, Fraction], Fraction] = {}
    marks: dict[int, Fraction] = {}
    for seconds, held in by_expiry.items():
        expiry = market.expiries[seconds]
        marks[seconds] = sum((q * _at_own_vol(expiry, market.options[n], F(1)) for n, q in held.items()), F(0))
        equity += marks[seconds]
        for name, quantity in held.items():
            option = market.options[name]
            equity -= abs(quantity) * F(market.spot) * _option_confidence(venue, market, rates, expiry)
            key = seconds, F(option.strike)
            pairs[key] = pairs.get(key, F(0)) + quantity
    equity -= sum((F(market.spot) * rates.option * max(F(0), -net) for net in pairs.values()), F(0))
    totals = [_scenario(venue, market, linear, by_expiry, marks, scenario) * rates.loss for scenario in venue.scenarios]
    basis = rates.loss * -sum((_basis(venue, market, seconds, held) for seconds, held in by_expiry.items()), F(0))
    worst = min([*totals, basis])
    label = "basis contingency" if basis == worst else _label(venue.scenarios[totals.index(worst)])
    requirement = max(F(0), -worst)
    return Figures(equity, requirement, equity >= requirement, label if worst < 0 else "no scenario loses")


def _label(scenario: SpotScenario) -> str:
    return f"spot x {scenario.spot_shock}, volatility {scenario.direction}"


def _rates(venue: VenueParameters, market: PmrmMarket, purpose: Purpose) -> _Rates:
    o, initial = venue.other, purpose is Purpose.INITIAL
    if not initial:
        return _Rates(F(venue.margin.mm_loss), F(o.mm_perp), F(o.mm_option), initial)
    peg = max(F(0), F(o.peg_threshold) - F(market.stable_price)) * F(o.peg_factor)
    return _Rates(F(venue.margin.im_loss) + peg, F(o.mm_perp) + F(o.im_perp), F(o.mm_option) + F(o.im_option), initial)


def _confidence(venue: VenueParameters, rates: _Rates, confidence: Fraction) -> Fraction:
    if not rates.initial or confidence >= F(venue.other.confidence_threshold):
        return F(0)
    return (1 - confidence) * F(venue.other.confidence_margin)


def _base_confidence(market: PmrmMarket) -> Fraction:
    return (
        min(F(market.spot_confidence), F(market.perp_confidence))
        if market.perp_confidence_counts
        else F(market.spot_confidence)
    )


def _option_confidence(venue: VenueParameters, market: PmrmMarket, rates: _Rates, expiry: Expiry) -> Fraction:
    own = min(expiry.forward_confidence, expiry.rate_confidence, expiry.vol_confidence)
    return _confidence(venue, rates, min(F(own), _base_confidence(market)))


def _linear_worth(venue: VenueParameters, market: PmrmMarket, rates: _Rates, name: str, quantity: Fraction) -> Fraction:
    if name in market.perps:
        share = rates.perp + _confidence(venue, rates, _base_confidence(market))
        return -abs(quantity) * F(market.spot) * share
    if name not in market.collateral:
        return quantity
    held = market.collateral[name]
    haircut = F(held.rule.mm_haircut) + (F(held.rule.im_haircut) if rates.initial else 0)
    haircut += _confidence(venue, rates, min(F(held.confidence), F(market.spot_confidence)))
    return quantity * F(held.price) / F(market.stable_price) * (1 - haircut)


def _discount(expiry: Expiry) -> Fraction:
    return exp_exact(-max(F(0), F(expiry.rate)) * F(expiry.seconds, _YEAR))


def _value(expiry: Expiry, option: Option, move: Fraction, vol: Fraction) -> Fraction:
    return _discount(expiry) * price_exact(_moved(expiry, move), option.strike, vol, expiry.seconds, option.is_call)


@lru_cache(_CACHED)
def _at_own_vol(expiry: Expiry, option: Option, move: Fraction) -> Fraction:
    """Return an option's value with the spot multiplied, USD."""
    return _value(expiry, option, move, F(option.vol))


@lru_cache(_CACHED)
def _shocked(vol: VolShock, skew: SkewShock, expiry: Expiry, option: Option, scenario: SpotScenario) -> Fraction:
    """Return an option's value in a scenario, USD."""
    move = F(1) if scenario.is_skew else F(scenario.spot_shock)
    return _value(expiry, option, move, _shocked_vol(vol, skew, expiry, option, scenario.direction))


def _moved(expiry: Expiry, shock: Fraction) -> Fraction:
    moving = min(F(1), F(expiry.seconds, 1800))
    return F(expiry.forward) * (1 - moving + moving * shock)


def _shocked_vol(v: VolShock, skew: SkewShock, expiry: Expiry, option: Option, direction: str) -> Fraction:
    vol = F(option.vol)
    if direction in ("LINEAR", "ABS"):
        return _skewed_vol(skew, expiry, option, direction)
    if direction == "None":
        return vol
    floor = F(v.dte_floor) * _DAY
    reach = F(30 * _DAY) / max(F(expiry.seconds), floor, F(1))
    multiple = power_exact(reach, F(v.short_power if expiry.seconds <= 30 * _DAY else v.long_power))
    if direction == "Up":
        return max(F(v.min_shocked), vol * (1 + F(v.range_up) * multiple))
    return vol * max(F(0), 1 - F(v.range_down) * multiple)


def _skewed_vol(s: SkewShock, expiry: Expiry, option: Option, direction: str) -> Fraction:
    root = sqrt_exact(F(expiry.seconds, _YEAR))
    k_star = max(F(s.min_k_star), root * F(s.min_width) * (F(s.vol_static) + root * F(s.vol_scale)))
    moneyness = log_exact(F(option.strike) / F(expiry.forward))
    if direction == "ABS":
        moneyness, cap = abs(moneyness), F(s.abs_cap) + F(s.abs_base) * root
    else:
        cap = F(s.linear_cap) + F(s.linear_base) * root
    if moneyness == 0:
        return F(option.vol)
    if k_star <= 0:  # the limit of a width that shrinks to nothing
        change = cap if (moneyness > 0) == (cap > 0) else -abs(cap) if cap > 0 else cap
    elif moneyness > 0:
        change = min(cap, moneyness * cap / k_star)
    else:
        change = max(-cap, moneyness * cap / k_star)
    return F(option.vol) * max(F(0), 1 + change)


def _scenario(
    venue: VenueParameters,
    market: PmrmMarket,
    linear: Mapping[str, Fraction],
    by_expiry: Mapping[int, Mapping[str, Fraction]],
    marks: Mapping[int, Fraction],
    scenario: SpotScenario,
) -> Fraction:
    """Return one scenario's P&L before the loss factor; marks: what each expiry's options are worth now."""
    shock = F(1) if scenario.is_skew else F(scenario.spot_shock)
    base = F(0)
    for name, quantity in linear.items():
        if name in market.perps:
            base += quantity * F(market.perp_price) * (shock - 1)
        elif name in market.collateral and market.collateral[name].rule.risk_cancelling:
            base += quantity * F(market.collateral[name].price) / F(market.stable_price) * (shock - 1)
    parts = [base]
    for seconds, held in by_expiry.items():
        parts.append(_expiry_value(venue, market, seconds, held, scenario) - marks[seconds])
    total = -sum((abs(part) for part in parts), F(0)) if scenario.is_skew else sum(parts, F(0))
    return total * F(scenario.damping)


def _expiry_value(
    venue: VenueParameters, market: PmrmMarket, seconds: int, held: Mapping[str, Fraction], scenario: SpotScenario
) -> Fraction:
    """Return what an expiry's options are worth in a scenario, by the discount that costs the trader."""
    expiry, vol, skew = market.expiries[seconds], venue.vol, venue.skew
    value = sum((q * _shocked(vol, skew, expiry, market.options[n], scenario) for n, q in held.items()), F(0))
    m, years, rate = venue.margin, F(seconds, _YEAR), max(F(0), F(expiry.rate))
    if value >= 0:
        growth = -years * (rate * F(m.long_rate_multiple) + F(m.long_rate_addition))
        return value * F(m.static_discount) * exp_exact(growth)
    growth = years * (rate * F(m.short_rate_multiple) + F(m.short_rate_addition))
    return value * min(1 / _discount(expiry), F(m.static_discount_negative) * exp_exact(growth))


def _basis(venue: VenueParameters, market: PmrmMarket, seconds: int, held: Mapping[str, Fraction]) -> Fraction:
    """Return one expiry's loss under the worse of the two basis moves, weighted."""
    expiry, b = market.expiries[seconds], venue.basis
    losses = []
    for move in (F(b.up), F(b.down)):
        change = F(0)
        for name, quantity in held.items():
            option = market.options[name]
            change += quantity * (_at_own_vol(expiry, option, move) - _at_own_vol(expiry, option, F(1)))
        losses.append(max(F(0), -change))
    return (F(b.addition) + F(b.multiple) * F(seconds, _YEAR)) * max(losses)
