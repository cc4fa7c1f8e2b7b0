"""The typed stubs say what the compiled module has."""

import subprocess
import sys

from tests.core.toolbox import ROOT


def test_the_stubs_match_the_compiled_module() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "prover._core"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
