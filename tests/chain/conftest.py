"""Fixtures: a local chain and a registry for each tier, made once a session."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chain.scenes import Scene, TrapdoorProver, make_scene
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import CompiledRegistry, compile_registry
from verifier.tiers import GRID, TIERS

BUILD = Path(os.environ.get("ZKMARGIN_BUILD") or Path(__file__).resolve().parents[2] / "build") / "tests"


def compiled_for(prover: TrapdoorProver) -> CompiledRegistry:
    return compile_registry(prover.key, prover.tier, BUILD)


@pytest.fixture(scope="session")
def grid_prover() -> TrapdoorProver:
    return TrapdoorProver(GRID)


@pytest.fixture(scope="session")
def grid_compiled(grid_prover: TrapdoorProver) -> CompiledRegistry:
    return compiled_for(grid_prover)


@pytest.fixture(scope="session", params=list(TIERS))
def tier_prover(request: pytest.FixtureRequest, grid_prover: TrapdoorProver) -> TrapdoorProver:
    tier = TIERS[request.param]
    return grid_prover if tier is GRID else TrapdoorProver(tier)


@pytest.fixture(scope="session")
def session_scene(grid_prover: TrapdoorProver, grid_compiled: CompiledRegistry) -> Iterator[Scene]:
    """One chain with a grid registry."""
    with Anvil() as anvil:
        yield make_scene(anvil, grid_prover, grid_compiled)


@pytest.fixture(scope="session")
def session_tier_scene(tier_prover: TrapdoorProver) -> Iterator[Scene]:
    """One chain for each tier, with its registry."""
    with Anvil() as anvil:
        yield make_scene(anvil, tier_prover, compiled_for(tier_prover))


@pytest.fixture
def scene(session_scene: Scene) -> Iterator[Scene]:
    """The grid registry as it was after its making."""
    with undone(session_scene):
        yield session_scene


@pytest.fixture
def tier_scene(session_tier_scene: Scene) -> Iterator[Scene]:
    """The registry of each tier as it was after its making."""
    with undone(session_tier_scene):
        yield session_tier_scene


@contextmanager
def undone(scene: Scene) -> Iterator[None]:
    """Undo on the chain what a test does."""
    taken = scene.connection.request("evm_snapshot", [])
    yield
    assert scene.connection.request("evm_revert", [taken])
