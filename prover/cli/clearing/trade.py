"""`trade`, `transfer` and `settle`: how hidden books change."""

from pathlib import Path

import click

from prover.clearing import acts as trading
from prover.clearing.legs import traded_positions
from prover.clearing.tickets import load_side, load_ticket, save_side, save_ticket
from prover.cli.clearing.common import (
    chain_options,
    connect_party,
    receipt_options,
    receipts_from,
    store_options,
    tell,
    venue_options,
)
from prover.cli.onchain import signer_options
from prover.cli.options import checked_address, json_option, path_option
from prover.cli.output import emit, step
from prover.openings import opening_path
from prover.portfolio import load_portfolio
from prover.signers import choose_signer
from verifier.chain.clearing import acts
from verifier.errors import BadInput
from verifier.files import check_writable
from verifier.program_file import load_program

TRADE_SECONDS = 3600
close_option = click.option(
    "--close", is_flag=True, help="Let a book that this leaves empty become the zero book, which everybody sees."
)
valid_option = click.option(
    "--valid-for", type=click.IntRange(60, 86_400), default=TRADE_SECONDS, show_default=True, help="Seconds."
)


@click.group()
def trade() -> None:
    """Trade with another account: offer -> accept -> both sign -> submit. Neither side sees the other's book."""


@trade.command()
@chain_options("buyer")
@venue_options
@store_options
@click.option("--seller", required=True, help="Account that gives what the trade moves.")
@path_option("--trade", "What the buyer receives, CSV or JSON like a portfolio; without cash it is made at the marks.")
@valid_option
@close_option
@path_option("--out", "Ticket to write: the traded book's opening, for both traders and nobody else.")
@json_option
def offer(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    identity: Path,
    seller: str,
    trade: Path,
    valid_for: int,
    close: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Offer a trade as its buyer."""
    checked_address(seller, "--seller")
    check_writable(out)
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "buyer")
    venue = party.site.venue(initial, maintenance)
    positions = traded_positions(load_portfolio(trade), venue.listing, venue.marks)
    expiry = party.site.house.connection.now() + valid_for
    made = trading.offer(party.trader(venue, identity, store), seller, positions, expiry, close=close)
    save_ticket(out, made)
    _written(out, made.trade.buyer_new, store, as_json)


@trade.command()
@chain_options("seller")
@venue_options
@store_options
@path_option("--ticket", "The buyer's ticket.")
@close_option
@path_option("--out", "Ticket to write, with the seller's new commitment: send it back to the buyer.")
@json_option
def accept(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    identity: Path,
    ticket: Path,
    close: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Accept an offer as its seller."""
    check_writable(out)
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "seller")
    venue = party.site.venue(initial, maintenance)
    made = trading.accept(party.trader(venue, identity, store), load_ticket(ticket), close=close)
    save_ticket(out, made)
    _written(out, made.trade.seller_new, store, as_json)


def _written(out: Path, commitment: int, store: Path, as_json: bool) -> None:
    opening = str(opening_path(store, commitment)) if commitment else "-"
    emit({"ticket": str(out), "new_commitment": f"0x{commitment:064x}", "new_opening": opening}, as_json)


@trade.command()
@chain_options("trader")
@venue_options
@store_options
@receipt_options
@path_option("--ticket", "The accepted ticket.")
@path_option("--out", "The trader's side to write: proofs, signature, receipts.")
@json_option
def sign(
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
    ticket: Path,
    out: Path,
    as_json: bool,
) -> None:
    """Prove and sign one side of an accepted trade: conservation, initial margin, the price band."""
    check_writable(out)
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account)
    venue = party.site.venue(initial, maintenance)
    trader, shared = party.trader(venue, identity, store), load_ticket(ticket)
    with step("proving"):
        receipts = receipts_from(party.site, venue, receipt_files, custodian_accounts)
        side, band = trading.side(trader, shared, receipts), trading.trade_band(trader, shared)
    save_side(out, trader.address, side, band)
    emit({"side": str(out), "account": trader.address}, as_json)


@trade.command()
@chain_options("sender")
@path_option("--ticket", "The accepted ticket.")
@click.option(
    "--side",
    "sides",
    type=click.Path(readable=False, path_type=Path),
    multiple=True,
    required=True,
    help="A trader's side (made by `trade sign`); give both.",
)
@json_option
def submit(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    ticket: Path,
    sides: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Send a trade that both have signed, in one transaction. Anyone may."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "sender")
    agreed = load_ticket(ticket).trade
    loaded = {account: (side, band) for account, side, band in map(load_side, sides)}
    if set(loaded) != {agreed.buyer, agreed.seller}:
        raise BadInput("--side: one side of the buyer and one of the seller are needed")
    (buyer, band), (seller, _) = loaded[agreed.buyer], loaded[agreed.seller]
    with step("sending the trade"):
        sent = acts.send_trade(party.site.house, party.signer, agreed, buyer, seller, band)
    tell(sent, as_json, buyer=agreed.buyer, seller=agreed.seller)


@click.command()
@chain_options("giver")
@signer_options("receiver", "to-")
@venue_options
@store_options
@path_option("--to-store", "Folder of the receiving account's openings.")
@receipt_options
@path_option("--trade", "What the receiving account gets, CSV or JSON like a portfolio; its cash is made at the marks.")
@close_option
@json_option
def transfer(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    to_keystore: Path | None,
    to_password_file: Path | None,
    to_devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    to_store: Path,
    identity: Path,
    receipt_files: tuple[Path, ...],
    custodian_accounts: tuple[int, ...],
    trade: Path,
    close: bool,
    as_json: bool,
) -> None:
    """Move positions between two accounts of one owner: a trade at the marks, so that no value moves unseen."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "giver")
    venue = party.site.venue(initial, maintenance)
    connection = party.site.house.connection
    other = choose_signer(connection, to_keystore, to_password_file, to_devnet_account, "receiver")
    giver = party.trader(venue, identity, store)
    receiver = type(giver)(venue, other, giver.identity, to_store)
    positions = traded_positions(load_portfolio(trade), venue.listing, venue.marks)
    with step("proving both sides"):
        offered = trading.offer(receiver, giver.address, positions, connection.now() + TRADE_SECONDS, close=close)
        ticket = trading.accept(giver, offered, close=close)
        receipts = receipts_from(party.site, venue, receipt_files, custodian_accounts)
        buying, selling = (trading.side(trader, ticket, receipts) for trader in (receiver, giver))
        band = trading.trade_band(receiver, ticket)
    with step("sending the transfer"):
        sent = acts.send_trade(party.site.house, party.signer, ticket.trade, buying, selling, band)
    tell(sent, as_json, giver=giver.address, receiver=receiver.address)


@click.command()
@chain_options("sender")
@venue_options
@store_options
@click.option("--account", help="Whose book (the sender's own by default); its opening must be in the store.")
@path_option(
    "--old-program", "A program of the listing that the book is under, where the step is a relisting.", required=False
)
@json_option
def settle(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    identity: Path,
    account: str | None,
    old_program: Path | None,
    as_json: bool,
) -> None:
    """Move a book along the steps since it last changed: funding, fees, expiries, a new listing."""
    if account is not None:
        checked_address(account, "--account")
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "sender")
    venue = party.site.venue(initial, maintenance)
    trader = party.trader(venue, identity, store)
    old = load_program(old_program).listing if old_program is not None else None
    with step("settling"):
        sent = trading.settle_stored(trader, account or trader.address, old)
    tell(sent, as_json, account=account or trader.address)
