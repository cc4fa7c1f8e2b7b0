"""`deposit` and `withdraw`: settlement tokens into an account's vault and out of it."""

from pathlib import Path

import click

from prover.cli.clearing.withdrawals import Withdrawal, withdraw_from_house
from prover.cli.onchain import deployment_option, other_rpc_option, signer_options
from prover.cli.options import checked_address, decimal_money, json_option, path_option
from prover.cli.output import emit, step
from prover.deployments import Site, connect
from prover.houses import is_house_file
from prover.signers import choose_signer
from verifier.chain import accounts
from verifier.chain.connection import Transaction
from verifier.chain.deploy import mint_local_token
from verifier.errors import ChainError, UsageError


@click.command()
@deployment_option
@other_rpc_option
@click.option("--amount", required=True, help="USD, in the token's decimals.")
@click.option("--mint", is_flag=True, help="Mint the amount first (local token only).")
@signer_options("trader")
@json_option
def deposit(
    deployment: Path,
    rpc: str | None,
    amount: str,
    mint: bool,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Deposit settlement tokens into the account's vault."""
    site = connect(deployment, rpc)
    signer = choose_signer(site.registry.connection, keystore, password_file, devnet_account, "trader")
    units = decimal_money(amount, -token_decimals(site), "--amount")
    if mint and not site.file.local_token:
        raise UsageError("--mint is for the local token; this deployment has another")
    with step("depositing"):
        if mint:
            mint_local_token(site.registry.connection, signer, site.compiled, site.file.token, signer.address, units)
        try:
            _, sent = accounts.deposit(site.registry, signer, signer.address, units)
        except ChainError as error:
            hint = (
                "; --mint makes it first" if error.rule == "ERC20InsufficientBalance" and site.file.local_token else ""
            )
            raise ChainError(f"{error}{hint}", error.rule) from None
    _moved(site, signer.address, sent, as_json)


@click.command()
@deployment_option
@other_rpc_option
@click.option("--amount", help="USD, in the token's decimals.")
@click.option("--recipient", help="Where the tokens go (the account itself by default).")
@click.option("--execute", is_flag=True, help="Clearing house: pay the request, with a proof on a later epoch.")
@click.option("--cancel", is_flag=True, help="Clearing house: take the request back.")
@path_option("--initial", "Clearing house: initial-margin program of the newest epoch.", required=False)
@path_option("--maintenance", "Clearing house: maintenance-margin program of the newest epoch.", required=False)
@path_option("--store", "Clearing house: folder of the account's openings.", required=False)
@path_option("--identity", "Clearing house: identity file of the openings.", required=False)
@signer_options("trader")
@json_option
def withdraw(
    deployment: Path,
    rpc: str | None,
    amount: str | None,
    recipient: str | None,
    execute: bool,
    cancel: bool,
    initial: Path | None,
    maintenance: Path | None,
    store: Path | None,
    identity: Path | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Withdraw settlement tokens from the account's vault without a proof, which clears the proven status.

    To keep the status, `request --action withdraw`, `prove` and `submit` instead: `submit` executes the withdrawal.

    In a clearing house the request debits at once, and --execute pays it on a later epoch, with initial margin.
    """
    if is_house_file(deployment):
        terms = Withdrawal(amount, recipient, execute, cancel, initial, maintenance, store, identity)
        withdraw_from_house(deployment, rpc, keystore, password_file, devnet_account, terms, as_json)
        return
    if execute or cancel or amount is None:
        raise UsageError("--amount is needed; --execute and --cancel belong to a clearing house")
    if recipient is not None:
        checked_address(recipient, "--recipient")
    site = connect(deployment, rpc)
    signer = choose_signer(site.registry.connection, keystore, password_file, devnet_account, "trader")
    units = decimal_money(amount, -token_decimals(site), "--amount")
    with step("withdrawing"):
        sent = accounts.withdraw(site.registry, signer, recipient or signer.address, units)
    _moved(site, signer.address, sent, as_json)


def _moved(site: Site, account: str, sent: Transaction, as_json: bool) -> None:
    emit(
        {
            "account": account,
            "vault_balance_token_units": str(accounts.account_state(site.registry, account).vault_balance),
            "transaction": sent.hash,
            "gas": sent.gas_used,
        },
        as_json,
    )


def token_decimals(site: Site) -> int:
    """Return the decimals of the settlement token."""
    return int(site.registry.connection.call(site.file.token, site.compiled.local_token.abi, "decimals"))
