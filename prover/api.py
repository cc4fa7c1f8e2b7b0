"""The Python interface in one place: what the verbs of the command line use, as typed functions.

Synchronous; proving and verifying in the native core release the interpreter lock, so threads help. Errors are those of
`verifier.errors`. docs/api.md shows a whole run.

A name's module is loaded when the name is first used: who proves does not wait for the chain's client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prover.artefacts import Artefacts
    from prover.artefacts import build as build_artefacts
    from prover.artefacts import load as load_artefacts
    from prover.compile import Layout, choose_tier, compile_program
    from prover.deployments import Site, connect
    from prover.explain import MarginReport, Trade, WhatIf, report, what_if
    from prover.market.files import load_snapshot
    from prover.minimum.minimum import Minimum, curve, minimum
    from prover.minimum.settings import Settings
    from prover.models.base import load_model
    from prover.native import NativeEngine
    from prover.openings import Identity, Opening, load_opening, open_commitment, save_opening
    from prover.portfolio import Portfolio, load_portfolio, positions_for
    from prover.proving import Claim, ProofBundle, check, prove
    from prover.requests import ProofRequest, load_request
else:
    _HOMES = {
        "prover.artefacts": "Artefacts build_artefacts=build load_artefacts=load",
        "prover.compile": "Layout choose_tier compile_program",
        "prover.deployments": "Site connect",
        "prover.explain": "MarginReport Trade WhatIf report what_if",
        "prover.market.files": "load_snapshot",
        "prover.minimum.minimum": "Minimum curve minimum",
        "prover.minimum.settings": "Settings",
        "prover.models.base": "load_model",
        "prover.native": "NativeEngine",
        "prover.openings": "Identity Opening load_opening open_commitment save_opening",
        "prover.portfolio": "Portfolio load_portfolio positions_for",
        "prover.proving": "Claim ProofBundle check prove",
        "prover.requests": "ProofRequest load_request",
    }
    """What the imports above say, for `__getattr__`: name, or name=its name there. A test compares the two."""
    _PLACES = {
        name.partition("=")[0]: (module, name.rpartition("=")[2])
        for module, names in _HOMES.items()
        for name in names.split()
    }

    def __getattr__(name: str) -> Any:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, there = _PLACES[name]
        value = globals()[name] = getattr(import_module(module), there)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "Artefacts",
    "Claim",
    "Identity",
    "Layout",
    "MarginReport",
    "Minimum",
    "NativeEngine",
    "Opening",
    "Portfolio",
    "ProofBundle",
    "ProofRequest",
    "Settings",
    "Site",
    "Trade",
    "WhatIf",
    "build_artefacts",
    "check",
    "choose_tier",
    "compile_program",
    "connect",
    "curve",
    "load_artefacts",
    "load_model",
    "load_opening",
    "load_portfolio",
    "load_request",
    "load_snapshot",
    "minimum",
    "open_commitment",
    "positions_for",
    "prove",
    "report",
    "save_opening",
    "what_if",
]
