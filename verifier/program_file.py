"""The program file: a margin program as JSON, stable, versioned and bound by its hash.

{"format": "zkmargin.program", "version": 1, "tier", "purpose", "model", "valuation_time", "listing": {...},
"arrays": {section: flat list of decimal strings}, "program_hash": 0x...}. Arrays are flattened in row-major
order; strings, since JSON readers lose integers beyond 2^53. Arrays that are all zero are left out. Sections
stand in the order of the signals.
"""

import json
from typing import Any

from verifier.encoding import program_hash
from verifier.errors import ArtefactMismatch, BadInput
from verifier.files import PathLike, parse_json, read_text, write_text_atomic
from verifier.listing import Listing, Slot
from verifier.program import MarginProgram, Purpose
from verifier.tiers import TIERS, digit_limit

FORMAT = "zkmargin.program"
VERSION = 1
_MAX_DIGITS = 80
"""Longest decimal number of an array, sign included: a field element has 77 digits."""
_KEYS = (
    "format",
    "version",
    "tier",
    "purpose",
    "model",
    "valuation_time",
    "listing",
    "arrays",
    "program_hash",
)
_LISTING_KEYS = ("groups", "slots", "money_exponent", "settlement_unit", "places")


def dump_program(program: MarginProgram) -> str:
    """Return a program as the text of its file: the same program always gives the same text."""
    arrays = {
        section.name: [str(value) for value in values]
        for section in program.tier.sections
        if section.name != "listing_hash" and any(values := program.section_values(section))
    }
    listing = program.listing
    head: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "tier": program.tier.name,
        "purpose": program.purpose.name.lower(),
        "model": program.model,
        "valuation_time": program.valuation_time,
        "listing": {
            "groups": listing.groups,
            "slots": listing.slots,
            "money_exponent": listing.money_exponent,
            "settlement_unit": listing.settlement_unit,
            "places": [[slot.instrument, slot.lot_exponent] if slot else None for slot in listing.places],
        },
        "arrays": arrays,
        "program_hash": "0x" + program_hash(program).hex(),
    }
    return json.dumps(head, ensure_ascii=False, separators=(",", ":")) + "\n"


def save_program(path: PathLike, program: MarginProgram) -> None:
    """Write a program file, all or not at all."""
    write_text_atomic(path, dump_program(program))


def load_program(path: PathLike) -> MarginProgram:
    """Read a program file and check its hash.

    Raises BadInput naming file and field for anything malformed, ArtefactMismatch where format, version, tier
    or hash do not fit. Bounds are not checked here: `verifier.admission.admit` does.
    """
    return parse_program(read_text(path), str(path))


def parse_program(text: str, name: str) -> MarginProgram:
    """Return the program that `text` holds; `name` says in errors where it is from."""
    document = parse_json(text, name)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ArtefactMismatch(f"{name}: not a margin program file (field format is not {FORMAT!r})")
    if document.get("version") != VERSION:
        raise ArtefactMismatch(f"{name}: field version is not {VERSION}, the only one this release reads")
    _check_keys(document, _KEYS, name)
    tier = TIERS.get(_text(document, "tier", name))
    if tier is None:
        raise ArtefactMismatch(f"{name}: field tier names none of {', '.join(TIERS)}")
    purposes = {purpose.name.lower(): purpose for purpose in Purpose}
    purpose = purposes.get(_text(document, "purpose", name))
    if purpose is None:
        raise BadInput(f"{name}: field purpose is none of {', '.join(purposes)}")
    if not isinstance(document["arrays"], dict):
        raise BadInput(f"{name}: field arrays is not an object")
    try:
        program = MarginProgram.build(
            tier,
            _listing(document["listing"], name),
            purpose,
            model=_text(document, "model", name),
            valuation_time=_text(document, "valuation_time", name),
            arrays={key: _integers(values, f"{name}: array {key}") for key, values in document["arrays"].items()},
        )
    except BadInput as error:
        raise BadInput(str(error) if str(error).startswith(name) else f"{name}: {error}") from None
    for section in tier.sections:
        limit = digit_limit(section.width)
        if any(abs(value) > limit for value in program.section_values(section)):
            raise BadInput(f"{name}: array {section.name}: an entry does not fit {section.width} bytes")
    if "0x" + program_hash(program).hex() != document["program_hash"]:
        raise ArtefactMismatch(f"{name}: field program_hash is not the hash of the program; the file was changed")
    return program


def _listing(value: Any, name: str) -> Listing:
    if not isinstance(value, dict):
        raise BadInput(f"{name}: field listing is not an object")
    _check_keys(value, _LISTING_KEYS, f"{name}: listing")
    places = value["places"]
    if not isinstance(places, list):
        raise BadInput(f"{name}: listing: field places is not a list")
    return Listing(
        groups=_number(value, "groups", name),
        slots=_number(value, "slots", name),
        money_exponent=_number(value, "money_exponent", name),
        settlement_unit=_text(value, "settlement_unit", name),
        places=tuple(_slot(entry, f"{name}: listing place {place}") for place, entry in enumerate(places)),
    )


def _slot(entry: Any, name: str) -> Slot | None:
    if entry is None:
        return None
    if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) and type(entry[1]) is int):
        raise BadInput(f"{name}: neither null nor [instrument, lot exponent]")
    return Slot(entry[0], entry[1])


def _integers(values: Any, name: str) -> list[int]:
    if not isinstance(values, list):
        raise BadInput(f"{name}: not a list")
    return [_integer(value, f"{name}, entry {index}") for index, value in enumerate(values)]


def _integer(value: Any, name: str) -> int:
    """Return a canonical decimal string's integer: no sign but '-', no leading zeros, no '-0'."""
    if isinstance(value, str) and len(value) <= _MAX_DIGITS:
        digits = value.removeprefix("-")
        if digits.isascii() and digits.isdigit() and str(int(value)) == value:
            return int(value)
    raise BadInput(f"{name}: not a decimal integer written as a string")


def _check_keys(document: dict[str, Any], keys: tuple[str, ...], name: str) -> None:
    for key in keys:
        if key not in document:
            raise BadInput(f"{name}: field {key} is missing")
    for key in document:
        if key not in keys:
            raise BadInput(f"{name}: field {key[:60]!r} is not known")


def _text(document: dict[str, Any], key: str, name: str) -> str:
    value = document[key]
    if not isinstance(value, str) or len(value) > 1000:
        raise BadInput(f"{name}: field {key} is not a text")
    return value


def _number(document: dict[str, Any], key: str, name: str) -> int:
    value = document[key]
    if type(value) is not int or abs(value) > 1000:
        raise BadInput(f"{name}: field {key} is not a small integer")
    return value
