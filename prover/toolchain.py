"""Programs that some verbs run beside Python: where they are, which version, how to get a missing one.

circom compiles circuits and snarkjs is a peer in the tests; both are GPL programs that are run, never linked.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from verifier.errors import MissingTool


def checkout() -> Path:
    """Return the root of the checkout that holds circuits/ and contracts/: $ZKMARGIN_ROOT, or where this package is.

    Raises MissingTool where there is none (a wheel holds the Python packages only).
    """
    named = os.environ.get("ZKMARGIN_ROOT")
    root = Path(named) if named else Path(__file__).resolve().parents[1]
    if not (root / "circuits" / "margin.circom").is_file():
        raise MissingTool(
            f"{root} is no zkmargin checkout (circuits/margin.circom is not there); clone the repository "
            "and set ZKMARGIN_ROOT to it"
        )
    return root


def build_folder() -> Path:
    """Return the folder of built artefacts: $ZKMARGIN_BUILD, or build/ of the checkout."""
    named = os.environ.get("ZKMARGIN_BUILD")
    return Path(named) if named else checkout() / "build"


def node() -> str:
    """Return the path of node; raises MissingTool."""
    found = shutil.which("node")
    if found is None:
        raise MissingTool(
            "Node.js 20 or later is missing; install it (nodejs.org or your distribution) and run scripts/setup"
        )
    return found


def node_script(package_folder: str, script: str) -> Path:
    """Return a script of an installed npm package of circuits/ or contracts/; raises MissingTool."""
    path = checkout() / package_folder / "node_modules" / script
    if not path.is_file():
        raise MissingTool(f"{package_folder}/node_modules/{script} is missing; run scripts/setup")
    return path


@dataclass(frozen=True)
class Tool:
    """One program: `version` is None where it is missing, and `remedy` says how to get it."""

    name: str
    version: str | None
    used_for: str
    remedy: str


def tools() -> list[Tool]:
    """Return every program that some verb runs, with what is installed."""

    def first_line(*command: str) -> str | None:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        lines = (done.stdout or done.stderr).strip().splitlines()
        return lines[0].strip() if lines else None

    def package(folder: str, name: str) -> str | None:
        try:
            path = checkout() / folder / "node_modules" / name / "package.json"
            version: str = json.loads(path.read_text())["version"]
        except (OSError, ValueError, KeyError, MissingTool):
            return None
        return version

    setup = "run scripts/setup"
    return [
        Tool("git", first_line("git", "--version"), "cloning", "install git"),
        Tool("cc", first_line("cc", "--version"), "building the Rust core", "install a C compiler (build-essential)"),
        Tool(
            "rustc",
            first_line("rustc", "--version"),
            "building the Rust core",
            "install Rust 1.89 or later (rustup.rs)",
        ),
        Tool(
            "node", first_line("node", "--version"), "compiling circuits and contracts", "install Node.js 20 or later"
        ),
        Tool("circom", package("circuits", "circom2"), "compiling circuits", setup),
        Tool("snarkjs", package("circuits", "snarkjs"), "a second prover and verifier (tests, demo)", setup),
        Tool("solc", package("contracts", "solc"), "compiling contracts", setup),
        Tool("forge", package("contracts", "@foundry-rs/forge-linux-amd64"), "building contracts", setup),
        Tool("anvil", package("contracts", "@foundry-rs/anvil-linux-amd64"), "the local chain", setup),
    ]
