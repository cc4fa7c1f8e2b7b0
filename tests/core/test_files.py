"""Damaged files: truncated, garbled, with lying counts. Every one is a FormatError, none a crash."""

import contextlib
import hashlib
import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover import _core
from tests.core.conftest import Proven
from verifier.field import R

Reader = Callable[[bytes], object]
BY_ROW = 0x7A6B0002
"""The section of a .zkey that is our own."""


def readers(case: Proven) -> dict[str, tuple[bytes, Reader]]:
    """Each binary format: a good file and what reads it."""
    plan = _core.WitnessPlan.derive(case.circuit).to_bytes()

    def use_circuit(data: bytes) -> None:
        circuit = _core.Circuit(data)
        _core.WitnessPlan.derive(circuit)
        _core.setup(circuit, seed=b"")

    return {
        "r1cs": (case.source.r1cs, use_circuit),
        "wtns": (case.wtns, _core.read_wtns),
        "zkey": (case.zkey, _core.ProvingKey),
        "zkey for verifying": (case.zkey, _core.VerifyingKey.from_zkey),
        "plan": (plan, lambda data: _core.WitnessPlan.load(data, case.circuit)),
    }


FORMATS = ["r1cs", "wtns", "zkey", "zkey for verifying", "plan"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_truncation_is_refused(kind: str, proven: Callable[[str], Proven]) -> None:
    good, read = readers(proven("product"))[kind]
    read(good)
    for end in [*range(min(len(good), 400)), *range(400, len(good), 97), len(good) - 1]:
        with pytest.raises(_core.FormatError):
            read(good[:end])
    with pytest.raises(_core.FormatError):
        read(good + b"\0")


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_garbled_files_never_crash(kind: str, data: st.DataObject, proven: Callable[[str], Proven]) -> None:
    good, read = readers(proven("product"))[kind]
    garbled = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(good) - 1))
        garbled[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(_core.FormatError):
        read(bytes(garbled))


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_lying_counts_ask_for_no_memory(kind: str, data: st.DataObject, proven: Callable[[str], Proven]) -> None:
    good, read = readers(proven("product"))[kind]
    at = data.draw(st.integers(0, min(len(good), 600) - 4))
    value = data.draw(st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]))
    lying = good[:at] + struct.pack("<I", value) + good[at + 4 :]
    with contextlib.suppress(_core.FormatError):
        read(lying)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_garbled_plan_with_a_fitting_checksum_never_solves_wrongly(
    data: st.DataObject, proven: Callable[[str], Proven]
) -> None:
    case = proven("mixing")
    good = _core.WitnessPlan.derive(case.circuit).to_bytes()[:-32]
    garbled = bytearray(good)
    garbled[data.draw(st.integers(8, len(good) - 1))] = data.draw(st.integers(0, 255))
    resealed = bytes(garbled) + hashlib.sha256(garbled).digest()
    with contextlib.suppress(_core.FormatError, _core.WitnessError):
        assert _core.WitnessPlan.load(resealed, case.circuit).solve(case.inputs) == case.wtns


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes, proven: Callable[[str], Proven]) -> None:
    for _, read in readers(proven("product")).values():
        with pytest.raises(_core.FormatError):
            read(data)


def test_points_of_a_proving_key_are_checked_unless_trusted(proven: Callable[[str], Proven]) -> None:
    zkey = bytearray(proven("product").zkey)
    sections = {}
    at = 12
    while at < len(zkey):
        kind, length = struct.unpack_from("<IQ", zkey, at)
        sections[kind] = at + 12
        at += 12 + length
    for kind in (3, 5, 8, 9, BY_ROW):
        damaged = bytearray(zkey)
        damaged[sections[kind]] ^= 1
        with pytest.raises(_core.FormatError, match="G1 point of the key is not on the curve"):
            _core.ProvingKey(bytes(damaged))
    damaged = bytearray(zkey)
    damaged[sections[9]] ^= 1
    _core.ProvingKey(bytes(damaged), trusted=True)


def test_a_fault_in_a_trusted_key_leaks_no_proof(proven: Callable[[str], Proven]) -> None:
    case = proven("product")
    at = 12
    damaged = bytearray(case.zkey)
    while at < len(damaged):
        kind, length = struct.unpack_from("<IQ", damaged, at)
        if kind == 9:
            damaged[at + 12] ^= 1
        at += 12 + length
    key = _core.ProvingKey(bytes(damaged), trusted=True)
    with pytest.raises(_core.ProofError, match="does not verify"):
        key.prove_witness(case.wtns)


def test_a_witness_value_that_is_not_below_the_modulus_is_refused(proven: Callable[[str], Proven]) -> None:
    wtns = proven("product").wtns
    for value in (R, (1 << 256) - 1):
        with pytest.raises(_core.FormatError, match="not below"):
            _core.read_wtns(wtns[:-32] + value.to_bytes(32, "little"))


def test_a_witness_that_does_not_start_with_one_is_refused(proven: Callable[[str], Proven]) -> None:
    with pytest.raises(_core.FormatError, match="must be 1"):
        _core.read_wtns(_core.write_wtns((2).to_bytes(32, "big")))


BAD_DECIMALS = ["", "-1", "+1", "01", " 1", "1e3", "0x1", "1.0", str(1 << 256), "9" * 79, 1, None, [], {}]


@pytest.mark.parametrize("bad", [*BAD_DECIMALS, str(R)])
def test_public_signals_must_be_canonical_decimals(bad: object) -> None:
    assert _core.public_from_json(json.dumps(["1", "0"])) == bytes(31) + b"\1" + bytes(32)
    with pytest.raises(_core.FormatError, match="public input 1"):
        _core.public_from_json(json.dumps(["1", bad]))


@pytest.mark.parametrize("text", ["", "{}", "null", "1", "[", '{"a":1}', "[" * 5000])
def test_json_of_another_shape_is_refused(text: str) -> None:
    for read in (_core.public_from_json, _core.proof_from_json, _core.VerifyingKey.from_json):
        with pytest.raises(_core.FormatError):
            read(text)


@pytest.mark.parametrize("bad", [*BAD_DECIMALS, "2"])
@pytest.mark.parametrize("part", ["pi_a", "pi_b", "pi_c"])
def test_damaged_proof_files_are_refused(part: str, bad: object, proven: Callable[[str], Proven]) -> None:
    case = proven("product")
    value = json.loads(_core.proof_to_json(case.key.prove(case.inputs)[0]))
    coordinates = value[part][0] if part == "pi_b" else value[part]
    coordinates[0] = bad
    with pytest.raises(_core.FormatError):
        _core.proof_from_json(json.dumps(value))
    for change in ({"protocol": "plonk"}, {"curve": "bls12381"}, {part: value[part][:2]}):
        with pytest.raises(_core.FormatError):
            _core.proof_from_json(json.dumps(value | change))


def test_damaged_key_files_are_refused(proven: Callable[[str], Proven]) -> None:
    value = json.loads(proven("product").key.verifying_key.to_json())
    _core.VerifyingKey.from_json(json.dumps(value))
    changes = [
        {"IC": value["IC"][:-1]},
        {"nPublic": 2},
        {"nPublic": -1},
        {"nPublic": "3"},
        {"IC": []},
        {"IC": 7},
    ]
    changes += [{name: None} for name in ("vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2")]
    for change in changes:
        with pytest.raises(_core.FormatError):
            _core.VerifyingKey.from_json(json.dumps(value | change))


def test_damaged_symbols_are_refused(proven: Callable[[str], Proven]) -> None:
    with pytest.raises(_core.FormatError, match="line 2"):
        proven("product").circuit.sym_inputs("1,1,0,main.a\n2,x,0,main.b\n")
