"""Verification of one proof against an epoch's prepared point, and of a batch, beside groth16py."""

import json
from collections.abc import Iterator

from prover.proving import prove
from scripts.benchmarks import peers
from scripts.benchmarks.books import FOLDER, books, files
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.ours import BATCH
from scripts.benchmarks.sides import Part, Turns, ours

TIER = "grid"
MOST_ONE_MS = 1.3
MOST_OF_BATCH_MS = 0.35


def measure(plan: Plan) -> Iterator[Row]:
    """Measure one verification and one of a batch."""
    say(f"{TIER}: verifying, groth16py")
    peer = f"groth16py {peers.GROTH16PY_VERSION}, key prepared"
    one = Row("verify", "verify one, native, prepared epoch", TIER, [], peer, most_ms=MOST_ONE_MS)
    many = Row(
        "verify", f"verify a batch of {BATCH}, each", TIER, [], peer, unit="ms a proof", most_ms=MOST_OF_BATCH_MS
    )
    command = _groth16py()
    for row, work, each in ((one, "verification", 1), (many, "batch_verification", BATCH)):
        with ours(work, TIER) as mine:
            if command is None:
                measured = in_turns(plan, mine)
            else:
                with Turns(command) as theirs:
                    measured = in_turns(plan, mine, theirs)
                    theirs.close()
            yield row.measured([ms / each for ms in measured[0]], *measured[1:])


def _groth16py() -> list[Part] | None:
    """Write a proof of ours with all its public signals for groth16py to verify."""
    command = peers.groth16py()
    if command is None:
        return None
    made, kit = books(TIER), files(TIER).kit
    account = made.accounts[0]
    bundle = prove(kit, made.program, [account.opening], account.claim)
    proof, public = FOLDER / TIER / "ours.bin", FOLDER / TIER / "ours.json"
    proof.write_bytes(bundle.proof.to_evm())
    public.write_text(json.dumps([str(signal) for signal in bundle.signals]))
    return [*command, "verify", kit.path("verification_key.json"), proof, public]
