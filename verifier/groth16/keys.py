"""Verifying keys: what a key must be before anything is verified with it.

A Groth16 key is only as good as its set-up. The rules below refuse keys with which anyone can forge (no phase
2) or that do not bind a public input; what they cannot show is who knows the trapdoor: a real deployment pins
the hash of a ceremony's key.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from verifier.circuits import PublicLayout
from verifier.errors import ArtefactMismatch
from verifier.files import PathLike, read_json
from verifier.groth16.curve import G1, G2, G2_GENERATOR, check_g1, check_g2
from verifier.groth16.snarkjs import g1_point, g2_point
from verifier.keccak import keccak


class KeyRefused(ArtefactMismatch):
    """A verifying key breaks a rule; `rule` is its name in docs/statement.md, part 9."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True)
class VerifyingKey:
    """A Groth16 key over BN254: alpha in G1, beta, gamma, delta in G2, and IC_0..IC_n for n public signals.

    Construction checks every rule (KeyRefused): a VerifyingKey that exists can be used.
    """

    alpha: G1
    beta: G2
    gamma: G2
    delta: G2
    ic: tuple[G1, ...]

    def __post_init__(self) -> None:
        check_key(self)

    @property
    def public_count(self) -> int:
        """How many public signals a proof under this key has."""
        return len(self.ic) - 1

    def words(self) -> tuple[int, ...]:
        """Return the key as EVM words, in order: G1 points x, y; G2 points x_c1, x_c0, y_c1, y_c0."""
        out = [*self.alpha]
        for point in (self.beta, self.gamma, self.delta):
            out += g2_words(point)
        for ic in self.ic:
            out += ic
        return tuple(out)

    @cached_property
    def hash(self) -> bytes:
        """keccak256 over the words, 32 bytes: epochs, contexts and manifests name the key by it."""
        return keccak(b"".join(word.to_bytes(32, "big") for word in self.words()))

    def check_tier(self, layout: PublicLayout) -> None:
        """Refuse a key that has not one IC point for each public signal of a tier, or of another circuit (rule
        public-count)."""
        if self.public_count != layout.public_count:
            raise KeyRefused(
                "public-count",
                f"the key has {self.public_count} public signals, {layout.name} needs {layout.public_count}",
            )


def g2_words(point: G2) -> tuple[int, int, int, int]:
    """Return a G2 point in the EVM's order: the imaginary parts first."""
    return point[0][1], point[0][0], point[1][1], point[1][0]


def check_key(key: VerifyingKey) -> None:
    """Raise KeyRefused for the first rule that a key breaks."""
    if len(key.ic) < 2:
        raise KeyRefused("public-count", "the key has no public signal")
    try:
        check_g1(key.alpha, "alpha")
        for name, point in (("beta", key.beta), ("gamma", key.gamma), ("delta", key.delta)):
            check_g2(point, name)
        for index, ic in enumerate(key.ic):
            check_g1(ic, f"IC point {index}")
    except ArtefactMismatch as error:
        raise KeyRefused("point", f"the verifying key is malformed: {error}") from None
    if key.delta == key.gamma:
        raise KeyRefused("delta-gamma", "delta equals gamma: the key has no phase 2 and anyone can forge proofs")
    if key.delta == G2_GENERATOR:
        raise KeyRefused("delta-generator", "delta is the generator: the key has no phase 2 and anyone can forge")
    seen: dict[int, int] = {}
    for index, (x, _) in enumerate(key.ic):
        if x in seen:
            raise KeyRefused("ic-equal", f"IC points {seen[x]} and {index} are equal or opposite")
        seen[x] = index


def parse_key(document: Any, name: str) -> VerifyingKey:
    """Return the key of a snarkjs verification_key.json.

    Raises KeyRefused or ArtefactMismatch naming the field.
    """
    if not isinstance(document, dict):
        raise ArtefactMismatch(f"{name}: not a verification key (no JSON object)")
    if document.get("protocol") != "groth16":
        raise KeyRefused("protocol", f"{name}: field protocol is not groth16")
    if document.get("curve") not in ("bn128", "bn254"):
        raise KeyRefused("curve", f"{name}: field curve is not bn128")
    ic = document.get("IC")
    if isinstance(ic, list) and any(isinstance(point, list) and point[-1:] == ["0"] for point in ic):
        raise KeyRefused("ic-infinity", f"{name}: an IC point is at infinity, so that its signal is not bound")
    count = document.get("nPublic")
    if not isinstance(ic, list) or type(count) is not int or len(ic) != count + 1:
        raise KeyRefused("public-count", f"{name}: field IC does not have one point more than nPublic says")
    try:
        return VerifyingKey(
            alpha=g1_point(document.get("vk_alpha_1"), f"{name}: vk_alpha_1"),
            beta=g2_point(document.get("vk_beta_2"), f"{name}: vk_beta_2"),
            gamma=g2_point(document.get("vk_gamma_2"), f"{name}: vk_gamma_2"),
            delta=g2_point(document.get("vk_delta_2"), f"{name}: vk_delta_2"),
            ic=tuple(g1_point(point, f"{name}: IC point {index}") for index, point in enumerate(ic)),
        )
    except KeyRefused as error:
        raise KeyRefused(error.rule, f"{name}: {error}") from None
    except ArtefactMismatch as error:
        raise KeyRefused("point", str(error)) from None


def load_key(path: PathLike, layout: PublicLayout | None = None) -> VerifyingKey:
    """Read a snarkjs verification_key.json, check every rule, and that it fits the circuit where one is given."""
    key = parse_key(read_json(path), str(path))
    if layout is not None:
        key.check_tier(layout)
    return key
