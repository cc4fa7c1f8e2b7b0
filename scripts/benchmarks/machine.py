"""Where a measurement runs: the processor, the cores that both sides may use, the version."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CORES = 2
THREADS = {"RAYON_NUM_THREADS": str(CORES), "GOMAXPROCS": str(CORES)}
"""For those who would ask the machine and not the process."""


def confine() -> list[int]:
    """Let this process and all that it starts run on the first two allowed processors only; returns them."""
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)
    os.environ.update(THREADS)
    # An installation keeps its modules compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return cores


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def commit() -> str:
    """Return the checkout's commit, marked if files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def described(cores: list[int]) -> dict[str, Any]:
    """Return the machine as the report shows it."""
    from prover import _core  # noqa: PLC0415  its threads are counted when it is loaded

    return {
        "processor": processor(),
        "cores": len(cores),
        "processors_of_machine": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "kernels": _core.kernels(),
        "load_before": round(os.getloadavg()[0], 2),
    }
