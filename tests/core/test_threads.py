"""Where the threads of a proof run, read in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.conftest import Proven

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads are spread on Linux only")

VARIABLES = ("RAYON_NUM_THREADS", "ZKMARGIN_SPREAD_THREADS")

PROVE = """
import json, os, sys
from prover import _core
key = _core.ProvingKey(open(sys.argv[1], "rb").read())
key.prove_witness(open(sys.argv[2], "rb").read())
others = [int(thread) for thread in os.listdir("/proc/self/task") if int(thread) != os.getpid()]
print(json.dumps([sorted(os.sched_getaffinity(thread)) for thread in others]))
"""


@pytest.fixture
def affinities(proven: Callable[[str], Proven], tmp_path: Path) -> Callable[[dict[str, str]], list[list[int]]]:
    """Prove in a process with these variables; return the processors that each of its other threads may use."""
    case = proven("product")
    zkey, wtns = tmp_path / "product.zkey", tmp_path / "product.wtns"
    zkey.write_bytes(case.zkey)
    wtns.write_bytes(case.wtns)

    def run(variables: dict[str, str]) -> list[list[int]]:
        clean = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        command = [sys.executable, "-c", PROVE, str(zkey), str(wtns)]
        done = subprocess.run(command, env=clean | variables, check=True, capture_output=True, text=True)
        threads: list[list[int]] = json.loads(done.stdout)
        return threads

    return run


def allowed() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def test_each_thread_keeps_a_processor_where_there_are_as_many(
    affinities: Callable[[dict[str, str]], list[list[int]]],
) -> None:
    found = affinities({})
    spread = len(allowed()) == len(found) > 1  # a quota of processor time makes fewer threads
    assert sorted(found) == ([[processor] for processor in allowed()] if spread else [allowed()] * len(found))


def test_a_variable_leaves_threads_to_the_system(affinities: Callable[[dict[str, str]], list[list[int]]]) -> None:
    found = affinities({"ZKMARGIN_SPREAD_THREADS": "0"})
    assert found
    assert found == [allowed()] * len(found)


def test_fewer_or_more_threads_are_left_to_the_system(
    affinities: Callable[[dict[str, str]], list[list[int]]],
) -> None:
    for count in {1, len(allowed()) + 1} - {len(allowed())}:
        assert affinities({"RAYON_NUM_THREADS": str(count)}) == [allowed()] * count
