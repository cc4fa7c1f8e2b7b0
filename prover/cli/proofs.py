"""`commit`, `check`, `prove`, `verify`: from a portfolio to a verified proof, without a chain."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from prover import artefacts, proving
from prover.cli.options import (
    checked_address,
    identity_option,
    json_option,
    opening_option,
    path_option,
    program_option,
)
from prover.cli.output import emit, note, step
from prover.native import NativeEngine
from prover.openings import Identity, load_opening, open_commitment, save_opening
from prover.portfolio import load_portfolio, positions_for
from prover.requests import ProofRequest, check_deadline, check_request, load_request
from verifier.admission import admit
from verifier.errors import ArtefactMismatch, ClaimFalse
from verifier.files import check_writable
from verifier.groth16 import Engine, ReferenceEngine
from verifier.groth16.keys import VerifyingKey, load_key
from verifier.program import MarginProgram
from verifier.program_file import load_program
from verifier.statement import prepared_signals


@click.command()
@program_option
@path_option("--portfolio", "Portfolio file (CSV or JSON).")
@click.option("--account", required=True, help="The account's address, 0x and 40 hexadecimal digits.")
@click.option("--sequence", type=click.IntRange(1, 2**64 - 1), required=True, help="Number of this commitment, from 1.")
@path_option("--store", "Folder that keeps the account's openings.")
@path_option("--identity", "Identity file to encrypt to; made with --new-identity.")
@click.option("--new-identity", is_flag=True, help="Make the identity file first (it must not exist).")
@json_option
def commit(
    program: Path,
    portfolio: Path,
    account: str,
    sequence: int,
    store: Path,
    identity: Path,
    new_identity: bool,
    as_json: bool,
) -> None:
    """Commit to a portfolio under a program's listing; keep the opening encrypted.

    Prints the commitment, which is public, and where the opening is. Keep the identity file: without it the opening
    is lost.
    """
    checked_address(account, "--account")
    loaded = load_program(program)
    positions = positions_for(load_portfolio(portfolio), loaded.listing)
    owner = Identity.create(identity) if new_identity else Identity.load(identity)
    try:
        opening = open_commitment(owner, loaded.listing, positions, account, sequence)
        path = save_opening(store, owner, opening)
    except BaseException:
        if new_identity:
            identity.unlink()
        raise
    emit(
        {
            "commitment": str(opening.commitment),
            "account": account,
            "sequence": sequence,
            "listing_hash": f"0x{loaded.listing.hash:064x}",
            "tier": loaded.tier.name,
            "opening": str(path),
        },
        as_json,
    )


@click.command()
@program_option
@opening_option
@identity_option
@path_option("--request", "What the proof is to be for (made by `request`).")
@json_option
def check(program: Path, openings: tuple[Path, ...], identity: Path, request: Path, as_json: bool) -> None:
    """Check everything that a proof needs, without proving: program, opening, request, claim.

    Exit code 1: margin not met; 3: the request's deadline has passed; 4: the request is for another purpose, key,
    account or commitment.
    """
    loaded = load_program(program)
    owner = Identity.load(identity)
    wanted = load_request(request)
    opened = [load_opening(path, owner) for path in openings]
    check_request(wanted, loaded, opened, artefacts.load(loaded.tier).manifest.verifying_key_hash)
    check_deadline(wanted, time.time())
    proving.check(loaded, opened, wanted.claim)
    emit(
        {
            "provable": True,
            "tier": loaded.tier.name,
            "purpose": loaded.purpose.name.lower(),
            "ratio_bps": wanted.ratio_bps,
        },
        as_json,
    )


@click.command()
@program_option
@opening_option
@identity_option
@path_option("--request", "What the proof is for (made by `request`).")
@path_option("--out", "Folder for proof.json, public.json and request.json.")
@json_option
def prove(program: Path, openings: tuple[Path, ...], identity: Path, request: Path, out: Path, as_json: bool) -> None:
    """Prove that the committed portfolio meets the margin.

    Exit code 1: margin not met; 4: the request is for another purpose, key, account or commitment.
    """
    check_writable(out, folder=True)
    loaded = load_program(program)
    owner = Identity.load(identity)
    wanted = load_request(request)
    opened = [load_opening(path, owner) for path in openings]
    kit = artefacts.load(loaded.tier)
    check_request(wanted, loaded, opened, kit.manifest.verifying_key_hash)
    with step("loading the proving key"):
        key = kit.proving_key()
    start = time.perf_counter()
    with step("proving"):
        bundle = proving.prove(kit, loaded, opened, wanted.claim, key=key)
    seconds = time.perf_counter() - start
    bundle.save(out)
    wanted.save(out / "request.json")
    emit(
        {
            "proof": str(out / "proof.json"),
            "public_signals": str(out / "public.json"),
            "tier": loaded.tier.name,
            "commitments": [str(o.commitment) for o in opened],
            "seconds": f"{seconds:.3f}",
        },
        as_json,
    )


@click.command()
@path_option("--key", "verification_key.json (the tier's own by default).", required=False)
@path_option("--program", "Margin program: its values are put in the place of the file's.", required=True)
@path_option("--proof", "proof.json")
@path_option("--public", "public.json")
@path_option("--request", "Also demand that the proof is for this request.", required=False)
@click.option(
    "--engine",
    type=click.Choice(["reference", "native", "both"]),
    default="both",
    show_default=True,
    help="py_ecc, the Rust core, or both (which must agree).",
)
@json_option
def verify(
    key: Path | None, program: Path, proof: Path, public: Path, request: Path | None, engine: str, as_json: bool
) -> None:
    """Verify a proof against a program.

    Exit code 1: not valid, be the proof false, malformed or for another request; with --json, {"valid": false} says
    why. 3: a file cannot be read or is no JSON. 4: the proof is of another program or circuit.
    """
    loaded = load_program(program)
    admit(loaded)
    vkey = load_key(key, loaded.tier) if key else artefacts.load(loaded.tier).verifying_key()
    verdicts: dict[str, bool] = {}
    try:
        bundle = _well_formed(proof, public)
        live = _live_signals(bundle, loaded, vkey, public)
        if request is not None:
            _demand_request(live, load_request(request), public)
        _run_engines(_engines(engine), vkey, bundle, verdicts)
    except ClaimFalse as error:
        if as_json:
            emit({"valid": False, "engines": verdicts, "reason": str(error)}, as_json)
        raise
    note("valid")
    emit(
        {
            "valid": True,
            "engines": verdicts,
            "tier": loaded.tier.name,
            "purpose": loaded.purpose.name.lower(),
            "ratio_bps": live[0],
            "vault_balance": str(live[1]),
            "commitments": [str(c) for c in live[2:-1]],
        },
        as_json,
    )


def _well_formed(proof: Path, public: Path) -> proving.ProofBundle:
    try:
        return proving.load_bundle(proof, public)
    except ArtefactMismatch as error:
        raise ClaimFalse(f"the proof is not valid: {error}") from None


def _live_signals(
    bundle: proving.ProofBundle, program: MarginProgram, key: VerifyingKey, public: Path
) -> tuple[int, ...]:
    """Return the signals after the program's, which must be this program's (ArtefactMismatch)."""
    if len(bundle.signals) != key.public_count:
        raise ArtefactMismatch(
            f"{public} has {len(bundle.signals)} public signals, tier {program.tier.name} has {key.public_count}: the "
            "proof is of another circuit; give the program that it was made with"
        )
    if bundle.signals[: program.tier.prepared_count] != prepared_signals(program):
        raise ArtefactMismatch(
            f"{public} does not hold the program's values: the proof is of another program; give the one that it was "
            "made with"
        )
    return bundle.signals[program.tier.prepared_count :]


def _demand_request(live: Sequence[int], wanted: ProofRequest, public: Path) -> None:
    claim = wanted.claim
    if (live[0], live[1], live[-1]) != (claim.ratio_bps, claim.vault_balance, claim.context):
        raise ClaimFalse(f"{public} is not for this request: another ratio, vault amount or context")


def _run_engines(
    engines: Mapping[str, Engine], key: VerifyingKey, bundle: proving.ProofBundle, verdicts: dict[str, bool]
) -> None:
    """Put each engine's verdict into `verdicts`; raises ClaimFalse where the proof is not valid."""
    reason = ""
    for name, engine in engines.items():
        with step(f"verifying ({name})"):
            verdict = engine.verify(key, bundle.signals, bundle.proof)
        verdicts[name] = bool(verdict)
        reason = verdict.reason
    if len(set(verdicts.values())) > 1:
        raise RuntimeError("engines disagree")
    if not all(verdicts.values()):
        raise ClaimFalse(f"the proof is not valid: {reason}")


def _engines(name: str) -> dict[str, Engine]:
    engines: dict[str, Engine] = {"reference": ReferenceEngine(), "native": NativeEngine()}
    return engines if name == "both" else {name: engines[name]}
