"""Stored keys with tables: made once, bound to their key, repaired, and never the cause of a wrong proof."""

import json
import shutil
from pathlib import Path

import pytest

from prover import _core, artefacts, tables
from prover.artefacts import Artefacts
from prover.inputs import flat_inputs
from prover.native import scalars
from prover.openings import Identity, open_commitment
from prover.proving import Claim, check, live_inputs, prove
from tests.proving.test_proving import ACCOUNT, met_case, opened
from verifier.errors import UsageError
from verifier.groth16 import ReferenceEngine
from verifier.groth16.keys import parse_key
from verifier.tiers import GRID, Tier

SMALL = 32 * tables.MEBIBYTE


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Artefacts[Tier]:
    """A grid tier in a folder of its own, without tables."""
    source = artefacts.tier_folder(GRID)
    folder = tmp_path / "grid"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("tables-*", ".tables*"))
    monkeypatch.setenv(tables.MEMORY_VARIABLE, str(SMALL // tables.MEBIBYTE))
    return artefacts.load(GRID, folder)


def test_tables_are_made_once_and_opened_after(kit: Artefacts[Tier]) -> None:
    path = tables.stored_path(kit.folder, SMALL)
    first = kit.proving_key()
    made = path.stat()
    second = kit.proving_key()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert first.table_bytes == second.table_bytes <= SMALL
    assert sorted(file.name for file in kit.folder.glob("*tables*")) == [".tables.lock", path.name]
    assert parse_key(json.loads(first.verifying_key.to_json()), "stored") == kit.verifying_key()


def test_every_arithmetic_of_this_processor_makes_proofs_and_no_other_name_is_taken(
    kit: Artefacts[Tier], owner: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = met_case(GRID)
    opening = opened(owner, case)
    monkeypatch.setenv("ZKMARGIN_KERNELS", "abacus")
    with pytest.raises(UsageError, match=r"ZKMARGIN_KERNELS must be one of these on this processor: .*portable"):
        kit.proving_key()
    shown = set()
    for name in _core.available_kernels():
        monkeypatch.setenv("ZKMARGIN_KERNELS", name)
        shown.add(_core.kernels())
        claim = Claim(case.ratio_bps, case.vault_balance, 5)
        bundle = prove(kit, case.program, [opening], claim)
        assert ReferenceEngine().verify(kit.verifying_key(), bundle.signals, bundle.proof)
    assert len(shown) == len(_core.available_kernels())


def test_a_damaged_head_and_another_key_are_replaced(kit: Artefacts[Tier]) -> None:
    path = tables.stored_path(kit.folder, SMALL)
    kit.proving_key()
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole[:100] + b"\xff" + whole[101:]):
        path.unlink()  # a file that is mapped must not change
        path.write_bytes(damaged)
        assert kit.proving_key().tables_are_whole()
        assert path.read_bytes() == whole
    other = _core.setup(_core.Circuit(kit.data("grid.r1cs")), seed=b"other")
    path.unlink()
    _core.ProvingKey.store(path, other, kit.witness_plan())
    assert parse_key(json.loads(kit.proving_key().verifying_key.to_json()), "stored") == kit.verifying_key()


def test_damaged_rows_are_found_by_the_proof_and_made_again(kit: Artefacts[Tier], owner: Identity) -> None:
    path = tables.stored_path(kit.folder, SMALL)
    kit.proving_key()
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: -len(whole) // 2] + bytes(len(whole) // 2))
    case = met_case(GRID)
    opening = opened(owner, case)
    claim = Claim(case.ratio_bps, case.vault_balance, 77)
    with pytest.raises(_core.ProofError):
        helpers = check(case.program, [opening], claim).helpers
        live = live_inputs([opening], claim)
        kit.proving_key().prove(scalars(flat_inputs(case.program, live, [opening.positions], [opening.salt], helpers)))
    bundle = prove(kit, case.program, [opening], claim)
    assert ReferenceEngine().verify(kit.verifying_key(), bundle.signals, bundle.proof)
    assert path.read_bytes() == whole


def test_a_proof_that_fails_for_another_reason_is_not_tried_again(kit: Artefacts[Tier]) -> None:
    key = kit.proving_key()
    assert key.tables_are_whole()
    assert not tables.repaired(kit.folder, key, SMALL)
    assert tables.stored_path(kit.folder, SMALL).is_file()


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "", "99999999", "١"])
def test_a_budget_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tables.MEMORY_VARIABLE, text)
    with pytest.raises(UsageError, match="must be a number of MiB"):
        tables.budget()


def test_without_a_budget_or_a_place_the_key_alone_proves(
    kit: Artefacts[Tier], owner: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tables.opened(kit.folder / "missing", b"", SMALL, lambda path, size: None) is None
    monkeypatch.setenv(tables.MEMORY_VARIABLE, "0")
    case = met_case(GRID)
    opening = open_commitment(owner, case.program.listing, case.positions, ACCOUNT, 1)
    bundle = prove(kit, case.program, [opening], Claim(case.ratio_bps, case.vault_balance, 77))
    assert ReferenceEngine().verify(kit.verifying_key(), bundle.signals, bundle.proof)
    assert not list(kit.folder.glob("tables-*"))
