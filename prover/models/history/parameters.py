"""Parameters of historical margin; docs/models/history.md says what each does."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from prover.models.base import Parameters

Confidence = Annotated[Decimal, Field(ge=Decimal("0.5"), le=Decimal("0.9999"), max_digits=6)]
Decay = Annotated[Decimal, Field(gt=Decimal("0.8"), le=1, max_digits=6)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Weight = Annotated[Decimal, Field(gt=0, lt=1, decimal_places=2)]


class Stress(Parameters):
    """A stressed period that counts beside the present window."""

    first: date
    last: date
    weight: Weight
    """Share of the stressed period, 0.25 in EMIR."""
    method: Literal["blend", "mixture"]
    """blend: weighted sum of two figures; mixture: stressed days carry this share of the probability."""


class Concentration(Parameters):
    """What a large net position adds, for one underlying."""

    threshold_coins: Annotated[Decimal, Field(ge=0, le=10**9)]
    """Net delta of options, futures and perpetuals up to which nothing is added."""
    rate: Share
    """Share of the index price for each coin above it."""


class HistoryParameters(Parameters):
    """All are required. Shares: 1 = 100 %."""

    closes: dict[str, str]
    """By underlying: the file of its daily closes, relative to the parameter file."""
    until: date
    """Last day of the window; the day whose volatility filtered scenarios are scaled to."""
    window: Annotated[int, Field(ge=2, le=440)]
    """Days."""
    measure: Literal["expected-shortfall", "value-at-risk"]
    initial_confidence: Confidence
    maintenance_confidence: Confidence
    horizon_days: Annotated[Decimal, Field(gt=0, le=30, max_digits=6)]
    """Liquidity horizon: returns are multiplied by its square root."""
    ewma_decay: Decay
    """1: returns as they were; below 1: each is scaled from its own day's volatility to the last day's."""
    age_decay: Decay
    """1: days weigh the same; below 1: each day counts this much of the next one."""
    stress: Stress | None
    concentration: dict[str, Concentration]
    collateral_haircut: dict[str, Share]
    """By balance; a balance that is not named here is no collateral."""
    minimum_confidence: Share
    """A quote of lower confidence cannot be held."""

    @model_validator(mode="after")
    def _consistent(self) -> "HistoryParameters":
        if self.maintenance_confidence > self.initial_confidence:
            raise ValueError("maintenance_confidence is above initial_confidence")
        if self.measure == "value-at-risk" and self.age_decay != 1:
            raise ValueError("a value at risk waives days one by one, so that they weigh the same: age_decay is 1")
        if self.stress is not None and self.stress.method == "mixture" and self.measure == "value-at-risk":
            raise ValueError("a value at risk waives days one by one: a stressed period is a blend, not a mixture")
        if self.stress is not None and self.stress.method == "blend" and self.concentration:
            raise ValueError("a blend uses both tails: with a concentration add-on the stressed period is a mixture")
        unknown = sorted(set(self.concentration) - set(self.closes))
        if unknown or len(self.concentration) > 3:
            raise ValueError("concentration names up to three underlyings, each with closes")
        return self
