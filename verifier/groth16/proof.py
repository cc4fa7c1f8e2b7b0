"""Groth16 proofs and public signals: snarkjs files in, EVM bytes out, parsed strictly.

Never key anything on proof bytes: (-A, -B, C) verifies as well.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from verifier.errors import ArtefactMismatch
from verifier.field import R
from verifier.files import PathLike, read_json, write_text_atomic
from verifier.groth16.curve import G1, G2, check_g1, check_g2
from verifier.groth16.keys import g2_words
from verifier.groth16.snarkjs import decimal, g1_point, g2_point

PROOF_BYTES = 256


@dataclass(frozen=True)
class Proof:
    """A and C in G1, B in G2, affine. Construction checks nothing.

    `check_points` does, and every verifier calls it.
    """

    a: G1
    b: G2
    c: G1

    def check_points(self) -> None:
        """Refuse coordinates not below Q, points off the curve, B off the subgroup (ArtefactMismatch)."""
        check_g1(self.a, "proof point A")
        check_g2(self.b, "proof point B")
        check_g1(self.c, "proof point C")

    def to_evm(self) -> bytes:
        """Return 256 bytes: A x, y; B x_c1, x_c0, y_c1, y_c0; C x, y, each a big-endian word."""
        return b"".join(word.to_bytes(32, "big") for word in (*self.a, *g2_words(self.b), *self.c))

    @classmethod
    def from_evm(cls, data: bytes, *, check: bool = True) -> "Proof":
        """Return the proof of exactly 256 bytes (ArtefactMismatch).

        `check` its points, unless they come from who has just made them.
        """
        if len(data) != PROOF_BYTES:
            raise ArtefactMismatch(f"a proof has {PROOF_BYTES} bytes, not {len(data)}")
        w = [int.from_bytes(data[k : k + 32], "big") for k in range(0, PROOF_BYTES, 32)]
        proof = cls((w[0], w[1]), ((w[3], w[2]), (w[5], w[4])), (w[6], w[7]))
        if check:
            proof.check_points()
        return proof

    def to_snarkjs(self) -> dict[str, Any]:
        """Return the object of a snarkjs proof.json."""
        b = [[str(part) for part in coordinate] for coordinate in self.b]
        return {
            "pi_a": [str(self.a[0]), str(self.a[1]), "1"],
            "pi_b": [*b, ["1", "0"]],
            "pi_c": [str(self.c[0]), str(self.c[1]), "1"],
            "protocol": "groth16",
            "curve": "bn128",
        }


def parse_proof(document: Any, name: str) -> Proof:
    """Return the proof of a snarkjs proof.json, its points checked.

    Raises ArtefactMismatch naming the field.
    """
    if not isinstance(document, dict) or document.get("protocol") != "groth16":
        raise ArtefactMismatch(f"{name}: not a Groth16 proof (field protocol)")
    if document.get("curve") not in ("bn128", "bn254"):
        raise ArtefactMismatch(f"{name}: field curve is not bn128")
    proof = Proof(
        a=g1_point(document.get("pi_a"), f"{name}: pi_a"),
        b=g2_point(document.get("pi_b"), f"{name}: pi_b"),
        c=g1_point(document.get("pi_c"), f"{name}: pi_c"),
    )
    try:
        proof.check_points()
    except ArtefactMismatch as error:
        raise ArtefactMismatch(f"{name}: {error}") from None
    return proof


def parse_signals(document: Any, name: str) -> tuple[int, ...]:
    """Return the public signals of a snarkjs public.json, each in [0, R) (ArtefactMismatch)."""
    if not isinstance(document, list):
        raise ArtefactMismatch(f"{name}: not a list of public signals")
    return tuple(decimal(value, R, f"{name}, signal {index}") for index, value in enumerate(document))


def load_proof(path: PathLike) -> Proof:
    """Read a snarkjs proof.json."""
    return parse_proof(read_json(path), str(path))


def load_signals(path: PathLike) -> tuple[int, ...]:
    """Read a snarkjs public.json."""
    return parse_signals(read_json(path), str(path))


def save_proof(path: PathLike, proof: Proof) -> None:
    """Write a snarkjs proof.json."""
    write_text_atomic(path, json.dumps(proof.to_snarkjs(), indent=1) + "\n")


def save_signals(path: PathLike, signals: Sequence[int]) -> None:
    """Write a snarkjs public.json."""
    write_text_atomic(path, json.dumps([str(signal) for signal in signals], indent=1) + "\n")
