"""Runs the parts that are wanted and gathers the report."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from prover import _core, tables
from scripts.benchmarks import batch, loading, machine, one_shot, peers, proving, setup, verify, witness
from scripts.benchmarks.books import files
from scripts.benchmarks.measure import Plan, Row
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.report import FORMAT
from verifier.tiers import TIERS

WANTED = ("grid", "portfolio", "book", "history", "venue")
"""Tiers that are measured, as far as this version has them."""
WITNESS_TIERS = ("grid", "portfolio", "history")
PARTS = ("prove", "slower", "witness", "positions", "one_shot", "setup", "verify", "batch", "load", "memory")


def known_tiers() -> list[str]:
    """Return the wanted tiers of this version."""
    return [name for name in WANTED if name in TIERS]


def rows(part: str, tiers: Sequence[str], given: Peers, plan: Plan, cores: Sequence[int]) -> Iterator[Row]:
    """Measure one part (not memory)."""
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "prove": lambda: (row for tier in tiers for row in proving.measure(tier, given, plan)),
        "slower": lambda: (row for tier in tiers for row in proving.measure_slower(tier, given, plan)),
        "witness": lambda: (row for tier in tiers if tier in WITNESS_TIERS for row in witness.measure(tier, plan)),
        "positions": lambda: witness.measure_positions(plan),
        "one_shot": lambda: one_shot.measure(given, plan),
        "setup": lambda: setup.measure(given, plan),
        "verify": lambda: verify.measure(plan),
        "batch": lambda: batch.measure(given, plan, cores),
        "load": lambda: loading.measure(list(tiers), plan),
    }
    return parts[part]()


def measured(parts: Sequence[str], tiers: Sequence[str], given: Peers, plan: Plan, cores: list[int]) -> dict[str, Any]:
    """Measure the parts; returns the report."""
    report: dict[str, Any] = {
        "format": FORMAT,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": machine.commit(),
        "version": _core.__version__,
        "machine": machine.described(cores),
        "table_memory_mib": tables.budget() // tables.MEBIBYTE,
        "peers": {
            "snarkjs": peers.snarkjs_version(),
            "groth16py": peers.GROTH16PY_VERSION if peers.groth16py() else None,
            "rapidsnark": "given by path, run as a process" if given.rapidsnark else None,
            "gnark": peers.GNARK_VERSION if given.gnark else None,
            "node": peers.node_version(),
        },
        "rows": [],
        "memory": [],
    }
    for part in parts:
        if part == "memory":
            report["memory"] = list(loading.memory(list(tiers)))
        else:
            report["rows"] += [row.as_dict() for row in rows(part, tiers, given, plan, cores)]
    report["circuits"] = {tier: _circuit(tier) for tier in tiers}
    report["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    return report


def unmet(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows whose target is not met."""
    return [row for row in report["rows"] if row["met"] is False]


def _circuit(tier: str) -> dict[str, int]:
    manifest = files(tier).kit.manifest
    rows = manifest.constraints + manifest.public_signals + 1
    return {
        "constraints": manifest.constraints,
        "public_signals": manifest.public_signals,
        "wires": manifest.wires,
        "domain_log2": (rows - 1).bit_length(),
    }


__all__ = ["PARTS", "known_tiers", "measured", "unmet"]
