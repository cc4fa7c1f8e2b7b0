"""A program file is stable and bound by its hash; whatever else it holds is refused by file and field."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.builders import random_program
from verifier.errors import ArtefactMismatch, BadInput
from verifier.program_file import dump_program, load_program, save_program
from verifier.tiers import GRID, TIERS

PROGRAM = random_program(Random(11), GRID)


@pytest.mark.parametrize("tier", TIERS.values(), ids=lambda tier: tier.name)
def test_a_saved_program_is_loaded_as_it_was(tmp_path: Path, tier):
    for seed in range(3):
        program = random_program(Random(seed), tier, extreme=seed == 2)
        save_program(tmp_path / "program.json", program)
        assert load_program(tmp_path / "program.json") == program


def test_the_same_program_always_gives_the_same_text(tmp_path: Path):
    save_program(tmp_path / "p", PROGRAM)
    assert dump_program(load_program(tmp_path / "p")) == dump_program(PROGRAM)


def test_integers_are_strings_since_json_readers_lose_digits():
    arrays = json.loads(dump_program(PROGRAM))["arrays"]
    assert all(isinstance(value, str) for values in arrays.values() for value in values)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"format": "other"}, ArtefactMismatch, "field format"),
        ({"version": 2}, ArtefactMismatch, "field version"),
        ({"tier": "huge"}, ArtefactMismatch, "field tier"),
        ({"tier": 3}, BadInput, "field tier is not a text"),
        ({"purpose": "other"}, BadInput, "field purpose"),
        ({"listing": []}, BadInput, "field listing"),
        ({"arrays": []}, BadInput, "field arrays"),
        ({"arrays": {"gain": ["1"]}}, BadInput, "gain has 1 entries"),
        ({"arrays": {"unknown": ["1"]}}, BadInput, "unknown"),
        ({"arrays": {"constant": "5"}}, BadInput, "array constant: not a list"),
        ({"arrays": {"constant": [5]}}, BadInput, "array constant, entry 0"),
        ({"arrays": {"constant": ["05"]}}, BadInput, "array constant, entry 0"),
        ({"arrays": {"constant": ["-0"]}}, BadInput, "array constant, entry 0"),
        ({"arrays": {"constant": ["1e9"]}}, BadInput, "array constant, entry 0"),
        ({"arrays": {"constant": ["٣"]}}, BadInput, "array constant, entry 0"),
        ({"arrays": {"constant": ["9" * 81]}}, BadInput, "array constant, entry 0"),
        ({"arrays": {"risk_array": ["9" * 40] * 2048}}, BadInput, "does not fit"),
        ({"arrays": {"constant": ["7"]}}, ArtefactMismatch, "field program_hash"),
        ({"program_hash": "0x00"}, ArtefactMismatch, "field program_hash"),
        ({"extra": 1}, BadInput, "field 'extra' is not known"),
        ({"model": None}, BadInput, "field model"),
    ],
)
def test_a_file_that_is_not_a_program_is_refused_by_file_and_field(
    tmp_path: Path, change: dict[str, Any], error: type[Exception], sentence: str
):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(json.loads(dump_program(PROGRAM)) | change))
    with pytest.raises(error, match=sentence) as caught:
        load_program(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("field", ["tier", "listing", "program_hash"])
def test_a_missing_field_is_named(tmp_path: Path, field: str):
    document = json.loads(dump_program(PROGRAM))
    del document[field]
    (tmp_path / "p").write_text(json.dumps(document))
    with pytest.raises(BadInput, match=f"field {field} is missing"):
        load_program(tmp_path / "p")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"places": [["A", "x"]]}, "listing place 0"),
        ({"places": {}}, "field places"),
        ({"places": [None]}, "needs 64 places"),
        ({"groups": 10**9}, "field groups"),
        ({"money_exponent": 1.5}, "field money_exponent"),
        ({"settlement_unit": "\ud800"}, "printable"),
    ],
)
def test_a_listing_that_is_none_is_refused_by_field(tmp_path: Path, change: dict[str, Any], sentence: str):
    document = json.loads(dump_program(PROGRAM))
    document["listing"] |= change
    (tmp_path / "p").write_text(json.dumps(document))
    with pytest.raises(BadInput, match=sentence):
        load_program(tmp_path / "p")


def test_a_tampered_listing_changes_the_hash(tmp_path: Path):
    document = json.loads(dump_program(PROGRAM))
    document["listing"]["settlement_unit"] = "EUR"
    (tmp_path / "p").write_text(json.dumps(document))
    with pytest.raises(ArtefactMismatch, match="program_hash"):
        load_program(tmp_path / "p")
