"""Development keys: from the .r1cs to a .zkey on disk, beside snarkjs's set-up without any further contribution."""

from collections.abc import Iterator
from pathlib import Path

from scripts.benchmarks import peers
from scripts.benchmarks.books import FOLDER, files
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.sides import ours

TIER = "portfolio"
MOST_MS = 1500.0


def measure(given: Peers, plan: Plan) -> Iterator[Row]:
    """Measure the portfolio tier's set-up."""
    made, powers = files(TIER), given.powers
    say(f"{TIER}: set-up, snarkjs")
    row = Row(
        "setup", "development set-up, .r1cs to .zkey", TIER, [], "snarkjs groth16 setup, process",
        most_ms=MOST_MS, note="snarkjs starts from powers of tau that are there; neither side contributes further; "
        "ours is a median, snarkjs ran once, since it takes minutes",
    )  # fmt: skip
    with ours("setup", TIER) as mine:
        (samples,) = in_turns(plan, mine)
    theirs = [peers.snarkjs_setup(made, powers).ms()] if powers else []
    yield row.measured(samples, theirs)
    for name in ("ours.zkey", "snarkjs.zkey"):
        Path(FOLDER / name).unlink(missing_ok=True)
