"""Fixtures of the proving tests."""

import pytest

from prover.native import NativeEngine
from verifier.groth16 import Engine, ReferenceEngine


@pytest.fixture(scope="session")
def engines() -> dict[str, Engine]:
    return {"reference": ReferenceEngine(), "native": NativeEngine()}
