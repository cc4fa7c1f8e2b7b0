"""`prove-batch`: proofs of many accounts under one program."""

import fcntl
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from prover.batch.cluster import run_on_cluster
from prover.batch.jobs import Job, load_jobs
from prover.batch.work import PART, Bench, Outcome
from prover.cli.options import json_option, path_option, program_option
from prover.cli.output import emit, note, step
from verifier.errors import ArtefactMismatch, BadInput, ClaimFalse, UsageError, ZkMarginError
from verifier.files import check_writable


@click.command("prove-batch")
@program_option
@path_option("--jobs", "List (JSON) of requests and openings, or a folder with a subfolder an account.")
@path_option("--identity", "Identity of the openings that name none of their own.", required=False)
@path_option("--out", "Folder for the proofs: one subfolder an account, written whole or not at all.")
@click.option("--ray", "address", help="Prove on a Ray cluster: its address, or local:N for N workers here.")
@click.option("--cores", type=click.IntRange(1, 1024), help="Cores of one proof on the cluster.")
@json_option
def prove_batch(
    program: Path, jobs: Path, identity: Path | None, out: Path, address: str | None, cores: int | None, as_json: bool
) -> None:
    """Prove many accounts, each once; what is done already is verified and kept.

    In this process the key is loaded once and each proof uses all cores. An account without a proof does not stop the
    others; the exit code is then that of the first one refused.
    """
    if cores is not None and address is None:
        raise UsageError("--cores is for a cluster; name it by --ray")
    check_writable(out, folder=True)
    wanted = load_jobs(jobs, identity)
    out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    done: dict[str, Outcome] = {}
    with _alone(out):
        for outcome in _outcomes(wanted, program.resolve(), out.resolve(), address, cores):
            done[outcome.name] = outcome
            note(f"{len(done)} of {len(wanted)}: {outcome.name} {outcome.status}")
    rows = [done[job.name] for job in wanted]
    count = {status: sum(row.status == status for row in rows) for status in ("proven", "kept", "refused")}
    emit(
        {
            "accounts": len(rows),
            **count,
            "seconds": f"{time.perf_counter() - start:.3f}",
            "proofs": [
                {
                    "name": row.name,
                    "status": row.status,
                    "seconds": f"{row.seconds:.3f}",
                    "folder": str(out / row.name) if row.status != "refused" else "-",
                    "reason": row.reason or "-",
                }
                for row in rows
            ],
        },
        as_json,
    )
    _raise_first([row for row in rows if row.status == "refused"], len(rows))


def _outcomes(
    jobs: Sequence[Job], program: Path, out: Path, address: str | None, cores: int | None
) -> Iterator[Outcome]:
    if address is not None:
        yield from run_on_cluster(jobs, program, out, address, cores)
        return
    with step("loading the proving key"):
        bench = Bench.load(program)
    for job in jobs:
        yield bench.run(job, out)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder for one batch at a time; before and after it, clear what workers that died left half made."""
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"{out}: another batch writes there; wait for it or choose another --out") from None
        _clear(out)
        yield
        _clear(out)


def _clear(out: Path) -> None:
    for part in out.glob(f"{PART}*"):
        shutil.rmtree(part, ignore_errors=True)


def _raise_first(refused: Sequence[Outcome], total: int) -> None:
    if not refused:
        return
    first = refused[0]
    kinds = {kind.exit_code: kind for kind in (ClaimFalse, UsageError, BadInput, ArtefactMismatch)}
    kind: type[ZkMarginError] = kinds.get(first.exit_code, ZkMarginError)
    raise kind(f"{len(refused)} of {total} accounts are not proven; the first is {first.name}: {first.reason}")
