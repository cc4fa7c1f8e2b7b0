"""`doctor`: which tools are here, which are missing, how to get them."""

import sys
from importlib.metadata import version

import click

from prover.cli.options import json_option
from prover.cli.output import emit
from prover.toolchain import tools
from verifier.circuits import CIRCUITS
from verifier.errors import MissingTool, ZkMarginError


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Show tools and versions, what is missing and how to get it. Exit code 6 when something is missing."""
    found = tools()
    native = "yes"
    try:
        from prover import artefacts  # noqa: PLC0415  the native core may be missing

        keys = []
        for layout in CIRCUITS.values():
            try:
                keys.append(
                    {
                        "tier": layout.name,
                        "keys": "development" if artefacts.load(layout).manifest.development else "ceremony",
                    }
                )
            except ZkMarginError as error:
                keys.append({"tier": layout.name, "keys": str(error)})
    except ImportError:
        native, keys = "missing; run scripts/setup", []
    emit(
        {
            "zkmargin": version("zkmargin"),
            "python": sys.version.split()[0],
            "native_core": native,
            "tools": [
                {"tool": t.name, "version": t.version or f"missing; {t.remedy}", "used_for": t.used_for} for t in found
            ],
            "keys": keys,
        },
        as_json,
    )
    missing = [tool for tool in found if tool.version is None]
    if missing or native != "yes":
        raise MissingTool(
            "; ".join(f"{t.name} is missing: {t.remedy}" for t in missing) or f"the native core is {native}"
        )
