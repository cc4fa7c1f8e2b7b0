"""What the model reads of the market, and how a snapshot gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from prover.market.names import Kind, parse_name
from prover.market.snapshot import MarketSnapshot
from prover.models.base import SETTLEMENT_UNIT
from prover.models.derive_pmrm.parameters import CollateralRule, DerivePmrmParameters
from verifier.errors import BadInput


@dataclass(frozen=True)
class Expiry:
    """One expiry of the underlying. Prices in USD, rate a year, confidences 0 to 1."""

    seconds: int
    forward: Decimal
    forward_confidence: Decimal
    rate: Decimal
    rate_confidence: Decimal
    vol_confidence: Decimal


@dataclass(frozen=True)
class Option:
    """One option; `expiry` is a key of the market's expiries, volatility 1 = 100 % a year."""

    expiry: int
    strike: Decimal
    is_call: bool
    vol: Decimal


@dataclass(frozen=True)
class Collateral:
    """One balance other than cash."""

    price: Decimal
    confidence: Decimal
    rule: CollateralRule


@dataclass(frozen=True)
class PmrmMarket:
    """Everything by listing name; the settlement unit's cash needs no entry."""

    spot: Decimal
    spot_confidence: Decimal
    perp_price: Decimal
    perp_confidence: Decimal
    stable_price: Decimal
    expiries: Mapping[int, Expiry]
    options: Mapping[str, Option]
    collateral: Mapping[str, Collateral]
    perps: frozenset[str]
    perp_confidence_counts: bool
    """The perpetual's confidence is one of those that every value rests on: where it may be held."""

    def kind(self, name: str) -> str:
        """Return what a listing name is: option, perp, collateral or cash."""
        if name in self.options:
            return "option"
        if name in self.perps:
            return "perp"
        return "collateral" if name in self.collateral else "cash"


def partner_of(name: str) -> str:
    """Return the name of the option with the same strike and expiry on the other side."""
    return name[:-1] + ("P" if name.endswith("C") else "C")


def market_of(parameters: DerivePmrmParameters, snapshot: MarketSnapshot, names: list[str]) -> PmrmMarket:
    """Return what the snapshot says about `names`; raises BadInput for one that it or the model cannot value.

    The snapshot's one confidence per quote stands for the confidences of spot, forward, rate and volatility. An option
    without a usable quote has its partner's volatility.
    """
    options: dict[str, Option] = {}
    expiries: dict[int, Expiry] = {}
    collateral: dict[str, Collateral] = {}
    perps: set[str] = set()
    spot = snapshot.index_price(parameters.underlying)
    perp_price, perp_confidence = spot, snapshot.confidence
    for name in names:
        instrument = parse_name(name)
        if instrument.kind is Kind.BALANCE:
            if name != SETTLEMENT_UNIT:
                rule = parameters.collateral.get(name)
                if rule is None:
                    raise BadInput(f"{name} is no collateral of this model; name its haircuts in collateral")
                collateral[name] = Collateral(snapshot.index_price(name), snapshot.confidence, rule)
            continue
        if instrument.underlying != parameters.underlying or instrument.kind is Kind.FUTURE:
            raise BadInput(
                f"{name}: this manager margins options and the perpetual of {parameters.underlying} only; use a model "
                "of that market"
            )
        if instrument.kind is Kind.PERPETUAL:
            quote = snapshot.quotes.get(name)
            if quote is not None and quote.forward:
                perp_price, perp_confidence = quote.forward, quote.confidence or snapshot.confidence
            perps.add(name)
            continue
        known = name if name in snapshot.quotes or partner_of(name) not in snapshot.quotes else partner_of(name)
        quote = snapshot.require(known)
        assert instrument.strike is not None and quote.mark_vol is not None
        seconds, confidence = snapshot.seconds_to_expiry(instrument), quote.confidence or snapshot.confidence
        options[name] = Option(seconds, instrument.strike, instrument.is_call, quote.mark_vol)
        before = expiries.get(seconds)
        lowest = min(confidence, before.vol_confidence) if before else confidence
        forward = snapshot.forward(instrument)
        expiries[seconds] = Expiry(seconds, forward, snapshot.confidence, parameters.rate, snapshot.confidence, lowest)
    return PmrmMarket(
        spot=spot,
        spot_confidence=snapshot.confidence,
        perp_price=perp_price,
        perp_confidence=perp_confidence,
        stable_price=parameters.settlement_price,
        expiries=expiries,
        options=options,
        collateral=collateral,
        perps=frozenset(perps),
        perp_confidence_counts=bool(perps),
    )
