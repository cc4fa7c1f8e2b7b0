"""snarkjs as one more verifier: a node process for the whole session behind the engines' `verify`."""

import atexit
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prover.toolchain import node, node_script
from verifier.groth16 import ACCEPTED, Verdict
from verifier.groth16.keys import VerifyingKey
from verifier.groth16.proof import Proof


class SnarkjsEngine:
    """Verifies full lists of public signals; it knows no prepared points."""

    _process: "subprocess.Popen[str] | None" = None
    _known: set[str] = set()  # noqa: RUF012  shared by all instances, as the process is

    def verify(self, key: VerifyingKey, signals: Sequence[int], proof: Proof) -> Verdict:
        """Return snarkjs's verdict."""
        name = key.hash.hex()
        request: dict[str, Any] = {"name": name, "signals": [str(s) for s in signals], "proof": proof.to_snarkjs()}
        if name not in self._known:
            request["key"] = snarkjs_key(key)
            self._known.add(name)
        process = self._started()
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        return ACCEPTED if answer["valid"] else Verdict(False, "snarkjs refuses it")

    @classmethod
    def _started(cls) -> "subprocess.Popen[str]":
        if cls._process is None:
            script = Path(__file__).with_name("snarkjs_verifier.mjs")
            package = node_script("circuits", "snarkjs/package.json")
            command = [node(), str(script), str(package)]
            cls._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            atexit.register(cls._process.kill)
        return cls._process


def snarkjs_key(key: VerifyingKey) -> dict[str, Any]:
    """Return the part of a verification_key.json that snarkjs verifies with."""

    def g1(point: Any) -> list[str]:
        return [str(point[0]), str(point[1]), "1"]

    def g2(point: Any) -> list[list[str]]:
        return [[str(part) for part in coordinate] for coordinate in point] + [["1", "0"]]

    return {
        "protocol": "groth16",
        "curve": "bn128",
        "nPublic": key.public_count,
        "vk_alpha_1": g1(key.alpha),
        "vk_beta_2": g2(key.beta),
        "vk_gamma_2": g2(key.gamma),
        "vk_delta_2": g2(key.delta),
        "IC": [g1(point) for point in key.ic],
    }
