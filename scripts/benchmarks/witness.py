"""From Python inputs to a witness, beside circom's own calculator; and from positions to a proof's bytes."""

from collections.abc import Iterator

from prover.native import scalars
from scripts.benchmarks import peers
from scripts.benchmarks.books import books, files
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.sides import BenchError, ours

MOST_MS = {"grid": 3.0, "portfolio": 10.0, "history": 25.0}
LEAST_FULLPROVE = 30.0
TIER = "portfolio"


def measure(tier: str, plan: Plan) -> Iterator[Row]:
    """Measure the witness from the circuit's inputs and, without a target, from program and positions as well."""
    made = files(tier)
    _check_equal(tier)
    say(f"{tier}: witness, circom")
    with peers.circom(made) as theirs:
        for work, what, most in (
            ("witness_of_integers", "witness from the circuit's inputs in Python", MOST_MS.get(tier)),
            ("witness", "the same from program, positions and salt", None),
        ):
            with ours(work, tier) as mine:
                row = Row("witness", what, tier, [], "circom wasm in node, built once", most_ms=most)
                yield row.measured(*in_turns(plan, mine, theirs), theirs.peak_memory())


def measure_positions(plan: Plan) -> Iterator[Row]:
    """Measure positions to a proof's bytes, warm."""
    made = files(TIER)
    say(f"{TIER}: positions to proof, snarkjs")
    with ours("proof_of_positions", TIER) as mine, peers.snarkjs_fullprove(made) as theirs:
        row = Row(
            "positions", "positions in Python to proof bytes, warm", TIER, [],
            "snarkjs fullprove, in node, warm", least_ratio=LEAST_FULLPROVE,
        )  # fmt: skip
        yield row.measured(*in_turns(plan, mine, theirs), theirs.peak_memory())
        peers.check_last("snarkjs", made, theirs.close())


def _check_equal(tier: str) -> None:
    """Compare our witness with circom's, byte for byte."""
    made, plan = files(tier), files(tier).kit.witness_plan()
    out = made.witnesses[0].with_name("circom.wtns")
    peers.circom_once(made, out)
    inputs = books(tier).inputs(books(tier).accounts[0])
    if plan.solve(scalars(inputs)) != out.read_bytes():
        raise BenchError(f"our witness of tier {tier} differs from circom's")
