"""Proof and signal files have exactly one spelling, and EVM bytes are the same proof."""

import json
from pathlib import Path
from typing import Any

import pytest

from verifier.errors import ArtefactMismatch
from verifier.field import Q, R
from verifier.groth16.proof import (
    PROOF_BYTES,
    Proof,
    load_proof,
    load_signals,
    parse_proof,
    parse_signals,
    save_proof,
    save_signals,
)

VECTORS = Path(__file__).parents[1] / "vectors/groth16"
DOCUMENT = json.loads((VECTORS / "proof.json").read_text())
PROOF = load_proof(VECTORS / "proof.json")


def test_files_are_written_as_they_are_read(tmp_path: Path):
    save_proof(tmp_path / "proof.json", PROOF)
    assert json.loads((tmp_path / "proof.json").read_text()) == DOCUMENT
    signals = load_signals(VECTORS / "public.json")
    save_signals(tmp_path / "public.json", signals)
    assert load_signals(tmp_path / "public.json") == signals


def test_evm_bytes_hold_the_imaginary_parts_first():
    data = PROOF.to_evm()
    assert len(data) == PROOF_BYTES
    words = [int.from_bytes(data[k : k + 32], "big") for k in range(0, 256, 32)]
    (x0, x1), (y0, y1) = PROOF.b
    assert words == [*PROOF.a, x1, x0, y1, y0, *PROOF.c]
    assert Proof.from_evm(data) == PROOF


@pytest.mark.parametrize("data", [b"", PROOF.to_evm()[:-1], PROOF.to_evm() + b"\0", b"\0" * 256, b"\xff" * 256])
def test_bytes_that_are_no_proof_are_refused(data: bytes):
    with pytest.raises(ArtefactMismatch):
        Proof.from_evm(data)


def test_swapped_g2_parts_are_refused():
    data = PROOF.to_evm()
    with pytest.raises(ArtefactMismatch, match="not a point of the curve"):
        Proof.from_evm(data[:64] + data[96:128] + data[64:96] + data[160:192] + data[128:160] + data[192:])


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": "plonk"},
        {"curve": "bls12381"},
        {"pi_a": DOCUMENT["pi_a"][:2]},
        {"pi_a": [*DOCUMENT["pi_a"][:2], "2"]},
        {"pi_a": ["0", "1", "0"]},
        {"pi_a": [str(int(DOCUMENT["pi_a"][0]) + Q), *DOCUMENT["pi_a"][1:]]},
        {"pi_a": ["0" + DOCUMENT["pi_a"][0], *DOCUMENT["pi_a"][1:]]},
        {"pi_a": ["-1", *DOCUMENT["pi_a"][1:]]},
        {"pi_a": [int(DOCUMENT["pi_a"][0]), *DOCUMENT["pi_a"][1:]]},
        {"pi_a": [DOCUMENT["pi_a"][1], DOCUMENT["pi_a"][0], "1"]},
        {"pi_b": [*DOCUMENT["pi_b"][:2], ["0", "1"]]},
        {"pi_b": [DOCUMENT["pi_b"][0][::-1], DOCUMENT["pi_b"][1][::-1], ["1", "0"]]},
        {"pi_b": [["1"], ["2"], ["1", "0"]]},
        {"pi_c": "point"},
    ],
)
def test_a_proof_file_that_is_off_by_anything_is_refused(change: dict[str, Any]):
    with pytest.raises(ArtefactMismatch, match=r"proof\.json"):
        parse_proof(DOCUMENT | change, "proof.json")


@pytest.mark.parametrize("signals", [{}, [1], ["01"], ["+1"], ["1 "], [str(R)], ["٣"], [""], [None], ["9" * 90]])
def test_signals_that_are_not_canonical_are_refused(signals: Any):
    with pytest.raises(ArtefactMismatch, match=r"public\.json"):
        parse_signals(signals, "public.json")
