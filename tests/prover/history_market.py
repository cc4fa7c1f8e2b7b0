"""The example closes, and parameters of historical margin with changes."""

import json
from typing import Any

from prover.market.closes import joint_returns, load_closes
from prover.models.history.parameters import HistoryParameters
from tests.prover.market_files import EXAMPLES

SERIES = {u: load_closes(EXAMPLES / "market" / f"{u.lower()}_usd_daily.csv") for u in ("BTC", "ETH")}
RETURNS = joint_returns(SERIES)


def parameters(**changes: Any) -> HistoryParameters:
    document = json.loads((EXAMPLES / "models" / "history_var.json").read_text())
    del document["model"]
    return HistoryParameters.model_validate({**document, **changes})
