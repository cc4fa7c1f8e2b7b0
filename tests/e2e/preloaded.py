"""Imports what the command's verbs import, for processes to be forked."""

from importlib import import_module

from prover.cli.main import VERBS

for name in (*(place.split(":")[0] for place, _ in VERBS.values()), "prover._core", "verifier.chain.connection"):
    import_module(name)
