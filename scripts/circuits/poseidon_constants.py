#!/usr/bin/env python3
"""Write circuits/gadgets/poseidon_constants.circom from the procedure of the Poseidon paper.

The numbers come from verifier.poseidon.constants, which runs the paper's Grain LFSR; this script only
prints them. With --check it writes nothing and fails where the file differs.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from verifier.poseidon import PARTIAL_ROUNDS, constants  # noqa: E402

TARGET = ROOT / "circuits" / "gadgets" / "poseidon_constants.circom"
STATES = (3, 17)
"""State sizes that are written: 17 for commitments, 3 so that a test can compare a second width."""

HEADER = """\
// Made by scripts/circuits/poseidon_constants.py from the Grain LFSR of the Poseidon paper. Do not edit.
pragma circom 2.2.0;
"""


def render() -> str:
    """Return the text of the circom file."""
    functions = [
        _choice("poseidon_partial_rounds", {t: str(PARTIAL_ROUNDS[t - 2]) for t in STATES}),
        _choice("poseidon_round_constants", {t: _flat(constants(t)[0]) for t in STATES}),
        _choice("poseidon_matrix", {t: _flat(constants(t)[1]) for t in STATES}),
    ]
    return "\n".join([HEADER, *functions])


def _choice(name: str, values: dict[int, str]) -> str:
    """Return a function of t; a state size that is not written stops the compiler."""
    allowed = " || ".join(f"t == {t}" for t in values)
    *branches, (_, last) = [(t, f"return {value};") for t, value in values.items()]
    body = "".join(f"  if (t == {t}) {{\n    {branch}\n  }}\n" for t, branch in branches)
    return f"function {name}(t) {{\n  assert({allowed});\n{body}  {last}\n}}\n"


def _flat(rows: Iterable[Iterable[int]]) -> str:
    """Return the entries of all rows as one circom array, one entry a line."""
    return "[\n      " + ",\n      ".join(str(value) for row in rows for value in row) + "]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    text = render()
    if not parser.parse_args().check:
        TARGET.write_text(text)
        return 0
    if TARGET.read_text() == text:
        return 0
    print(f"{TARGET} is not what the procedure gives; run this script without --check", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
