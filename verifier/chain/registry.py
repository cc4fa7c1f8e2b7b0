"""A deployed registry: which contract, on which chain, for which key."""

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from verifier.chain.artefacts import Compiled, CompiledRegistry
from verifier.chain.connection import Abi, Connection, Transaction
from verifier.errors import ArtefactMismatch
from verifier.groth16.keys import VerifyingKey
from verifier.tiers import Tier


@dataclass(frozen=True)
class Registry:
    """The handle that every call of this package takes."""

    connection: Connection
    address: str
    key: VerifyingKey
    tier: Tier
    contract: Compiled
    reader: Compiled

    @property
    def abi(self) -> Abi:
        """The registry's interface, and the errors that its reader raises through it."""
        errors = [entry for entry in self.reader.abi if entry["type"] == "error"]
        return (*self.contract.abi, *errors)

    def read(self, name: str, *arguments: Any) -> Any:
        """Return what a view returns."""
        return self.connection.call(self.address, self.abi, name, *arguments)

    def send(self, signer: LocalAccount, action: str, name: str, *arguments: Any) -> Transaction:
        """Send a call; `action` names it in errors."""
        data = self.connection.encode(self.address, self.abi, name, *arguments)
        return self.connection.send(signer, self.address, data, self.abi, action)

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
    """Return the handle of a registry that is deployed; refuses code that is not the key's own (ArtefactMismatch).

    Compares the code of the registry, of the reader that sums its programs, and of the data contracts. What another
    constructor may have left in storage, code does not show: where others deployed, compare their transaction as well,
    and every epoch with its program (`check_epoch`).
    """
    code = connection.code(address)
    if not code:
        raise ArtefactMismatch(f"there is no contract at {address} on chain {connection.chain_id}")
    registry = Registry(connection, address, key, tier, compiled.registry, compiled.reader)
    where = f"the contract at {address} on chain {connection.chain_id}"
    if not compiled.registry.matches(code):
        raise ArtefactMismatch(f"{where} is not the registry of this verifying key")
    reader = str(registry.read("programReader"))
    if not compiled.reader.matches(connection.code(reader)):
        raise ArtefactMismatch(f"{where} reads its programs with another contract than this key's")
    points = connection.call(reader, compiled.reader.abi, "icPointContracts")
    if [connection.code(point) for point in points] != list(compiled.points):
        raise ArtefactMismatch(f"{where} sums other IC points than this key's")
    return registry
