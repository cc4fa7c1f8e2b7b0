"""A local chain and the verbs run against it, as a user would run them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e import forked
from verifier.chain.anvil import Anvil

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
MARKET = [
    "--snapshot",
    str(EXAMPLES / "market" / "options_2026-01-01.csv"),
    "--model",
    str(EXAMPLES / "models" / "stress_grid.json"),
]
TRADER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
"""Account 1 of every Anvil."""


@dataclass(frozen=True)
class Run:
    """What one command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return standard output as the one JSON object it must be."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """Return the error sentence; there must be exactly one, and no traceback."""
        assert "Traceback" not in self.err + self.out
        found = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(found) == 1, self.err
        return found[0]


def zkmargin(*arguments: object, cwd: Path | None = None, **environment: str) -> Run:
    """Run the command in a process of its own."""
    if not environment and forked.is_possible():
        return Run(*forked.run([str(argument) for argument in arguments], cwd or Path.cwd()))
    command = [sys.executable, "-m", "prover.cli.main", *(str(argument) for argument in arguments)]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=surroundings)
    return Run(done.returncode, done.stdout, done.stderr)


def done(*arguments: object, **environment: str) -> Any:
    """Run a verb with --json that must succeed; return its object."""
    run = zkmargin(*arguments, "--json", **environment)
    assert run.code == 0, run.err
    return run.json()


@dataclass
class Devnet:
    """A chain with a registry and an epoch, everything made by verbs; files are in `folder`."""

    rpc: str
    folder: Path
    tier: str
    attested: dict[int, str] = field(default_factory=dict)
    """The attesting transaction of each account."""

    @property
    def deployment(self) -> Path:
        return self.folder / "deployment.json"

    @property
    def program(self) -> Path:
        return self.folder / "im.json"

    def open_account(self, number: int, portfolio: Path, *, trader: str, name: str = "desk") -> Path:
        """Commit, attest and deposit for account `number` of the devnet; return the opening."""
        store, identity = self.folder / f"{name}-openings", self.folder / f"{name}-identity"
        made = done(
            *("commit", "--program", self.program, "--portfolio", portfolio, "--account", trader, "--sequence", 1),
            *("--store", store, "--identity", identity, "--new-identity"),
        )
        opening = Path(made["opening"])
        sent = done(
            *("attest", "--deployment", self.deployment, "--program", self.program, "--opening", opening),
            *("--identity", identity, "--custodian-devnet-account", 0, "--trader-devnet-account", number),
        )
        self.attested[number] = sent["transaction"]
        done("deposit", "--deployment", self.deployment, "--amount", 1000, "--mint", "--devnet-account", number)
        return opening

    def prove(self, trader: str, opening: Path, *, name: str = "desk", vault: str = "1000") -> Path:
        """Request, check and prove; return the proof's folder."""
        request, proof = self.folder / f"{name}-request.json", self.folder / f"{name}-proof"
        identity = self.folder / f"{name}-identity"
        done("request", "--deployment", self.deployment, "--account", trader, "--vault", vault, "--out", request)
        common = ("--program", self.program, "--opening", opening, "--identity", identity, "--request", request)
        assert done("check", *common)["provable"] is True
        done("prove", *common, "--out", proof)
        return proof


@contextmanager
def devnet(
    folder: Path,
    tier: str = "portfolio",
    listing: Path | None = None,
    model: str = "stress_grid.json",
    whole_chain: Path | None = None,
) -> Iterator[Devnet]:
    """Start a chain, compile and publish an epoch, deploy; end the chain on leaving.

    `whole_chain`: a snapshot of which everything is listed that it quotes.
    """
    with Anvil() as anvil:
        net = Devnet(anvil.connection.url, folder, tier)
        listed = ("--all-quoted",) if whole_chain else ("--instruments", listing or EXAMPLES / "listing.txt")
        market = ("--snapshot", whole_chain or MARKET[1], "--model", EXAMPLES / "models" / model)
        made = done("epoch", "compile", *market, *listed, "--tier", tier, "--out", net.program)
        assert made["tier"] == tier
        done("deploy", "--tier", tier, "--rpc", net.rpc, "--devnet-account", 0, "--out", net.deployment)
        publish = ("--deployment", net.deployment, "--program", net.program, "--number", 1, "--devnet-account", 0)
        done("epoch", "publish", *publish)
        yield net
