"""Instrument names as the exchange lists them, and what they say.

BTC-27MAR26-100000-C   option: underlying, expiry (08:00 UTC of the day), strike in USD, call or put
BTC-27MAR26            future of that expiry
BTC-PERPETUAL          perpetual
BTC, USD               a balance: coin collateral, cash
BTC-PERPETUAL#BUY      open orders to buy (#SELL: to sell) that instrument, all in one quantity
BTC#CHARGE             what the account itself is charged, in coins: open orders, a minimum margin
USD#OPEN-LOSS          USD that filling all open orders would lose at once, against the marks
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum

from verifier.errors import BadInput

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAME = re.compile(
    r"(?P<underlying>[A-Z][A-Z0-9]{1,9})"
    r"(-(?P<day>[0-9]{1,2})(?P<month>[A-Z]{3})(?P<year>[0-9]{2})(-(?P<strike>[0-9]{1,9}(d[0-9]{1,6})?)-(?P<side>[CP]))?|-(?P<perpetual>PERPETUAL))?"
)
_DECIMAL_STRIKE = re.compile(r"(?<=[0-9])D(?=[0-9])")
EXPIRY_HOUR = 8
"""Hour of the day, UTC, at which listed instruments expire."""


BUY_SUFFIX, SELL_SUFFIX, CHARGE_SUFFIX = "#BUY", "#SELL", "#CHARGE"
OPEN_LOSS = "USD#OPEN-LOSS"


class Kind(Enum):
    """What an instrument is."""

    OPTION = "option"
    FUTURE = "future"
    PERPETUAL = "perpetual"
    BALANCE = "balance"
    ORDER = "order"
    """Open orders and charges of the account's own."""


@dataclass(frozen=True)
class Instrument:
    """A parsed name. `strike` in USD; `is_call` for options only; `expiry` for options and futures."""

    name: str
    kind: Kind
    underlying: str
    expiry: datetime | None = None
    strike: Decimal | None = None
    is_call: bool = False


def parse_name(name: str) -> Instrument:
    """Return what an exchange name says; raises BadInput naming the text."""
    shown = name[:60]
    if "#" in name:
        return _parse_order(name, shown)
    match = _NAME.fullmatch(name)
    if match is None:
        upper = _DECIMAL_STRIKE.sub("d", name.strip().upper())
        if _NAME.fullmatch(upper):
            raise BadInput(f"{shown!r} is no instrument name; write it as the exchange does; did you mean {upper}?")
        raise BadInput(
            f"{shown!r} is no instrument name; write it as the exchange does, like BTC-27MAR26-100000-C, "
            "BTC-PERPETUAL, BTC or USD"
        )
    underlying = match["underlying"]
    if match["perpetual"]:
        return Instrument(name, Kind.PERPETUAL, underlying)
    if match["day"] is None:
        return Instrument(name, Kind.BALANCE, underlying)
    try:
        month = _MONTHS.index(match["month"]) + 1
        expiry = datetime(2000 + int(match["year"]), month, int(match["day"]), EXPIRY_HOUR, tzinfo=UTC)
    except ValueError:
        raise BadInput(f"{shown!r} has no such expiry date; dates are written like 27MAR26") from None
    if match["strike"] is None:
        return Instrument(name, Kind.FUTURE, underlying, expiry)
    strike = Decimal(match["strike"].replace("d", "."))
    if strike <= 0:
        raise BadInput(f"{shown!r} has a strike of zero; strikes are positive")
    return Instrument(name, Kind.OPTION, underlying, expiry, strike, match["side"] == "C")


def _parse_order(name: str, shown: str) -> Instrument:
    """Return what the name of open orders or of a charge says."""
    if name == OPEN_LOSS:
        return Instrument(name, Kind.ORDER, "USD")
    of = parse_name(name.rpartition("#")[0])
    suffix = "#" + name.rpartition("#")[2]
    if suffix == CHARGE_SUFFIX and of.kind is Kind.BALANCE:
        return replace(of, name=name, kind=Kind.ORDER)
    if suffix in (BUY_SUFFIX, SELL_SUFFIX) and of.kind not in (Kind.BALANCE, Kind.ORDER):
        return replace(of, name=name, kind=Kind.ORDER)
    raise BadInput(
        f"{shown!r} is no open order or charge; orders are written like BTC-PERPETUAL#BUY or #SELL, charges like "
        "BTC#CHARGE"
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" with the nearest known names, or a hint to use exchange names."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else "; names are those the exchange lists"
