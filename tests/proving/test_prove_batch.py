"""`prove-batch`: every account once, in this process and on a Ray cluster of two workers, one of which is killed."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from prover import artefacts
from prover.batch import work
from prover.batch.cluster import run_on_cluster
from prover.batch.jobs import load_jobs
from prover.cli.main import run
from prover.native import NativeEngine
from prover.openings import Identity, open_commitment, save_opening
from prover.proving import load_bundle
from prover.requests import ProofRequest
from tests import children
from tests.builders import Case
from tests.proving.test_proving import met_case
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.errors import BadInput, UsageError
from verifier.groth16 import ReferenceEngine
from verifier.program_file import save_program
from verifier.tiers import GRID

FALSE_CLAIM = 1
BAD_INPUT = 3


@dataclass(frozen=True)
class Desk:
    """Accounts with the same book, each with its own salt, opening and request."""

    folder: Path
    case: Case
    owner: Identity

    @property
    def program(self) -> Path:
        return self.folder / "program.json"

    def add(self, name: str, *, short_by: int = 0) -> None:
        """Write an account's opening and request; `short_by`: money units that it lacks."""
        own = self.folder / "accounts" / name
        own.mkdir(parents=True)
        account = f"0x{len(list(own.parent.iterdir())):040x}"
        opening = open_commitment(self.owner, self.case.program.listing, self.case.positions, account, 1)
        save_opening(own, self.owner, opening)
        context = Context(
            chain_id=31337,
            registry=ZERO_ADDRESS,
            verifying_key_hash=bytes.fromhex(artefacts.load(GRID).manifest.verifying_key_hash[2:]),
            purpose=self.case.program.purpose,
            action=Action.STATUS,
            account=account,
            recipient=ZERO_ADDRESS,
            amount=0,
            epoch=1,
            sequence=1,
            nonce=0,
            deadline=(1 << 63) - 1,
        )
        vault = self.case.vault_balance - short_by
        ProofRequest(context, self.case.ratio_bps, vault).save(own / "request.json")

    def command(self, out: Path, *more: str) -> list[str]:
        options = {
            "--program": self.program,
            "--jobs": self.folder / "accounts",
            "--identity": self.folder / "identity",
        }
        named = [str(part) for option in options.items() for part in option]
        return ["prove-batch", *named, "--out", str(out), "--json", *more]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    case = met_case(GRID)
    save_program(tmp_path / "program.json", case.program)
    return Desk(tmp_path, case, Identity.create(tmp_path / "identity"))


def check_proofs(out: Path, names: list[str]) -> None:
    """Demand a whole proof for each name, each of another commitment, and nothing half made."""
    key = artefacts.load(GRID).verifying_key()
    bundles = [load_bundle(out / name / "proof.json", out / name / "public.json") for name in names]
    native = NativeEngine()
    assert all(native.verify(key, bundle.signals, bundle.proof) for bundle in bundles)
    assert ReferenceEngine().verify(key, bundles[0].signals, bundles[0].proof)
    assert len({bundle.signals for bundle in bundles}) == len(names)
    assert sorted(path.name for path in out.iterdir() if path.name != ".lock") == sorted(names)


def statuses(printed: str) -> dict[str, str]:
    rows = json.loads(printed)["proofs"]
    found = {row["name"]: row["status"] for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_account_once_and_what_is_done_is_kept(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    out = desk.folder / "out"
    for name in ("a", "b", "c"):
        desk.add(name)
    assert run(desk.command(out)) == 0
    assert statuses(capsys.readouterr().out) == dict.fromkeys("abc", "proven")
    check_proofs(out, ["a", "b", "c"])
    before = {name: (out / name / "proof.json").read_bytes() for name in "abc"}

    (out / "b" / "proof.json").write_bytes(before["a"])  # whole, but another account's
    (out / ".part-c-dead").mkdir()  # of a worker that died
    desk.add("d")
    assert run(desk.command(out)) == 0
    assert statuses(capsys.readouterr().out) == {"a": "kept", "b": "proven", "c": "kept", "d": "proven"}
    assert (out / "a" / "proof.json").read_bytes() == before["a"]
    assert (out / "b" / "proof.json").read_bytes() not in before.values()
    check_proofs(out, ["a", "b", "c", "d"])


def test_one_that_is_short_stops_no_other(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    out = desk.folder / "out"
    desk.add("a")
    desk.add("short", short_by=1)
    desk.add("z")
    assert run(desk.command(out)) == FALSE_CLAIM
    printed = capsys.readouterr()
    assert statuses(printed.out) == {"a": "proven", "short": "refused", "z": "proven"}
    assert "1 of 3 accounts" in printed.err
    assert "margin is not met" in printed.err
    assert str(desk.case.vault_balance) not in printed.out + printed.err
    check_proofs(out, ["a", "z"])


def test_lists_that_name_something_twice_or_wrong_are_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.add("a")
    opening = next((desk.folder / "accounts" / "a").glob("*.age")).relative_to(desk.folder)
    entry = {"name": "a", "request": "accounts/a/request.json", "opening": str(opening)}
    jobs = desk.folder / "jobs.json"

    def listed(*proofs: dict[str, str]) -> Path:
        jobs.write_text(json.dumps({"format": "zkmargin.batch", "version": 1, "proofs": proofs}))
        return jobs

    identity = desk.folder / "identity"
    assert [job.name for job in load_jobs(listed(entry), identity)] == ["a"]
    for proofs, words in (
        ((entry, entry), "same name"),
        ((entry, entry | {"name": "b"}), "same request"),
        ((entry | {"opening": "none.age"},), "there is no file"),
        ((entry | {"name": "../up"},), "name"),
        ((), "proofs"),
    ):
        with pytest.raises(BadInput, match=words):
            load_jobs(listed(*proofs), identity)
    with pytest.raises(BadInput, match="identity"):
        load_jobs(listed(entry), None)
    assert run([*desk.command(desk.folder / "out"), "--cores", "2"]) == UsageError.exit_code
    with pytest.raises(UsageError, match="workers"):
        list(run_on_cluster([], desk.program, desk.folder, "local:none", None))


def test_a_folder_of_something_else_is_left_alone(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    out = desk.folder / "out"
    desk.add("a")
    (out / "a").mkdir(parents=True)
    (out / "a" / "notes.txt").write_text("mine")
    assert run(desk.command(out)) == BAD_INPUT
    assert (out / "a" / "notes.txt").read_text() == "mine"


def workers() -> Iterator[int]:
    """Yield the processes of Ray workers that prove an account at the moment."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"ray::prove_account" in (path / "cmdline").read_bytes():
                yield int(path.name)
        except OSError:
            continue


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for the workers under /proc")
def test_a_killed_worker_loses_nothing(desk: Desk) -> None:
    out = desk.folder / "out"
    names = [f"account-{number:02}" for number in range(24)]
    for name in names:
        desk.add(name)
    desk.add("short", short_by=1)
    started = children.start(
        [str(Path(sys.executable).with_name("zkmargin")), *desk.command(out, "--ray", "local:2")],
    )
    killed = None
    try:
        deadline = time.monotonic() + 120
        while killed is None and time.monotonic() < deadline and started.poll() is None:
            done = list(out.glob("account-*")) if out.is_dir() else []
            for process in workers():
                # One has proven something already, and is killed in the middle of the next.
                if 2 <= len(done) <= len(names) // 2 and killed is None:
                    os.kill(process, signal.SIGKILL)
                    killed = process
            time.sleep(0.002)
        printed, said = started.communicate(timeout=240)
    finally:
        started.kill()
    assert killed is not None, said
    assert started.returncode == FALSE_CLAIM, said
    found = statuses(printed)
    assert found.pop("short") == "refused"
    assert sorted(found) == names
    assert set(found.values()) <= {"proven", "kept"}
    check_proofs(out, names)
    assert list(workers()) == []


def test_two_that_prove_the_same_account_leave_one_proof(desk: Desk) -> None:
    desk.add("a")
    out = desk.folder / "out"
    out.mkdir()
    (job,) = load_jobs(desk.folder / "accounts", desk.folder / "identity")
    bench = work.Bench.load(desk.program)
    assert bench.run(job, out).status == "proven"
    first = (out / "a" / "proof.json").read_bytes()
    bundle = load_bundle(out / "a" / "proof.json", out / "a" / "public.json")
    assert not bench._publish(out / "a", bundle, job.wanted())
    assert bench.run(job, out).status == "kept"
    assert (out / "a" / "proof.json").read_bytes() == first
    assert [path.name for path in out.iterdir()] == ["a"]
