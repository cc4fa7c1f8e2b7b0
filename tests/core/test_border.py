"""Any bytes through every function of the border: an exception of ours or an answer, and never a panic."""

import hashlib
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prover import _core
from tests.core.conftest import Proven
from tests.core.toolbox import ROOT, scalars
from verifier.field import Q, R

Use = Callable[..., object]
NAME = "product"


def survives(use: Use, *arguments: object) -> None:
    """Call; only exceptions of this module may come, and a panic is none: it derives from BaseException."""
    try:
        use(*arguments)
    except _core.CoreError as error:
        said = str(error)
        assert said and len(said) < 400
        assert "\n" not in said


def point(x: int, y: int) -> bytes:
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


EDGES = [0, 1, 2, R - 1, R, R + 1, Q - 1, Q, Q + 1, (1 << 256) - 1]
word = st.one_of(st.sampled_from(EDGES), st.integers(0, (1 << 256) - 1)).map(lambda value: value.to_bytes(32, "big"))
words = st.lists(word, max_size=20).map(b"".join)
loose = st.one_of(words, st.binary(max_size=700), words.map(lambda data: data[:-1]))


@settings(max_examples=300, deadline=None)
@given(a=loose, b=loose, c=loose, d=loose, e=loose)
def test_any_words_are_taken_or_refused(a: bytes, b: bytes, c: bytes, d: bytes, e: bytes, proven) -> None:
    case: Proven = proven(NAME)
    key, circuit = case.key.verifying_key, case.circuit
    survives(_core.VerifyingKey, a, b, c, d, e)
    survives(key.verify, a, b)
    survives(key.verify_prepared, a, b, c)
    survives(key.verify_batch, a, [b, c], [d, e])
    survives(key.verify_batch, a, [b], [])
    survives(key.prepare, a)
    survives(_core.msm_g1, a, b)
    survives(_core.g1_add, a, b)
    survives(_core.proof_to_json, a)
    survives(_core.public_to_json, a)
    survives(_core.write_wtns, a)
    survives(case.key.prove, a)
    survives(case.key.prove_witness, a)
    survives(circuit.check, a)
    survives(circuit.check_key, a)
    plan = _core.WitnessPlan.derive(circuit)
    survives(plan.solve, a)
    survives(plan.violations, a)


@settings(max_examples=200, deadline=None)
@given(live=st.lists(words, max_size=4), count=st.integers(0, 4), at=st.integers(0, 255), bit=st.integers(0, 7))
def test_a_batch_of_anything_is_judged_or_refused(live: list[bytes], count: int, at: int, bit: int, proven) -> None:
    case: Proven = proven(NAME)
    key = case.key.verifying_key
    proof = bytearray(case.key.prove(case.inputs)[0])
    proof[at] ^= 1 << bit
    survives(key.verify_batch, key.prepare(b""), live, [bytes(proof)] * count)
    survives(key.verify_prepared, key.prepare(b""), b"".join(live), bytes(proof))


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=300), st.text(alphabet='[]{}",0123456789:\\u', max_size=300)))
def test_any_text_is_read_or_refused(text: str, proven) -> None:
    for read in (_core.public_from_json, _core.proof_from_json, _core.VerifyingKey.from_json):
        survives(read, text)
    survives(proven(NAME).circuit.sym_inputs, text)


@pytest.mark.parametrize("index", [-1, 1 << 64, 1 << 200])
def test_numbers_that_are_no_index_are_pythons_own_errors(index: int, proven) -> None:
    with pytest.raises(OverflowError):
        proven(NAME).circuit.wires_of(index)
    with pytest.raises(OverflowError):
        _core.ProvingKey(proven(NAME).zkey, budget=index)


def test_the_largest_numbers_are_taken_or_refused(proven, tmp_path: Path) -> None:
    case: Proven = proven(NAME)
    with pytest.raises(_core.FormatError, match="no such constraint"):
        case.circuit.wires_of((1 << 64) - 1)
    for budget in (0, 1, 63, (1 << 63) - 1, (1 << 64) - 1):
        key = _core.ProvingKey(case.zkey, _core.WitnessPlan.derive(case.circuit), budget=budget)
        assert key.table_bytes <= max(budget, 1 << 16) and key.table_bytes < 1 << 27
        proof, public = key.prove(case.inputs)
        assert case.key.verifying_key.verify(public, proof)
    plan = _core.WitnessPlan.derive(case.circuit)
    _core.ProvingKey.store(tmp_path / "keys", case.zkey, plan, budget=(1 << 64) - 1)
    assert (tmp_path / "keys").stat().st_size < 1 << 27


@pytest.fixture
def stored(proven, tmp_path: Path) -> Path:
    case: Proven = proven("comparator")
    path = tmp_path / "stored.keys"
    _core.ProvingKey.store(path, case.zkey, _core.WitnessPlan.derive(case.circuit), budget=1 << 18)
    return path


def test_every_truncation_of_a_stored_key_is_refused(stored: Path, proven) -> None:
    zkey_hash = _sha256(proven("comparator").zkey)
    whole = stored.read_bytes()
    _core.ProvingKey.open(stored, zkey_hash)
    stored.unlink()
    for end in [*range(0, 200), *range(200, len(whole), 9973), len(whole) - 1]:
        stored.write_bytes(whole[:end])
        with pytest.raises(_core.FormatError):
            _core.ProvingKey.open(stored, zkey_hash)
        stored.unlink()
    stored.write_bytes(whole + b"\0")
    with pytest.raises(_core.FormatError, match="after its last table"):
        _core.ProvingKey.open(stored, zkey_hash)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_garbled_stored_key_gives_no_wrong_proof(data: st.DataObject, stored: Path, proven) -> None:
    """Heads are refused, damaged rows are found by the proof's own check; nothing panics."""
    case: Proven = proven("comparator")
    whole = stored.read_bytes()
    garbled = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.one_of(st.integers(0, 4000), st.integers(0, len(whole) - 5)))
        value = data.draw(st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]))
        garbled[at : at + 4] = struct.pack("<I", value)
    other = stored.with_name("garbled.keys")
    other.unlink(missing_ok=True)  # the one before is mapped
    other.write_bytes(garbled)
    try:
        key = _core.ProvingKey.open(other, _sha256(case.zkey))
        proof, public = key.prove(case.inputs)
    except _core.CoreError:
        return
    assert case.key.verifying_key.verify(public, proof)


@pytest.mark.parametrize("bad", [b"", b"short", bytes(31), bytes(33), bytes(32)])
def test_a_stored_key_is_opened_for_its_own_key_only(bad: bytes, stored: Path) -> None:
    with pytest.raises(_core.FormatError, match="another key file"):
        _core.ProvingKey.open(stored, bad)


def test_what_is_no_file_is_refused(tmp_path: Path, proven) -> None:
    case: Proven = proven(NAME)
    for path in (tmp_path, tmp_path / "missing", Path("/dev/null"), tmp_path / "nul"):
        with pytest.raises(_core.FormatError):
            _core.ProvingKey.open(path, bytes(32))
    with pytest.raises(_core.FormatError, match="cannot be written"):
        _core.ProvingKey.store(tmp_path, case.zkey, _core.WitnessPlan.derive(case.circuit))


_LIMITED = """
import resource, struct, sys
from random import Random
from pathlib import Path
from prover import _core

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
files = {name: (folder / name).read_bytes() for name in ("r1cs", "wtns", "zkey", "plan")}
circuit = _core.Circuit(files["r1cs"])
_core.ProvingKey(files["zkey"])  # threads and tables that are made once
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + limit, used + limit))
readers = {
    "r1cs": _core.Circuit,
    "wtns": _core.read_wtns,
    "zkey": _core.ProvingKey,
    "plan": lambda data: _core.WitnessPlan.load(data, circuit),
}
rng, refused = Random(7), 0
for name, read in readers.items():
    for _ in range(1500):
        garbled = bytearray(files[name])
        at = rng.randrange(min(len(garbled), 500) - 8)
        size = rng.choice([4, 8])
        garbled[at : at + size] = rng.choice([2**31, 2**32 - 1, 2**30, 2**27, 65535]).to_bytes(size, "little")
        try:
            read(bytes(garbled))
        except _core.FormatError:
            refused += 1
assert refused > 3000, refused
print("within", limit)
"""


def test_huge_counts_ask_for_no_memory_in_a_process_that_has_little(proven, tmp_path: Path) -> None:
    """An allocation that fails would abort the process."""
    case: Proven = proven(NAME)
    plan = _core.WitnessPlan.derive(case.circuit).to_bytes()
    for name, data in (("r1cs", case.source.r1cs), ("wtns", case.wtns), ("zkey", case.zkey), ("plan", plan)):
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", _LIMITED, str(tmp_path), str(256 << 20)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("within")


def test_a_panic_would_be_seen_by_these_tests() -> None:
    class Panic(BaseException):
        """As pyo3 makes it."""

    def panics() -> None:
        raise Panic

    with pytest.raises(Panic):
        survives(panics)


def test_points_of_the_border_are_strict(proven) -> None:
    good = proven(NAME).key.verifying_key.alpha1
    _core.g1_add(good, good)
    for bad in (point(1, 1), point(Q, 0), point(Q + 1, 2), good[:-1], good + b"\0", scalars([1])):
        with pytest.raises(_core.FormatError):
            _core.g1_add(bad, good)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
