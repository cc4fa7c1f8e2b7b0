"""Runs Paradex's own margin package on books: JSON on standard input, JSON on standard output.

The package's other parts need a web stack; its `margin` sub-package needs nothing, so it is loaded under an empty
parent. Run with PYTHONPATH at a folder that holds paradex_py.
"""

import json
import sys
import types
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def load() -> Any:
    """Return the package's margin module."""
    spec = find_spec("paradex_py")
    assert spec is not None and spec.origin is not None
    parent = types.ModuleType("paradex_py")
    parent.__path__ = [str(Path(spec.origin).parent)]
    sys.modules["paradex_py"] = parent
    return import_module("paradex_py.margin")


def main() -> None:
    """Answer {"IMR", "MMR", "prices"} for each book."""
    margin = load()
    read = sys.modules["paradex_py.margin.portfolio_margin"]
    out = []
    for book in json.load(sys.stdin):
        now = datetime.fromtimestamp(book["now"], UTC)
        made = margin.compute(
            book["positions"],
            book["orders"],
            book["market_data"],
            book["market_specs"],
            "portfolio_margin",
            balances=[],
            pm_config=book["config"],
            now=now,
        )
        perp = book["market_data"][book["perp"]]
        spot, v = perp["underlying_price"], book["config"]["vol_shock_params"]
        terms = {
            "interest_rate": perp["interest_rate"],
            "dte_floor": v["dte_floor_days"],
            "vp_short": v["vega_power_short_dte"],
            "vp_long": v["vega_power_long_dte"],
            "min_vol_shock_up": v["min_vol_shock_up"],
        }
        prices = {
            symbol: [
                read._scenario_price(
                    symbol,
                    book["market_data"],
                    book["market_specs"],
                    spot,
                    (perp["mark_price"] - spot) / spot,
                    scenario["spot_shock"],
                    scenario["vol_shock"],
                    now,
                    terms,
                )
                for scenario in book["config"]["scenarios"]
            ]
            for symbol in book["market_data"]
        }
        out.append({"IMR": made["IMR"], "MMR": made["MMR"], "prices": prices})
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()
