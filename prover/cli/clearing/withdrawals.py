"""Withdrawals from a clearing house: a request, later its execution."""

from dataclasses import dataclass
from pathlib import Path

from prover.clearing import acts as trading
from prover.cli.clearing.common import Party, connect_party, tell
from prover.cli.options import checked_address, decimal_money
from prover.cli.output import step
from verifier.chain.clearing import acts
from verifier.chain.clearing.house import book_account
from verifier.chain.connection import Transaction
from verifier.errors import UsageError


@dataclass(frozen=True)
class Withdrawal:
    """What the options of `withdraw` say."""

    amount: str | None
    recipient: str | None
    execute: bool
    cancel: bool
    initial: Path | None
    maintenance: Path | None
    store: Path | None
    identity: Path | None


def withdraw_from_house(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet: int | None,
    terms: Withdrawal,
    as_json: bool,
) -> None:
    """Request, cancel or execute."""
    if [terms.amount is not None, terms.execute, terms.cancel].count(True) != 1:
        raise UsageError("give one of --amount (to request), --execute and --cancel")
    party = connect_party(deployment, rpc, keystore, password_file, devnet)
    house, signer = party.site.house, party.signer
    with step("withdrawing"):
        if terms.cancel:
            sent = acts.cancel_withdrawal(house, signer)
        elif terms.execute:
            sent = _execute(party, terms)
        else:
            units = decimal_money(terms.amount or "", -party.site.file.token_decimals, "--amount")
            to = checked_address(terms.recipient, "--recipient") if terms.recipient else signer.address
            sent = acts.request_withdrawal(house, signer, to, units)
    balance = book_account(house, signer.address).balance
    tell(sent, as_json, account=signer.address, balance_token_units=str(balance))


def _execute(party: Party, terms: Withdrawal) -> Transaction:
    if terms.initial is None or terms.maintenance is None or terms.store is None or terms.identity is None:
        raise UsageError("--execute proves margin: give --initial, --maintenance, --store and --identity")
    venue = party.site.venue(terms.initial, terms.maintenance)
    return trading.execute_withdrawal(party.trader(venue, terms.identity, terms.store))
