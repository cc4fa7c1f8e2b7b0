"""Memory that a sum of points gives back and the next one takes, read in a process of its own."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is kept on Linux only")

#: Seconds: longer than the allocator keeps memory unless told otherwise.
PAUSE = 2.5

FAULTS = """
import hashlib, resource, sys, time
from prover import _core
generator = (1).to_bytes(32, "big") + (2).to_bytes(32, "big")
points, scalars = [generator], []
for index in range(1 << 14):
    points.append(_core.g1_add(points[-1], generator))
    scalars.append(hashlib.sha256(index.to_bytes(2, "big")).digest()[:31].rjust(32, bytes(1)))
points, scalars = b"".join(points[:-1]), b"".join(scalars)
for _ in range(3):
    time.sleep(float(sys.argv[1]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    _core.msm_g1(points, scalars)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(**variables: str) -> int:
    """Page faults of a sum some seconds after another one, in a process with these variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MIMALLOC_")}
    # Each thread's first use of its stack is a fault, in whichever sum that is.
    variables["RAYON_NUM_THREADS"] = "2"
    command = [sys.executable, "-c", FAULTS, str(PAUSE)]
    done = subprocess.run(command, env=clean | variables, check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_sums_some_seconds_apart_share_their_memory() -> None:
    assert faults() < 200


def test_a_variable_has_memory_returned_at_once() -> None:
    assert faults(MIMALLOC_PURGE_DELAY="0") > 500
