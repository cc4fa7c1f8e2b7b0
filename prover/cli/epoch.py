"""`epoch compile` and `epoch publish`: from a snapshot and a model to an epoch on chain."""

import re
from pathlib import Path

import click

from prover.cli.onchain import signer_options
from prover.cli.options import json_option, path_option, purpose_of, purpose_option, tier_option
from prover.cli.output import emit, step
from prover.cli.risk import confidence_option, load_market, model_option, naming, snapshot_option, valuation_option
from prover.compile import choose_tier, compile_program
from prover.deployments import connect
from prover.market.names import parse_name
from prover.models.base import SETTLEMENT_UNIT, load_model
from prover.native import NativeEngine
from prover.portfolio import load_portfolio
from prover.signers import choose_signer
from verifier.chain.epochs import publish as publish_epoch
from verifier.encoding import program_hash
from verifier.errors import BadInput, UsageError
from verifier.files import check_writable, read_text
from verifier.program_file import load_program, save_program
from verifier.tiers import Tier


@click.group()
def epoch() -> None:
    """Make and publish the risk numbers of an epoch."""


@epoch.command("compile")
@snapshot_option
@model_option
@path_option("--instruments", "The public listing: one instrument name a line.", required=False)
@click.option("--all-quoted", is_flag=True, help="List every instrument that the snapshot quotes, its coins and USD.")
@path_option("--portfolio", "List what this book holds instead (reveals it; for local work).", required=False)
@purpose_option
@valuation_option
@confidence_option
@tier_option("Pad to this tier at least.")
@path_option("--out", "Program file to write.")
@json_option
def compile_(
    snapshot: Path,
    model: Path,
    instruments: Path | None,
    all_quoted: bool,
    portfolio: Path | None,
    purpose: str,
    valuation_time: str | None,
    confidence: str | None,
    tier: Tier | None,
    out: Path,
    as_json: bool,
) -> None:
    """Compile a model on a snapshot to a margin program file."""
    if (instruments is not None) + (portfolio is not None) + all_quoted != 1:
        raise UsageError("give one of --instruments (a public listing), --all-quoted, --portfolio (local work)")
    check_writable(out)
    rules = load_model(model)
    market = load_market(snapshot, valuation_time, confidence)
    if instruments:
        names = read_listing(instruments)
    else:
        names = load_portfolio(portfolio).instruments if portfolio else (*market.quotes, *market.index, SETTLEMENT_UNIT)
    with step("compiling"), naming(instruments or portfolio or snapshot, names):
        layout = choose_tier(rules, names, tier)
        program = compile_program(rules, market, layout, purpose_of(purpose))
    save_program(out, program)
    emit(
        {
            "program": str(out),
            "tier": layout.tier.name,
            "purpose": program.purpose.name.lower(),
            "model": program.model,
            "instruments": len(names),
            "listing_hash": f"0x{layout.listing.hash:064x}",
            "program_hash": "0x" + program_hash(program).hex(),
        },
        as_json,
    )


def read_listing(path: Path) -> tuple[str, ...]:
    """Return the instrument names of a listing file: one a line, # starts a comment."""
    lines = enumerate(read_text(path).splitlines(), start=1)
    numbered = [(number, name) for number, line in lines if (name := re.split(r"(?:^|\s)#", line)[0].strip())]
    for number, name in numbered:
        try:
            parse_name(name)
        except BadInput as error:
            raise BadInput(f"{path}: line {number}: {error}") from None
    out = tuple(name for _, name in numbered)
    if len(set(out)) != len(out):
        raise BadInput(f"{path}: {next(n for n in out if out.count(n) > 1)} stands twice; list each instrument once")
    return out


@epoch.command()
@path_option("--deployment", "Deployment file (made by `deploy`).")
@click.option("--rpc", help="Another JSON-RPC address than the deployment file's.")
@path_option("--program", "Program to publish.")
@click.option("--number", type=click.IntRange(1, 2**40 - 1), required=True, help="Epoch number, growing.")
@click.option("--valid-seconds", type=click.IntRange(60, 30 * 24 * 3600), default=3600, show_default=True)
@signer_options("epoch authority")
@json_option
def publish(
    deployment: Path,
    rpc: str | None,
    program: Path,
    number: int,
    valid_seconds: int,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Publish a program as the newest epoch; the contract computes its prepared point, which is compared with ours."""
    site = connect(deployment, rpc)
    loaded = load_program(program)
    connection = site.registry.connection
    authority = choose_signer(connection, keystore, password_file, devnet_account, "epoch authority")
    now = connection.now()
    with step("publishing"):
        made = publish_epoch(
            site.registry,
            loaded,
            number,
            valid_from=now,
            valid_until=now + valid_seconds,
            authority=authority,
            engine=NativeEngine(),
        )
    emit(
        {
            "epoch": number,
            "purpose": loaded.purpose.name.lower(),
            "program_hash": "0x" + made.epoch.program_hash.hex(),
            "valid_until_unix": made.epoch.valid_until,
            "transactions": len(made.transactions),
            "gas": made.gas_used,
        },
        as_json,
    )
