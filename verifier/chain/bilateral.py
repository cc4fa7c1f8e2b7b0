"""Registries of two parties and hidden programs: the venue publishes points that hide, the trader checks and proves.

Nobody but the two can tell what was proven, so that such a registry holds no money (docs/private-models.md).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from verifier.admission import admit
from verifier.chain.accounts import Claim
from verifier.chain.artefacts import Compiled, Project, compiled_project
from verifier.chain.codegen import bilateral_name, bilateral_source
from verifier.chain.connection import Connection, Transaction, checksum
from verifier.chain.deploy import check_development
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.errors import ArtefactMismatch, BadInput, ChainError
from verifier.groth16 import Engine, ReferenceEngine
from verifier.groth16.curve import G1
from verifier.groth16.keys import VerifyingKey
from verifier.program import MarginProgram, Purpose
from verifier.tiers import Tier

RATIO_ONE = 10_000
"""The only band: a hidden program does not show the contract whether it allows others."""


@dataclass(frozen=True)
class Bilateral:
    """A deployed registry of two parties, checked against its key."""

    connection: Connection
    address: str
    key: VerifyingKey
    tier: Tier
    contract: Compiled
    venue: str
    trader: str

    def read(self, name: str, *arguments: Any) -> Any:
        """Return what a view returns."""
        return self.connection.call(self.address, self.contract.abi, name, *arguments)

    def send(self, signer: LocalAccount, action: str, name: str, *arguments: Any) -> Transaction:
        """Send a call; `action` names it in errors."""
        data = self.connection.encode(self.address, self.contract.abi, name, *arguments)
        return self.connection.send(signer, self.address, data, self.contract.abi, action)


@dataclass(frozen=True)
class HiddenEpoch:
    """A published point. Times are Unix seconds; proofs count in [valid_from, valid_until] and on the newest only."""

    number: int
    purpose: Purpose
    point: G1
    valid_from: int
    valid_until: int


@dataclass(frozen=True)
class BilateralStanding:
    """Whether the trader's margin is proven. Times are Unix seconds, 0 where nothing was proven."""

    proven: bool
    epoch: int
    since: int
    until: int


@dataclass(frozen=True)
class CommitmentTerms:
    """What the venue signs: this commitment is the next book of the trader. expiry: Unix seconds."""

    chain_id: int
    registry: str
    commitment: int
    sequence: int
    expiry: int

    def message(self) -> SignableMessage:
        """Return the EIP-712 message."""
        names = ("commitment", "sequence", "expiry")
        return encode_typed_data(
            domain_data={
                "name": "zkmargin bilateral",
                "version": "1",
                "chainId": self.chain_id,
                "verifyingContract": checksum(self.registry),
            },
            message_types={"Commitment": [{"name": name, "type": "uint256"} for name in names]},
            message_data={name: getattr(self, name) for name in names},
        )

    def sign(self, venue: LocalAccount) -> bytes:
        """Return the venue's signature."""
        return bytes(venue.sign_message(self.message()).signature)


def bilateral_project(key: VerifyingKey, tier: Tier) -> Project:
    """Return the generated source of the registry of two parties."""
    return Project(f"{key.hash.hex()[:16]}-bilateral", {bilateral_name(tier): bilateral_source(key, tier)})


def compile_bilateral(key: VerifyingKey, tier: Tier, build_folder: Path) -> Compiled:
    """Generate and compile the registry of a key where that is not done yet. Raises as `compile_registry`."""
    name = bilateral_name(tier)
    with compiled_project(build_folder, bilateral_project(key, tier)) as read:
        return read(name, name)


def deploy_bilateral(
    connection: Connection,
    signer: LocalAccount,
    key: VerifyingKey,
    tier: Tier,
    contract: Compiled,
    parties: tuple[str, str],
    *,
    development: bool,
) -> tuple[Bilateral, Transaction]:
    """Deploy a registry for (venue, trader). `development` is the flag of the key's manifest."""
    check_development(connection, development)
    arguments = encode(["address", "address"], [checksum(party) for party in parties])
    code = contract.creation_code + arguments
    sent = connection.send(signer, None, code, contract.abi, "deploying the registry")
    if sent.contract_address is None:
        raise ChainError("the node reports no address for a deployment")
    return connect_bilateral(connection, sent.contract_address, key, tier, contract), sent


def connect_bilateral(
    connection: Connection, address: str, key: VerifyingKey, tier: Tier, contract: Compiled
) -> Bilateral:
    """Return the handle of a registry that is deployed; refuses code that is not the key's own (ArtefactMismatch)."""
    if not contract.matches(connection.code(address)):
        raise ArtefactMismatch(
            f"the contract at {address} on chain {connection.chain_id} is not the bilateral registry of this "
            "verifying key; deploy one with `zkmargin private deploy`, or install its key"
        )
    venue, trader = (str(connection.call(address, contract.abi, name)) for name in ("venue", "trader"))
    return Bilateral(connection, address, key, tier, contract, venue, trader)


def publish_point(
    registry: Bilateral,
    program: MarginProgram,
    number: int,
    *,
    valid_from: int,
    valid_until: int,
    venue: LocalAccount,
    engine: Engine | None = None,
) -> tuple[HiddenEpoch, Transaction]:
    """Publish the hiding point of a program as epoch `number` of its purpose, and nothing else of it.

    Refuses a program that admission refuses, one of another tier, and one without a blind (BadInput).
    """
    admit(program)
    point = hiding_point(registry.key, registry.tier, program, engine)
    window = valid_from, valid_until
    purpose = int(program.purpose)
    sent = registry.send(venue, "publishing the point", "publish", purpose, number, *point, *window)
    return HiddenEpoch(number, program.purpose, point, *window), sent


def hiding_point(key: VerifyingKey, tier: Tier, program: MarginProgram, engine: Engine | None = None) -> G1:
    """Return the prepared point of a blinded program; refuses one without a blind, whose point hides nothing."""
    if program.tier != tier:
        raise ArtefactMismatch(f"the program is of tier {program.tier.name}, the registry's key of tier {tier.name}")
    if program.blind == 0:
        raise BadInput(
            "the program has no blind, so that whoever guesses its numbers recognises its point; blind it with "
            "`zkmargin private blind`"
        )
    return (engine or ReferenceEngine()).prepared_point(key, program)


def hidden_epoch(registry: Bilateral, purpose: Purpose, number: int | None = None) -> HiddenEpoch | None:
    """Return an epoch, the newest where no number is given; None if there is none."""
    number = registry.read("newest", int(purpose)) if number is None else number
    x, y, valid_from, valid_until = registry.read("pointOf", int(purpose), number)
    return HiddenEpoch(number, purpose, (x, y), valid_from, valid_until) if valid_until else None


def check_point(
    registry: Bilateral, program: MarginProgram, number: int | None = None, engine: Engine | None = None
) -> HiddenEpoch:
    """Return the epoch (the newest by default) after holding a program against its point.

    Raises ChainError where there is no such epoch, ArtefactMismatch where the point is of another program or blind: the
    trader who was given this program would prove margin under numbers that the venue has not committed to.
    """
    admit(program)
    epoch = hidden_epoch(registry, program.purpose, number)
    named = program.purpose.name.lower()
    if epoch is None:
        which = f"epoch {number}" if number else "an epoch"
        raise ChainError(f"the venue has not published {which} of {named} margin in this registry", "EpochUnset")
    if epoch.point != hiding_point(registry.key, registry.tier, program, engine):
        raise ArtefactMismatch(
            f"the program is not the one that the venue published as epoch {epoch.number} of {named} margin: its point "
            "is another; ask the venue for the program and blind of this epoch, and prove nothing under this one"
        )
    return epoch


def next_commitment(registry: Bilateral, commitment: int, expiry: int) -> CommitmentTerms:
    """Return the terms that would put `commitment` next in the trader's sequence."""
    sequence = registry.read("sequence") + 1
    return CommitmentTerms(registry.connection.chain_id, registry.address, commitment, sequence, expiry)


def register(registry: Bilateral, trader: LocalAccount, terms: CommitmentTerms, signature: bytes) -> Transaction:
    """Register the trader's next commitment; clears the status."""
    arguments = terms.commitment, terms.sequence, terms.expiry, signature
    return registry.send(trader, "registering the commitment", "commit", *arguments)


def next_context(registry: Bilateral, epoch: HiddenEpoch, deadline: int) -> Context:
    """Return what the trader's next proof is to be bound to."""
    return Context(
        chain_id=registry.connection.chain_id,
        registry=registry.address,
        verifying_key_hash=registry.key.hash,
        purpose=epoch.purpose,
        action=Action.STATUS,
        account=registry.trader,
        recipient=ZERO_ADDRESS,
        amount=0,
        epoch=epoch.number,
        sequence=registry.read("sequence"),
        nonce=registry.read("nonce"),
        deadline=deadline,
    )


def submit(registry: Bilateral, trader: LocalAccount, claim: Claim) -> Transaction:
    """Submit the trader's proof. Raises BadInput for a claim that this contract cannot take."""
    context = claim.context
    if context.action is not Action.STATUS or claim.ratio_bps != RATIO_ONE or claim.vault_balance:
        raise BadInput("a bilateral registry takes proofs of the status at ratio 10000 without a vault balance")
    words = claim.arguments()[-1]
    arguments = int(context.purpose), context.epoch, context.deadline, context.nonce, words
    return registry.send(trader, "submitting the proof", "submit", *arguments)


def standing(registry: Bilateral, purpose: Purpose) -> BilateralStanding:
    """Return whether the trader is proven, since when and until when."""
    proven, epoch, since, until = registry.read("standing", int(purpose))
    return BilateralStanding(bool(proven), epoch, since, until)
