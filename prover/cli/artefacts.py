"""`setup` and `info`: making and describing circuits and keys."""

from pathlib import Path
from typing import Any

import click

from prover import artefacts
from prover.cli.options import json_option, path_option, tier_option
from prover.cli.output import emit, note, step
from verifier.admission import admit, allowed_bands
from verifier.encoding import program_hash
from verifier.program_file import load_program
from verifier.tiers import TIERS, Tier


@click.command()
@tier_option("Only this tier (all by default; may be repeated).", multiple=True)
@click.option("--force", is_flag=True, help="Make everything anew.")
@json_option
def setup(tiers: tuple[Tier, ...], force: bool, as_json: bool) -> None:
    """Compile the circuits and make development keys, where current ones are missing.

    A development key is made by this machine alone: whoever made it can forge proofs. It serves local chains only.
    """
    done = []
    for tier in tiers or tuple(TIERS.values()):
        with step(f"{tier.name}: circuit and development key"):
            made = artefacts.build(tier, force=force, say=note)
        done.append(
            {
                "tier": tier.name,
                "folder": str(made.folder),
                "constraints": made.manifest.constraints,
                "verifying_key_hash": made.manifest.verifying_key_hash,
            }
        )
    emit({"tiers": done}, as_json)


@click.command()
@tier_option("Only this tier.", multiple=True)
@path_option("--program", "Also describe this margin program.", required=False)
@json_option
def info(tiers: tuple[Tier, ...], program: Path | None, as_json: bool) -> None:
    """Describe tiers: constraints, sizes, hashes; and a program, when one is given."""
    rows: list[dict[str, Any]] = []
    for tier in tiers or tuple(TIERS.values()):
        loaded = artefacts.load(tier)
        manifest = loaded.manifest
        rows.append(
            {
                "tier": tier.name,
                "groups": tier.groups,
                "slots": tier.slots,
                "scenarios": tier.scenarios,
                "constraints": manifest.constraints,
                "public_signals": manifest.public_signals,
                "domain": f"2^{tier.domain_log2}",
                "development_key": manifest.development,
                "verifying_key_hash": manifest.verifying_key_hash,
                "proving_key_bytes": loaded.path("proving.zkey").stat().st_size,
            }
        )
    out: dict[str, Any] = {"tiers": rows}
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
