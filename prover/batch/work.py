"""One account's proof of a batch: prove, or find it done and verify it; written all or not at all.

A proof's folder appears by one rename, so that a worker that dies leaves none or a whole one, and of two workers that
prove the same account one output stays.
"""

import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from prover import _core, artefacts
from prover.batch.jobs import Job
from prover.native import NativeEngine
from prover.openings import Identity, Opening, load_opening
from prover.proving import ProofBundle, live_inputs, load_bundle, prove
from prover.requests import ProofRequest, check_request, load_request
from verifier.admission import admit
from verifier.errors import BadInput, ZkMarginError
from verifier.groth16.keys import VerifyingKey
from verifier.program import MarginProgram
from verifier.program_file import load_program
from verifier.statement import public_signals
from verifier.tiers import Tier

PART = ".part-"
"""Prefix of a proof's folder before it is whole."""
FILES = frozenset(("proof.json", "public.json", "request.json"))


@dataclass(frozen=True)
class Outcome:
    """What became of one job; `reason` is the sentence of a refusal, else empty."""

    name: str
    status: Literal["proven", "kept", "refused"]
    """proven: made now; kept: found whole and verified; refused: no proof."""
    seconds: float
    """Of proving; 0 where nothing was proven."""
    reason: str = ""
    exit_code: int = 0


@dataclass(frozen=True)
class Bench:
    """What all accounts of a batch share, loaded once a process."""

    program: MarginProgram
    kit: artefacts.Artefacts[Tier]
    proving_key: "_core.ProvingKey"
    key: VerifyingKey
    engine: NativeEngine

    @classmethod
    def load(cls, path: Path) -> "Bench":
        """Read a program file and the key of its tier; raises what those raise."""
        program = load_program(path)
        admit(program)
        kit = artefacts.load(program.tier)
        return cls(program, kit, kit.proving_key(), kit.verifying_key(), NativeEngine())

    def run(self, job: Job, out: Path) -> Outcome:
        """Prove one account into out/<name>, unless a proof that verifies is there. Never raises an error of ours."""
        start = time.perf_counter()
        try:
            wanted = job.wanted()
            opening = load_opening(job.opening, Identity.load(job.identity))
            check_request(wanted, self.program, [opening], self.kit.manifest.verifying_key_hash)
            target = out / job.name
            if self._is_done(target, wanted, opening):
                return Outcome(job.name, "kept", 0.0)
            bundle = prove(self.kit, self.program, [opening], wanted.claim, key=self.proving_key)
            if not self._publish(target, bundle, wanted) and not self._is_done(target, wanted, opening):
                raise BadInput(
                    f"{target} was made by someone else meanwhile and is no proof for this request; remove it"
                )
            return Outcome(job.name, "proven", time.perf_counter() - start)
        except ZkMarginError as error:
            return Outcome(job.name, "refused", 0.0, str(error), error.exit_code)

    def _is_done(self, target: Path, wanted: ProofRequest, opening: Opening) -> bool:
        """Return whether a whole proof for this very request is there; a damaged or other one is removed.

        Refuses a folder with files that are not of a proof (BadInput).
        """
        if not target.exists():
            return False
        if not target.is_dir() or {entry.name for entry in target.iterdir()} - FILES:
            raise BadInput(f"{target} is no folder of a proof; move it away or choose another --out")
        try:
            bundle = load_bundle(target / "proof.json", target / "public.json")
            same = load_request(target / "request.json") == wanted
            whole = same and bundle.signals == public_signals(self.program, live_inputs([opening], wanted.claim))
            if whole and self.engine.verify(self.key, bundle.signals, bundle.proof):
                return True
        except ZkMarginError:
            pass
        shutil.rmtree(target)
        return False

    @staticmethod
    def _publish(target: Path, bundle: ProofBundle, wanted: ProofRequest) -> bool:
        """Put a whole proof in its place; False where another one is there already."""
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{PART}{target.name}-"))
        try:
            bundle.save(made)
            wanted.save(made / "request.json")
            made.chmod(0o755)
            made.rename(target)
        except FileExistsError:
            return False
        except OSError as error:
            if target.exists():
                return False
            raise BadInput(f"{target} cannot be written ({error.strerror})") from None
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return True


@lru_cache(maxsize=1)
def bench(program: Path) -> Bench:
    """Return the bench of a program in this process."""
    return Bench.load(program)
