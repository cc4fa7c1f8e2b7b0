"""The `zkmargin` command: verbs, and the one place where an error becomes a sentence and an exit code.

0 done and true; 1 the claim is false; 2 usage; 3 bad input; 4 artefact or key mismatch; 5 chain; 6 missing tool;
70 our bug; 130 interrupted.
"""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from verifier.errors import BadInput, UsageError, ZkMarginError

VERBS = {
    "doctor": ("prover.cli.doctor:doctor", "Show tools and versions, what is missing and how to get it."),
    "margin": ("prover.cli.risk:margin", "Compute a portfolio's margin, scenarios and Greeks."),
    "whatif": ("prover.cli.risk:whatif", "Show margin before, change and after for trades that are not made."),
    "watch": ("prover.cli.watch:watch", "Recompute the margin on each new snapshot; say when a proof is due."),
    "backtest": ("prover.cli.backtest:backtest", "Hold historical margin against the days that came after."),
    "minimum": ("prover.cli.minimum:minimum_margin", "Find the theoretical minimum margin and the least collateral."),
    "compare": ("prover.cli.compare:compare_models", "Show one book under several models and architectures."),
    "vectors": ("prover.cli.vectors:vectors", "Hold a model against a venue's published margin cases."),
    "commit": ("prover.cli.proofs:commit", "Commit to a portfolio; keep the opening encrypted."),
    "setup": ("prover.cli.artefacts:setup", "Compile the circuits and make development keys."),
    "info": ("prover.cli.artefacts:info", "Describe tiers and a program: constraints, sizes, hashes."),
    "request": ("prover.cli.onchain:request", "Write what an account's next proof is to be for."),
    "check": ("prover.cli.proofs:check", "Check everything that a proof needs, without proving."),
    "prove": ("prover.cli.proofs:prove", "Prove that the committed portfolio meets the margin."),
    "prove-batch": ("prover.cli.batch:prove_batch", "Prove many accounts, here or on a Ray cluster."),
    "verify": ("prover.cli.proofs:verify", "Verify a proof against a program."),
    "deploy": ("prover.cli.onchain:deploy", "Deploy the registry of a tier's key."),
    "epoch": ("prover.cli.epoch:epoch", "Compile and publish the risk numbers of an epoch."),
    "attest": ("prover.cli.onchain:attest", "Register a commitment."),
    "deposit": ("prover.cli.vault:deposit", "Deposit settlement tokens into the account's vault."),
    "submit": ("prover.cli.onchain:submit", "Submit a proof, or several as a batch; execute a proven withdrawal."),
    "withdraw": ("prover.cli.vault:withdraw", "Withdraw tokens from the vault; without a proof the status is cleared."),
    "status": ("prover.cli.onchain:status", "Show what the chain knows of an account."),
    "private": ("prover.cli.private:private", "Margin under a private model between two parties."),
    "house": ("prover.cli.clearing.house:house", "Set up a clearing house: epochs, steps, money, receipts, status."),
    "trade": ("prover.cli.clearing.trade:trade", "Trade between hidden books: offer, accept, sign, submit."),
    "transfer": ("prover.cli.clearing.trade:transfer", "Move positions between two own accounts, at the marks."),
    "settle": ("prover.cli.clearing.trade:settle", "Move a book along funding, fees, expiries and new listings."),
    "call": ("prover.cli.clearing.liquidation:call", "Call a silent account for a proof."),
    "escalate": ("prover.cli.clearing.liquidation:escalate", "Turn an unanswered call into an auction."),
    "disclose": ("prover.cli.clearing.liquidation:disclose", "Pass an auctioned book's opening to the liquidators."),
    "bid": ("prover.cli.clearing.liquidation:bid", "Take a tranche with a proof that the grown book is solvent."),
    "deficit": ("prover.cli.clearing.liquidation:deficit", "Prove and record that an auctioned account is insolvent."),
    "exit": ("prover.cli.clearing.liquidation:exit_book", "Leave although the custodians are silent."),
    "demo": ("prover.cli.demo:demo", "Run the main job on real data, end to end, with refusals."),
}


class _Verbs(click.Group):
    """Loads a verb's module when the verb is used, so that `zkmargin --help` is quick and needs no native module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module, attribute = VERBS[name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = get_close_matches(args[0], VERBS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "see `zkmargin --help`."
            raise click.UsageError(f"there is no verb '{args[0]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zkmargin", prog_name="zkmargin")
def cli() -> None:
    """Prove in zero knowledge that a private portfolio meets its margin requirement.

    A typical way: margin -> commit -> prove -> verify, or `demo` for all of it on a local chain.
    """


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with the code of what happened."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Errors are one sentence on standard error."""
    if sys.stdout is None:
        return _say("standard output is closed, so there is nowhere to print; leave it open or send it to a file", 3)
    code = 70
    try:
        result = cli.main(args=list(argv) if argv is not None else None, prog_name="zkmargin", standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = UsageError.exit_code
    except click.ClickException as error:
        code = _say(error.format_message(), 2, error if isinstance(error, click.UsageError) else None)
    except (click.Abort, KeyboardInterrupt):
        code = _say("interrupted; nothing was left half written", 130)
    except ZkMarginError as error:
        code = _say(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = _say(_os_sentence(error), BadInput.exit_code)
    except RecursionError:
        code = _say("the input is nested too deeply; give a flatter file", BadInput.exit_code)
    except Exception as error:
        code = _bug(error)
    return code


def _say(sentence: str, code: int, usage: click.UsageError | None = None) -> int:
    if usage is not None and usage.ctx is not None:
        click.echo(usage.ctx.get_usage(), err=True)
    click.echo(f"error: {sentence}", err=True)
    return code


def _os_sentence(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"no space left on the disk while writing{where}; free some and run this again, nothing was half written"
    if error.errno == errno.EACCES:
        return f"permission denied:{where or ' a file'}; check its owner and mode"
    reason = (error.strerror or type(error).__name__).lower()
    return f"{reason}:{where or ' a file or connection'}; check the path and run this again"


def _bug(error: Exception) -> int:
    """Name the kind and place of an unexpected error, never its text: that could quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if any(part in frame.filename for part in ("prover", "verifier"))]
    place = ours[-1] if ours else frames[-1]
    name = Path(place.filename).name
    return _say(
        f"this is a bug in zkmargin: {type(error).__name__} in {name}, line {place.lineno}; please report it", 70
    )


def _terminate(_signum: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


__all__ = ["UsageError", "cli", "main", "run"]

if __name__ == "__main__":
    main()
