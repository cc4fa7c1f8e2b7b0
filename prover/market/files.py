"""Snapshot files, CSV and JSON.

CSV: a header row with the columns instrument, forward, index_price, mark_iv and, where known, bid_coin, ask_coin,
mark_price_coin, timestamp, confidence (others are ignored). Lines that start with # before the header may give
`# valuation_time=2026-01-01T09:10:00Z` and `# confidence=1`.
JSON: {"valuation_time": ..., "confidence": "1", "quotes": [{the same names: decimals as strings}]}.
What the file does not say, the caller must.
"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from prover.market.decimals import plain_decimal
from prover.market.names import parse_name
from prover.market.snapshot import Exclusion, MarketSnapshot, Quote, make_snapshot
from verifier.errors import BadInput
from verifier.files import parse_json, read_text

_NUMBERS = ("forward", "index_price", "mark_iv", "bid_coin", "ask_coin", "mark_price_coin", "confidence")
_REQUIRED = ("instrument", "forward", "index_price", "mark_iv")
_MAX_ROWS = 100_000
_MAX_DECIMAL = 40
"""Longest text of a number: no market quotes more digits."""


def load_snapshot(path: Path, *, valuation_time: str | None = None, confidence: str | None = None) -> MarketSnapshot:
    """Read a snapshot; `valuation_time` (ISO 8601 with zone) and `confidence` fill in what the file does not say.

    Raises BadInput naming file, row and field; a row that cannot be used is excluded instead.
    """
    if valuation_time is not None:
        parse_time(valuation_time, "--valuation-time")
    if confidence is not None:
        _given_confidence(confidence)
    return parse_snapshot(read_text(path), str(path), valuation_time=valuation_time, confidence=confidence)


def parse_snapshot(
    text: str, path: str, *, valuation_time: str | None = None, confidence: str | None = None
) -> MarketSnapshot:
    """Return the snapshot that a text is, CSV or JSON; `path` says where it is from, in errors."""
    if text.lstrip().startswith(("{", "[")):
        head, rows = _json_rows(text, path)
    else:
        head, rows = _csv_rows(text, path)
    time_text = _one_of(head.get("valuation_time"), valuation_time, "valuation_time", path)
    confidence_text = _one_of(head.get("confidence"), confidence, "confidence", path)
    quotes, refused = [], []
    for number, row in rows:
        name = row.get("instrument")
        if not isinstance(name, str) or not name:
            raise BadInput(f"{path}: row {number}: field instrument is missing; name it as the exchange does")
        try:
            quotes.append(_quote(name, row))
        except BadInput as error:
            refused.append(Exclusion(name[:60], str(error)))
    when = parse_time(time_text, f"{path}: valuation_time")
    return make_snapshot(path, when, _confidence(confidence_text, path), quotes, refused)


def parse_time(text: str, where: str) -> datetime:
    """Return an ISO 8601 time with a zone, in UTC."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{where}: {text[:40]!r} is no time; write it like 2026-01-01T09:10:00Z") from None
    if when.tzinfo is None:
        raise BadInput(f"{where}: {text[:40]!r} has no time zone; write it like 2026-01-01T09:10:00Z")
    try:
        return when.astimezone(UTC)
    except OverflowError:
        raise BadInput(f"{where}: {text[:40]!r} is out of range; write it like 2026-01-01T09:10:00Z") from None


def _one_of(in_file: Any, given: str | None, name: str, path: str) -> str:
    if in_file is not None and given is not None and str(in_file) != given:
        raise BadInput(f"{path}: field {name} differs from the one given beside it; give it in one place")
    chosen = in_file if in_file is not None else given
    if chosen is None:
        raise BadInput(f"{path}: {name} is not given; put it into the file or give --{name.replace('_', '-')}")
    return str(chosen)


def _given_confidence(text: str) -> None:
    value = plain_decimal(text)
    if value is None or not value.is_finite() or not 0 < value <= 1:
        raise BadInput(f"--confidence: {text[:40]!r} is no number above 0 and at most 1; write it like 0.95")


def _confidence(text: str, path: str) -> Decimal:
    value = _decimal(text, f"{path}: confidence")
    if value is None:
        raise BadInput(f"{path}: confidence is empty; it must be above 0 and at most 1")
    return value


def _quote(name: str, row: Mapping[str, Any]) -> Quote:
    instrument = parse_name(name)
    values = {field: _decimal(row.get(field), field) for field in _NUMBERS}
    time = row.get("timestamp")
    return Quote(
        instrument=instrument,
        forward=values["forward"],
        index_price=values["index_price"],
        mark_vol=values["mark_iv"],
        bid=values["bid_coin"],
        ask=values["ask_coin"],
        mark=values["mark_price_coin"],
        time=parse_time(str(time), "timestamp") if time else None,
        confidence=values["confidence"],
    )


def _decimal(value: Any, field: str) -> Decimal | None:
    """Return a number's exact decimal, None where it is empty; BadInput names the field."""
    if value is None or value == "":
        return None
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise BadInput(f"{field} is not a decimal written as a string")
    number = plain_decimal(str(value))
    if number is None:
        raise BadInput(f"{field} is not a number")
    if len(str(value)) > _MAX_DECIMAL or (number.is_finite() and not -30 < number.adjusted() < 20):
        raise BadInput(f"{field} is absurdly long or large")
    return number


def _csv_rows(text: str, name: str) -> tuple[dict[str, str], list[tuple[int, Mapping[str, Any]]]]:
    head: dict[str, str] = {}
    lines = text.splitlines()
    start = 0
    while start < len(lines) and (not lines[start].strip() or lines[start].startswith("#")):
        key, separator, value = lines[start].lstrip("# ").partition("=")
        if separator:
            head[key.strip()] = value.strip()
        start += 1
    reader = csv.DictReader(io.StringIO("\n".join(lines[start:])), strict=True)
    try:
        columns = reader.fieldnames or []
        missing = [column for column in _REQUIRED if column not in columns]
        if missing:
            raise BadInput(f"{name}: the header has no column {missing[0]}; a snapshot needs {', '.join(_REQUIRED)}")
        if len(set(columns)) != len(columns):
            raise BadInput(f"{name}: a column stands twice in the header; keep one")
        rows: list[tuple[int, Mapping[str, Any]]] = []
        for row in reader:
            number = start + reader.line_num
            if None in row or None in row.values():
                raise BadInput(f"{name}: row {number}: it has not as many fields as the header; mend it")
            rows.append((number, row))
            if len(rows) > _MAX_ROWS:
                raise BadInput(f"{name}: more than {_MAX_ROWS} rows; give the instruments that matter")
    except csv.Error as error:
        raise BadInput(f"{name}: not a CSV file ({error})") from None
    return head, rows


def _json_rows(text: str, name: str) -> tuple[dict[str, Any], list[tuple[int, Mapping[str, Any]]]]:
    document = parse_json(text, name)
    if not isinstance(document, dict) or not isinstance(document.get("quotes"), list):
        raise BadInput(
            f"{name}: field quotes is not a list; a snapshot is an object with valuation_time, confidence, quotes"
        )
    unknown = sorted(set(document) - {"valuation_time", "confidence", "quotes"})
    if unknown:
        raise BadInput(f"{name}: field {unknown[0][:40]!r} is not known")
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for number, row in enumerate(document["quotes"], start=1):
        if not isinstance(row, dict):
            raise BadInput(f"{name}: quote {number} is not an object")
        rows.append((number, row))
    return document, rows
