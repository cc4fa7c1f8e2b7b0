"""The wheel: Python packages, typed stubs and the native module, no Rust sources; it installs and imports by itself."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

IMPORTS = """
from prover import _core, native, proving
from prover.cli.main import run
from verifier.meaning import evaluate
import prover, sys
assert "site-packages" in prover.__file__, prover.__file__
sys.exit(run(["--version"]))
"""


@pytest.mark.slow
def test_the_wheel_holds_no_rust_sources_and_imports_in_a_clean_environment(tmp_path: Path) -> None:
    maturin = Path(sys.executable).with_name("maturin")
    subprocess.run([maturin, "build", "--release", "--locked", "--quiet", "-o", tmp_path], cwd=ROOT, check=True)
    wheel = next(tmp_path.glob("*.whl"))
    check_contents(wheel)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", wheel], check=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "ZKMARGIN"))}
    done = subprocess.run(
        [python, "-c", IMPORTS], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("zkmargin")


def check_contents(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.endswith((".rs", "Cargo.toml", "Cargo.lock"))]
    assert not [name for name in names if name.startswith(("tests/", "circuits/", "contracts/", "docs/"))]
    for needed in ("prover/py.typed", "verifier/py.typed", "prover/_core.pyi", "prover/cli/main.py"):
        assert needed in names
    assert [name for name in names if name.startswith("prover/_core") and name.endswith(".so")]
    assert "abi3" in wheel.name
