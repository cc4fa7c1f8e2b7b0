"""Proofs of a witness that is there, tier by tier, beside each peer; with a ceremony's key, with slower arithmetic."""

from collections.abc import Iterator
from contextlib import ExitStack

from prover import _core
from scripts.benchmarks import peers
from scripts.benchmarks.books import Files, copied, files, with_ceremony_key
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.sides import Side, Turns, ours

LEAST = {"grid": 10.0, "portfolio": 8.0}
LEAST_OTHERS = 6.0
LEAST_SLOWER = 1.0
SLOWER = {"avx2": "the same with AVX2", "portable": "the same, portable"}
"""What the rows of slower arithmetic are called."""
CEREMONY = "the same with a ceremony's key as it comes"
RAPIDSNARK = "rapidsnark, whole process"
SNARKJS = "snarkjs, in node, key in memory"
GROTH16PY = f"groth16py {peers.GROTH16PY_VERSION}, key in memory"
GNARK = "gnark, key in memory"
WHAT = "prove a witness, key loaded"


def measure(tier: str, given: Peers, plan: Plan) -> Iterator[Row]:
    """Measure one tier beside every peer."""
    made = files(tier)
    with ExitStack() as stack:
        mine = stack.enter_context(ours("proof_of_witness", tier))
        least = LEAST.get(tier, LEAST_OTHERS)
        yield _beside_rapidsnark("prove", WHAT, tier, mine, given, plan, least)
        for name, peer in _warm(made, given):
            say(f"{tier}: proving, {name}")
            row = Row("prove", WHAT, tier, [], name)
            if peer is None:
                yield row
                continue
            theirs = stack.enter_context(peer)
            yield _row(row, in_turns(plan.shorter, mine, theirs), theirs)
            last = theirs.close()
            if last:
                peers.check_last(name, made, last)


def measure_slower(tier: str, given: Peers, plan: Plan) -> Iterator[Row]:
    """Measure one tier with a key that has nothing of ours, and with each arithmetic that this processor has besides
    the fastest."""
    with ours("proof_of_witness", tier, with_ceremony_key(tier)) as mine:
        yield _beside_rapidsnark("slower", CEREMONY, tier, mine, given, plan, None)
    for name in _core.available_kernels()[1:]:
        folder = copied(tier, name)
        with ours("proof_of_witness", tier, folder, env={"ZKMARGIN_KERNELS": name}) as mine:
            yield _beside_rapidsnark("slower", SLOWER[name], tier, mine, given, plan, LEAST_SLOWER)


def _warm(made: Files, given: Peers) -> Iterator[tuple[str, Turns | None]]:
    """Start each peer that stays in memory when its turn comes."""
    yield GNARK, peers.gnark(given.gnark, made) if given.gnark else None
    command = peers.groth16py()
    # It works out public rows by itself, so it needs a key that has all of them.
    yield GROTH16PY, Turns([*command, "prove", made.ceremony_zkey, *made.witnesses]) if command else None
    yield SNARKJS, peers.snarkjs(made)


def _beside_rapidsnark(
    part: str, what: str, tier: str, mine: Turns, given: Peers, plan: Plan, least: float | None
) -> Row:
    say(f"{tier}: {what}, rapidsnark")
    row = Row(part, what, tier, [], RAPIDSNARK, least_ratio=least)
    if given.rapidsnark is None:
        return _row(row, in_turns(plan, mine), None)
    theirs = peers.rapidsnark(given.rapidsnark, files(tier))
    measured = in_turns(plan, mine, theirs)
    peers.check_rapidsnark(files(tier))
    return _row(row, measured, theirs)


def _row(row: Row, measured: list[list[float]], peer: Side | None) -> Row:
    memory = peer.peak_memory() if peer else None
    return row.measured(*measured, peer_memory=memory)
