"""Writes contracts/test/generated: the contracts of the trapdoor keys that the Solidity tests run with.

Run it when circuits, layout or generator change: python -m tests.chain.generate
"""

from pathlib import Path

from tests.chain.trapdoor import Trapdoor
from verifier.chain.codegen import (
    bilateral_name,
    bilateral_source,
    epochs_name,
    epochs_source,
    registry_name,
    registry_source,
)
from verifier.chain.codegen_books import book_contract_name, book_source
from verifier.chain.key_literals import ic_blobs
from verifier.circuits import CONSERVATION64, VALUATION64
from verifier.tiers import GRID, PORTFOLIO

SEED = "zkmargin contract tests"
"""contracts/test/Trapdoor.sol has the same."""
FOLDER = Path(__file__).resolve().parents[2] / "contracts" / "test" / "generated"


def sources() -> dict[Path, str]:
    """Return each generated file's text."""
    grid, portfolio = (Trapdoor(SEED, tier).key for tier in (GRID, PORTFOLIO))
    out = {
        registry_name(GRID): registry_source(grid, GRID, ic_blobs(grid, GRID)),
        registry_name(PORTFOLIO): registry_source(portfolio, PORTFOLIO, ic_blobs(portfolio, PORTFOLIO)),
        epochs_name(GRID): epochs_source(grid, GRID, ic_blobs(grid, GRID)),
        bilateral_name(GRID): bilateral_source(grid, GRID),
    }
    for layout in (CONSERVATION64, VALUATION64):
        out[book_contract_name(layout)] = book_source(Trapdoor(SEED, layout).key, layout)
    return {FOLDER / f"{name}.sol": text for name, text in out.items()}


if __name__ == "__main__":
    for path, text in sources().items():
        path.write_text(text, encoding="utf-8")
