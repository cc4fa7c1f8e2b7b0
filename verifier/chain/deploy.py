"""Deployment of the registry of a verifying key: data contracts with the IC points, then the registry itself."""

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from verifier.chain.artefacts import CompiledRegistry
from verifier.chain.connection import Connection, Transaction, checksum
from verifier.chain.key_literals import blob_init_code
from verifier.chain.registry import Registry, connect_registry
from verifier.errors import ArtefactMismatch, ChainError
from verifier.groth16.keys import VerifyingKey
from verifier.tiers import Tier


@dataclass(frozen=True)
class Parties:
    """Who a registry trusts with what. They cannot be changed later; each may be a contract."""

    epoch_authority: str
    """Opens epochs."""
    custodian: str
    """Attests commitments."""
    token: str
    """The vault's settlement token, an ERC-20 without a fee on transfers."""
    settlement_unit: str
    """The token's name in listings, such as USD."""


@dataclass(frozen=True)
class Deployment:
    """A registry that was just deployed."""

    registry: Registry
    ic_contracts: tuple[str, ...]
    transactions: tuple[Transaction, ...]

    @property
    def gas_used(self) -> int:
        return sum(transaction.gas_used for transaction in self.transactions)


def check_development(connection: Connection, development: bool) -> None:
    """Refuse a development key on any chain that is not a local one: whoever made it forges proofs."""
    if development and not connection.is_local:
        raise ArtefactMismatch(
            f"this is a development key, whose maker can forge proofs; chain {connection.chain_id} is not a local one, "
            "so use a ceremony's key"
        )


def deploy(
    connection: Connection,
    signer: LocalAccount,
    key: VerifyingKey,
    tier: Tier,
    compiled: CompiledRegistry,
    parties: Parties,
    *,
    development: bool,
) -> Deployment:
    """Deploy a key's registry. `development` is the flag of the key's manifest (see `check_development`)."""
    check_development(connection, development)
    key.check_tier(tier)
    transactions = [
        connection.send(signer, None, blob_init_code(blob), (), "deploying IC points") for blob in compiled.points
    ]
    blobs = tuple(_address(transaction) for transaction in transactions)
    arguments = encode(
        ["(address,address,address,string)", "address[]"],
        [
            (
                checksum(parties.epoch_authority),
                checksum(parties.custodian),
                checksum(parties.token),
                parties.settlement_unit,
            ),
            blobs,
        ],
    )
    code = compiled.registry.creation_code + arguments
    abi = (*compiled.registry.abi, *compiled.reader.abi)
    transactions.append(connection.send(signer, None, code, abi, "deploying the registry"))
    registry = connect_registry(connection, _address(transactions[-1]), key, tier, compiled)
    return Deployment(registry, blobs, tuple(transactions))


def deploy_local_token(connection: Connection, signer: LocalAccount, compiled: CompiledRegistry) -> str:
    """Deploy the token that anyone can mint and return its address; local chains only."""
    if not connection.is_local:
        raise ChainError("the local token is for local chains; name the settlement token instead")
    contract = compiled.local_token
    sent = connection.send(signer, None, contract.creation_code, contract.abi, "deploying the local token")
    return _address(sent)


def mint_local_token(
    connection: Connection, signer: LocalAccount, compiled: CompiledRegistry, token: str, to: str, amount: int
) -> Transaction:
    """Mint `amount` smallest units of the local token."""
    abi = compiled.local_token.abi
    data = connection.encode(token, abi, "mint", checksum(to), amount)
    return connection.send(signer, token, data, abi, "minting the local token")


def _address(transaction: Transaction) -> str:
    if transaction.contract_address is None:
        raise ChainError("the node reports no address for a deployment")
    return transaction.contract_address
