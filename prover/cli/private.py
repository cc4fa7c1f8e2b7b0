"""`private`: margin under a model that only its two parties know, from the blind to the proven status."""

from pathlib import Path

import click

from prover import artefacts
from prover.cli.onchain import HOUR, other_rpc_option, signer_options
from prover.cli.options import checked_address, json_option, path_option, rpc_option, tier_option
from prover.cli.output import emit, step
from prover.hidden import (
    BilateralFile,
    BilateralSite,
    CountersignatureFile,
    blinded,
    connect_site,
    load_countersignature,
    save_hidden,
)
from prover.native import NativeEngine
from prover.openings import Identity, load_opening
from prover.requests import ProofRequest
from prover.signers import choose_signer
from prover.submissions import load_submission
from prover.toolchain import build_folder
from verifier.admission import admit
from verifier.chain import bilateral
from verifier.chain.bilateral import HiddenEpoch
from verifier.chain.connection import Connection, check_url
from verifier.chain.deploy import check_development
from verifier.errors import ArtefactMismatch, ChainError, ClaimFalse, UsageError
from verifier.files import check_writable
from verifier.groth16.curve import G1
from verifier.program import Purpose
from verifier.program_file import load_program
from verifier.tiers import Tier

deployment_option = path_option("--deployment", "Deployment file (made by `private deploy`).")
hidden_option = path_option("--program", "The blinded program (made by `private blind`).")
valid_option = click.option("--valid-seconds", type=click.IntRange(60, 30 * 24 * HOUR), default=HOUR, show_default=True)


@click.group()
def private() -> None:
    """Margin under a private model: the venue publishes a point that hides it, the trader checks it and proves.

    Only the two parties that the registry names can tell what a proof in it means, and it holds no money.
    """


@private.command()
@path_option("--program", "Margin program file (made by `epoch compile`).")
@path_option("--out", "File for the blinded program: for the venue and its trader only.")
@json_option
def blind(program: Path, out: Path, as_json: bool) -> None:
    """Give a program a fresh blind; show the point that hides it.

    Blind each epoch's program anew: two points under one blind show how the programs differ.
    """
    check_writable(out)
    loaded = load_program(program)
    admit(loaded)
    key = artefacts.load(loaded.tier).verifying_key()
    hidden = blinded(loaded)
    point = bilateral.hiding_point(key, loaded.tier, hidden, NativeEngine())
    save_hidden(out, hidden)
    emit({"program": str(out), "tier": loaded.tier.name, **_named(point)}, as_json)


@private.command()
@tier_option("Tier to deploy for.", required=True)
@rpc_option
@signer_options("deployer")
@click.option("--venue", required=True, help="Address that publishes points and signs commitments.")
@click.option("--trader", required=True, help="Address that registers commitments and proves.")
@path_option("--out", "Deployment file to write.")
@json_option
def deploy(
    tier: Tier,
    rpc: str,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    venue: str,
    trader: str,
    out: Path,
    as_json: bool,
) -> None:
    """Deploy a registry of two parties. A development key is refused on any chain that is not local."""
    check_url(rpc, "--rpc")
    parties = checked_address(venue, "--venue"), checked_address(trader, "--trader")
    if int(venue, 16) == int(trader, 16):
        raise UsageError("--venue and --trader are one address; the registry is for two parties")
    check_writable(out)
    kit = artefacts.load(tier)
    connection = Connection(rpc)
    check_development(connection, kit.manifest.development)
    signer = choose_signer(connection, keystore, password_file, devnet_account, "deployer")
    key = kit.verifying_key()
    with step("compiling the contract"):
        contract = bilateral.compile_bilateral(key, tier, build_folder())
    with step("deploying"):
        made, sent = bilateral.deploy_bilateral(
            connection, signer, key, tier, contract, parties, development=kit.manifest.development
        )
    file = BilateralFile(
        chain_id=connection.chain_id,
        rpc=rpc,
        tier=tier.name,
        verifying_key_hash=kit.manifest.verifying_key_hash,
        registry=made.address,
    )
    file.save(out)
    emit({"deployment": str(out), "registry": made.address, "tier": tier.name, "gas": sent.gas_used}, as_json)


@private.command()
@deployment_option
@other_rpc_option
@hidden_option
@click.option("--number", type=click.IntRange(1, 2**40 - 1), required=True, help="Epoch number, growing.")
@valid_option
@signer_options("venue")
@json_option
def publish(
    deployment: Path,
    rpc: str | None,
    program: Path,
    number: int,
    valid_seconds: int,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Publish the program's point, and nothing else of it, as the newest epoch."""
    site = connect_site(deployment, rpc)
    loaded = load_program(program)
    connection = site.registry.connection
    venue = choose_signer(connection, keystore, password_file, devnet_account, "venue")
    now = connection.now()
    with step("publishing"):
        epoch, sent = bilateral.publish_point(
            site.registry,
            loaded,
            number,
            valid_from=now,
            valid_until=now + valid_seconds,
            venue=venue,
            engine=NativeEngine(),
        )
    emit({**_described(epoch), "gas": sent.gas_used}, as_json)


@private.command()
@deployment_option
@other_rpc_option
@hidden_option
@click.option("--number", type=click.IntRange(1, 2**40 - 1), help="Epoch number; the newest by default.")
@json_option
def check(deployment: Path, rpc: str | None, program: Path, number: int | None, as_json: bool) -> None:
    """Hold a program that the venue gave against the point that it published.

    Exit code 4: the point is of another program or blind, so nothing should be proven under this one.
    """
    site = connect_site(deployment, rpc)
    epoch = bilateral.check_point(site.registry, load_program(program), number, NativeEngine())
    emit({"matches": True, **_described(epoch)}, as_json)


@private.command()
@deployment_option
@other_rpc_option
@hidden_option
@path_option("--opening", "Opening of the trader's next commitment (the venue sees it).")
@path_option("--identity", "Identity file that the opening is encrypted to.")
@click.option("--valid-seconds", type=click.IntRange(60, 7 * 24 * HOUR), default=HOUR, show_default=True)
@path_option("--out", "File for the signature.")
@signer_options("venue")
@json_option
def sign(
    deployment: Path,
    rpc: str | None,
    program: Path,
    opening: Path,
    identity: Path,
    valid_seconds: int,
    out: Path,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Sign, as the venue, that a commitment is the trader's next book."""
    check_writable(out)
    site = connect_site(deployment, rpc)
    connection = site.registry.connection
    venue = choose_signer(connection, keystore, password_file, devnet_account, "venue")
    if venue.address.lower() != site.registry.venue.lower():
        raise ArtefactMismatch(f"the key is not the venue's; sign with the key of {site.registry.venue}")
    opened = load_opening(opening, Identity.load(identity))
    if opened.listing_hash != load_program(program).listing.hash:
        raise ArtefactMismatch(f"{opening} was made under another listing than the one of {program}; give its program")
    if opened.account.lower() != site.registry.trader.lower():
        raise ArtefactMismatch(f"{opening} is of another account than the registry's trader, {site.registry.trader}")
    terms = bilateral.next_commitment(site.registry, opened.commitment, connection.now() + valid_seconds)
    if opened.sequence != terms.sequence:
        raise ArtefactMismatch(
            f"{opening} is of sequence {opened.sequence}, the trader's next one is {terms.sequence}; commit again with "
            f"--sequence {terms.sequence}"
        )
    CountersignatureFile.of(terms, terms.sign(venue)).save(out)
    emit(
        {
            "signature": str(out),
            "commitment": str(terms.commitment),
            "sequence": terms.sequence,
            "expiry_unix": terms.expiry,
        },
        as_json,
    )


@private.command()
@deployment_option
@other_rpc_option
@path_option("--signature", "The venue's signature (made by `private sign`).")
@signer_options("trader")
@json_option
def register(
    deployment: Path,
    rpc: str | None,
    signature: Path,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Register, as the trader, the commitment that the venue signed. This clears the proven status."""
    site = connect_site(deployment, rpc)
    signed = load_countersignature(signature)
    _same_place(site, signed.chain_id, signed.registry, signature)
    trader = choose_signer(site.registry.connection, keystore, password_file, devnet_account, "trader")
    with step("registering"):
        sent = bilateral.register(site.registry, trader, signed.terms, bytes.fromhex(signed.signature[2:]))
    emit(
        {
            "commitment": signed.commitment,
            "sequence": signed.sequence,
            "transaction": sent.hash,
            "gas": sent.gas_used,
        },
        as_json,
    )


@private.command()
@deployment_option
@other_rpc_option
@hidden_option
@click.option(
    "--valid-seconds",
    type=click.IntRange(60, 7 * 24 * HOUR),
    default=HOUR,
    show_default=True,
    help="How long the proof may be submitted.",
)
@path_option("--out", "Request file to write.")
@json_option
def request(deployment: Path, rpc: str | None, program: Path, valid_seconds: int, out: Path, as_json: bool) -> None:
    """Check the program against the newest point; write what the trader's next proof is to be for.

    Exit code 4: the point is of another program, and no request is written.
    """
    check_writable(out)
    site = connect_site(deployment, rpc)
    epoch = bilateral.check_point(site.registry, load_program(program), engine=NativeEngine())
    if site.registry.read("commitment") == 0:
        raise ChainError("the registry has no commitment yet; register one with `zkmargin private register`")
    now = site.registry.connection.now()
    if not epoch.valid_from <= now <= epoch.valid_until:
        raise ChainError(f"epoch {epoch.number} is not valid now; ask the venue for a newer one", "EpochNotLive")
    context = bilateral.next_context(site.registry, epoch, now + valid_seconds)
    ProofRequest(context, bilateral.RATIO_ONE, 0).save(out)
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


@private.command()
@deployment_option
@other_rpc_option
@path_option("--proof", "Folder of a proof (made by `prove`).")
@signer_options("trader")
@json_option
def submit(
    deployment: Path,
    rpc: str | None,
    proof: Path,
    keystore: Path | None,
    password_file: Path | None,
    devnet_account: int | None,
    as_json: bool,
) -> None:
    """Submit the trader's proof."""
    submission = load_submission(proof)
    site = connect_site(deployment, rpc)
    context = submission.request.context
    _same_place(site, context.chain_id, context.registry, proof)
    if submission.commitment != site.registry.read("commitment"):
        raise ClaimFalse(
            f"{proof} is about another commitment than the registered one; request and prove with the opening that the "
            "venue signed"
        )
    trader = choose_signer(site.registry.connection, keystore, password_file, devnet_account, "trader")
    with step("submitting"):
        sent = bilateral.submit(site.registry, trader, submission.claim)
    emit({"epoch": context.epoch, "transaction": sent.hash, "gas": sent.gas_used}, as_json)


@private.command()
@deployment_option
@other_rpc_option
@json_option
def status(deployment: Path, rpc: str | None, as_json: bool) -> None:
    """Show what the registry holds: parties, commitment, newest points, proven or not."""
    registry = connect_site(deployment, rpc).registry
    rows = []
    for purpose in Purpose:
        now, newest = bilateral.standing(registry, purpose), bilateral.hidden_epoch(registry, purpose)
        rows.append(
            {
                "purpose": purpose.name.lower(),
                "newest_epoch": newest.number if newest else 0,
                "proven": now.proven,
                "epoch": now.epoch,
                "since_unix": now.since,
                "until_unix": now.until,
            }
        )
    emit(
        {
            "venue": registry.venue,
            "trader": registry.trader,
            "commitment": str(registry.read("commitment")),
            "sequence": registry.read("sequence"),
            "nonce": registry.read("nonce"),
            "standing": rows,
        },
        as_json,
    )


def _same_place(site: BilateralSite, chain_id: int, registry: str, file: Path) -> None:
    here = site.registry
    if (chain_id, registry.lower()) != (here.connection.chain_id, here.address.lower()):
        raise ArtefactMismatch(
            f"{file} is for the registry {registry} of chain {chain_id}, the deployment is {here.address} of chain "
            f"{here.connection.chain_id}; give the file that was made for it"
        )


def _named(point: G1) -> dict[str, object]:
    return {"point_x": f"0x{point[0]:064x}", "point_y": f"0x{point[1]:064x}"}


def _described(epoch: HiddenEpoch) -> dict[str, object]:
    return {
        "epoch": epoch.number,
        "purpose": epoch.purpose.name.lower(),
        **_named(epoch.point),
        "valid_until_unix": epoch.valid_until,
    }


__all__ = ["private"]
