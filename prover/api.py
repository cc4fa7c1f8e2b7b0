"""The Python interface in one place: what the verbs of the command line use, as typed functions.

Synchronous; proving and verifying in the native core release the interpreter lock, so threads help. Errors are those of
`verifier.errors`. docs/api.md shows a whole run.
"""

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
