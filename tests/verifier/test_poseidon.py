"""Poseidon's constants come from the paper's procedure; its values equal circomlib's."""

import json
from pathlib import Path

import pytest

from verifier.errors import BadInput
from verifier.field import R
from verifier.poseidon import FULL_ROUNDS, PARTIAL_ROUNDS, constants, permute, poseidon

CASES = json.loads((Path(__file__).parents[1] / "vectors/poseidon/cases.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['inputs'])}-{case['hash'][:6]}")
def test_every_width_equals_circomlib(case: dict):
    assert poseidon([int(value) for value in case["inputs"]]) == int(case["hash"])


def test_the_vectors_cover_every_number_of_inputs():
    assert {len(case["inputs"]) for case in CASES} == set(range(1, 17))


def test_constants_are_below_the_order_and_mds_rows_are_distinct():
    for t in (2, 17):
        rounds, mds = constants(t)
        assert len(rounds) == FULL_ROUNDS + PARTIAL_ROUNDS[t - 2]
        assert all(len(row) == t and all(0 <= value < R for value in row) for row in (*rounds, *mds))
        assert len(set(mds)) == t


@pytest.mark.parametrize("inputs", [[], [0] * 17, [R], [-1]])
def test_what_is_no_input_is_refused(inputs: list[int]):
    with pytest.raises(BadInput):
        poseidon(inputs)


def test_an_undefined_width_is_refused():
    with pytest.raises(BadInput, match="states of 2 to 17"):
        permute([0])
