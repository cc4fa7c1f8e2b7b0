"""Published margin cases: one portfolio, its market, its parameters, and the margins that the venue computes.

The format is a JSON list of objects with id, portfolio, market, parameters and expected; docs/models/derive_pmrm.md
describes it. Numbers may be JSON numbers or decimal strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from prover.models.base import SETTLEMENT_UNIT, Figures, load_parameters
from prover.models.case_lots import Number, OpenParameters, best_lot, cash_lot
from prover.models.derive_pmrm.draft import draft_of, layout_of, rows_of
from prover.models.derive_pmrm.exact import figures
from prover.models.derive_pmrm.market import Collateral, Expiry, Option, PmrmMarket
from prover.models.derive_pmrm.parameters import CollateralRule, VenueParameters
from prover.models.draft import Draft
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier

PERP = "PERPETUAL"


class OptionPosition(OpenParameters):
    seconds_to_expiry: Annotated[int, Field(ge=0)]
    strike: Annotated[Number, Field(gt=0)]
    kind: Literal["call", "put"]
    amount: Number
    mark_vol: Annotated[Number, Field(ge=0)]


class CollateralPosition(OpenParameters):
    name: str
    amount: Number
    price: Annotated[Number, Field(ge=0)]
    confidence: Number
    risk_cancelling: bool
    mm_haircut: Number
    im_haircut: Number


class CasePortfolio(OpenParameters):
    cash: Number
    perps: Number
    unrealised_perp_pnl: Number
    unrealised_funding: Number
    options: list[OptionPosition]
    collateral: list[CollateralPosition]


class CaseExpiry(OpenParameters):
    seconds_to_expiry: Annotated[int, Field(ge=0)]
    forward: Annotated[Number, Field(gt=0)]
    forward_confidence: Number
    rate: Number
    rate_confidence: Number
    vol_confidence: Number


class CaseMarket(OpenParameters):
    spot: Annotated[Number, Field(gt=0)]
    spot_confidence: Number
    perp_price: Number
    perp_confidence: Number
    stable_price: Annotated[Number, Field(gt=0)]
    expiries: list[CaseExpiry]


class Expected(OpenParameters):
    initial_margin: Number
    maintenance_margin: Number


class CaseFile(OpenParameters):
    id: str
    portfolio: CasePortfolio
    market: CaseMarket
    parameters: VenueParameters
    expected: Expected


@dataclass(frozen=True)
class Case:
    """A case as the model sees it. `expected`: margin (equity less requirement), USD, by purpose."""

    model: ClassVar[str] = "derive-pmrm"
    name: str
    venue: VenueParameters
    market: PmrmMarket
    holdings: Mapping[str, Fraction]
    expected: Mapping[Purpose, Decimal]

    def listing(self, tier: Tier) -> Listing:
        """Return the layout of what the case holds; raises TierTooSmall."""
        rows_of(self.venue.scenarios, tier)
        strikes: dict[int, dict[Decimal, tuple[str, str]]] = {}
        for option in self.market.options.values():
            at = strikes.setdefault(option.expiry, {})
            at[option.strike] = (
                option_name(option.expiry, option.strike, call=True),
                option_name(option.expiry, option.strike, call=False),
            )
        linear = [name for name in self.holdings if name not in self.market.options]
        return layout_of(linear, strikes, tier, self._lots)

    @cached_property
    def _lots(self) -> dict[str, int]:
        """Return the lot of each instrument that costs the least accuracy; cash keeps the usual one while it fits."""
        damped = (Fraction(scenario.spot_shock) * Fraction(scenario.damping) for scenario in self.venue.scenarios)
        shock = max(Fraction(1), *damped, Fraction(self.venue.basis.up))
        damping = max(Fraction(1), *(Fraction(scenario.damping) for scenario in self.venue.scenarios))
        cash = max(abs(self.holdings[SETTLEMENT_UNIT]), *(abs(Fraction(margin)) for margin in self.expected.values()))
        out: dict[str, int] = {SETTLEMENT_UNIT: cash_lot(cash)}
        for name, quantity in self.holdings.items():
            kind = self.market.kind(name)
            if kind == "collateral":
                price = Fraction(self.market.collateral[name].price) / Fraction(self.market.stable_price)
                out[name] = best_lot(price * shock, [quantity])
            elif kind == "perp":
                out[name] = best_lot(Fraction(self.market.perp_price) * shock, [quantity])
        for option in self.market.options.values():
            legs = [option_name(option.expiry, option.strike, call=call) for call in (True, False)]
            forward = Fraction(self.market.expiries[option.expiry].forward) * shock
            sizes = [self.holdings.get(leg, Fraction(0)) for leg in legs]
            out |= dict.fromkeys(legs, best_lot(max(forward, Fraction(option.strike) * damping), sizes))
        return out

    def draft(self, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of the case's layout."""
        return draft_of(self.venue, self.market, listing, tier, purpose)

    def figures(self, purpose: Purpose) -> Figures:
        """Return the exact figures, USD."""
        return figures(self.venue, self.market, self.holdings, purpose)


def load_cases(path: Path) -> list[Case]:
    """Read a file of cases; raises BadInput naming the case and the field."""
    document = read_json(path)
    if not isinstance(document, list) or not document:
        raise BadInput(f"{path}: a list of cases is needed; docs/models/derive_pmrm.md shows one")
    cases = [_case(entry, f"{path}: case {number}") for number, entry in enumerate(document, 1)]
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"{path}: two cases have the id {name[:60]!r}; give each its own")
    return cases


def option_name(seconds: int, strike: Decimal, *, call: bool) -> str:
    """Return the listing name of a case's option: cases have no dates."""
    return f"{seconds}S-{strike.normalize():f}-{'C' if call else 'P'}"


def _case(document: Any, where: str) -> Case:
    file = load_parameters(CaseFile, document, where)
    held, market = file.portfolio, file.market
    expiries = {
        e.seconds_to_expiry: Expiry(
            e.seconds_to_expiry, e.forward, e.forward_confidence, e.rate, e.rate_confidence, e.vol_confidence
        )
        for e in market.expiries
    }
    holdings: dict[str, Fraction] = {SETTLEMENT_UNIT: _cash(held)}
    holdings[PERP] = Fraction(held.perps)
    options: dict[str, Option] = {}
    for option in held.options:
        if option.seconds_to_expiry not in expiries:
            raise BadInput(f"{where}: the market has no expiry in {option.seconds_to_expiry} seconds; add it")
        name = option_name(option.seconds_to_expiry, option.strike, call=option.kind == "call")
        for call in (True, False):
            leg = option_name(option.seconds_to_expiry, option.strike, call=call)
            if leg not in options or leg == name:
                options[leg] = Option(option.seconds_to_expiry, option.strike, call, option.mark_vol)
        holdings[name] = holdings.get(name, Fraction(0)) + Fraction(option.amount)
    collateral: dict[str, Collateral] = {}
    for balance in held.collateral:
        rule = CollateralRule(
            mm_haircut=balance.mm_haircut, im_haircut=balance.im_haircut, risk_cancelling=balance.risk_cancelling
        )
        if balance.name in collateral or balance.name in (SETTLEMENT_UNIT, PERP):
            raise BadInput(f"{where}: the collateral {balance.name[:40]!r} stands twice or is cash; name each once")
        collateral[balance.name] = Collateral(balance.price, balance.confidence, rule)
        holdings[balance.name] = Fraction(balance.amount)
    return Case(
        name=file.id,
        venue=file.parameters,
        market=PmrmMarket(
            spot=market.spot,
            spot_confidence=market.spot_confidence,
            perp_price=market.perp_price or market.spot,
            perp_confidence=market.perp_confidence,
            stable_price=market.stable_price,
            expiries=expiries,
            options=options,
            collateral=collateral,
            perps=frozenset({PERP}),
            perp_confidence_counts=held.perps != 0,
        ),
        holdings=holdings,
        expected={
            Purpose.INITIAL: file.expected.initial_margin,
            Purpose.MAINTENANCE: file.expected.maintenance_margin,
        },
    )


def _cash(held: CasePortfolio) -> Fraction:
    """Return cash and unrealised results of the perpetual, exact; a book holds them in whole lots, rounded down."""
    return Fraction(held.cash) + Fraction(held.unrealised_perp_pnl) + Fraction(held.unrealised_funding)
