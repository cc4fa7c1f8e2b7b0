"""groth16py as a peer of scripts/bench, in an environment of its own: one run for each line of standard input.

    groth16py_peer.py prove ZKEY WTNS...        witnesses in turn; at the end the last proof, {"proof": hex}
    groth16py_peer.py verify KEY.json PROOF PUBLIC.json   256 bytes and decimal strings; ten verifications a turn

Prints a line when ready, then {"ms": ...} a line.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import groth16py

VERIFICATIONS = 10


def proving(zkey: str, *witnesses: str) -> tuple[Callable[[], object], int]:
    """Return what proves the next witness."""
    key, _ = groth16py.import_zkey(zkey)
    turn = cycle(witnesses)
    return lambda: groth16py.prove_wtns(key, next(turn)), 1


def verifying(key: str, proof: str, public: str) -> tuple[Callable[[], object], int]:
    """Return what verifies the proof, which must be valid."""
    verifier = groth16py.Verifier(groth16py.VerifyingKey.from_snarkjs_file(key))
    data, signals = Path(proof).read_bytes(), [int(text) for text in json.loads(Path(public).read_text())]

    def verify() -> None:
        if not verifier.verify(data, signals):
            sys.exit("error: the proof does not verify")

    return verify, VERIFICATIONS


work, times = {"prove": proving, "verify": verifying}[sys.argv[1]](*sys.argv[2:])
print("{}", flush=True)
result = None
for _ in sys.stdin:
    start = time.perf_counter()
    for _ in range(times):
        result = work()
    print(json.dumps({"ms": (time.perf_counter() - start) * 1e3 / times}), flush=True)
if isinstance(result, bytes):
    print(json.dumps({"proof": result.hex()}), flush=True)
