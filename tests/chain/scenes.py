"""A deployed registry with its parties, and provers for it: a trapdoor key, or a circuit's real key."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from eth_account import Account
from eth_account.signers.local import LocalAccount

from tests.builders import Case, random_case
from tests.chain.generate import SEED
from tests.chain.trapdoor import Trapdoor
from verifier.chain import accounts
from verifier.chain.accounts import Claim
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import CompiledRegistry
from verifier.chain.connection import Connection
from verifier.chain.deploy import Parties, deploy, deploy_local_token, mint_local_token
from verifier.chain.epochs import PublishedEpoch, publish
from verifier.chain.registry import Registry
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.groth16.keys import VerifyingKey
from verifier.groth16.proof import Proof
from verifier.program import MarginProgram, Purpose
from verifier.statement import LiveInputs
from verifier.tiers import Tier

HOUR = 3600


class Prover(Protocol):
    """Makes commitments and proofs under one key."""

    key: VerifyingKey
    tier: Tier

    def commit(self, program: MarginProgram, positions: Sequence[int], salt: int) -> int:
        """Return a commitment to a book and keep what opens it."""

    def prove(self, program: MarginProgram, live: LiveInputs) -> Proof:
        """Return a proof of these live inputs."""


class TrapdoorProver:
    """Proves anything."""

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self._trapdoor = Trapdoor(SEED, tier)
        self.key = self._trapdoor.key
        self._proofs = 0

    def commit(self, program: MarginProgram, positions: Sequence[int], salt: int) -> int:
        return self._trapdoor.scalar(f"commitment {sum(positions)}", salt)

    def prove(self, program: MarginProgram, live: LiveInputs) -> Proof:
        self._proofs += 1
        return self._trapdoor.prove_program(program, live.signals(), self._proofs)


def new_account(number: int) -> LocalAccount:
    """Return a test account; its key is worth nothing."""
    account: LocalAccount = Account.from_key(number.to_bytes(32, "big"))
    return account


@dataclass
class Scene:
    """One registry, one trader with a book whose margin is met, one published epoch."""

    anvil: Anvil
    prover: Prover
    compiled: CompiledRegistry
    registry: Registry
    token: str
    case: Case
    published: PublishedEpoch
    commitment: int
    authority: LocalAccount = field(default_factory=lambda: new_account(1))
    custodian: LocalAccount = field(default_factory=lambda: new_account(2))
    trader: LocalAccount = field(default_factory=lambda: new_account(3))

    @property
    def connection(self) -> Connection:
        return self.anvil.connection

    @property
    def program(self) -> MarginProgram:
        return self.case.program

    def fund(self, account: LocalAccount, amount: int) -> None:
        """Mint and deposit `amount` smallest units into an account's vault."""
        mint_local_token(self.connection, account, self.compiled, self.token, account.address, amount)
        accounts.deposit(self.registry, account, account.address, amount)

    def attest(self, trader: LocalAccount, commitment: int) -> None:
        """Put a commitment next in a trader's sequence."""
        expiry = self.connection.now() + HOUR
        listing_hash = self.program.listing.hash
        attestation = accounts.next_attestation(self.registry, trader.address, commitment, listing_hash, expiry)
        accounts.attest(self.registry, attestation, custodian=self.custodian, trader=trader)

    def publish(self, program: MarginProgram, number: int, seconds: int = 100 * HOUR) -> PublishedEpoch:
        """Publish an epoch that is valid for `seconds`."""
        now = self.connection.now()
        return publish(
            self.registry, program, number, valid_from=now, valid_until=now + seconds, authority=self.authority
        )

    def context(
        self,
        purpose: Purpose = Purpose.INITIAL,
        action: Action = Action.STATUS,
        recipient: str = ZERO_ADDRESS,
        amount: int = 0,
    ) -> Context:
        """Return the context of the trader's next proof."""
        deadline = self.connection.now() + HOUR
        return accounts.next_context(
            self.registry, self.trader.address, purpose, deadline, action=action, recipient=recipient, amount=amount
        )

    def live(self, context: Context, ratio_bps: int | None = None, commitment: int | None = None) -> LiveInputs:
        """Return the live inputs of the trader's claim."""
        return LiveInputs(
            ratio_bps or self.case.ratio_bps, self.case.vault_balance, (commitment or self.commitment,), context.element
        )

    def claim(self, context: Context | None = None) -> Claim:
        """Return a valid claim: the trader's next, unless a context is given."""
        context = context or self.context()
        live = self.live(context)
        proof = self.prover.prove(self.program, live)
        return Claim(context, live.ratio_bps, live.vault_balance, proof)


def make_scene(anvil: Anvil, prover: Prover, compiled: CompiledRegistry, seed: int = 1) -> Scene:
    """Deploy, publish, attest and fund."""
    connection = anvil.connection
    authority, custodian, trader = (new_account(number) for number in (1, 2, 3))
    for account in (authority, custodian, trader):
        anvil.fund(account.address)
    token = deploy_local_token(connection, authority, compiled)
    parties = Parties(authority.address, custodian.address, token, "USD")
    deployed = deploy(connection, authority, prover.key, prover.tier, compiled, parties, development=True)
    case = provable_case(prover.tier, seed)
    now = connection.now()
    published = publish(
        deployed.registry, case.program, 1, valid_from=now, valid_until=now + 100 * HOUR, authority=authority
    )
    commitment = prover.commit(case.program, case.positions, 12345)
    scene = Scene(anvil, prover, compiled, deployed.registry, token, case, published, commitment)
    scene.attest(trader, commitment)
    scene.fund(trader, -(-case.vault_balance // published.epoch.vault_scale) + 10)
    return scene


def provable_case(tier: Tier, seed: int) -> Case:
    """Return a case at ratio 10000 whose margin is met, counting a positive vault balance that fits the vault."""
    rng = Random(seed)
    cover = "free" if tier.hinges else None
    while True:
        case = random_case(rng, tier, tail="worst", cover=cover)
        if case is not None and 0 < case.vault_balance < 1 << 80 and case.ratio_bps == 10_000:
            return replace(case, vault_balance=case.vault_balance + 1)
