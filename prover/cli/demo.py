"""`demo`: the main job end to end, with refusals."""

import tempfile
from pathlib import Path

import click

from prover.cli.options import json_option, path_option
from prover.cli.output import emit, note
from prover.demo.liquidation import run_liquidation
from prover.demo.run import run_demo
from prover.toolchain import node
from verifier.errors import UsageError
from verifier.files import check_writable


@click.command()
@click.option("--liquidation", is_flag=True, help="Play one full default in the clearing house instead.")
@path_option("--keep", "Leave every artefact in this folder.", required=False)
@json_option
def demo(liquidation: bool, keep: Path | None, as_json: bool) -> None:
    """Run the main job on real data: margin, commitment, proof, Python verifier, contract on a local chain; then
    an account short of margin and forged proofs, each refused.

    With --liquidation: accounts of a clearing house trade with hidden books, one falls silent, and its book is called,
    auctioned in tranches and closed, from silence to the last unit, with real proofs.
    """
    if liquidation:
        if keep is not None:
            raise UsageError("--keep belongs to the main job; leave it out with --liquidation")
        with tempfile.TemporaryDirectory(prefix="zkmargin-demo-") as work:
            emit(run_liquidation(Path(work), note), as_json)
        return
    if keep is not None:
        check_writable(keep, folder=True)
    node()
    with tempfile.TemporaryDirectory(prefix="zkmargin-demo-") as work:
        result = run_demo(Path(work), keep, note)
    note("all verdicts are as they must be: the good proof was accepted, every forgery and the short account refused")
    if as_json:
        emit(result, True)
        return
    verdicts = [
        {"case": case, **{name: by.get(name, "-") for name in ("reference", "native", "snarkjs", "contract")}}
        for case, by in result["verdicts"].items()
    ]
    shown = (
        "tier",
        "equity_usd",
        "initial_margin_usd",
        "maintenance_margin_usd",
        "submit_gas",
        "batch_gas_per_account",
        "seconds_from_snapshot_to_accepted_proof",
    )
    emit(
        {name: result[name] for name in shown}
        | {"verdicts": verdicts, "under_margined": result["under_margined"]["prover"]},
        False,
    )
