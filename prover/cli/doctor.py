"""`doctor`: which tools are here, which are missing; whether every artefact belongs to the one it was made from."""

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import click

from prover.cli.options import circuits_option, json_option
from prover.cli.output import emit
from prover.toolchain import tools
from verifier.circuits import CIRCUITS, PublicLayout
from verifier.errors import ArtefactMismatch, MissingTool

if TYPE_CHECKING:
    from prover.provenance import Link


@click.command()
@circuits_option("Check only the artefacts of this tier or circuit (all by default; may be repeated).")
@json_option
def doctor(layouts: tuple[PublicLayout, ...], as_json: bool) -> None:
    """Show tools and versions, what is missing and how to get it; check the chain of hashes of each circuit.

    The chain: circom sources and compiler -> .r1cs -> witness plan -> proving key -> stored tables; proving key ->
    verifying key -> compiled contracts. Exit code 6 when a tool is missing, 4 when a link is broken.
    """
    found = tools()
    native = "yes"
    chains: list[tuple[Link, ...]] = []
    try:
        from prover.provenance import inspect_all  # noqa: PLC0415  the native core may be missing

        chains = inspect_all(layouts or tuple(CIRCUITS.values()))
    except ImportError:
        native = "missing; run scripts/setup"
    broken = [link for chain in chains for link in chain if link.state == "broken"]
    emit(
        {
            "zkmargin": version("zkmargin"),
            "python": sys.version.split()[0],
            "native_core": native,
            "tools": [
                {"tool": t.name, "version": t.version or f"missing; {t.remedy}", "used_for": t.used_for} for t in found
            ],
            "keys": [_row(chain) for chain in chains],
            "broken": [{"tier": link.circuit, "link": link.name, "what": link.reason} for link in broken],
        },
        as_json,
    )
    missing = [tool for tool in found if tool.version is None]
    if missing or native != "yes":
        raise MissingTool(
            "; ".join(f"{t.name} is missing: {t.remedy}" for t in missing) or f"the native core is {native}"
        )
    if broken:
        first, others = broken[0], len(broken) - 1
        more = f" ({others} more broken: see above)" if others else ""
        raise ArtefactMismatch(f"{first.circuit}, {first.name}: {first.reason}{more}")


def _row(chain: "tuple[Link, ...]") -> dict[str, Any]:
    """Return a circuit's line: the kind of its keys and the state of each link."""
    from prover.artefacts import load  # noqa: PLC0415  as above
    from prover.provenance import LINKS  # noqa: PLC0415

    manifest, *links = chain
    if manifest.state != "ok":
        return {"tier": manifest.circuit, "keys": manifest.reason, **dict.fromkeys(LINKS, "not checked")}
    kind = "development" if load(CIRCUITS[manifest.circuit]).manifest.development else "ceremony"
    return {"tier": manifest.circuit, "keys": kind, **{link.name: link.state for link in links}}
