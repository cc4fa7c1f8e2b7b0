#!/usr/bin/env python3
"""Count constraints and wires of every circuit and gadget, and hash every circuit's .r1cs; write
circuits/budget.json, or compare with it (--check)."""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from struct import unpack_from

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from prover.circom import Circuit, compile_circuit, compile_named  # noqa: E402
from verifier.circuits import CLEARING  # noqa: E402
from verifier.tiers import TIERS  # noqa: E402

BUDGET = ROOT / "circuits" / "budget.json"
GADGETS = {
    "bits": "Bits(48)",
    "sign": "Sign(48)",
    "short": "Short(94)",
    "inner": "Inner(16)",
    "sided": "Sided(16)",
    "poseidon": "Poseidon(16)",
    "positions": "Book(1, 128)",
    "commitment": "Commitment(128)",
    "cells": "Cells(8, 16, 31, 1)",
    "pairs": "Pairs(16, 84, 24)",
    "scenarios": "Scenarios(8, 31, 2, 1)",
    "skew": "Skew(8)",
    "envelope": "Envelope(8)",
    "floor": "Floor(1, 128, 2)",
    "tail": "Tail(131, 31, 33)",
    "cover": "Cover(8, 16, 31)",
    "roll": "Roll(8)",
    "ellipsoid": "Ellipsoid(4, 128)",
    "worth": "Worth(1, 128)",
    "claim": "Claim(1, 128)",
    "opened": "Opened(128)",
    "accrued": "Accrued(128)",
    "tranche": "Tranche(128)",
    "band": "Band(128)",
}
"""Gadget file to the template counted, by default as the portfolio tier or a circuit of 128 places uses it."""


GROUPS = {"tiers": TIERS, "clearing": CLEARING}
"""Title in the file to the circuits that stand under it."""


def count(circuit: Circuit) -> dict[str, int]:
    """Return the counts in the header of an .r1cs file."""
    data = circuit.r1cs.read_bytes()
    offset = 12
    for _ in range(unpack_from("<I", data, 8)[0]):
        kind, size = unpack_from("<IQ", data, offset)
        offset += 12
        if kind == 1:
            wires, _, public, private, _, rows = unpack_from("<IIIIQI", data, offset + 36)
            return {"constraints": rows, "wires": wires, "public_inputs": public, "private_inputs": private}
        offset += size
    raise ValueError(f"{circuit.r1cs} has no header")


def figures_of(circuit: Circuit) -> dict[str, int | str]:
    """Return what is committed of one of the product's circuits: its counts and the SHA-256 of its .r1cs file."""
    return {**count(circuit), "r1cs_sha256": hashlib.sha256(circuit.r1cs.read_bytes()).hexdigest()}


def gadget(name: str, template: str) -> Circuit:
    """Compile one gadget by itself, its inputs private."""
    source = ROOT / "build" / "circuits" / "alone" / f"{name}.circom"
    source.parent.mkdir(parents=True, exist_ok=True)
    include = f'include "../../../circuits/gadgets/{name}.circom";'
    text = f"pragma circom 2.2.0;\n{include}\ncomponent main = {template};\n"
    if not source.exists() or source.read_text() != text:
        source.write_text(text)
    return compile_circuit(source, out=source.parent / name)


def measure() -> dict[str, dict[str, dict[str, int | str]]]:
    """Return the figures of all circuits and gadgets."""
    gadgets: dict[str, dict[str, int | str]] = {}
    for name, template in GADGETS.items():
        figures = count(gadget(name, template))
        gadgets[template] = {"constraints": figures["constraints"], "wires": figures["wires"]}
    named = {title: {name: figures_of(compile_named(name)) for name in names} for title, names in GROUPS.items()}
    return {**named, "gadgets": gadgets}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    text = json.dumps(measure(), indent=2) + "\n"
    if not parser.parse_args().check:
        BUDGET.write_text(text)
        return 0
    if BUDGET.read_text() == text:
        return 0
    print(
        f"{BUDGET} holds other figures; run this script without --check and look at the difference",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
