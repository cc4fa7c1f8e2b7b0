"""prover.api: every name it gives is the one that its imports for type checkers say, loaded when first used."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from prover import api

ROOT = Path(__file__).resolve().parents[2]


def declared() -> dict[str, tuple[str, str]]:
    """Return what the imports under TYPE_CHECKING say: name to (module, its name there)."""
    tree = ast.parse(Path(api.__file__).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_every_name_is_the_declared_one() -> None:
    places = declared()
    assert sorted(places) == list(api.__all__)
    for name, (module, there) in places.items():
        assert getattr(api, name) is getattr(import_module(module), there)
    assert set(places) <= set(dir(api))


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = api.nothing_of_the_kind  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        exec("from prover.api import nothing_of_the_kind")


@pytest.mark.parametrize(
    "statement", ["import prover.api", "from prover.api import load_artefacts, prove, NativeEngine"]
)
def test_who_proves_does_not_load_the_chain(statement: str) -> None:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"web3", "scipy", "pydantic", "matplotlib", "ray"} & set(done.stdout.split())


def test_a_star_import_gives_every_name() -> None:
    names: dict[str, object] = {}
    exec("from prover.api import *", names)
    assert set(api.__all__) <= set(names)
