"""Verifying keys: each rule refuses a key under which proofs could be forged or signals are not bound."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from eth_hash.auto import keccak

from tests.verifier.trapdoor import Trapdoor, g1, g2, point_outside_the_subgroup
from verifier.errors import ArtefactMismatch, BadInput
from verifier.field import Q, R
from verifier.groth16 import verify
from verifier.groth16.curve import G1_GENERATOR, G2_GENERATOR, negate_g1
from verifier.groth16.keys import KeyRefused, load_key, parse_key
from verifier.groth16.proof import Proof
from verifier.tiers import GRID

VECTORS = Path(__file__).parents[1] / "vectors/groth16"
DOCUMENT = json.loads((VECTORS / "verification_key.json").read_text())
KEY = load_key(VECTORS / "verification_key.json")


def refused(rule: str, change: dict[str, Any]) -> None:
    with pytest.raises(KeyRefused) as caught:
        parse_key(DOCUMENT | change, "key.json")
    assert caught.value.rule == rule
    assert "key.json" in str(caught.value)


def test_gamma_is_the_generator_in_every_key_of_snarkjs_and_is_taken():
    assert KEY.gamma == G2_GENERATOR


def test_a_key_without_phase_2_is_refused():
    with pytest.raises(KeyRefused, match="no phase 2") as caught:
        load_key(VECTORS / "verification_key_without_phase_2.json")
    assert caught.value.rule == "delta-gamma"


def test_with_delta_equal_to_gamma_anyone_forges():
    """The attack: with delta = gamma, C = -(inputs) cancels them, and A = alpha, B = beta does the rest."""
    trapdoor = replace(Trapdoor.random(Random(2)), delta=5, gamma=6)
    key = trapdoor.key(3)
    object.__setattr__(key, "delta", key.gamma)
    signals = (1, 2, 3)
    inputs = g1(trapdoor.first + trapdoor.input_sum(signals))
    assert verify(key, signals, Proof(key.alpha, key.beta, negate_g1(inputs)))


def test_delta_that_is_the_generator_is_refused():
    generator = [[str(part) for part in coordinate] for coordinate in G2_GENERATOR] + [["1", "0"]]
    refused("delta-generator", {"vk_delta_2": generator, "vk_gamma_2": DOCUMENT["vk_beta_2"]})


def test_an_ic_point_at_infinity_binds_no_signal():
    refused("ic-infinity", {"IC": [*DOCUMENT["IC"][:3], ["0", "1", "0"]]})


@pytest.mark.parametrize("opposite", [False, True])
def test_equal_or_opposite_ic_points_bind_a_sum_only(opposite: bool):
    x, y, one = DOCUMENT["IC"][1]
    twin = [x, str(Q - int(y)) if opposite else y, one]
    refused("ic-equal", {"IC": [*DOCUMENT["IC"][:3], twin]})


def test_two_equal_ic_points_would_let_signals_trade_places():
    trapdoor = replace(Trapdoor.random(Random(3)), step=5)
    key = trapdoor.key(3)
    object.__setattr__(key, "ic", (*key.ic[:2], key.ic[1], key.ic[3]))
    total = trapdoor.first + 7 * (trapdoor.first + 5) + 3 * (trapdoor.first + 15)
    rest = trapdoor.alpha * trapdoor.beta + total * trapdoor.gamma
    proof = Proof(g1(11), g2(13), g1((143 - rest) * pow(trapdoor.delta, -1, R)))
    assert verify(key, (7, 0, 3), proof)
    assert verify(key, (0, 7, 3), proof)


@pytest.mark.parametrize(
    "change",
    [
        {"IC": DOCUMENT["IC"][:-1]},
        {"nPublic": 4},
        {"nPublic": "3"},
        {"IC": None},
        {"IC": DOCUMENT["IC"][:1], "nPublic": 0},
    ],
)
def test_a_wrong_count_is_refused(change: dict[str, Any]):
    refused("public-count", change)


def test_a_key_for_another_tier_is_refused():
    with pytest.raises(KeyRefused, match="grid needs 2994"):
        KEY.check_tier(GRID)
    with pytest.raises(KeyRefused):
        load_key(VECTORS / "verification_key.json", GRID)


@pytest.mark.parametrize("rule", ["protocol", "curve"])
@pytest.mark.parametrize("value", ["plonk", "bls12381", None, 3])
def test_another_protocol_or_curve_is_refused(rule: str, value: Any):
    refused(rule, {rule: value})


@pytest.mark.parametrize(
    "change",
    [
        {"vk_alpha_1": ["1", "3", "1"]},
        {"vk_alpha_1": [str(Q + 1), "2", "1"]},
        {"vk_alpha_1": ["1", "2", "2"]},
        {"vk_alpha_1": ["01", "2", "1"]},
        {"vk_alpha_1": [1, 2, 1]},
        {"vk_alpha_1": None},
        {"vk_beta_2": DOCUMENT["vk_beta_2"][::-1]},
        {"vk_gamma_2": [["0", "0"], ["1", "0"], ["0", "0"]]},
        {"vk_delta_2": [DOCUMENT["vk_delta_2"][1], DOCUMENT["vk_delta_2"][0], ["1", "0"]]},
        {"IC": [*DOCUMENT["IC"][:3], ["5", "5", "1"]]},
    ],
)
def test_a_malformed_point_is_refused(change: dict[str, Any]):
    refused("point", change)


def test_a_twist_point_outside_the_subgroup_is_refused():
    x, y = point_outside_the_subgroup()
    refused("point", {"vk_delta_2": [[str(v) for v in x], [str(v) for v in y], ["1", "0"]]})


def test_a_file_that_is_no_key_is_refused(tmp_path: Path):
    (tmp_path / "k").write_text("[]")
    with pytest.raises(ArtefactMismatch, match="not a verification key"):
        load_key(tmp_path / "k")
    with pytest.raises(BadInput, match="no such file"):
        load_key(tmp_path / "absent")


def test_the_hash_is_over_the_words_in_the_evms_order():
    words = KEY.words()
    assert words[:2] == KEY.alpha
    assert words[2:6] == (KEY.beta[0][1], KEY.beta[0][0], KEY.beta[1][1], KEY.beta[1][0])
    assert len(words) == 2 + 3 * 4 + 2 * 4
    assert KEY.hash == keccak(b"".join(word.to_bytes(32, "big") for word in words))
    assert replace(KEY, alpha=G1_GENERATOR).hash != KEY.hash
