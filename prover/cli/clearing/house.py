"""`house`: setting a clearing house up, and what its parties do beside trading."""

from pathlib import Path

import click

from prover.clearing import acts as trading
from prover.clearing import custody
from prover.clearing.kit import Kit
from prover.clearing.legs import per_lot_amounts
from prover.clearing.tickets import receipted, save_receipt
from prover.cli.clearing.common import (
    Party,
    chain_options,
    connect_party,
    house_option,
    receipt_options,
    receipts_from,
    store_options,
    tell,
    venue_options,
)
from prover.cli.onchain import other_rpc_option, signer_options
from prover.cli.options import checked_address, decimal_money, json_option, path_option, ratio_option, rpc_option
from prover.cli.output import emit, step
from prover.houses import HouseFile, HouseSite, connect_site
from prover.native import NativeEngine
from prover.openings import Identity, load_opening
from prover.signers import choose_signer
from prover.toolchain import build_folder
from verifier.chain.clearing import acts
from verifier.chain.clearing.contracts import compile_clearing
from verifier.chain.clearing.deploy import deploy_house
from verifier.chain.clearing.epochs import marks_bytes
from verifier.chain.clearing.house import (
    Phase,
    auction_of,
    book_account,
    epoch_status,
    is_healthy,
    newest_step,
    totals,
)
from verifier.chain.clearing.parameters import HouseParties, Parameters
from verifier.chain.clearing.terms import sign_acknowledgement, sign_receipt
from verifier.chain.connection import Connection, check_url
from verifier.chain.deploy import check_development
from verifier.chain.epochs import publish
from verifier.commitment import commit
from verifier.errors import ArtefactMismatch, BadInput, UsageError
from verifier.files import check_writable, write_bytes_atomic
from verifier.program import Purpose
from verifier.program_file import load_program

HOUR = 3600
TOKEN_DECIMALS = 6


@click.group()
def house() -> None:
    """A clearing house: deployment, epochs, steps, money, receipts, status."""


@house.command()
@path_option("--program", "A margin program: its tier and listing are those of the first epoch.")
@rpc_option
@signer_options("deployer")
@click.option("--custodian", "custodians", multiple=True, required=True, help="Address of a custodian (repeat).")
@click.option("--threshold", type=click.IntRange(1, 16), required=True, help="Custodians that sign each receipt.")
@click.option("--authority", help="Opens epochs and adds steps (the deployer by default on a local chain).")
@click.option("--backstop", help="Account that takes what nobody buys (the authority by default).")
@path_option("--out", "Deployment file to write.")
@json_option
def deploy(
    program: Path,
    rpc: str,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    custodians: tuple[str, ...],
    threshold: int,
    authority: str | None,
    backstop: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Deploy a clearing house with its three verifiers and a local settlement token (local chains only)."""
    check_url(rpc, "--rpc")
    named = [("--custodian", custodian) for custodian in custodians]
    for name, given in (("--authority", authority), ("--backstop", backstop), *named):
        if given is not None:
            checked_address(given, name)
    if threshold > len(custodians):
        raise UsageError(f"--threshold: {threshold} signatures of {len(custodians)} custodians can never be given")
    check_writable(out)
    loaded = load_program(program)
    kit = Kit.load(loaded.tier)
    connection = Connection(rpc)
    check_development(connection, kit.development)
    signer = choose_signer(connection, keystore, password_file, devnet_account, "deployer")
    with step("compiling the contracts"):
        compiled = compile_clearing(kit.keys, build_folder())
    chief = authority or signer.address
    with step("deploying"):
        local = compiled.local_token
        token = connection.send(signer, None, local.creation_code, local.abi, "deploying the local token")
        parties = HouseParties(
            epoch_authority=chief,
            step_authority=chief,
            custodians=custodians,
            threshold=threshold,
            admin=chief,
            guardian=chief,
            token=str(token.contract_address),
            settlement_unit=loaded.listing.settlement_unit,
            backstop=backstop or chief,
        )
        made = deploy_house(
            connection,
            signer,
            kit.keys,
            compiled,
            parties,
            Parameters(),
            loaded.listing,
            token_decimals=TOKEN_DECIMALS,
            development=kit.development,
        )
    file = HouseFile(
        chain_id=connection.chain_id,
        rpc=rpc,
        tier=loaded.tier.name,
        keys_hash=f"0x{kit.keys.hash.hex()}",
        house=made.house.address,
        token=parties.token,
        token_decimals=TOKEN_DECIMALS,
        local_token=True,
    )
    file.save(out)
    emit({"deployment": str(out), "house": file.house, "token": file.token, "gas": made.gas_used}, as_json)


@house.command()
@chain_options("epoch authority")
@venue_options
@click.option("--number", type=click.IntRange(1), required=True, help="Epoch number, larger than every one before.")
@click.option("--valid-for", type=click.IntRange(60), default=2 * HOUR, show_default=True, help="Seconds.")
@json_option
def epoch(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    number: int,
    valid_for: int,
    as_json: bool,
) -> None:
    """Publish the programs of both purposes as an epoch, and show its marks."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "epoch authority")
    site, gas = party.site, {}
    venue = site.venue(initial, maintenance)
    now = site.house.connection.now()
    for purpose in Purpose:
        with step(f"publishing the {purpose.name.lower()} program"):
            made = publish(
                site.house.epochs,
                venue.program(purpose),
                number,
                valid_from=now,
                valid_until=now + valid_for,
                authority=party.signer,
                engine=NativeEngine(),
            )
        gas[f"{purpose.name.lower()}_gas"] = made.gas_used
    sent = acts.prepare_marks(site.house, party.signer, number, marks_bytes(venue.maintenance))
    tell(sent, as_json, epoch=number, valid_until=now + valid_for, **gas)


@house.command()
@chain_options("step authority")
@venue_options
@path_option("--accruals", "CSV with the columns instrument and amount: USD that one contract or coin accrues.")
@json_option
def accrue(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    accruals: Path,
    as_json: bool,
) -> None:
    """Add a step: funding, fees or marks of perpetuals, the same for all books. Amounts round down."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "step authority")
    listing = party.site.venue(initial, maintenance).listing
    amounts = per_lot_amounts(accruals, listing, party.site.file.token_decimals)
    with step("adding the step"):
        sent = acts.accrue(party.site.house, party.signer, amounts)
    tell(sent, as_json, step=newest_step(party.site.house))


@house.command()
@chain_options("step authority")
@path_option("--present", "A program of the present listing.")
@path_option("--next", "A program of the new listing: the same places, other instruments in some.")
@path_option("--prices", "CSV, columns instrument and amount: USD settlement price of what leaves.", required=False)
@json_option
def relist(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    present: Path,
    next: Path,
    prices: Path | None,
    as_json: bool,
) -> None:
    """Move to another listing: what leaves becomes cash at its settlement price, what stays keeps its place."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "step authority")
    old, new = load_program(present).listing, load_program(next).listing
    if len(old.places) != len(new.places):
        raise BadInput("the new listing has another number of places; compile its program with the same --tier")
    keep = [int(was == now) for was, now in zip(old.places, new.places, strict=True)]
    decimals = party.site.file.token_decimals
    amounts = per_lot_amounts(prices, old, decimals) if prices else [0] * len(keep)
    left = [slot.instrument for slot, kept in zip(old.places, keep, strict=True) if slot and not kept]
    priced = {slot.instrument for slot, amount in zip(old.places, amounts, strict=True) if slot and amount}
    stay = sorted(priced - set(left))
    if stay:
        raise BadInput(f"--prices: {stay[0]} stays in its place, so it is not settled; leave it out")
    with step("adding the relisting"):
        sent = acts.relist(party.site.house, party.signer, old, new, keep, amounts)
    tell(sent, as_json, step=newest_step(party.site.house), settled=left)


@house.command()
@chain_options("payer")
@click.option("--amount", required=True, help="USD.")
@click.option("--to", type=click.Choice(["balance", "escrow", "fund", "custody"]), default="balance", show_default=True)
@click.option("--account", help="Account to credit (the payer's own by default).")
@click.option("--mint", is_flag=True, help="Mint the amount first (local token only).")
@json_option
def deposit(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    amount: str,
    to: str,
    account: str | None,
    mint: bool,
    as_json: bool,
) -> None:
    """Deposit settlement tokens: into a balance, an escrow, the insurance fund or the custodians' bond."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "payer")
    site, signer = party.site, party.signer
    units = decimal_money(amount, -site.file.token_decimals, "--amount")
    whom = checked_address(account, "--account") if account is not None else signer.address
    with step("depositing"):
        if mint:
            _mint(party, units)
        if to == "balance":
            sent = acts.deposit(site.house, signer, whom, units)
        elif to == "escrow":
            sent = acts.deposit_escrow(site.house, signer, whom, units)
        elif to == "fund":
            sent = acts.deposit_fund(site.house, signer, units)
        else:
            sent = acts.bond_custodians(site.house, signer, units)
    tell(sent[-1], as_json, to=to)


def _mint(party: Party, units: int) -> None:
    site, signer = party.site, party.signer
    if not site.file.local_token:
        raise UsageError("--mint is for the local token; this deployment has another")
    local, connection = site.compiled.local_token, site.house.connection
    data = connection.encode(site.file.token, local.abi, "mint", signer.address, units)
    connection.send(signer, site.file.token, data, local.abi, "minting")


@house.command()
@chain_options("liquidator")
@path_option("--identity", "Identity whose public key openings are to be encrypted to.")
@click.option("--mint", is_flag=True, help="Mint the bond first (local token only).")
@json_option
def bond(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    identity: Path,
    mint: bool,
    as_json: bool,
) -> None:
    """Become a bonded liquidator, who receives openings in the fast phase of auctions."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "liquidator")
    if mint:
        _mint(party, Parameters().liquidator_bond)
    sent = acts.bond_liquidator(party.site.house, party.signer, custody.encryption_key(Identity.load(identity)))
    tell(sent[-1], as_json, liquidator=party.signer.address)


@house.command()
@chain_options("trader")
@venue_options
@store_options
@receipt_options
@click.option("--amount", required=True, help="USD into the book from the balance; negative: out of it.")
@click.option("--close", is_flag=True, help="Let a book that this leaves empty become the zero book.")
@json_option
def cash(
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
    amount: str,
    close: bool,
    as_json: bool,
) -> None:
    """Move cash between the public balance and the hidden book, with initial margin."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account)
    venue = party.site.venue(initial, maintenance)
    sign = -1 if amount.startswith("-") else 1
    units = sign * decimal_money(amount.lstrip("-"), -party.site.file.token_decimals, "--amount")
    receipts = receipts_from(party.site, venue, receipt_files, custodian_accounts)
    trader, prepared = party.trader(venue, identity, store), receipted(receipt_files)
    with step("proving and moving cash"):
        sent = trading.move_cash(trader, units, receipts, close=close, prepared=prepared)
    tell(sent, as_json, account=party.signer.address)


@house.command("prove")
@chain_options("trader")
@venue_options
@store_options
@ratio_option
@json_option
def prove_status(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    initial: Path,
    maintenance: Path,
    store: Path,
    identity: Path,
    ratio_bps: str,
    as_json: bool,
) -> None:
    """Prove maintenance margin on the newest epoch: a status, an answer to a call, or a cure."""
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account)
    trader = party.trader(party.site.venue(initial, maintenance), identity, store)
    with step("proving"):
        sent = trading.prove_status(trader, int(ratio_bps))
    tell(sent, as_json, account=trader.address, ratio_bps=int(ratio_bps))


@house.command()
@path_option("--opening", "The opening to hand over.")
@path_option("--identity", "Identity file that it is encrypted to now.")
@click.option("--to", "recipients", multiple=True, required=True, help='A custodian\'s public key, "age1..." (repeat).')
@path_option("--out", "File to write: the opening, encrypted to the custodians.")
@json_option
def share(opening: Path, identity: Path, recipients: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Encrypt an opening to the custodians, so that they can give their receipts."""
    loaded = load_opening(opening, Identity.load(identity))
    write_bytes_atomic(out, custody.seal_to(recipients, loaded), private=True)
    emit({"shared": str(out), "commitment": f"0x{loaded.commitment:064x}"}, as_json)


@house.command()
@chain_options("custodian")
@path_option("--program", "A program of the listing that the commitment was made under.")
@path_option("--opening", "The opening that the trader shared.")
@path_option("--identity", "The custodian's identity file.")
@path_option("--out", "Receipt to write.")
@json_option
def receipt(
    deployment: Path,
    rpc: str | None,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    program: Path,
    opening: Path,
    identity: Path,
    out: Path,
    as_json: bool,
) -> None:
    """Sign that this custodian holds an opening: nothing about margin, nothing about positions."""
    check_writable(out)
    party = connect_party(deployment, rpc, keystore, password_file, devnet_account, "custodian")
    listing = load_program(program).listing
    held = load_opening(opening, Identity.load(identity))
    if held.listing_hash != listing.hash or commit(listing, held.positions, held.salt) != held.commitment:
        raise ArtefactMismatch("the opening does not open its commitment under this listing; no receipt is given")
    signature = sign_receipt(party.site.house, party.signer, held.account, held.commitment, held.sequence)
    save_receipt(out, held.account, held.commitment, held.sequence, party.signer.address, signature)
    emit({"receipt": str(out), "account": held.account, "commitment": f"0x{held.commitment:064x}"}, as_json)


@house.command()
@house_option
@other_rpc_option
@click.option("--custodian-devnet-account", "accounts", type=click.IntRange(0, 99), multiple=True, required=True)
@click.option("--account", required=True, help="Whose demand is answered.")
@json_option
def acknowledge(deployment: Path, rpc: str | None, accounts: tuple[int, ...], account: str, as_json: bool) -> None:
    """Answer a trader's demand: the custodians hold its opening (local devnets: keys by account number)."""
    site = connect_site(deployment, rpc)
    state = book_account(site.house, checked_address(account, "--account"))
    signers = [choose_signer(site.house.connection, None, None, number, "custodian") for number in accounts]
    signers.sort(key=lambda signer: int(signer.address, 16))
    signatures = [sign_acknowledgement(site.house, signer, state) for signer in signers]
    tell(acts.acknowledge(site.house, signers[0], state.address, signatures), as_json, account=state.address)


@house.command("status")
@house_option
@other_rpc_option
@click.option("--account", help="Also this account.")
@json_option
def show_status(deployment: Path, rpc: str | None, account: str | None, as_json: bool) -> None:
    """Show what everybody can see: sums, epochs, an account's state."""
    site = connect_site(deployment, rpc)
    sums = totals(site.house)
    scale = 10**site.file.token_decimals
    out: dict[str, object] = {
        "house": site.house.address,
        "step": newest_step(site.house),
        "epochs": {p.name.lower(): epoch_status(site.house, p).number for p in Purpose},
        "totals_usd": {name: f"{value / scale:.6f}" for name, value in vars(sums).items()},
    }
    if account is not None:
        state = book_account(site.house, checked_address(account, "--account"))
        out["account"] = {
            "state": _state(site, state.address, state.phase, state.commitment),
            "book": "zero" if state.commitment == 0 else f"0x{state.commitment:064x}",
            "balance_usd": f"{state.balance / scale:.6f}",
            "escrow_usd": f"{state.escrow / scale:.6f}",
            "sequence": state.sequence,
            "step": state.step,
            "tranches_left": auction_of(site.house, state.address).parts,
        }
    emit(out, as_json)


def _state(site: HouseSite, address: str, phase: Phase, commitment: int) -> str:
    if phase is not Phase.OPEN:
        return phase.name.lower()
    if commitment == 0:
        return "open, zero book"
    return "healthy" if is_healthy(site.house, address) else "due"
