"""`setup` and `info`: making and describing circuits and keys."""

from pathlib import Path
from typing import Any

import click

from prover import artefacts
from prover.cli.options import circuits_option, json_option, path_option
from prover.cli.output import emit, note, step
from verifier.admission import admit, allowed_bands
from verifier.circuits import CIRCUITS, CLEARING, PublicLayout
from verifier.encoding import program_hash
from verifier.program_file import load_program
from verifier.tiers import TIERS


@click.command()
@circuits_option("Only this tier or circuit (all by default; may be repeated).")
@click.option("--force", is_flag=True, help="Make everything anew.")
@json_option
def setup(layouts: tuple[PublicLayout, ...], force: bool, as_json: bool) -> None:
    """Compile the circuits and make development keys, where current ones are missing.

    A development key is made by this machine alone: whoever made it can forge proofs. It serves local chains only.
    """
    done = []
    for layout in layouts or tuple(CIRCUITS.values()):
        with step(f"{layout.name}: circuit and development key"):
            made = artefacts.build(layout, force=force, say=note)
        done.append(
            {
                "tier": layout.name,
                "folder": str(made.folder),
                "constraints": made.manifest.constraints,
                "verifying_key_hash": made.manifest.verifying_key_hash,
            }
        )
    emit({"tiers": done}, as_json)


@click.command()
@circuits_option("Only this tier or circuit.")
@path_option("--program", "Also describe this margin program.", required=False)
@json_option
def info(layouts: tuple[PublicLayout, ...], program: Path | None, as_json: bool) -> None:
    """Describe tiers and the clearing house's circuits: constraints, sizes, hashes; and a program, if one is given."""
    chosen = layouts or tuple(CIRCUITS.values())
    shapes: dict[str, dict[str, int]] = {
        tier.name: {"groups": tier.groups, "slots": tier.slots, "scenarios": tier.scenarios} for tier in TIERS.values()
    }
    shapes |= {layout.name: {"places": layout.places} for layout in CLEARING.values()}
    out: dict[str, Any] = {
        title: [
            {kind: layout.name, **shapes[layout.name], **_described(layout)}
            for layout in chosen
            if (layout.name in TIERS) == (kind == "tier")
        ]
        for kind, title in (("tier", "tiers"), ("circuit", "circuits"))
    }
    if program is not None:
        loaded_program = load_program(program)
        admit(loaded_program)
        out["program"] = {
            "file": str(program),
            "tier": loaded_program.tier.name,
            "purpose": loaded_program.purpose.name.lower(),
            "model": loaded_program.model,
            "valuation_time": loaded_program.valuation_time,
            "instruments": sum(place is not None for place in loaded_program.listing.places),
            "settlement_unit": loaded_program.listing.settlement_unit,
            "listing_hash": f"0x{loaded_program.listing.hash:064x}",
            "program_hash": "0x" + program_hash(loaded_program).hex(),
            "bands_bps": list(allowed_bands(loaded_program)),
        }
    emit(out, as_json)


def _described(layout: PublicLayout) -> dict[str, Any]:
    """Return what a circuit's manifest and key say."""
    loaded = artefacts.load(layout)
    manifest = loaded.manifest
    return {
        "constraints": manifest.constraints,
        "public_signals": manifest.public_signals,
        "domain": f"2^{layout.domain_log2}",
        "development_key": manifest.development,
        "verifying_key_hash": manifest.verifying_key_hash,
        "proving_key_bytes": loaded.path("proving.zkey").stat().st_size,
    }
