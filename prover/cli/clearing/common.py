"""What the verbs of the clearing house share: the venue, the trader, receipts, and what is printed of a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from eth_account.signers.local import LocalAccount

from prover.clearing import custody
from prover.clearing.acts import Receipts
from prover.clearing.tickets import load_receipts
from prover.clearing.trader import Trader, Venue
from prover.cli.onchain import other_rpc_option, signer_options
from prover.cli.options import path_option
from prover.cli.output import emit
from prover.houses import HouseSite, connect_site
from prover.openings import Identity, Opening
from prover.signers import choose_signer, devnet_account
from verifier.chain.connection import Transaction
from verifier.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
house_option = path_option("--deployment", "Deployment file of the clearing house (made by `house deploy`).")


def chain_options(party: str) -> Callable[[F], F]:
    """The clearing house, another node, and the party's key."""

    def decorate(command: F) -> F:
        return house_option(other_rpc_option(signer_options(party)(command)))

    return decorate


def venue_options(command: F) -> F:
    """The programs of the newest epochs."""
    initial = path_option("--initial", "Initial-margin program of the newest epoch.")
    return initial(path_option("--maintenance", "Maintenance-margin program of the newest epoch.")(command))


def store_options(command: F) -> F:
    """Where the trader's openings are, and the identity that they are encrypted to."""
    store = path_option("--store", "Folder of the account's openings.")
    return store(path_option("--identity", "Identity file that the openings are encrypted to.")(command))


def receipt_options(command: F) -> F:
    """The custodians' receipts, as files or, on a local devnet, signed here."""
    for option in (
        click.option(
            "--custodian-devnet-account",
            "custodian_accounts",
            type=click.IntRange(0, 99),
            multiple=True,
            metavar="N",
            help="Sign the receipt as a custodian with account N of a local devnet (repeat up to the threshold).",
        ),
        click.option(
            "--receipt",
            "receipt_files",
            type=click.Path(readable=False, path_type=Path),
            multiple=True,
            help="A custodian's receipt for the new commitment (made by `house receipt`; repeat up to the threshold).",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class Party:
    """A connected clearing house with one party's key."""

    site: HouseSite
    signer: LocalAccount

    def trader(self, venue: Venue, identity: Path, store: Path) -> Trader:
        return Trader(venue, self.signer, Identity.load(identity), store)


def connect_party(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet: int | None,
    name: str = "trader",
) -> Party:
    """Connect and choose the signer that the options name."""
    site = connect_site(deployment, rpc)
    return Party(site, choose_signer(site.house.connection, keystore, password_file, devnet, name))


def receipts_from(site: HouseSite, venue: Venue, files: tuple[Path, ...], accounts: tuple[int, ...]) -> Receipts:
    """Return what asks for receipts: files, or custodians of a local devnet."""
    if files and accounts:
        raise UsageError("give --receipt or --custodian-devnet-account, not both")

    def ask(opening: Opening) -> tuple[bytes, ...]:
        if files:
            return load_receipts(files, opening.commitment)
        if not accounts:
            raise UsageError(
                f"custodians must hold the new opening, commitment 0x{opening.commitment:064x}: give --receipt files "
                "(`house share`, then `house receipt`), or --custodian-devnet-account on a local devnet"
            )
        signers = [devnet_account(site.house.connection, number) for number in accounts]
        return custody.sign_receipts(site.house, signers, opening, venue.listing)

    return ask


def tell(sent: Transaction, as_json: bool, **more: Any) -> None:
    """Print a transaction and what is public about it."""
    emit({**more, "transaction": sent.hash, "gas": sent.gas_used}, as_json)
