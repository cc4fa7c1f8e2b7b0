"""The peers: snarkjs (npm), groth16py (PyPI), rapidsnark and gnark where their programs are given.

GPL programs are only ever run. All prove the same witnesses with the same .zkey, except gnark, which makes a key of its
own from the same .r1cs, and groth16py, which has a key with all public rows. Each peer's last proof is verified, so
that what was timed was a proof.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover import _core
from scripts.benchmarks.books import FOLDER, Files
from scripts.benchmarks.machine import ROOT
from scripts.benchmarks.measure import say
from scripts.benchmarks.sides import BenchError, Part, Processes, Turns

MODULES = ROOT / "circuits" / "node_modules"
SNARKJS = MODULES / "snarkjs" / "build" / "cli.cjs"
SCRIPTS = ROOT / "scripts" / "peers"
ENVIRONMENT = ROOT / "build" / "peers" / "groth16py"
GROTH16PY_VERSION = "0.2.0"
GNARK_VERSION = "0.15.0"
POWER = 16
POWERS = ROOT / "build" / "peers" / f"powers-{POWER}.ptau"


@dataclass(frozen=True)
class Peers:
    """Programs that were given; None: not measured."""

    rapidsnark: Path | None = None
    gnark: Path | None = None
    ptau: Path | None = None

    @property
    def powers(self) -> Path | None:
        """The powers of tau that snarkjs's set-up needs: given, or made by `install`."""
        return self.ptau or (POWERS if POWERS.is_file() else None)


def install() -> None:
    """Make groth16py's own environment and powers of tau, under build/peers."""
    say("installing groth16py")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    _run(sys.executable, "-m", "venv", ENVIRONMENT)
    pip = (ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps")
    _run(*pip, f"groth16py=={GROTH16PY_VERSION}")
    if POWERS.is_file():
        return
    say(f"making powers of tau for 2^{POWER} rows with snarkjs (once; it takes a quarter of an hour)")
    steps = [POWERS.with_suffix(f".{step}") for step in ("new", "contributed", "prepared")]
    _run("node", SNARKJS, "powersoftau", "new", "bn128", POWER, steps[0])
    _run("node", SNARKJS, "powersoftau", "contribute", steps[0], steps[1], "-e=for measuring only")
    _run("node", SNARKJS, "powersoftau", "prepare", "phase2", steps[1], steps[2])
    steps[2].rename(POWERS)
    for step in steps[:2]:
        step.unlink()


def rapidsnark(program: Path, files: Files, *, core: int | None = None) -> Processes:
    """Whole processes of rapidsnark's prover, a witness each."""
    out = FOLDER / (f"rapidsnark-{core}" if core is not None else "rapidsnark")
    out.mkdir(parents=True, exist_ok=True)

    def commands(run: int) -> list[list[Part]]:
        witness = files.witnesses[run % len(files.witnesses)]
        return [[program, files.zkey, witness, out / "proof.json", out / "public.json"]]

    return Processes(commands, core=core)


def rapidsnark_from_inputs(program: Path, files: Files) -> Processes:
    """A node process that makes the witness, then a rapidsnark process."""
    out = FOLDER / "rapidsnark"
    out.mkdir(parents=True, exist_ok=True)
    made = out / "witness.wtns"
    calculator: list[Part] = ["node", SCRIPTS / "circom.cjs", MODULES, "once", files.wasm]
    prove: list[Part] = [program, files.zkey, made, out / "proof.json", out / "public.json"]
    return Processes(lambda run: [[*calculator, files.inputs[run % len(files.inputs)], made], prove])


def check_rapidsnark(files: Files) -> None:
    """Verify the proof that the last process wrote."""
    out = FOLDER / "rapidsnark"
    proof = {"curve": "bn128", **json.loads((out / "proof.json").read_text())}  # it names no curve
    check_proof("rapidsnark", files, json.dumps(proof), (out / "public.json").read_text())


def snarkjs(files: Files) -> Turns:
    """Return snarkjs's prover in node, key and witnesses in memory."""
    return Turns(["node", SCRIPTS / "snarkjs.cjs", MODULES, "prove", files.zkey, *files.witnesses])


def snarkjs_fullprove(files: Files) -> Turns:
    """Return snarkjs's fullprove in node, key, wasm and inputs in memory."""
    return Turns(["node", SCRIPTS / "snarkjs.cjs", MODULES, "fullprove", files.zkey, files.wasm, *files.inputs])


def snarkjs_setup(files: Files, powers: Path) -> Processes:
    """Whole processes of snarkjs's groth16 setup."""
    return Processes(lambda run: [["node", SNARKJS, "groth16", "setup", files.r1cs, powers, FOLDER / "snarkjs.zkey"]])


def circom(files: Files) -> Turns:
    """Return circom's witness calculator in node, built once."""
    return Turns(["node", SCRIPTS / "circom.cjs", MODULES, "turns", files.wasm, *files.inputs])


def circom_once(files: Files, out: Path) -> None:
    """Write the first account's witness with circom's calculator."""
    _run("node", SCRIPTS / "circom.cjs", MODULES, "once", files.wasm, files.inputs[0], out)


def groth16py() -> list[Part] | None:
    """Return how groth16py's script is run; None where it is not installed."""
    python = ENVIRONMENT / "bin" / "python"
    return [python, SCRIPTS / "groth16py_peer.py"] if python.is_file() else None


def gnark(program: Path, files: Files) -> Turns:
    """Return gnark, its key made and loaded; it verifies its last proof itself."""
    return Turns([program, "-turns", files.r1cs, files.witnesses[0]])


def check_last(name: str, files: Files, last: dict[str, Any]) -> None:
    """Verify what a peer said last: a snarkjs proof with its signals, or groth16py's bytes of any account's proof, by
    the ceremony's key."""
    if "public" in last:
        check_proof(name, files, json.dumps(last["proof"]), json.dumps(last["public"]))
        return
    key, proof = _core.VerifyingKey.from_zkey(files.ceremony_zkey.read_bytes()), bytes.fromhex(last["proof"])
    if not any(key.verify(_signals(files, path), proof) for path in files.witnesses):
        raise BenchError(f"the proof of {name} does not verify")


def check_proof(name: str, files: Files, proof: str, public: str) -> None:
    """Verify a proof.json with its public.json."""
    key = _core.VerifyingKey.from_zkey(files.zkey.read_bytes())
    if not key.verify(_core.public_from_json(public), _core.proof_from_json(proof)):
        raise BenchError(f"the proof of {name} does not verify")


def snarkjs_version() -> str:
    """Return the version of the installed package."""
    version: str = json.loads((MODULES / "snarkjs" / "package.json").read_text())["version"]
    return version


def node_version() -> str:
    """Return node's version."""
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _signals(files: Files, witness: Path) -> bytes:
    return _core.read_wtns(witness.read_bytes())[32 : 32 * (1 + files.kit.layout.public_count)]


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise BenchError(f"{command[0]} failed: {' '.join(words)}")
