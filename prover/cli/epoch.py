"""`epoch compile` and `epoch publish`: from a snapshot and a model to an epoch on chain."""

from pathlib import Path

import click

from prover.cli.options import json_option, path_option, purpose_of, purpose_option, tier_option
from prover.cli.output import emit, step
from prover.cli.risk import confidence_option, load_market, model_option, snapshot_option, valuation_option
from prover.compile import choose_tier, compile_program
from prover.models.base import load_model
from prover.portfolio import load_portfolio
from verifier.encoding import program_hash
from verifier.errors import BadInput, UsageError
from verifier.files import read_text
from verifier.program_file import save_program
from verifier.tiers import Tier


@click.group()
def epoch() -> None:
    """Make and publish the risk numbers of an epoch."""


@epoch.command("compile")
@snapshot_option
@model_option
@path_option("--instruments", "The public listing: one instrument name a line.", required=False)
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
    portfolio: Path | None,
    purpose: str,
    valuation_time: str | None,
    confidence: str | None,
    tier: Tier | None,
    out: Path,
    as_json: bool,
) -> None:
    """Compile a model on a snapshot to a margin program file."""
    if (instruments is None) == (portfolio is None):
        raise UsageError("give either --instruments (a public listing) or --portfolio (local work)")
    rules = load_model(model)
    names = read_listing(instruments) if instruments else load_portfolio(portfolio).instruments if portfolio else ()
    layout = choose_tier(rules, names, tier)
    market = load_market(snapshot, valuation_time, confidence)
    with step("compiling"):
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
    names = [line.split("#")[0].strip() for line in read_text(path).splitlines()]
    out = tuple(name for name in names if name)
    if len(set(out)) != len(out):
        raise BadInput(f"{path}: {next(n for n in out if out.count(n) > 1)} stands twice; list each instrument once")
    return out
