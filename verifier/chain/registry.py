"""A deployed registry: which contract, on which chain, for which key."""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from verifier.chain.artefacts import Compiled, CompiledRegistry
from verifier.chain.connection import Connection, Transaction
from verifier.errors import ArtefactMismatch
from verifier.keys import VerifyingKey
from verifier.tiers import Tier


@dataclass(frozen=True)
class Registry:
    """The handle that every call of this package takes."""

    connection: Connection
    address: str
    key: VerifyingKey
    tier: Tier
    contract: Compiled

    def read(self, name: str, *arguments: Any) -> Any:
        """Return what a view returns."""
        return self.connection.call(self.address, self.contract.abi, name, *arguments)

    def send(self, signer: LocalAccount, action: str, name: str, *arguments: Any) -> Transaction:
        """Send a call; `action` names it in errors."""
        data = self.connection.encode(self.address, self.contract.abi, name, *arguments)
        return self.connection.send(signer, self.address, data, self.contract.abi, action)

    @property
    def token(self) -> str:
        """Address of the vault's settlement token."""
        return str(self.read("token"))

    @property
    def custodian(self) -> str:
        return str(self.read("custodian"))

    @property
    def epoch_authority(self) -> str:
        return str(self.read("epochAuthority"))


def connect_registry(
    connection: Connection, address: str, key: VerifyingKey, tier: Tier, compiled: CompiledRegistry
) -> Registry:
    """Return the handle of a registry that is deployed; refuses code that is not the key's own (ArtefactMismatch)."""
    code = connection.code(address)
    if not code:
        raise ArtefactMismatch(f"there is no contract at {address} on chain {connection.chain_id}")
    if not compiled.registry.matches(code):
        raise ArtefactMismatch(
            f"the contract at {address} on chain {connection.chain_id} is not the registry of this verifying key"
        )
    return Registry(connection, address, key, tier, compiled.registry)
