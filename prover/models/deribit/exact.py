"""The model in arithmetic of many digits, written apart from the fast one: the second opinion on every figure."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from prover.market.exact import power_exact, price_exact
from prover.models.base import Figures
from prover.models.deribit.market import DeribitMarket, Product
from prover.models.deribit.parameters import DeribitParameters, Row, rows_of
from verifier.program import Purpose

F = Fraction
_DAY = 86_400


def figures(
    parameters: DeribitParameters,
    market: DeribitMarket,
    holdings: Mapping[str, Fraction],
    purpose: Purpose,
    group_of: Callable[[str], str],
) -> Figures:
    """Return equity and requirement, coins times index, in USD; `group_of` names an instrument's expiry."""
    index = F(market.index)
    factor = F(parameters.maintenance_factor) if purpose is Purpose.MAINTENANCE else F(1)
    equity = charges = cash = F(0)
    groups: dict[str, dict[str, Fraction]] = {}
    for name, quantity in holdings.items():
        if name in market.products:
            groups.setdefault(group_of(name), {})[name] = quantity
            equity += quantity * _worth(parameters, market.products[name], None) * index
        elif name == market.charge_name():
            charges += quantity * index if purpose is Purpose.INITIAL else 0
        else:
            equity += quantity * (index if name == market.coin else 1)
            cash += quantity if name != market.coin else 0
    worst, label = F(0), "no row loses"
    for row in rows_of(parameters):
        gain = cash / index * (1 / (1 + row.move) - 1)
        total = gain * (F(parameters.pnl_offset) if gain > 0 else 1)
        for held in groups.values():
            pnl = sum(
                (
                    q * (_worth(parameters, market.products[n], row) - _worth(parameters, market.products[n], None))
                    for n, q in held.items()
                ),
                F(0),
            )
            total += pnl * (F(parameters.pnl_offset) if pnl > 0 else 1)
        if -total * row.dampening * index > worst:
            worst, label = -total * row.dampening * index, row.label
    roll = F(0)
    for held in groups.values():
        net = sum((q for n, q in held.items() if market.products[n].strike is None), F(0))
        roll += abs(net) * index * F(parameters.roll_contingency)
    requirement = factor * (worst + roll) + charges
    return Figures(equity, requirement, equity >= requirement, label)


def _worth(parameters: DeribitParameters, product: Product, row: Row | None) -> Fraction:
    """Return a contract's value in coins, now (row None) or in a row."""
    move = row.move if row is not None else F(0)
    if product.strike is None:
        return 1 - 1 / (1 + move)
    vol, forward = F(product.vol), F(product.forward) * (1 + move)
    if row is not None and row.volatility:
        days = max(F(product.seconds, _DAY), F(1))
        term = power_exact(30 / days, F(parameters.short_term_power if days < 30 else parameters.long_term_power))
        if row.volatility > 0:
            vol = max(vol * (1 + F(parameters.volatility_range_up) * term), F(parameters.minimum_volatility))
        else:
            vol = max(F(0), vol * (1 - F(parameters.volatility_range_down) * term))
    return price_exact(forward, product.strike, vol, product.seconds, product.is_call) / forward
