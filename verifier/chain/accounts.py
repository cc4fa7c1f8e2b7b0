"""Accounts of a registry: commitments and their attestation, the vault, proofs and the proven status."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from verifier.chain.connection import Transaction, checksum
from verifier.chain.epochs import Epoch, newest_epoch
from verifier.chain.registry import Registry
from verifier.chain.tokens import approve
from verifier.context import ZERO_ADDRESS, Action, Context
from verifier.errors import BadInput, ChainError
from verifier.groth16.proof import Proof
from verifier.program import Purpose

_ATTESTATION_FIELDS = [
    {"name": "account", "type": "address"},
    {"name": "oldCommitment", "type": "uint256"},
    {"name": "newCommitment", "type": "uint256"},
    {"name": "sequence", "type": "uint64"},
    {"name": "listingHash", "type": "uint256"},
    {"name": "expiry", "type": "uint64"},
]


@dataclass(frozen=True)
class AccountState:
    """What the registry holds of an account. vault_balance: the token's smallest unit."""

    commitment: int
    """0: none yet."""
    sequence: int
    nonce: int
    vault_balance: int


@dataclass(frozen=True)
class Standing:
    """Whether an account's margin is proven. Times are Unix seconds, 0 where nothing was proven."""

    proven: bool
    epoch: int
    ratio_bps: int
    since: int
    until: int


@dataclass(frozen=True)
class Attestation:
    """A custodian's word that a commitment is the account's book; the account countersigns the same text.

    Chain and registry are bound by the EIP-712 domain. sequence: one more than the account's present one; expiry: Unix
    seconds.
    """

    chain_id: int
    registry: str
    account: str
    old_commitment: int
    new_commitment: int
    sequence: int
    listing_hash: int
    expiry: int

    def message(self) -> SignableMessage:
        """Return the EIP-712 message."""
        return encode_typed_data(
            full_message={
                "domain": {
                    "name": "zkmargin",
                    "version": "1",
                    "chainId": self.chain_id,
                    "verifyingContract": checksum(self.registry),
                },
                "types": {
                    "EIP712Domain": [
                        {"name": "name", "type": "string"},
                        {"name": "version", "type": "string"},
                        {"name": "chainId", "type": "uint256"},
                        {"name": "verifyingContract", "type": "address"},
                    ],
                    "Attestation": _ATTESTATION_FIELDS,
                },
                "primaryType": "Attestation",
                "message": {
                    "account": checksum(self.account),
                    "oldCommitment": self.old_commitment,
                    "newCommitment": self.new_commitment,
                    "sequence": self.sequence,
                    "listingHash": self.listing_hash,
                    "expiry": self.expiry,
                },
            }
        )

    def sign(self, signer: LocalAccount) -> bytes:
        """Return the signature of custodian or trader."""
        return bytes(signer.sign_message(self.message()).signature)

    def arguments(self) -> tuple[Any, ...]:
        """Return the struct that the contract takes."""
        return (
            checksum(self.account),
            self.old_commitment,
            self.new_commitment,
            self.sequence,
            self.listing_hash,
            self.expiry,
        )


@dataclass(frozen=True)
class SignedAttestation:
    """An attestation with both signatures."""

    attestation: Attestation
    custodian_signature: bytes
    trader_signature: bytes

    def arguments(self) -> tuple[Any, ...]:
        return self.attestation.arguments(), self.custodian_signature, self.trader_signature


@dataclass(frozen=True)
class Claim:
    """A proof and what it says, ready to be submitted. The context holds account, purpose, epoch and action."""

    context: Context
    ratio_bps: int
    vault_balance: int
    """Money units."""
    proof: Proof

    def arguments(self) -> tuple[Any, ...]:
        """Return the struct that the contract takes."""
        evm = self.proof.to_evm()
        words = [int.from_bytes(evm[k : k + 32], "big") for k in range(0, len(evm), 32)]
        context = self.context
        return (
            checksum(context.account),
            self.ratio_bps,
            self.vault_balance,
            context.sequence,
            context.nonce,
            context.deadline,
            words,
        )


def account_state(registry: Registry, account: str) -> AccountState:
    """Return what the registry holds of an account."""
    address = checksum(account)
    names = ("commitmentOf", "sequenceOf", "nonceOf", "vaultBalanceOf")
    commitment, sequence, nonce, balance = (int(registry.read(name, address)) for name in names)
    return AccountState(commitment, sequence, nonce, balance)


def standing(registry: Registry, account: str, purpose: Purpose) -> Standing:
    """Return whether an account is proven, since when and until when."""
    proven, epoch, ratio_bps, since, until = registry.read("standing", checksum(account), int(purpose))
    return Standing(bool(proven), epoch, ratio_bps, since, until)


def next_attestation(registry: Registry, account: str, commitment: int, listing_hash: int, expiry: int) -> Attestation:
    """Return the attestation that would put `commitment` next in the account's sequence."""
    state = account_state(registry, account)
    return Attestation(
        chain_id=registry.connection.chain_id,
        registry=registry.address,
        account=account,
        old_commitment=state.commitment,
        new_commitment=commitment,
        sequence=state.sequence + 1,
        listing_hash=listing_hash,
        expiry=expiry,
    )


def next_context(
    registry: Registry,
    account: str,
    purpose: Purpose,
    deadline: int,
    *,
    action: Action = Action.STATUS,
    recipient: str = ZERO_ADDRESS,
    amount: int = 0,
) -> Context:
    """Return the context that the account's next proof must be made for: newest epoch, nonce, sequence (for an update,
    the new one)."""
    epoch = newest_epoch(registry, purpose)
    if epoch is None:
        raise ChainError("no epoch of this purpose has been published, so nothing can be proven", "EpochUnset")
    state = account_state(registry, account)
    return Context(
        chain_id=registry.connection.chain_id,
        registry=registry.address,
        verifying_key_hash=registry.key.hash,
        purpose=purpose,
        action=action,
        account=account,
        recipient=recipient,
        amount=amount,
        epoch=epoch.number,
        sequence=state.sequence + (action is Action.UPDATE),
        nonce=state.nonce,
        deadline=deadline,
    )


def vault_money(registry: Registry, account: str, epoch: Epoch, *, after_withdrawing: int = 0) -> int:
    """Return the most vault_balance, in money units, that a proof of the account may name under an epoch."""
    balance = account_state(registry, account).vault_balance - after_withdrawing
    return max(0, balance) * epoch.vault_scale


def register(registry: Registry, sender: LocalAccount, signed: SignedAttestation) -> Transaction:
    """Register or replace a commitment; clears the proven status. Anyone may send it."""
    return registry.send(sender, "registering the commitment", "updateCommitment", *signed.arguments())


def attest(
    registry: Registry, attestation: Attestation, *, custodian: LocalAccount, trader: LocalAccount
) -> Transaction:
    """Sign with both keys, where one process holds them, and register; the trader sends it."""
    signed = SignedAttestation(attestation, attestation.sign(custodian), attestation.sign(trader))
    return register(registry, trader, signed)


def update_with_proof(registry: Registry, sender: LocalAccount, signed: SignedAttestation, claim: Claim) -> Transaction:
    """Replace a commitment with a proof about the new one, which keeps that purpose's status."""
    _check_action(claim, Action.UPDATE)
    arguments = *signed.arguments(), *_epoch_arguments(registry, claim.context), claim.arguments()
    return registry.send(sender, "updating the commitment", "updateCommitmentWithProof", *arguments)


def deposit(registry: Registry, signer: LocalAccount, account: str, amount: int) -> tuple[Transaction, Transaction]:
    """Approve and deposit `amount` of the token's smallest unit for an account.

    Nothing is sent where the signer holds less.
    """
    approved = approve(registry.connection, signer, registry.token, registry.address, amount)
    return approved, registry.send(signer, "depositing", "deposit", checksum(account), amount)


def withdraw(registry: Registry, signer: LocalAccount, recipient: str, amount: int) -> Transaction:
    """Withdraw from the signer's own account; clears the proven status."""
    return registry.send(signer, "withdrawing", "withdraw", checksum(recipient), amount)


def withdraw_with_proof(registry: Registry, signer: LocalAccount, claim: Claim) -> Transaction:
    """Withdraw what the claim's context names, with a proof that keeps that purpose's status."""
    _check_action(claim, Action.WITHDRAW)
    context = claim.context
    where = checksum(context.recipient), context.amount
    arguments = *where, *_epoch_arguments(registry, context), claim.arguments()
    return registry.send(signer, "withdrawing", "withdrawWithProof", *arguments)


def submit(registry: Registry, sender: LocalAccount, claim: Claim) -> Transaction:
    """Submit a proof of an account's margin. Anyone may send it."""
    return registry.connection.send(
        sender, registry.address, submission_data(registry, claim), registry.abi, "submitting the proof"
    )


def submission_data(registry: Registry, claim: Claim) -> bytes:
    """Return the calldata of `submit`."""
    _check_action(claim, Action.STATUS)
    arguments = *_epoch_arguments(registry, claim.context), claim.arguments()
    return registry.connection.encode(registry.address, registry.abi, "submit", *arguments)


def submit_batch(registry: Registry, sender: LocalAccount, claims: Sequence[Claim]) -> Transaction:
    """Submit proofs of one purpose and epoch at once, in any order; one false proof refuses the whole batch, so verify
    each before."""
    if not claims:
        raise BadInput("a batch needs at least one proof")
    if len({(claim.context.purpose, claim.context.epoch) for claim in claims}) > 1:
        raise BadInput("the proofs of a batch must be of one purpose and epoch")
    for claim in claims:
        _check_action(claim, Action.STATUS)
    ordered = sorted(claims, key=lambda claim: int(claim.context.account, 16))
    arguments = *_epoch_arguments(registry, claims[0].context), [claim.arguments() for claim in ordered]
    return registry.send(sender, "submitting the batch", "submitBatch", *arguments)


def _epoch_arguments(registry: Registry, context: Context) -> tuple[int, int, int]:
    """Return purpose, epoch and y of the newest epoch's point (0 where there is none: the contract says why)."""
    newest = newest_epoch(registry, context.purpose)
    return int(context.purpose), context.epoch, newest.point[1] if newest else 0


def _check_action(claim: Claim, action: Action) -> None:
    if claim.context.action is not action:
        raise BadInput(f"the proof was made for the action {claim.context.action.name.lower()}")
