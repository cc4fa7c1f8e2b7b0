"""Imports what the command's verbs import, for processes to be forked, and draws the constants of their commitments."""

from importlib import import_module

from prover.cli.main import VERBS
from verifier.commitment import RATE
from verifier.poseidon import constants

MODULES = ("prover._core", "verifier.chain.connection", "py_ecc.optimized_bn128.optimized_pairing")

for name in (*(place.split(":")[0] for place, _ in VERBS.values()), *MODULES):
    import_module(name)
constants(1 + 1 + RATE)
