"""`deploy`, `attest`, `request`, `submit`, `status`: what talks to a chain, epochs and the vault apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from eth_account.signers.local import LocalAccount

from prover import artefacts
from prover.cli.options import (
    checked_address,
    decimal_money,
    json_option,
    path_option,
    purpose_of,
    purpose_option,
    ratio_option,
    rpc_option,
    tier_option,
)
from prover.cli.output import emit, step
from prover.deployments import DeploymentFile, connect
from prover.openings import Identity, load_opening
from prover.requests import ProofRequest
from prover.signers import choose_signer
from prover.submissions import Submission, explained, load_submission
from prover.toolchain import build_folder
from verifier.chain import accounts
from verifier.chain.artefacts import compile_registry
from verifier.chain.connection import Connection, Transaction, check_url
from verifier.chain.deploy import Parties, check_development, deploy_local_token
from verifier.chain.deploy import deploy as deploy_registry
from verifier.chain.epochs import newest_epoch
from verifier.chain.registry import Registry
from verifier.context import ZERO_ADDRESS, Action
from verifier.errors import ArtefactMismatch, BadInput, ChainError, UsageError
from verifier.files import check_writable
from verifier.program import Purpose
from verifier.program_file import load_program
from verifier.tiers import Tier

F = TypeVar("F", bound=Callable[..., Any])
deployment_option = path_option("--deployment", "Deployment file (made by `deploy`).")
other_rpc_option = click.option("--rpc", help="Another JSON-RPC address than the deployment file's.")
HOUR = 3600


def signer_options(party: str, prefix: str = "") -> Callable[[F], F]:
    """The options that name one party's signing key."""

    def decorate(command: F) -> F:
        for option in (
            click.option(
                f"--{prefix}devnet-account",
                type=click.IntRange(0, 99),
                metavar="N",
                help=f"Sign as the {party} with account N of a local devnet.",
            ),
            path_option(f"--{prefix}password-file", f"File with the {party}'s password.", required=False),
            path_option(f"--{prefix}keystore", f"The {party}'s encrypted keystore.", required=False),
        ):
            command = option(command)
        return command

    return decorate


@click.command()
@tier_option("Tier to deploy for.", required=True)
@rpc_option
@signer_options("deployer")
@click.option("--custodian", help="Address that attests commitments (the deployer by default on a local chain).")
@click.option("--epoch-authority", help="Address that opens epochs (the deployer by default on a local chain).")
@click.option("--token", help="Settlement token; on a local chain one is made where none is named.")
@path_option("--out", "Deployment file to write.")
@json_option
def deploy(
    tier: Tier,
    rpc: str,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    custodian: str | None,
    epoch_authority: str | None,
    token: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Deploy the registry of a tier's key. A development key is refused on any chain that is not local."""
    check_url(rpc, "--rpc")
    for name, given in (("--custodian", custodian), ("--epoch-authority", epoch_authority), ("--token", token)):
        if given is not None:
            checked_address(given, name)
    check_writable(out)
    kit = artefacts.load(tier)
    connection = Connection(rpc)
    check_development(connection, kit.manifest.development)
    if not connection.is_local and None in (custodian, epoch_authority, token):
        raise UsageError("name --custodian, --epoch-authority and --token: only a local chain has defaults")
    signer = choose_signer(connection, keystore, password_file, devnet_account, "deployer")
    if token is not None and not connection.code(token):
        raise BadInput(
            f"--token: there is no contract at {token} on chain {connection.chain_id}; give the token's address"
        )
    with step("compiling the contracts"):
        compiled = compile_registry(kit.verifying_key(), tier, build_folder())
    with step("deploying"):
        settlement = token or deploy_local_token(connection, signer, compiled)
        parties = Parties(epoch_authority or signer.address, custodian or signer.address, settlement, "USD")
        made = deploy_registry(
            connection, signer, kit.verifying_key(), tier, compiled, parties, development=kit.manifest.development
        )
    file = DeploymentFile(
        chain_id=connection.chain_id,
        rpc=rpc,
        tier=tier.name,
        verifying_key_hash=kit.manifest.verifying_key_hash,
        registry=made.registry.address,
        token=settlement,
        epoch_authority=parties.epoch_authority,
        custodian=parties.custodian,
        ic_contracts=list(made.ic_contracts),
        local_token=token is None,
    )
    file.save(out)
    emit(
        {
            "deployment": str(out),
            "registry": file.registry,
            "token": file.token,
            "tier": tier.name,
            "chain_id": file.chain_id,
            "gas": made.gas_used,
        },
        as_json,
    )


@click.command()
@deployment_option
@other_rpc_option
@path_option("--program", "Program whose listing the commitment was made under.")
@path_option("--opening", "Opening to attest (the custodian sees it).")
@path_option("--identity", "Identity file that the opening is encrypted to.")
@path_option(
    "--proof", "Folder of a proof made for the action update: the status stays proven for its purpose.", required=False
)
@signer_options("custodian", "custodian-")
@signer_options("trader", "trader-")
@click.option("--valid-seconds", type=click.IntRange(60, 7 * 24 * HOUR), default=HOUR, show_default=True)
@json_option
def attest(
    deployment: Path,
    rpc: str | None,
    program: Path,
    opening: Path,
    identity: Path,
    proof: Path | None,
    custodian_keystore: Path | None,
    custodian_password_file: Path | None,
    custodian_devnet_account: int | None,
    trader_keystore: Path | None,
    trader_password_file: Path | None,
    trader_devnet_account: int | None,
    valid_seconds: int,
    as_json: bool,
) -> None:
    """Register a commitment: the custodian attests it, the trader countersigns.

    This clears the proven status, unless --proof gives a proof about the new commitment (`request --action update`).
    """
    update = load_submission(proof) if proof else None
    site = connect(deployment, rpc)
    connection = site.registry.connection
    loaded = load_program(program)
    opened = load_opening(opening, Identity.load(identity))
    custodian = choose_signer(
        connection, custodian_keystore, custodian_password_file, custodian_devnet_account, "custodian"
    )
    trader = choose_signer(connection, trader_keystore, trader_password_file, trader_devnet_account, "trader")
    if opened.listing_hash != loaded.listing.hash:
        raise ArtefactMismatch(f"{opening} was made under another listing than the one of {program}; give its program")
    if opened.account.lower() != trader.address.lower():
        raise ArtefactMismatch(f"{opening} is of another account than the trader's key; give that account's key")
    expiry = connection.now() + valid_seconds
    attestation = accounts.next_attestation(
        site.registry, trader.address, opened.commitment, loaded.listing.hash, expiry
    )
    if opened.sequence != attestation.sequence:
        raise ArtefactMismatch(
            f"{opening} is of sequence {opened.sequence}, the account's next one is {attestation.sequence}; commit "
            f"again with --sequence {attestation.sequence}"
        )
    if update is not None and update.commitment != opened.commitment:
        raise ArtefactMismatch(f"{proof} is about another commitment than {opening}; prove with this opening")
    with step("attesting"):
        if update is None:
            sent = accounts.attest(site.registry, attestation, custodian=custodian, trader=trader)
        else:
            signed = accounts.SignedAttestation(attestation, attestation.sign(custodian), attestation.sign(trader))
            sent = accounts.update_with_proof(site.registry, trader, signed, update.claim)
    emit(
        {
            "account": trader.address,
            "commitment": str(opened.commitment),
            "sequence": attestation.sequence,
            "transaction": sent.hash,
            "gas": sent.gas_used,
        },
        as_json,
    )


@click.command()
@deployment_option
@other_rpc_option
@click.option("--account", required=True, help="The account's address.")
@purpose_option
@ratio_option
@click.option("--vault", default="0", show_default=True, help="USD of the vault that the proof counts.")
@click.option("--action", type=click.Choice(["status", "withdraw", "update"]), default="status", show_default=True)
@click.option("--recipient", help="Where a withdrawal goes.")
@click.option("--amount", type=click.IntRange(0), default=0, help="Withdrawn amount, the token's smallest units.")
@click.option(
    "--valid-seconds",
    type=click.IntRange(60, 7 * 24 * HOUR),
    default=HOUR,
    show_default=True,
    help="How long the proof may be submitted.",
)
@path_option("--out", "Request file to write.")
@json_option
def request(
    deployment: Path,
    rpc: str | None,
    account: str,
    purpose: str,
    ratio_bps: str,
    vault: str,
    action: str,
    recipient: str | None,
    amount: int,
    valid_seconds: int,
    out: Path,
    as_json: bool,
) -> None:
    """Write what the account's next proof is to be for: newest epoch, sequence, nonce, deadline."""
    checked_address(account, "--account")
    if recipient is not None:
        checked_address(recipient, "--recipient")
    check_writable(out)
    if action == "withdraw" and (recipient is None or amount == 0):
        raise UsageError("a withdrawal needs --recipient and --amount")
    if action != "withdraw" and (recipient is not None or amount):
        raise UsageError("--recipient and --amount are for --action withdraw")
    site = connect(deployment, rpc)
    deadline = site.registry.connection.now() + valid_seconds
    context = accounts.next_context(
        site.registry,
        account,
        purpose_of(purpose),
        deadline,
        action=Action[action.upper()],
        recipient=recipient or ZERO_ADDRESS,
        amount=amount,
    )
    wanted = ProofRequest(context, int(ratio_bps), decimal_money(vault, -12, "--vault"))
    _check_account(site.registry, wanted)
    wanted.save(out)
    emit(
        {
            "request": str(out),
            "epoch": context.epoch,
            "sequence": context.sequence,
            "nonce": context.nonce,
            "deadline": context.deadline,
        },
        as_json,
    )


def _check_account(registry: Registry, wanted: ProofRequest) -> None:
    """Refuse what the contract would refuse after the proof: no commitment, more money than the vault holds."""
    context = wanted.context
    state = accounts.account_state(registry, context.account)
    if state.commitment == 0 and context.action is not Action.UPDATE:
        raise ChainError(
            f"account {context.account} has no commitment on chain; register one with `zkmargin attest`", "NoCommitment"
        )
    if context.amount > state.vault_balance:
        raise BadInput("--amount: the account holds less in the vault; withdraw less")
    epoch = newest_epoch(registry, context.purpose)
    scale = epoch.vault_scale if epoch else 0
    if wanted.vault_balance > (state.vault_balance - context.amount) * scale:
        after = " after the withdrawal" if context.amount else ""
        raise BadInput(f"--vault: the account holds less in the vault{after}; deposit, or count less")


@click.command()
@deployment_option
@other_rpc_option
@click.option(
    "--proof",
    "proofs",
    type=click.Path(readable=False, path_type=Path),
    multiple=True,
    required=True,
    help="Folder of a proof (made by `prove`); several make a batch.",
)
@signer_options("sender")
@json_option
def submit(
    deployment: Path,
    rpc: str | None,
    proofs: tuple[Path, ...],
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Submit a proof to the registry, or several as a batch. Anyone may send it.

    A proof made for the action withdraw is executed: the account itself sends it, the tokens go to the request's
    recipient and the status stays proven. One made for the action update goes in with `attest --proof`.
    """
    submissions = [load_submission(folder) for folder in proofs]
    site = connect(deployment, rpc)
    signer = choose_signer(site.registry.connection, keystore, password_file, devnet_account, "sender")
    with step("submitting"):
        try:
            sent = _send(site.registry, signer, submissions)
        except ChainError as error:
            raise explained(error, site.registry, submissions) from None
    emit(
        {
            "accepted": len(submissions),
            "action": submissions[0].request.context.action.name.lower(),
            "transaction": sent.hash,
            "gas": sent.gas_used,
            "gas_per_account": sent.gas_used // len(submissions),
        },
        as_json,
    )


def _send(registry: Registry, signer: LocalAccount, submissions: list[Submission]) -> Transaction:
    """Send proofs as their action asks."""
    claims = [submission.claim for submission in submissions]
    actions = {claim.context.action for claim in claims}
    if Action.UPDATE in actions:
        raise UsageError("a proof for the action update goes in with its attestation; give it to `attest --proof`")
    if len(claims) > 1:
        return accounts.submit_batch(registry, signer, claims)
    if Action.STATUS in actions:
        return accounts.submit(registry, signer, claims[0])
    account = claims[0].context.account
    if signer.address.lower() != account.lower():
        raise ArtefactMismatch(f"only the account itself withdraws; sign with the key of {account}")
    return accounts.withdraw_with_proof(registry, signer, claims[0])


@click.command()
@deployment_option
@other_rpc_option
@click.option("--account", required=True, help="The account's address.")
@json_option
def status(deployment: Path, rpc: str | None, account: str, as_json: bool) -> None:
    """Show what the chain knows of an account: proven or not, since when, until when."""
    checked_address(account, "--account")
    site = connect(deployment, rpc)
    state = accounts.account_state(site.registry, account)
    rows = []
    for purpose in Purpose:
        now = accounts.standing(site.registry, account, purpose)
        rows.append(
            {
                "purpose": purpose.name.lower(),
                "proven": now.proven,
                "epoch": now.epoch,
                "ratio_bps": now.ratio_bps,
                "since_unix": now.since,
                "until_unix": now.until,
            }
        )
    emit(
        {
            "account": account,
            "commitment": str(state.commitment),
            "sequence": state.sequence,
            "nonce": state.nonce,
            "vault_balance_token_units": str(state.vault_balance),
            "standing": rows,
        },
        as_json,
    )
