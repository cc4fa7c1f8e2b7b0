"""Fixtures of the proving tests."""

import pytest

from prover.native import NativeEngine
from prover.openings import Identity
from verifier.groth16 import Engine, ReferenceEngine


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    return {"reference": ReferenceEngine(), "native": NativeEngine()}


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity.create(tmp_path_factory.mktemp("owner") / "identity")
