"""Our side of the measurements: a process that runs once for each line of standard input (see sides.Turns).

    python -m scripts.benchmarks.ours WORK TIER [FOLDER]

FOLDER holds the tier's artefacts, where they are not the checkout's own. Prints a line when ready, then {"ms": ...} a
line. Several accounts are taken in turn, so that nothing that is kept from proof to proof is the account's own.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

Work = tuple[Callable[[], object], int]
"""What one run is, and how many of them are timed together."""
BATCH = 64
VERIFICATIONS = 10
WITNESSES = 3
MEMORY_PROOFS = 5


def proof_of_witness(tier: str, folder: Path | None) -> Work:
    """Prove a witness that is there, with the key loaded and the self-check included."""
    from scripts.benchmarks.books import FOLDER  # noqa: PLC0415  only what a work needs is loaded

    key = _kit(tier, folder).proving_key()
    turn = cycle([path.read_bytes() for path in sorted((FOLDER / tier).glob("account-?.wtns"))])
    return lambda: key.prove_witness(next(turn)), 1


def witness(tier: str, folder: Path | None) -> Work:
    """Solve the witness from a program, positions, salt and helper values in Python."""
    from prover.native import scalars  # noqa: PLC0415  as above
    from scripts.benchmarks.books import books  # noqa: PLC0415

    plan, made = _kit(tier, folder).witness_plan(), books(tier)
    turn = cycle(made.accounts)
    return lambda: plan.solve(scalars(made.inputs(next(turn)))), WITNESSES


def witness_of_integers(tier: str, folder: Path | None) -> Work:
    """Solve the witness from the list of the circuit's inputs, Python integers."""
    from prover.native import scalars  # noqa: PLC0415  as above
    from scripts.benchmarks.books import books  # noqa: PLC0415

    plan, made = _kit(tier, folder).witness_plan(), books(tier)
    turn = cycle([made.inputs(account) for account in made.accounts])
    return lambda: plan.solve(scalars(next(turn))), WITNESSES


def proof_of_positions(tier: str, folder: Path | None) -> Work:
    """Check the claim, find the helper values, solve, prove, verify: from positions to a proof's bytes."""
    from prover.proving import prove  # noqa: PLC0415  as above
    from scripts.benchmarks.books import books  # noqa: PLC0415

    kit, made = _kit(tier, folder), books(tier)
    key, turn = kit.proving_key(), cycle(made.accounts)

    def run() -> bytes:
        account = next(turn)
        return prove(kit, made.program, [account.opening], account.claim, key=key).proof.to_evm()

    return run, 1


def setup(tier: str, folder: Path | None) -> Work:
    """Read the .r1cs, make a development key, write the .zkey."""
    from prover import _core  # noqa: PLC0415  as above
    from scripts.benchmarks.books import FOLDER  # noqa: PLC0415

    r1cs, out = _kit(tier, folder).path(f"{tier}.r1cs"), FOLDER / "ours.zkey"
    return lambda: out.write_bytes(_core.setup(_core.Circuit(r1cs.read_bytes()))), 1


def verification(tier: str, folder: Path | None) -> Work:
    """Verify one proof against the prepared point of its program."""
    engine, key, point, lives, proofs = _proofs(tier, folder, VERIFICATIONS)
    turn = cycle(zip(lives, proofs, strict=True))

    def run() -> None:
        if not engine.verify_prepared(key, point, *next(turn)):
            sys.exit("error: the proof does not verify")

    return run, VERIFICATIONS


def batch_verification(tier: str, folder: Path | None) -> Work:
    """Verify a batch of proofs of one program."""
    engine, key, point, lives, proofs = _proofs(tier, folder, BATCH)

    def run() -> None:
        if not all(engine.verify_batch(key, point, lives, proofs)):
            sys.exit("error: the proofs do not verify")

    return run, 1


def loading(tier: str, folder: Path | None) -> Work:
    """Load a tier whose tables are stored, the modules imported."""
    _kit(tier, folder)
    return lambda: _kit(tier, folder).proving_key(), 1


WORKS: dict[str, Callable[[str, Path | None], Work]] = {
    "batch_verification": batch_verification,
    "loading": loading,
    "proof_of_positions": proof_of_positions,
    "proof_of_witness": proof_of_witness,
    "setup": setup,
    "verification": verification,
    "witness": witness,
    "witness_of_integers": witness_of_integers,
}


def memory(tier: str, folder: Path | None) -> dict[str, object]:
    """Return what a loaded tier takes: a process that loads it and proves, without the Python that makes books."""
    from scripts.benchmarks.books import FOLDER  # noqa: PLC0415  as above

    kit = _kit(tier, folder)
    before = _resident("VmRSS")
    key = kit.proving_key()
    loaded, data = _resident("VmRSS"), (FOLDER / tier / "account-0.wtns").read_bytes()
    times = []
    for _ in range(MEMORY_PROOFS):
        start = time.perf_counter()
        key.prove_witness(data)
        times.append((time.perf_counter() - start) * 1e3)
    return {
        "before_load": before,
        "after_load": loaded,
        "peak": _resident("VmHWM"),
        "of_files": _resident("RssFile"),
        "table_bytes": key.table_bytes,
        "ms": times[1:],
    }


def main(work: str, tier: str, folder: str | None = None) -> None:
    """Serve one work."""
    place = Path(folder) if folder else None
    if work == "memory":
        print(json.dumps(memory(tier, place)), flush=True)
        return
    run, times = WORKS[work](tier, place)
    print("{}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(times):
            run()
        print(json.dumps({"ms": (time.perf_counter() - start) * 1e3 / times}), flush=True)


def _kit(tier: str, folder: Path | None):  # type: ignore[no-untyped-def]
    from prover import artefacts  # noqa: PLC0415  as above
    from verifier.tiers import TIERS  # noqa: PLC0415

    return artefacts.load(TIERS[tier], folder)


def _proofs(tier: str, folder: Path | None, count: int):  # type: ignore[no-untyped-def]
    """Return the native engine, key and prepared point with `count` proofs and their live signals."""
    from dataclasses import replace  # noqa: PLC0415  as above

    from prover.native import NativeEngine  # noqa: PLC0415
    from prover.proving import prove  # noqa: PLC0415
    from scripts.benchmarks.books import books  # noqa: PLC0415

    kit, made, engine = _kit(tier, folder), books(tier), NativeEngine()
    key, proving_key, turn = kit.verifying_key(), kit.proving_key(), cycle(made.accounts)
    point, bundles = engine.prepared_point(key, made.program), []
    for number in range(count):
        account = next(turn)
        claim = replace(account.claim, context=number + 1)
        bundles.append(prove(kit, made.program, [account.opening], claim, key=proving_key))
    live = made.program.tier.prepared_count
    return engine, key, point, [bundle.signals[live:] for bundle in bundles], [bundle.proof for bundle in bundles]


def _resident(field: str) -> int:
    """Return a figure of this process's memory, bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
