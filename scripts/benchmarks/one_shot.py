"""`zkmargin prove` as a cold process, everything included, beside a node process for the witness and rapidsnark's."""

from collections.abc import Iterator
from pathlib import Path

from prover.openings import Identity, open_commitment, save_opening
from prover.requests import ProofRequest
from scripts.benchmarks import peers
from scripts.benchmarks.books import FOLDER, books, files
from scripts.benchmarks.machine import ROOT
from scripts.benchmarks.measure import Plan, Row, in_turns, say
from scripts.benchmarks.peers import Peers
from scripts.benchmarks.sides import Part, Processes
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.program_file import save_program

TIER = "grid"
MOST_MS = 500.0
PEER = "node witness process + rapidsnark process"


def measure(given: Peers, plan: Plan) -> Iterator[Row]:
    """Measure the command of the grid tier."""
    made, command = files(TIER), _command()
    mine = Processes(lambda run: [command])
    say(f"{TIER}: zkmargin prove, {PEER}")
    row = Row("one_shot", "zkmargin prove, cold process", TIER, [], PEER, least_ratio=1.0, most_ms=MOST_MS)
    if given.rapidsnark is None:
        yield row.measured(*in_turns(plan, mine))
        return
    theirs = peers.rapidsnark_from_inputs(given.rapidsnark, made)
    yield row.measured(*in_turns(plan, mine, theirs))
    peers.check_rapidsnark(made)


def _command() -> list[Part]:
    """Return the command, its files written: program, opening encrypted to an identity file, request."""
    made, kit = books(TIER), files(TIER).kit
    account, folder = made.accounts[0], FOLDER / TIER
    identity = folder / "identity"
    identity.unlink(missing_ok=True)
    owner = Identity.create(identity)
    opening = open_commitment(owner, made.program.listing, account.opening.positions, account.opening.account, 1)
    sealed = save_opening(folder / f"openings-{opening.commitment:064x}", owner, opening)
    context = Context(
        chain_id=31337,
        registry=ZERO_ADDRESS,
        verifying_key_hash=bytes.fromhex(kit.manifest.verifying_key_hash[2:]),
        purpose=made.program.purpose,
        action=Action.STATUS,
        account=opening.account,
        recipient=ZERO_ADDRESS,
        amount=0,
        epoch=1,
        sequence=1,
        nonce=0,
        deadline=(1 << 63) - 1,
    )
    save_program(folder / "program.json", made.program)
    ProofRequest(context, account.claim.ratio_bps, account.claim.vault_balance).save(folder / "request.json")
    zkmargin: Path = ROOT / ".venv" / "bin" / "zkmargin"
    return [
        zkmargin, "prove", "--program", folder / "program.json", "--opening", sealed, "--identity", identity,
        "--request", folder / "request.json", "--out", folder / "one-shot",
    ]  # fmt: skip
