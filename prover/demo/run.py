"""The steps of the demo, timed; every step is the one that the verbs use."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from prover import _core, artefacts, proving
from prover.artefacts import Artefacts
from prover.compile import Layout, choose_tier, compile_program
from prover.demo.forgeries import Submission, forgeries
from prover.explain import MarginReport, report_in
from prover.inputs import flat_inputs
from prover.market.files import load_snapshot
from prover.market.snapshot import MarketSnapshot
from prover.models.base import Model, load_model
from prover.native import NativeEngine, scalars
from prover.openings import Identity, Opening, load_opening, open_commitment, save_opening
from prover.portfolio import Portfolio, load_portfolio, positions_for
from prover.requests import ProofRequest
from prover.toolchain import build_folder, checkout, node, node_script
from verifier.chain import accounts
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import CompiledRegistry, compile_registry
from verifier.chain.connection import Transaction
from verifier.chain.deploy import Parties, deploy, deploy_local_token, mint_local_token
from verifier.chain.epochs import PublishedEpoch, publish
from verifier.chain.registry import Registry
from verifier.errors import ClaimFalse, ZkMarginError
from verifier.files import read_text, write_json_atomic, write_text_atomic
from verifier.groth16 import ReferenceEngine
from verifier.meaning import evaluate
from verifier.program import MarginProgram, Purpose
from verifier.program_file import save_program
from verifier.tiers import Tier

HOUR = 3600
VAULT_TOKENS = 25_000_000_000
"""What each account deposits: 25,000 USD in a token of 6 decimals."""
VAULT_MONEY = 25_000 * 10**12
"""What each proof counts of it, money units."""
BATCH = 16


@dataclass
class Log:
    """Seconds by step, transactions by name, and who is told about progress."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    transactions: dict[str, list[Transaction]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[None]:
        """Time a step and say what it is."""
        self.say(title)
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def sent(self, name: str, *transactions: Transaction) -> None:
        self.transactions.setdefault(name, []).extend(transactions)

    def gas(self, name: str) -> int:
        return sum(transaction.gas_used for transaction in self.transactions[name])


@dataclass(frozen=True)
class Desk:
    """The trader's side before any chain: market, book, program, keys, opening."""

    market: MarketSnapshot
    model: Model
    portfolio: Portfolio
    layout: Layout
    program: MarginProgram
    report: MarginReport
    kit: Artefacts[Tier]
    key: "_core.ProvingKey"
    identity: Identity
    trader: LocalAccount
    opening: Opening


@dataclass(frozen=True)
class Chain:
    """The protocol's side: a registry with a published epoch."""

    anvil: Anvil
    registry: Registry
    compiled: CompiledRegistry
    token: str
    published: PublishedEpoch
    authority: LocalAccount
    custodian: LocalAccount


def run_demo(work: Path, keep: Path | None, say: Callable[[str], None]) -> dict[str, Any]:
    """Run everything; `work` is a private scratch folder. Returns the figures; raises where anything goes wrong."""
    log = Log(say)
    desk = _prepare(work, log)
    with Anvil() as anvil:
        chain = _open_chain(anvil, desk, log)
        good = _prove_for_chain(chain, desk, log)
        forged = forgeries(good, desk.program.tier.prepared_count, chain.custodian.address)
        verdicts = {"good": _off_chain(work / "good", good, desk, log)}
        for name, submission in forged.items():
            verdicts[name] = _off_chain(work / name, submission, desk, log)
            verdicts[name]["contract"] = _contract_verdict(chain, submission, log)
        with log.step("submit", "submitting the proof"):
            log.sent("submit", accounts.submit(chain.registry, chain.custodian, _claim(good)))
        verdicts["good"]["contract"] = "accepted"
        verdicts["replayed"] = {"contract": _contract_verdict(chain, good, log)}
        standing = accounts.standing(chain.registry, desk.trader.address, Purpose.INITIAL)
        say(f"the contract says: proven at {standing.ratio_bps / 100:.0f} % of the initial margin")
        refused = _under_margined(desk, chain, log)
        _submit_batch(chain, desk, log)
        if keep is not None:
            _keep(keep, work, desk, chain, {"good": good, **forged}, log)
    _demand(verdicts)
    return _result(desk, chain, log, verdicts, refused)


def _prepare(work: Path, log: Log) -> Desk:
    examples = checkout() / "examples"
    with log.step("market", "reading the market snapshot and the book"):
        market = load_snapshot(examples / "market" / "options_2026-01-01.csv")
        model = load_model(examples / "models" / "stress_grid.json")
        portfolio = load_portfolio(examples / "portfolios" / "desk.csv")
        listed = [line for line in read_text(examples / "listing.txt").split("\n") if line and not line.startswith("#")]
        layout = choose_tier(model, listed)
    with log.step("margin", "computing its margin"):
        made = report_in(model, market, layout, portfolio)
    log.say(
        f"  equity {made.equity_usd:.2f} USD, initial margin {made.initial_margin_usd:.2f}, maintenance margin "
        f"{made.maintenance_margin_usd:.2f}; worst: {made.worst_scenario}"
    )
    with log.step("compile", f"compiling the margin program (tier {layout.tier.name})"):
        program = compile_program(model, market, layout, Purpose.INITIAL)
        save_program(work / "program.json", program)
    with log.step("load_key", "loading the proving key"):
        kit = artefacts.load(layout.tier)
        key = kit.proving_key()
    with log.step("commit", "committing to the book"):
        identity = Identity.create(work / "identity")
        trader: LocalAccount = Account.create()
        book = open_commitment(identity, layout.listing, positions_for(portfolio, layout.listing), trader.address, 1)
        opening = load_opening(save_opening(work / "openings", identity, book), identity)
    return Desk(market, model, portfolio, layout, program, made, kit, key, identity, trader, opening)


def _open_chain(anvil: Anvil, desk: Desk, log: Log) -> Chain:
    tier, vkey = desk.layout.tier, desk.kit.verifying_key()
    authority: LocalAccount = Account.create()
    custodian: LocalAccount = Account.create()
    for account in (authority, custodian, desk.trader):
        anvil.fund(account.address)
    connection = anvil.connection
    with log.step("contracts", "compiling the contracts"):
        compiled = compile_registry(vkey, tier, build_folder())
    with log.step("deploy", "deploying the registry on a local Anvil chain"):
        token = deploy_local_token(connection, authority, compiled)
        parties = Parties(authority.address, custodian.address, token, "USD")
        made = deploy(connection, authority, vkey, tier, compiled, parties, development=desk.kit.manifest.development)
        log.sent("deploy", *made.transactions)
    with log.step("publish_epoch", "publishing the epoch: the contract computes its prepared point"):
        now = connection.now()
        published = publish(
            made.registry,
            desk.program,
            1,
            valid_from=now,
            valid_until=now + HOUR,
            authority=authority,
            engine=NativeEngine(),
        )
        log.sent("publish_epoch", *published.transactions)
    chain = Chain(anvil, made.registry, compiled, token, published, authority, custodian)
    with log.step("attest", "registering the commitment: the custodian attests, the trader countersigns"):
        log.sent("attest", _attest(chain, desk, desk.trader, desk.opening))
    with log.step("deposit", "depositing into the vault"):
        log.sent("deposit", *_deposit(chain, desk.trader))
    return chain


def _attest(chain: Chain, desk: Desk, trader: LocalAccount, opening: Opening) -> Transaction:
    expiry = chain.registry.connection.now() + HOUR
    attestation = accounts.next_attestation(
        chain.registry, trader.address, opening.commitment, desk.layout.listing.hash, expiry
    )
    return accounts.attest(chain.registry, attestation, custodian=chain.custodian, trader=trader)


def _deposit(chain: Chain, trader: LocalAccount) -> tuple[Transaction, Transaction]:
    mint_local_token(chain.registry.connection, trader, chain.compiled, chain.token, trader.address, VAULT_TOKENS)
    return accounts.deposit(chain.registry, trader, trader.address, VAULT_TOKENS)


def _request(chain: Chain, account: str) -> ProofRequest:
    deadline = chain.registry.connection.now() + HOUR
    context = accounts.next_context(chain.registry, account, Purpose.INITIAL, deadline)
    return ProofRequest(context, 10_000, VAULT_MONEY)


def _prove_for_chain(chain: Chain, desk: Desk, log: Log) -> Submission:
    request = _request(chain, desk.trader.address)
    with log.step("prove", "proving in zero knowledge that equity covers the initial margin"):
        bundle = proving.prove(desk.kit, desk.program, [desk.opening], request.claim, key=desk.key)
    return Submission(request, bundle)


def _claim(submission: Submission) -> accounts.Claim:
    request = submission.request
    return accounts.Claim(request.context, request.ratio_bps, request.vault_balance, submission.bundle.proof)


def _off_chain(folder: Path, submission: Submission, desk: Desk, log: Log) -> dict[str, str]:
    """Return the verdicts of the Python reference, the native engine and snarkjs."""
    bundle = submission.bundle
    bundle.save(folder)
    vkey = desk.kit.verifying_key()
    out = {}
    for name, engine in (("reference", ReferenceEngine()), ("native", NativeEngine())):
        with log.step(f"verify_{name}", f"verifying {folder.name.replace('_', ' ')} ({name})"):
            out[name] = "accepted" if engine.verify(vkey, bundle.signals, bundle.proof) else "refused"
    with log.step("verify_snarkjs", f"verifying {folder.name.replace('_', ' ')} (snarkjs)"):
        out["snarkjs"] = _snarkjs(desk.kit.path("verification_key.json"), folder)
    return out


def _snarkjs(key: Path, folder: Path) -> str:
    cli = str(node_script("circuits", "snarkjs/build/cli.cjs"))
    files = [str(key), str(folder / "public.json"), str(folder / "proof.json")]
    done = subprocess.run([node(), cli, "groth16", "verify", *files], capture_output=True, text=True, check=False)
    return "accepted" if done.returncode == 0 and "OK!" in done.stdout else "refused"


def _contract_verdict(chain: Chain, submission: Submission, log: Log) -> str:
    """Return "accepted", or the rule by which the contract refuses."""
    try:
        log.sent("forged", accounts.submit(chain.registry, chain.custodian, _claim(submission)))
    except ZkMarginError as error:
        log.say(f"  {error}")
        return f"refused: {getattr(error, 'rule', None) or type(error).__name__}"
    return "accepted"


def _under_margined(desk: Desk, chain: Chain, log: Log) -> dict[str, str]:
    """Show that a book short of margin gets no proof: not from our prover, not from one that skips the check."""
    book = load_portfolio(checkout() / "examples" / "portfolios" / "short_of_margin.json")
    positions = positions_for(book, desk.layout.listing)
    opening = open_commitment(desk.identity, desk.layout.listing, positions, chain.custodian.address, 1)
    claim = replace(_request(chain, desk.trader.address), vault_balance=VAULT_MONEY).claim
    try:
        proving.prove(desk.kit, desk.program, [opening], claim, key=desk.key)
    except ClaimFalse as error:
        log.say(f"an account short of margin: {error}")
        sentence = str(error)
    else:
        raise AssertionError("a book short of margin was proven")
    helpers = evaluate(desk.program, positions, vault_balance=VAULT_MONEY).helpers
    live = proving.live_inputs([opening], claim)
    inputs = flat_inputs(desk.program, live, [opening.positions], [opening.salt], helpers)
    try:
        desk.key.prove(scalars(inputs))
    except _core.WitnessError:
        return {"prover": sentence, "circuit": "refused"}
    raise AssertionError("the circuit accepts a book short of margin")


def _submit_batch(chain: Chain, desk: Desk, log: Log) -> None:
    """Prove and submit a batch of accounts with the same book, each with its own salt."""
    claims: list[accounts.Claim] = []
    for _ in range(BATCH):
        trader: LocalAccount = Account.create()
        chain.anvil.fund(trader.address)
        opening = open_commitment(desk.identity, desk.layout.listing, desk.opening.positions, trader.address, 1)
        with log.step("batch_set_up", f"setting up account {len(claims) + 1} of {BATCH} for a batch"):
            _attest(chain, desk, trader, opening)
            _deposit(chain, trader)
        request = _request(chain, trader.address)
        with log.step("batch_prove", "  proving"):
            bundle = proving.prove(desk.kit, desk.program, [opening], request.claim, key=desk.key)
        claims.append(_claim(Submission(request, bundle)))
    with log.step("submit_batch", f"submitting {BATCH} proofs in one transaction"):
        log.sent("submit_batch", accounts.submit_batch(chain.registry, chain.custodian, claims))


def _keep(keep: Path, work: Path, desk: Desk, chain: Chain, cases: Mapping[str, Submission], log: Log) -> None:
    """Leave every public artefact in `keep`, for other tools to check."""
    keep.mkdir(parents=True, exist_ok=True)
    for name, submission in cases.items():
        submission.bundle.save(keep / name)
        if name != "input_plus_r":  # its vault amount is no amount
            submission.request.save(keep / name / "request.json")
    for name in ("verification_key.json", "manifest.json"):
        write_text_atomic(keep / name, read_text(desk.kit.path(name)))
    write_text_atomic(keep / "program.json", read_text(work / "program.json"))
    write_text_atomic(keep / "snapshot.csv", read_text(Path(desk.market.source)))
    connection = chain.registry.connection
    receipts = {
        name: [json.loads(_json(connection.request("eth_getTransactionReceipt", [t.hash]))) for t in sent]
        for name, sent in log.transactions.items()
    }
    write_json_atomic(keep / "receipts.json", receipts)
    write_json_atomic(
        keep / "addresses.json",
        {
            "chain_id": connection.chain_id,
            "registry": chain.registry.address,
            "token": chain.token,
            "epoch_authority": chain.authority.address,
            "custodian": chain.custodian.address,
            "trader": desk.trader.address,
        },
    )


def _json(value: Any) -> str:
    def plain(entry: Any) -> Any:
        if isinstance(entry, bytes):
            return "0x" + entry.hex()
        return dict(entry) if isinstance(entry, Mapping) else str(entry)

    return json.dumps(dict(value), default=plain)


def _demand(verdicts: Mapping[str, Mapping[str, str]]) -> None:
    """Fail where a verifier accepted a forgery or refused the good proof."""
    for case, by_verifier in verdicts.items():
        for verifier, verdict in by_verifier.items():
            if (verdict == "accepted") != (case == "good"):
                raise AssertionError(f"{verifier} says {verdict} to {case}")


def _result(
    desk: Desk, chain: Chain, log: Log, verdicts: Mapping[str, Mapping[str, str]], refused: Mapping[str, str]
) -> dict[str, Any]:
    tier: Tier = desk.layout.tier
    seconds = {name: f"{value:.3f}" for name, value in log.seconds.items()}
    way = ("market", "compile", "publish_epoch", "prove", "submit")
    return {
        "tier": tier.name,
        "equity_usd": _usd(desk.report.equity_usd),
        "initial_margin_usd": _usd(desk.report.initial_margin_usd),
        "maintenance_margin_usd": _usd(desk.report.maintenance_margin_usd),
        "vault_balance_counted_usd": _usd(Decimal(VAULT_MONEY).scaleb(-12)),
        "submit_gas": log.gas("submit"),
        "batch_accounts": BATCH,
        "batch_gas_per_account": log.gas("submit_batch") // BATCH,
        "gas": {name: log.gas(name) for name in log.transactions},
        "seconds": seconds,
        "seconds_from_snapshot_to_accepted_proof": f"{sum(log.seconds[name] for name in way):.3f}",
        "verdicts": {case: dict(by_verifier) for case, by_verifier in verdicts.items()},
        "under_margined": dict(refused),
        "registry": chain.registry.address,
        "program_hash": "0x" + chain.published.epoch.program_hash.hex(),
    }


def _usd(value: Decimal) -> str:
    return format(value, "f")
