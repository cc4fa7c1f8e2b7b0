"""The native engine: the Rust verifier behind the `verifier.groth16.Engine` interface.

`verifier` does not import this; who wants speed hands an instance in. It gives the same verdict as the reference on
every input. A key is prepared once and kept by its hash.
"""

from collections.abc import Sequence

from prover import _core
from verifier.errors import ArtefactMismatch
from verifier.field import R
from verifier.groth16 import ACCEPTED, Verdict
from verifier.groth16.curve import G1
from verifier.groth16.keys import VerifyingKey, g2_words
from verifier.groth16.proof import Proof
from verifier.program import MarginProgram, once
from verifier.statement import prepared_signals

_INVALID = Verdict(False, "the proof does not hold for these public signals")


def scalars(values: Sequence[int]) -> bytes:
    """Return field elements in [0, R) as the core's bytes: 32 each, big-endian."""
    return b"".join([value.to_bytes(32, "big") for value in values])


@once
def prepared_scalars(program: MarginProgram) -> bytes:
    """Return a program's prepared signals as the core's bytes."""
    return scalars(prepared_signals(program))


def words(values: Sequence[int]) -> bytes:
    """Return coordinates as the core's bytes; a value outside 256 bits becomes the largest word, which it refuses."""
    return b"".join((value if 0 <= value < 1 << 256 else (1 << 256) - 1).to_bytes(32, "big") for value in values)


class NativeEngine:
    """Verifies with the Rust core."""

    def __init__(self) -> None:
        self._keys: dict[bytes, _core.VerifyingKey] = {}

    def _key(self, key: VerifyingKey) -> _core.VerifyingKey:
        if key.hash not in self._keys:
            try:
                self._keys[key.hash] = _core.VerifyingKey(
                    words(key.alpha),
                    words(g2_words(key.beta)),
                    words(g2_words(key.gamma)),
                    words(g2_words(key.delta)),
                    b"".join(words(point) for point in key.ic),
                )
            except _core.FormatError as error:
                raise ArtefactMismatch(f"the verifying key is refused: {error}") from None
        return self._keys[key.hash]

    def prepared_point(self, key: VerifyingKey, program: MarginProgram) -> G1:
        """Return IC_0 + sum over the prepared inputs; ArtefactMismatch where key and tier do not fit."""
        key.check_tier(program.tier)
        data = self._key(key).prepare(prepared_scalars(program))
        if data == bytes(64):
            raise ArtefactMismatch("the prepared point is at infinity; publish the program with another blind")
        return int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")

    def verify(self, key: VerifyingKey, signals: Sequence[int], proof: Proof) -> Verdict:
        """Verify a proof against all public signals."""
        if len(signals) != key.public_count:
            return Verdict(False, f"the key takes {key.public_count} public signals, not {len(signals)}")
        if not all(0 <= signal < R for signal in signals):
            return Verdict(False, "a public signal is not below the field's order")
        try:
            valid = self._key(key).verify(scalars(signals), words(_proof_words(proof)))
        except _core.FormatError as error:
            return Verdict(False, str(error))
        return ACCEPTED if valid else _INVALID

    def verify_prepared(self, key: VerifyingKey, point: G1, live: Sequence[int], proof: Proof) -> Verdict:
        """Verify against a prepared point that the caller has computed or compared, and the live signals."""
        if len(live) > key.public_count:
            return Verdict(False, f"the key takes {key.public_count} public signals, not {len(live)}")
        if not all(0 <= signal < R for signal in live):
            return Verdict(False, "a public signal is not below the field's order")
        try:
            valid = self._key(key).verify_prepared(words(point), scalars(live), words(_proof_words(proof)))
        except _core.FormatError as error:
            return Verdict(False, str(error))
        return ACCEPTED if valid else _INVALID

    def verify_batch(
        self, key: VerifyingKey, point: G1, lives: Sequence[Sequence[int]], proofs: Sequence[Proof]
    ) -> list[Verdict]:
        """Verify proofs of one prepared point, each with its live signals; a verdict for each, in order.

        All are checked in one equation with random powers; where that does not hold, one by one.
        """
        wanted = [all(0 <= signal < R for signal in live) for live in lives]
        same_length = len({len(live) for live in lives}) == 1 and len(lives) == len(proofs)
        if len(proofs) > 1 and same_length and all(wanted):
            try:
                data = [words(_proof_words(proof)) for proof in proofs]
                if self._key(key).verify_batch(words(point), [scalars(live) for live in lives], data):
                    return [ACCEPTED] * len(proofs)
            except _core.FormatError:
                pass  # one of them is malformed: which one, the single verdicts say
        return [self.verify_prepared(key, point, live, proof) for live, proof in zip(lives, proofs, strict=True)]


def _proof_words(proof: Proof) -> tuple[int, ...]:
    return (*proof.a, *g2_words(proof.b), *proof.c)
