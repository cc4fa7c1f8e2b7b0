"""Keys and proofs in both directions between the native core and snarkjs."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from prover import _core
from tests.core.conftest import INPUTS, Proven
from tests.core.toolbox import snarkjs

NAMES = sorted(INPUTS)


def write_proof(folder: Path, proof: bytes, public: bytes) -> None:
    (folder / "proof.json").write_text(_core.proof_to_json(proof))
    (folder / "public.json").write_text(_core.public_to_json(public))


def exported(folder: Path, zkey: str, out: str) -> str:
    snarkjs("zkey", "export", "verificationkey", zkey, out, cwd=folder)
    return (folder / out).read_text()


@pytest.fixture(scope="session")
def ceremony(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small powers-of-tau file, ready for phase 2."""
    folder = tmp_path_factory.mktemp("ceremony")
    snarkjs("powersoftau", "new", "bn128", "8", "0.ptau", cwd=folder)
    snarkjs("powersoftau", "contribute", "0.ptau", "1.ptau", "-e=for tests only", cwd=folder)
    snarkjs("powersoftau", "prepare", "phase2", "1.ptau", "final.ptau", cwd=folder)
    return folder / "final.ptau"


@pytest.mark.parametrize("name", NAMES)
def test_our_verification_key_is_snarkjss_export_byte_for_byte(name: str, proven: Callable[[str], Proven]) -> None:
    case = proven(name)
    theirs = exported(case.source.folder, "ours.zkey", "export.json")
    assert _core.verification_key_json(case.zkey) == theirs
    assert case.key.verifying_key.to_json() == theirs
    assert _core.VerifyingKey.from_json(theirs).to_json() == theirs
    assert _core.VerifyingKey.from_zkey(case.zkey).to_json() == theirs


@pytest.mark.parametrize("name", NAMES)
def test_snarkjs_verifies_our_proofs(name: str, proven: Callable[[str], Proven]) -> None:
    case = proven(name)
    folder = case.source.folder
    (folder / "key.json").write_text(case.key.verifying_key.to_json())
    for proof, public in (case.key.prove(case.inputs), case.key.prove_witness(case.wtns)):
        write_proof(folder, proof, public)
        assert "OK!" in snarkjs("groth16", "verify", "key.json", "public.json", "proof.json", cwd=folder)


@pytest.mark.parametrize("name", NAMES)
def test_snarkjs_proves_with_our_key_and_we_verify(name: str, proven: Callable[[str], Proven]) -> None:
    case = proven(name)
    folder = case.source.folder
    snarkjs("groth16", "prove", "ours.zkey", "witness.wtns", "theirs.json", "theirs_public.json", cwd=folder)
    proof = _core.proof_from_json((folder / "theirs.json").read_text())
    public = _core.public_from_json((folder / "theirs_public.json").read_text())
    assert case.key.verifying_key.verify(public, proof)
    assert case.key.prove(case.inputs)[1] == public
    # Their files and ours are the same text for the same values.
    assert _core.proof_to_json(proof) == (folder / "theirs.json").read_text()
    assert _core.public_to_json(public) == (folder / "theirs_public.json").read_text()


def test_we_prove_with_a_key_of_a_snarkjs_ceremony(ceremony: Path, proven: Callable[[str], Proven]) -> None:
    case = proven("comparator")
    folder = case.source.folder
    snarkjs("groth16", "setup", "comparator.r1cs", ceremony, "0.zkey", cwd=folder)
    snarkjs("zkey", "contribute", "0.zkey", "1.zkey", "-e=for tests only", cwd=folder)
    zkey = (folder / "1.zkey").read_bytes()
    key = _core.ProvingKey(zkey, _core.WitnessPlan.derive(case.circuit))
    theirs = exported(folder, "1.zkey", "ceremony.json")
    assert _core.verification_key_json(zkey) == theirs
    proof, public = key.prove(case.inputs)
    write_proof(folder, proof, public)
    assert "OK!" in snarkjs("groth16", "verify", "ceremony.json", "public.json", "proof.json", cwd=folder)
    # With points by row: the key of snarkjs still, for both of us.
    with_rows = _core.with_row_points(zkey, case.circuit)
    assert with_rows[12 : len(zkey)] == zkey[12:]
    assert _core.verification_key_json(with_rows) == theirs
    (folder / "rows.zkey").write_bytes(with_rows)
    (folder / "witness.wtns").write_bytes(case.wtns)
    snarkjs("groth16", "prove", "rows.zkey", "witness.wtns", "theirs.json", "theirs_public.json", cwd=folder)
    assert "OK!" in snarkjs("groth16", "verify", "ceremony.json", "theirs_public.json", "theirs.json", cwd=folder)
    plan = _core.WitnessPlan.derive(case.circuit)
    for file in (zkey, with_rows):
        _core.ProvingKey.store(folder / "stored.keys", file, plan)
        stored = _core.ProvingKey.open(folder / "stored.keys", hashlib.sha256(file).digest())
        proof, public = stored.prove(case.inputs)
        write_proof(folder, proof, public)
        assert "OK!" in snarkjs("groth16", "verify", "ceremony.json", "public.json", "proof.json", cwd=folder)
    with pytest.raises(_core.FormatError, match="points by row already"):
        _core.with_row_points(with_rows, case.circuit)
    with pytest.raises(_core.FormatError, match="not of this circuit"):
        _core.with_row_points(zkey, proven("product").circuit)
    # The same file before the contribution has no second phase, and every use of it is refused.
    unfinished = (folder / "0.zkey").read_bytes()
    for use in (_core.ProvingKey, _core.VerifyingKey.from_zkey, _core.verification_key_json):
        with pytest.raises(_core.FormatError, match="no second phase"):
            use(unfinished)
    with pytest.raises(_core.FormatError, match="no second phase"):
        _core.VerifyingKey.from_json(exported(folder, "0.zkey", "unfinished.json"))


def test_every_proof_is_fresh(proven: Callable[[str], Proven]) -> None:
    case = proven("product")
    proofs = [case.key.prove(case.inputs)[0] for _ in range(8)]
    for part in (slice(0, 64), slice(64, 192), slice(192, 256)):
        assert len({proof[part] for proof in proofs}) == len(proofs)


def test_every_set_up_is_fresh_unless_seeded(proven: Callable[[str], Proven]) -> None:
    circuit = proven("product").circuit
    assert _core.setup(circuit) != _core.setup(circuit)
    assert _core.setup(circuit, seed=b"a") == _core.setup(circuit, seed=b"a")
    assert _core.setup(circuit, seed=b"a") != _core.setup(circuit, seed=b"b")


def test_a_wrong_witness_gives_no_proof(proven: Callable[[str], Proven]) -> None:
    case = proven("product")
    values = bytearray(_core.read_wtns(case.wtns))
    values[-1] ^= 1
    with pytest.raises(_core.ProofError, match="does not verify"):
        case.key.prove_witness(_core.write_wtns(bytes(values)))
    with pytest.raises(_core.FormatError, match="does not belong"):
        case.key.prove_witness(_core.write_wtns(bytes(values[:-32])))


def test_a_key_without_a_plan_asks_for_a_witness(proven: Callable[[str], Proven]) -> None:
    case = proven("product")
    key = _core.ProvingKey(case.zkey)
    with pytest.raises(_core.WitnessError, match="without a plan") as caught:
        key.prove(case.inputs)
    assert caught.value.constraint is None
    assert key.verifying_key.verify(*reversed(key.prove_witness(case.wtns)))


def test_public_json_is_a_plain_list_of_decimals(proven: Callable[[str], Proven]) -> None:
    case = proven("product")
    assert json.loads(_core.public_to_json(case.key.prove(case.inputs)[1])) == ["392", "5929", "5"]
