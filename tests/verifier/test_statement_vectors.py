"""The committed statement vectors, run as another implementation would run them: from the files alone."""

from pathlib import Path
from typing import Any

import pytest

from tests.verifier.statement_vectors import RECIPES, ROOT, expected_figures, make_case
from verifier.admission import admit
from verifier.commitment import commit
from verifier.context import Action, Context
from verifier.encoding import program_hash
from verifier.files import read_json
from verifier.meaning import evaluate
from verifier.program import Purpose
from verifier.program_file import load_program

CASES = sorted(path for path in ROOT.iterdir() if path.is_dir())


def context_of(value: dict[str, Any]) -> Context:
    return Context(
        chain_id=value["chain_id"],
        registry=value["registry"],
        verifying_key_hash=bytes.fromhex(value["verifying_key_hash"][2:]),
        purpose=Purpose(value["purpose"]),
        action=Action(value["action"]),
        account=value["account"],
        recipient=value["recipient"],
        amount=int(value["amount"]),
        epoch=value["epoch"],
        sequence=value["sequence"],
        nonce=value["nonce"],
        deadline=value["deadline"],
    )


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_a_case_gives_every_figure_it_says(folder: Path):
    program = load_program(folder / "program.json")
    inputs, expected = read_json(folder / "inputs.json"), read_json(folder / "expected.json")
    admit(program)
    positions = [int(value) for value in inputs["positions"]]
    meaning = evaluate(program, positions, ratio_bps=inputs["ratio_bps"], vault_balance=int(inputs["vault_balance"]))
    found = {
        "listing_hash": str(program.listing.hash),
        "program_hash": "0x" + program_hash(program).hex(),
        "commitment": str(commit(program.listing, positions, int(inputs["salt"]))),
        "context": str(context_of(inputs["context"]).element),
        **expected_figures(meaning),
    }
    assert found == expected


def test_the_cases_are_those_of_the_recipes():
    assert {path.name for path in CASES} == set(RECIPES)
    verdicts = {path.name: read_json(path / "expected.json")["margin_met"] for path in CASES}
    assert {True, False} == set(verdicts.values())
    assert not any(met for name, met in verdicts.items() if "short_by" in name or "one_unit_short" in name)


def test_a_recipe_makes_its_case_again():
    name = "grid_value_at_risk"
    _, inputs, expected = make_case(RECIPES[name])
    assert inputs == read_json(ROOT / name / "inputs.json")
    assert expected == read_json(ROOT / name / "expected.json")
