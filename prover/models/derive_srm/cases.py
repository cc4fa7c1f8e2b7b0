"""Published cases of the standard margin: docs/models/derive_srm.md describes the format."""

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
from prover.models.derive_srm.draft import check_strikes, draft_of, layout_of
from prover.models.derive_srm.exact import figures
from prover.models.derive_srm.market import Expiry, Option, SrmMarket, Underlying
from prover.models.derive_srm.parameters import VenueParameters
from prover.models.draft import Draft
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import Tier


class OptionPosition(OpenParameters):
    seconds_to_expiry: Annotated[int, Field(ge=0)]
    strike: Annotated[Number, Field(gt=0)]
    kind: Literal["call", "put"]
    amount: Number
    mark_vol: Annotated[Number, Field(ge=0)]


class MarketPosition(OpenParameters):
    market: str
    base: Annotated[Number, Field(ge=0)]
    perps: Number
    unrealised_perp_pnl: Number
    unrealised_funding: Number
    options: list[OptionPosition]


class CasePortfolio(OpenParameters):
    cash: Number
    markets: list[MarketPosition]


class CaseExpiry(OpenParameters):
    seconds_to_expiry: Annotated[int, Field(ge=0)]
    forward: Annotated[Number, Field(gt=0)]
    forward_confidence: Number
    vol_confidence: Number


class CaseUnderlying(OpenParameters):
    market: str
    spot: Annotated[Number, Field(gt=0)]
    spot_confidence: Number
    perp_price: Number
    perp_confidence: Number
    expiries: list[CaseExpiry]


class CaseMarket(OpenParameters):
    stable_price: Annotated[Number, Field(gt=0)]
    markets: list[CaseUnderlying]


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

    model: ClassVar[str] = "derive-srm"
    name: str
    venue: VenueParameters
    market: SrmMarket
    holdings: Mapping[str, Fraction]
    expected: Mapping[Purpose, Decimal]

    def listing(self, tier: Tier) -> Listing:
        """Return the layout of what the case holds; raises TierTooSmall."""
        expiries: dict[tuple[str, int], list[str]] = {}
        for name, option in self.market.options.items():
            expiries.setdefault(option.expiry, []).append(name)
        for names in expiries.values():
            check_strikes(len({self.market.options[name].strike for name in names}), tier)
        linear = [name for name in self.holdings if name not in self.market.options]
        return layout_of(linear, expiries, tier, self._lots)

    @cached_property
    def _lots(self) -> dict[str, int]:
        cash = max(abs(self.holdings[SETTLEMENT_UNIT]), *(abs(Fraction(margin)) for margin in self.expected.values()))
        out = {SETTLEMENT_UNIT: cash_lot(cash)}
        for name, quantity in self.holdings.items():
            if name in self.market.options:
                option = self.market.options[name]
                strikes = [o.strike for o in self.market.options.values() if o.expiry == option.expiry]
                highest = 2 * max(self.market.expiries[option.expiry].forward, *strikes) + max(strikes)
                out[name] = best_lot(Fraction(highest), [quantity])
            elif name in self.market.perps or name in self.market.bases:
                own = self.market.markets[{**self.market.perps, **self.market.bases}[name]]
                out[name] = best_lot(Fraction(max(own.spot, own.perp_price)), [quantity])
        return out

    def draft(self, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of the case's layout."""
        return draft_of(self.market, self._depeg, listing, tier, purpose)

    def figures(self, purpose: Purpose) -> Figures:
        """Return the exact figures, USD."""
        return figures(self.market, self._depeg, self.holdings, purpose)

    @property
    def _depeg(self) -> tuple[Decimal, Decimal]:
        return self.venue.depeg.threshold, self.venue.depeg.factor


def load_cases(path: Path) -> list[Case]:
    """Read a file of cases; raises BadInput naming the case and the field."""
    document = read_json(path)
    if not isinstance(document, list) or not document:
        raise BadInput(f"{path}: a list of cases is needed; docs/models/derive_srm.md shows one")
    return [_case(entry, f"{path}: case {number}") for number, entry in enumerate(document, 1)]


def _case(document: Any, where: str) -> Case:
    file = load_parameters(CaseFile, document, where)
    markets: dict[str, Underlying] = {}
    expiries: dict[tuple[str, int], Expiry] = {}
    for quoted in file.market.markets:
        rates = file.parameters.rates(quoted.market)
        if rates is None:
            raise BadInput(f"{where}: the parameters have no market {quoted.market[:20]}; add it")
        perp_price = quoted.perp_price or quoted.spot
        markets[quoted.market] = Underlying(
            rates, quoted.spot, quoted.spot_confidence, perp_price, quoted.perp_confidence
        )
        for expiry in quoted.expiries:
            key = quoted.market, expiry.seconds_to_expiry
            expiries[key] = Expiry(expiry.forward, expiry.forward_confidence, expiry.vol_confidence)
    cash = Fraction(file.portfolio.cash)
    holdings: dict[str, Fraction] = {SETTLEMENT_UNIT: Fraction(0)}
    options: dict[str, Option] = {}
    perps: dict[str, str] = {}
    bases: dict[str, str] = {}
    for held in file.portfolio.markets:
        if held.market not in markets:
            raise BadInput(f"{where}: the market data have no market {held.market[:20]}; add it")
        cash += Fraction(held.unrealised_perp_pnl) + Fraction(held.unrealised_funding) if held.perps else 0
        perp, base = f"{held.market}-PERPETUAL", held.market
        perps[perp], holdings[perp] = held.market, Fraction(held.perps)
        bases[base], holdings[base] = held.market, Fraction(held.base)
        for position in held.options:
            key = held.market, position.seconds_to_expiry
            if key not in expiries:
                raise BadInput(f"{where}: {held.market} has no expiry in {position.seconds_to_expiry} seconds; add it")
            call = position.kind == "call"
            name = f"{held.market}-{key[1]}S-{position.strike.normalize():f}-{'C' if call else 'P'}"
            options[name] = Option(key, position.strike, call, position.mark_vol)
            holdings[name] = holdings.get(name, Fraction(0)) + Fraction(position.amount)
    holdings[SETTLEMENT_UNIT] = cash
    return Case(
        name=file.id,
        venue=file.parameters,
        market=SrmMarket(file.market.stable_price, markets, expiries, options, perps, bases),
        holdings=holdings,
        expected={
            Purpose.INITIAL: file.expected.initial_margin,
            Purpose.MAINTENANCE: file.expected.maintenance_margin,
        },
    )
