"""`call`, `escalate`, `disclose`, `bid`, `deficit`, `exit`: from silence to the last tranche."""

from pathlib import Path

import click

from prover.clearing import auction, custody
from prover.clearing.tickets import receipted
from prover.clearing.trader import Trader
from prover.cli.clearing.common import (
    Party,
    chain_options,
    connect_party,
    receipt_options,
    receipts_from,
    store_options,
    tell,
    venue_options,
)
from prover.cli.options import checked_address, decimal_money, json_option, path_option
from prover.cli.output import emit, step
from prover.openings import Identity, load_opening
from verifier.chain.clearing import acts
from verifier.chain.clearing.house import auction_of, book_account, epoch_status
from verifier.errors import ArtefactMismatch, ClaimFalse
from verifier.program import Purpose

account_option = click.option("--account", required=True, help="The silent account.")


@click.command()
@chain_options("caller")
@account_option
@click.option("--allege", is_flag=True, help="As a custodian: allege a shortfall of a proven account, with a bond.")
@json_option
def call(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    account: str,
    allege: bool,
    as_json: bool,
) -> None:
    """Call a silent account for a proof: no bond, and a part of its late fee for the caller."""
    checked_address(account, "--account")
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "caller")
    sent = (acts.allege if allege else acts.call)(party.site.house, party.signer, account)
    tell(sent, as_json, account=account, answer_until=int(party.site.house.read("deadlineOf", account)))


@click.command()
@chain_options("sender")
@account_option
@json_option
def escalate(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    account: str,
    as_json: bool,
) -> None:
    """Turn a call that nobody answered into an auction."""
    checked_address(account, "--account")
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "sender")
    sent = acts.escalate(party.site.house, party.signer, account)
    tell(sent, as_json, account=account, auction=auction_of(party.site.house, account).id)


@click.command()
@chain_options("custodian")
@account_option
@path_option("--opening", "The opening of the account's book that the custodian holds.")
@path_option("--identity", "Identity file that it is encrypted to.")
@click.option("--public", is_flag=True, help="In the slow phase: for everybody to read.")
@json_option
def disclose(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    account: str,
    opening: Path,
    identity: Path,
    public: bool,
    as_json: bool,
) -> None:
    """Pass an auctioned book's opening to the bonded liquidators, encrypted, or to everybody."""
    checked_address(account, "--account")
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "custodian")
    site, held = party.site, load_opening(opening, Identity.load(identity))
    if held.account.lower() != account.lower():
        raise ArtefactMismatch(f"{opening} is of account {held.account}, not of {account}; give its own")
    if public:
        data = custody.public_disclosure(held)
    else:
        data = custody.seal_for(list(custody.bonded_keys(site.house).values()), held)
    tell(acts.disclose(site.house, party.signer, account, data), as_json, account=account, public=public)


def _reveal_if_stale(trader: Trader, lot: auction.Defaulted) -> None:
    house = trader.venue.house
    if auction_of(house, lot.account).valued_epoch != epoch_status(house, Purpose.MAINTENANCE).number:
        with step("revealing the book's marked value"):
            auction.reveal_value(trader, lot)


@click.command()
@chain_options("taker")
@venue_options
@store_options
@receipt_options
@account_option
@click.option("--most", help="USD to pay at most (the present price by default, which only falls).")
@click.option("--quote", is_flag=True, help="Only say what the next tranche costs now.")
@click.option("--backstop", is_flag=True, help="As the backstop: take all that is left, without margin.")
@json_option
def bid(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    identity: Path,
    receipt_files: tuple[Path, ...],
    custodian_accounts: tuple[int, ...],
    account: str,
    most: str | None,
    quote: bool,
    backstop: bool,
    as_json: bool,
) -> None:
    """Take the next tranche of an auctioned book, with a proof that {own + tranche} is solvent."""
    checked_address(account, "--account")
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "taker")
    site = party.site
    venue = site.venue(initial, maintenance)
    trader = party.trader(venue, identity, store)
    lot = auction.defaulted_book(venue, account, trader.identity)
    limit = None if most is None else decimal_money(most, -site.file.token_decimals, "--most")
    scale = 10**site.file.token_decimals
    _reveal_if_stale(trader, lot)
    terms = auction.quote(trader, account, tranches=auction_of(site.house, account).parts if backstop else 1)
    shown = {f"{name}_usd": f"{value / scale:.6f}" for name, value in vars(terms).items()}
    if quote:
        emit({"account": account, **shown}, as_json)
        return
    receipts = receipts_from(site, venue, receipt_files, custodian_accounts)
    with step("proving the takeover"):
        if backstop:
            sent = auction.take_all(trader, lot, receipts, prepared=receipted(receipt_files))
        else:
            sent = auction.take(trader, lot, receipts, most_paid=limit, prepared=receipted(receipt_files))
    tell(sent, as_json, account=account, tranches_left=auction_of(site.house, account).parts, **shown)


@click.command()
@chain_options("sender")
@venue_options
@store_options
@account_option
@json_option
def deficit(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    identity: Path,
    account: str,
    as_json: bool,
) -> None:
    """Prove that an auctioned account is worth less than nothing, which is recorded: the fund answers for it."""
    checked_address(account, "--account")
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "sender")
    house = party.site.house
    venue = party.site.venue(initial, maintenance)
    trader = party.trader(venue, identity, store)
    lot = auction.defaulted_book(venue, account, trader.identity)
    with step("proving the value"):
        value, sent = auction.reveal_value(trader, lot)
    scale = epoch_status(house, Purpose.MAINTENANCE).vault_scale
    equity = value + book_account(house, account).balance * scale
    tell(sent, as_json, account=account, marked_equity_money=str(equity))
    if equity >= 0:
        raise ClaimFalse(f"the account {account} is worth something at the newest marks, so there is no deficit")


@click.command("exit")
@chain_options("trader")
@click.option("--demand", is_flag=True, help="First: demand a receipt; the custodians have a day to answer.")
@json_option
def exit_book(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    demand: bool,
    as_json: bool,
) -> None:
    """Leave although the custodians are silent: auction one's own book; their bond pays the fund."""
    party: Party = connect_party(deployment, rpc, keystore, password_file, devnet_account)
    act = acts.demand_receipt if demand else acts.exit_book
    tell(act(party.site.house, party.signer), as_json, account=party.signer.address)
