"""`watch`: margin on each new snapshot, thresholds, fresh proofs."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from prover.cli.onchain import HOUR, other_rpc_option
from prover.cli.options import checked_address, decimal_money, path_option, ratio_option
from prover.cli.output import note
from prover.cli.risk import confidence_option, model_option, portfolio_option, valuation_option
from prover.deployments import Site, connect
from prover.market.decimals import plain_decimal
from prover.market.snapshot import MarketSnapshot
from prover.models.base import load_model
from prover.openings import Identity
from prover.portfolio import load_portfolio
from prover.watching.events import Figures, Watcher
from prover.watching.freshness import Due, Maker, due
from prover.watching.sources import snapshots_of_file, snapshots_of_socket
from verifier.errors import ClaimFalse, UsageError


@click.command()
@path_option("--snapshot", "Market snapshot (CSV or JSON) that is replaced now and then.", required=False)
@click.option("--stream", metavar="ADDRESS", help="Take snapshots from tcp://HOST:PORT or unix:PATH, one JSON a line.")
@model_option
@portfolio_option
@click.option(
    "--threshold", "thresholds", multiple=True, metavar="USD", help="Say when headroom crosses it; 0 without."
)
@click.option("--count", type=click.IntRange(1), help="Stop after so many snapshots.")
@path_option("--deployment", "Registry: also say when a fresh proof is due.", required=False)
@other_rpc_option
@click.option("--account", help="The account's address, with --deployment.")
@path_option("--programs", "Folder of the venue's programs: make the proofs that are due.", required=False)
@path_option("--store", "The account's openings, with --programs.", required=False)
@path_option("--identity", "The identity file of the openings, with --programs.", required=False)
@path_option("--out", "Folder for the proofs, with --programs.", required=False)
@ratio_option
@click.option("--vault", default="0", show_default=True, help="USD of the vault that the proofs count.")
@valuation_option
@confidence_option
def watch(
    snapshot: Path | None,
    stream: str | None,
    model: Path,
    portfolio: Path,
    thresholds: tuple[str, ...],
    count: int | None,
    deployment: Path | None,
    rpc: str | None,
    account: str | None,
    programs: Path | None,
    store: Path | None,
    identity: Path | None,
    out: Path | None,
    ratio_bps: str,
    vault: str,
    valuation_time: str | None,
    confidence: str | None,
) -> None:
    """Recompute the margin on each new snapshot, until stopped; a line of JSON for each.

    A line says what headroom each purpose has, the least cash in the book at which a proof exists (null where the book
    can hold none, or none is enough), which thresholds it crossed, and with --deployment which proofs of the newest
    epochs are due; with --programs they are made. Ctrl-C stops.
    """
    if (snapshot is None) == (stream is None):
        raise UsageError("give one of --snapshot and --stream")
    if (deployment is None) != (account is None):
        raise UsageError("--deployment and --account go together")
    maker = None
    if programs is not None:
        if deployment is None or store is None or identity is None or out is None:
            raise UsageError("--programs also needs --deployment, --account, --store, --identity and --out")
        owner = Identity.load(identity)
        maker = Maker(programs, store, owner, out, int(ratio_bps), decimal_money(vault, -12, "--vault"), HOUR)
    watcher = Watcher(load_model(model), load_portfolio(portfolio), tuple(map(_usd, thresholds)) or (Decimal(0),))
    chain = None
    if deployment is not None and account is not None:
        checked_address(account, "--account")
        chain = _Chain(connect(deployment, rpc), account, maker)
    if snapshot is not None:
        source = snapshots_of_file(snapshot, valuation_time=valuation_time, confidence=confidence)
    else:
        assert stream is not None
        source = snapshots_of_socket(stream, confidence=confidence)
    _run(source, watcher, chain, count)


def _run(source: Iterator[MarketSnapshot], watcher: Watcher, chain: "_Chain | None", count: int | None) -> None:
    with suppress(BrokenPipeError):
        for number, market in enumerate(source, start=1):
            line = _line(watcher.see(market))
            if chain is not None:
                line |= chain.news()
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            if number == count:
                return


@dataclass
class _Chain:
    """The account on chain; tries to make each due proof once."""

    site: Site
    account: str
    maker: Maker | None
    tried: set[Due] = field(default_factory=set)

    def news(self) -> dict[str, Any]:
        """Return which proofs are due and which were made."""
        open_ones = due(self.site.registry, self.account)
        out: dict[str, Any] = {"due": [{"purpose": d.purpose.name.lower(), "epoch": d.epoch} for d in open_ones]}
        made = []
        for wanted in open_ones:
            if self.maker is None or wanted in self.tried:
                continue
            self.tried.add(wanted)
            try:
                made.append(str(self.maker.prove(self.site, self.account, wanted)))
            except ClaimFalse as error:
                note(f"no proof of epoch {wanted.epoch}: {error}")
        return out | ({"made": made} if made else {})


def _line(seen: Figures) -> dict[str, Any]:
    out: dict[str, Any] = {"valuation_time": seen.valuation_time, "equity_usd": format(seen.equity_usd, "f")}
    for purpose, amount in seen.margin_usd.items():
        name = purpose.name.lower()
        out[f"{name}_margin_usd"] = format(amount, "f")
        out[f"{name}_headroom_usd"] = format(seen.headroom_usd[purpose], "f")
        out[f"{name}_met"] = seen.met[purpose]
        least = seen.minimum_cash_usd[purpose]
        out[f"{name}_minimum_cash_usd"] = None if least is None else format(least, "f")
    out["crossed"] = [
        {
            "purpose": one.purpose.name.lower(),
            "threshold_usd": format(one.threshold_usd, "f"),
            "now": "below" if one.below else "above",
        }
        for one in seen.crossings
    ]
    return out


def _usd(text: str) -> Decimal:
    value = plain_decimal(text)
    if value is None or not value.is_finite():
        raise UsageError(f"--threshold {text[:40]!r} is no amount in USD")
    return value
