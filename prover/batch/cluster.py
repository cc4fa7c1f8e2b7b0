"""A batch on a Ray cluster: a task an account, each worker with the key loaded once.

Only paths and outcomes travel: every machine reads openings and identities itself, from the same paths, and has its own
zkmargin with the same keys. A task whose worker dies is given to another one, which finds the proof done or makes it.
Ray is an extra (`pip install .[ray]`); nothing else of the project imports it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from prover.batch.jobs import Job
from verifier.errors import MissingTool, UsageError, ZkMarginError

RETRIES = 4
"""How often a task may lose its worker."""
LOCAL = "local:"


def run_on_cluster(jobs: Sequence[Job], program: Path, out: Path, address: str, cores: int | None) -> Iterator[Any]:
    """Yield the outcome of each job as it comes, in any order.

    address: of a running cluster, or local:N for N workers on this machine. cores: of one proof; by default 1, or the
    machine's by the number of local workers. Raises MissingTool without Ray, UsageError where the cluster is not
    reached.
    """
    ray = _ray()
    workers = _local_workers(address)
    threads = cores or (max(1, (os.cpu_count() or 1) // workers) if workers else 1)
    with _connected(ray, address, workers):
        task = ray.remote(num_cpus=1 if workers else threads, max_retries=RETRIES)(prove_account)
        waiting = {task.remote(job, program, out, threads): job for job in jobs}
        while waiting:
            for done in ray.wait(list(waiting))[0]:
                yield _outcome(ray, done, waiting.pop(done))


@contextmanager
def _connected(ray: Any, address: str, workers: int) -> Iterator[None]:
    """Be connected to a cluster; one of this machine keeps its files in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="zkm-", ignore_cleanup_errors=True) as folder:
        local = {"include_dashboard": False, "num_cpus": workers, "_temp_dir": folder}
        try:
            ray.init(**(local if workers else {"address": address}), log_to_driver=False, configure_logging=False)
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            said = str(error).splitlines() or [type(error).__name__]
            raise UsageError(f"--ray {address}: the cluster is not reached ({said[0][:200]})") from None
        try:
            # Ray tells of lost workers on standard output, where the result is to stand alone.
            with redirect_stdout(sys.stderr):
                yield
        finally:
            ray.shutdown()


def prove_account(job: Job, program: Path, out: Path, threads: int) -> Any:
    """Prove one account in a worker; returns its Outcome."""
    os.environ["RAYON_NUM_THREADS"] = str(threads)  # read when the core starts its threads, with the key
    os.environ["ZKMARGIN_SPREAD_THREADS"] = "0"  # workers share the machine's processors
    from prover.batch import work  # noqa: PLC0415

    try:
        return work.bench(program).run(job, out)
    except ZkMarginError as error:
        return work.Outcome(job.name, "refused", 0.0, f"on a worker: {error}", error.exit_code)


def _outcome(ray: Any, done: Any, job: Job) -> Any:
    from prover.batch.work import Outcome  # noqa: PLC0415  it loads the core

    try:
        return ray.get(done)
    except ray.exceptions.RayError as error:
        kind = type(error).__name__
        return Outcome(job.name, "refused", 0.0, f"its worker failed ({kind}); run the batch again", 70)


def _local_workers(address: str) -> int:
    """Return N of local:N, 0 for another address."""
    if not address.startswith(LOCAL):
        return 0
    number = address.removeprefix(LOCAL)
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= 1024):
        raise UsageError(f"--ray {address[:40]}: after local: a number of workers from 1 to 1024 is needed")
    return int(number)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray  # noqa: PLC0415
    except ImportError:
        raise MissingTool("Ray is not installed; run `pip install .[ray]`, or leave --ray away") from None
    return ray
