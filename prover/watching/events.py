"""What a watcher says of each snapshot: figures, thresholds crossed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from prover.compile import Layout, choose_tier, compile_program
from prover.explain import rounded_down, rounded_up
from prover.market.snapshot import MarketSnapshot
from prover.minimum.collateral import least_cash
from prover.minimum.minimum import cash_usd
from prover.models.base import Model
from prover.portfolio import Portfolio, positions_for
from verifier.errors import BadInput
from verifier.meaning import evaluate
from verifier.program import MarginProgram, Purpose


@dataclass(frozen=True)
class Crossing:
    """Headroom of a purpose has come to the other side of a threshold."""

    purpose: Purpose
    threshold_usd: Decimal
    below: bool


@dataclass(frozen=True)
class Figures:
    """One snapshot's figures, USD, by the programs' integers; headroom and equity rounded down, margins up."""

    valuation_time: str
    equity_usd: Decimal
    margin_usd: dict[Purpose, Decimal]
    headroom_usd: dict[Purpose, Decimal]
    met: dict[Purpose, bool]
    minimum_cash_usd: dict[Purpose, Decimal | None]
    """The least cash inside the book at which a proof exists, to the lot; None where there is none (`least_cash`)."""
    crossings: tuple[Crossing, ...]


@dataclass
class Watcher:
    """A book under a model; remembers on which side of each threshold it was. Thresholds: USD of headroom."""

    model: Model
    portfolio: Portfolio
    thresholds: Sequence[Decimal] = (Decimal(0),)
    _layout: Layout | None = None
    _below: dict[tuple[Purpose, Decimal], bool] = field(default_factory=dict)

    def see(self, snapshot: MarketSnapshot) -> Figures:
        """Return the figures of a new snapshot; the first one crosses the thresholds that it is below."""
        layout = self._layout = self._layout or choose_tier(self.model, self.portfolio.instruments)
        lots = positions_for(self.portfolio, layout.listing)
        margin, headroom, met, least, equities = {}, {}, {}, {}, []
        for purpose in Purpose:
            program = compile_program(self.model, snapshot, layout, purpose)
            meaning = evaluate(program, lots)
            money = Fraction(10) ** program.listing.money_exponent
            required = meaning.requirement * money / program.unit
            equities.append(meaning.equity * money)
            margin[purpose] = rounded_up(required)
            headroom[purpose] = rounded_down(equities[-1] - required)
            met[purpose] = meaning.margin_met
            least[purpose] = _minimum_cash(program, lots)
        return Figures(
            valuation_time=snapshot.valuation_time.isoformat(),
            equity_usd=rounded_down(min(equities)),
            margin_usd=margin,
            headroom_usd=headroom,
            met=met,
            minimum_cash_usd=least,
            crossings=tuple(self._crossed(headroom)),
        )

    def _crossed(self, headroom: dict[Purpose, Decimal]) -> Iterator[Crossing]:
        for purpose, amount in headroom.items():
            for threshold in self.thresholds:
                below = amount < threshold
                if below != self._below.get((purpose, threshold), False):
                    yield Crossing(purpose, threshold, below)
                self._below[purpose, threshold] = below


def _minimum_cash(program: MarginProgram, lots: Sequence[int]) -> Decimal | None:
    try:
        return cash_usd(program, least_cash(program, lots))
    except BadInput:
        return None
