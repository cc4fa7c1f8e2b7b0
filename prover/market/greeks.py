"""Greeks of listed instruments: Black-76 (prover.market.black76) at a snapshot's forwards and volatilities.

An option's are those of one contract; a future, a perpetual and a coin have delta 1 and nothing else, cash has nothing.
"""

from collections.abc import Sequence

import numpy as np

from prover.market import black76
from prover.market.black76 import Greeks
from prover.market.names import Kind, parse_name
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from verifier.errors import BadInput

CASH = "USD"


def contract_greeks(snapshot: MarketSnapshot, names: Sequence[str]) -> Greeks:
    """Return the Greeks of one contract of each name: coins, coins a USD, USD a volatility point, USD a day.

    At expiry or zero volatility an option's delta is 0, 1 or -1 and the others are zero. Raises BadInput for an option
    that the snapshot does not quote and for open orders, which have none.
    """
    instruments = [parse_name(name) for name in names]
    for instrument in instruments:
        if instrument.kind is Kind.ORDER:
            raise BadInput(f"{instrument.name}: open orders and charges have no Greeks; leave them out")
    option = np.array([i.kind is Kind.OPTION for i in instruments], dtype=np.bool_)
    one = black76.greeks(
        np.array([float(snapshot.forward(i)) if i.kind is Kind.OPTION else 1.0 for i in instruments]),
        np.array([float(i.strike or 1) for i in instruments]),
        np.array([float(snapshot.volatility(i)) if i.kind is Kind.OPTION else 0.0 for i in instruments]),
        np.array([snapshot.seconds_to_expiry(i) / YEAR_SECONDS for i in instruments]),
        np.array([i.is_call for i in instruments], dtype=np.bool_),
    )
    linear = np.array([float(name != CASH) for name in names])
    return Greeks(
        delta=np.where(option, one.delta, linear),
        gamma=np.where(option, one.gamma, 0.0),
        vega=np.where(option, one.vega, 0.0),
        theta=np.where(option, one.theta, 0.0),
    )


def lot_greeks(snapshot: MarketSnapshot, names: Sequence[str], lot_exponent: int) -> Greeks:
    """Return the Greeks of one lot, 10^lot_exponent of a contract; units as `contract_greeks`."""
    one, lot = contract_greeks(snapshot, names), 10.0**lot_exponent
    return Greeks(one.delta * lot, one.gamma * lot, one.vega * lot, one.theta * lot)
