"""Writes contracts/test/generated: the registries of the trapdoor keys that the Solidity tests run with.

Run it when tiers, layout or generator change: python -m tests.chain.generate
"""

from pathlib import Path

from tests.chain.trapdoor import Trapdoor
from verifier.chain.codegen import contract_name, registry_source
from verifier.tiers import GRID, PORTFOLIO

SEED = "zkmargin contract tests"
"""contracts/test/Trapdoor.sol has the same."""
FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "test" / "generated"


def sources() -> dict[Path, str]:
    """Return each generated file's text."""
    return {
        FOLDER / f"{contract_name(tier)}.sol": registry_source(Trapdoor(SEED, tier).key, tier)
        for tier in (GRID, PORTFOLIO)
    }


if __name__ == "__main__":
    for path, text in sources().items():
        path.write_text(text, encoding="utf-8")
