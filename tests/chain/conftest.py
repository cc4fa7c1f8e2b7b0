"""Fixtures: a local chain and a registry of the grid tier, made once a session."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chain.scenes import Scene, TrapdoorProver, make_scene
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import CompiledRegistry, compile_registry
from verifier.tiers import GRID

BUILD = Path(os.environ.get("ZKMARGIN_BUILD") or Path(__file__).resolve().parents[2] / "build") / "tests"


def compiled_for(prover: TrapdoorProver) -> CompiledRegistry:
    return compile_registry(prover.key, prover.tier, BUILD)


@pytest.fixture(scope="session")
def grid_prover() -> TrapdoorProver:
    return TrapdoorProver(GRID)


@pytest.fixture(scope="session")
def grid_compiled(grid_prover: TrapdoorProver) -> CompiledRegistry:
    return compiled_for(grid_prover)


@pytest.fixture(scope="session")
def session_scene(grid_prover: TrapdoorProver, grid_compiled: CompiledRegistry) -> Iterator[Scene]:
    """One chain with a grid registry."""
    with Anvil() as anvil:
        yield make_scene(anvil, grid_prover, grid_compiled)


@pytest.fixture
def scene(session_scene: Scene) -> Iterator[Scene]:
    """The grid registry as it was after its making."""
    with undone(session_scene):
        yield session_scene


@contextmanager
def undone(scene: Scene) -> Iterator[None]:
    """Undo on the chain what a test does."""
    taken = scene.connection.request("evm_snapshot", [])
    yield
    assert scene.connection.request("evm_revert", [taken])
