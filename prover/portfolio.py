"""Portfolio files: what an account holds, by exchange name, exactly as written.

CSV with the columns instrument and quantity, and for isolated margin isolated_collateral (USD set aside for that
position). JSON: {"positions": {name: quantity}, "isolated_collateral": {name: USD}}, decimals as strings. Quantities
are signed contracts or coins; balances are instruments too ("USD", "BTC"). No error names a quantity.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from prover.market.decimals import plain_decimal
from prover.market.names import Kind, did_you_mean, parse_name
from verifier.commitment import POSITION_LIMIT
from verifier.errors import BadInput
from verifier.files import parse_json, read_text
from verifier.listing import Listing

COLLATERAL_SUFFIX = "@"
"""The collateral place of an isolated position is named USD@<instrument>."""
_MAX_TEXT = 40


@dataclass(frozen=True)
class Portfolio:
    """Signed quantities by instrument; repr hides them."""

    source: str
    quantities: Mapping[str, Decimal] = field(repr=False)
    isolated_collateral: Mapping[str, Decimal] = field(repr=False)
    """USD by instrument; empty unless the margin mode is isolated."""

    @property
    def instruments(self) -> tuple[str, ...]:
        """Names of all derivatives and balances held."""
        return tuple(self.quantities)

    def holdings(self) -> dict[str, Fraction]:
        """Return every place's quantity by its listing name, isolated collateral included."""
        out = {name: Fraction(quantity) for name, quantity in self.quantities.items()}
        for name, amount in self.isolated_collateral.items():
            out[collateral_place(name)] = Fraction(amount)
        return out

    def changed(self, trades: Mapping[str, Decimal]) -> "Portfolio":
        """Return the portfolio after trades (signed quantities by instrument)."""
        merged = dict(self.quantities)
        for name, quantity in trades.items():
            merged[name] = merged.get(name, Decimal(0)) + quantity
        return Portfolio(self.source, merged, self.isolated_collateral)


def collateral_place(instrument: str) -> str:
    """Return the listing name of an isolated position's collateral."""
    return f"USD{COLLATERAL_SUFFIX}{instrument}"


def load_portfolio(path: Path) -> Portfolio:
    """Read a portfolio file; raises BadInput naming file, row and field."""
    text = read_text(path)
    if text.lstrip().startswith(("{", "[")):
        return _from_json(parse_json(text, str(path)), str(path))
    return _from_csv(text, str(path))


def parse_quantity(text: Any, where: str) -> Decimal:
    """Return a finite decimal; `where` says what it is of."""
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise BadInput(f"{where}: the quantity is not a decimal written as a string")
    value = plain_decimal(text)
    if value is None:
        raise BadInput(f"{where}: the quantity is not a number; write it like -12.5, in ASCII digits")
    if not value.is_finite():
        raise BadInput(f"{where}: the quantity is not a finite number")
    if value and not -20 < value.adjusted() < 20:
        raise BadInput(f"{where}: the quantity is absurdly small or large")
    return value


def positions_for(portfolio: Portfolio, listing: Listing) -> tuple[int, ...]:
    """Return lots for each place of the listing.

    Raises BadInput for an instrument that is not listed (with the nearest names), a quantity finer than a lot (never
    rounded) or larger than the circuit's range; the message names the instrument, never the quantity.
    """
    places = {slot.instrument: place for place, slot in enumerate(listing.places) if slot is not None}
    lots = [0] * len(listing.places)
    for name, quantity in portfolio.holdings().items():
        if quantity == 0 and name not in places:
            continue
        if name not in places and COLLATERAL_SUFFIX in name:
            position = name.partition(COLLATERAL_SUFFIX)[2]
            raise BadInput(
                f"{portfolio.source}: the program has no isolated collateral of {position}; "
                "where margin is not isolated, collateral stands in the balances"
            )
        if name not in places:
            raise BadInput(f"{portfolio.source}: {name} is not in the program's listing{did_you_mean(name, places)}")
        slot = listing.places[places[name]]
        assert slot is not None
        scaled = quantity / Fraction(10) ** slot.lot_exponent
        if scaled.denominator != 1:
            raise BadInput(
                f"{portfolio.source}: {name}: the quantity is no whole number of lots (1e{slot.lot_exponent}); "
                "quantities are never rounded"
            )
        if not -POSITION_LIMIT <= scaled < POSITION_LIMIT:
            raise BadInput(f"{portfolio.source}: position {places[name]}, {name}, exceeds the tier's largest size")
        lots[places[name]] = int(scaled)
    return tuple(lots)


def _entry(out: dict[str, Decimal], name: Any, quantity: Any, where: str) -> None:
    if not isinstance(name, str) or not name:
        raise BadInput(f"{where}: field instrument is missing")
    try:
        parse_name(name)
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    if name in out:
        raise BadInput(f"{where}: {name} stands twice; add the quantities up")
    out[name] = parse_quantity(quantity, f"{where} ({name})")
    if out[name] < 0 and parse_name(name).kind is Kind.ORDER:
        raise BadInput(f"{where} ({name}): open orders have a size that is not below zero")


def _collateral(out: dict[str, Decimal], name: str, amount: Any, where: str) -> None:
    if parse_name(name).kind is Kind.BALANCE:
        raise BadInput(f"{where} ({name}): isolated collateral belongs to a position, not to a balance")
    value = parse_quantity(amount, f"{where} ({name}), isolated collateral")
    if value < 0:
        raise BadInput(f"{where} ({name}): isolated collateral is not below zero")
    out[name] = value


def _from_csv(text: str, name: str) -> Portfolio:
    lines = ["" if line.startswith("#") else line for line in text.splitlines()]
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    reader = csv.DictReader(io.StringIO("\n".join(lines[start:])), strict=True)
    quantities: dict[str, Decimal] = {}
    collateral: dict[str, Decimal] = {}
    try:
        columns = reader.fieldnames or []
        for column in ("instrument", "quantity"):
            if column not in columns:
                raise BadInput(f"{name}: the header has no column {column}; a portfolio needs instrument, quantity")
        if len(set(columns)) != len(columns):
            raise BadInput(f"{name}: a column stands twice in the header; keep one")
        unknown = [c for c in columns if c not in ("instrument", "quantity", "isolated_collateral")]
        if unknown:
            raise BadInput(f"{name}: column {str(unknown[0])[:40]!r} is not known")
        for row in reader:
            where = f"{name}: row {start + reader.line_num}"
            if None in row or None in row.values():
                raise BadInput(f"{where}: it has not as many fields as the header; mend it")
            _entry(quantities, row["instrument"], row["quantity"], where)
            if row.get("isolated_collateral"):
                _collateral(collateral, row["instrument"], row["isolated_collateral"], where)
    except csv.Error as error:
        raise BadInput(f"{name}: not a CSV file ({error})") from None
    if not quantities:
        raise BadInput(f"{name}: no row; a portfolio has at least one")
    return Portfolio(name, quantities, collateral)


def _from_json(document: Any, name: str) -> Portfolio:
    if not isinstance(document, dict) or not isinstance(document.get("positions"), dict):
        raise BadInput(f"{name}: field positions is not an object; it maps instruments to quantities (strings)")
    unknown = sorted(set(document) - {"positions", "isolated_collateral"})
    if unknown:
        raise BadInput(f"{name}: field {unknown[0][:40]!r} is not known")
    quantities: dict[str, Decimal] = {}
    for instrument, quantity in document["positions"].items():
        _entry(quantities, instrument, quantity, f"{name}: positions")
    collateral: dict[str, Decimal] = {}
    aside = document.get("isolated_collateral", {})
    if not isinstance(aside, dict):
        raise BadInput(f"{name}: field isolated_collateral is not an object")
    for instrument, amount in aside.items():
        if instrument not in quantities:
            raise BadInput(f"{name}: isolated_collateral: {str(instrument)[:60]} is no position of this portfolio")
        _collateral(collateral, instrument, amount, f"{name}: isolated_collateral")
    if not quantities:
        raise BadInput(f"{name}: positions is empty; a portfolio has at least one")
    return Portfolio(name, quantities, collateral)
