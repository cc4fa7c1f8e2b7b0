"""A connection to a chain: reads, and signed transactions whose failures are ChainErrors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from requests import RequestException
from web3 import Web3
from web3.exceptions import TimeExhausted, Web3Exception
from web3.types import RPCEndpoint, TxParams

from verifier.chain.errors import refusal
from verifier.context import check_address
from verifier.errors import ChainError, UsageError

LOCAL_CHAIN_IDS = (31337, 1337)
TRANSACTION_GAS = 16_700_000
"""Most gas of one transaction; EIP-7825 allows 16,777,216, and a local Anvil does not enforce it."""
RECEIPT_SECONDS = 120.0
_NODE_ERRORS = (Web3Exception, RequestException, ValueError, OSError)

Abi = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Transaction:
    """A mined transaction that succeeded."""

    hash: str
    gas_used: int
    block_number: int
    contract_address: str | None = None


class Connection:
    """One node. Raises ChainError where it cannot be reached."""

    def __init__(self, url: str, *, timeout_seconds: float = 120.0) -> None:
        check_url(url)
        self.url = url
        self.web3 = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": timeout_seconds}))
        try:
            self.chain_id = int(self.web3.eth.chain_id)
        except _NODE_ERRORS as error:
            raise refusal(error, (), f"connecting to {_origin(url)}") from None

    @property
    def is_local(self) -> bool:
        """Whether this is a local test chain: its chain id says so, and the node is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            loopback = host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            loopback = False
        return loopback and self.chain_id in LOCAL_CHAIN_IDS

    def now(self) -> int:
        """Return the newest block's time, Unix seconds."""
        try:
            return int(self.web3.eth.get_block("latest")["timestamp"])
        except _NODE_ERRORS as error:
            raise refusal(error, (), "reading the newest block") from None

    def code(self, address: str) -> bytes:
        """Return a contract's code."""
        try:
            return bytes(self.web3.eth.get_code(checksum(address)))
        except _NODE_ERRORS as error:
            raise refusal(error, (), "reading a contract's code") from None

    def request(self, method: str, parameters: list[Any]) -> Any:
        """Send a raw request."""
        try:
            return self.web3.manager.request_blocking(RPCEndpoint(method), parameters)
        except _NODE_ERRORS as error:
            raise refusal(error, (), method) from None

    def logs(self, wanted: Mapping[str, Any]) -> list[Any]:
        """Return the logs that a filter wants."""
        try:
            return list(self.web3.eth.get_logs(cast(Any, wanted)))
        except _NODE_ERRORS as error:
            raise refusal(error, (), "reading the logs") from None

    def call(self, address: str, abi: Abi, name: str, *arguments: Any) -> Any:
        """Return what a view of a contract returns."""
        contract = self.web3.eth.contract(address=checksum(address), abi=cast(Any, abi))
        try:
            return contract.functions[name](*arguments).call()
        except _NODE_ERRORS as error:
            raise refusal(error, abi, name) from None

    def encode(self, address: str, abi: Abi, name: str, *arguments: Any) -> bytes:
        """Return the calldata of a call."""
        contract = self.web3.eth.contract(address=checksum(address), abi=cast(Any, abi))
        return bytes.fromhex(contract.encode_abi(name, list(arguments)).removeprefix("0x"))

    def send(
        self, signer: LocalAccount, address: str | None, data: bytes, abi: Abi, action: str, *, value: int = 0
    ) -> Transaction:
        """Sign and send a transaction (a deployment where `address` is None) and wait for it.

        `action` names it in errors, `value` is wei. Nothing is sent if its simulation fails or needs more gas than
        the cap.
        """
        draft: TxParams = {"from": signer.address, "data": Web3.to_hex(data), "value": Web3.to_wei(value, "wei")}
        if address is not None:
            draft["to"] = checksum(address)
        try:
            draft["gas"] = self._gas_limit(draft, action)
            fee = self.web3.eth.gas_price
            draft["chainId"] = self.chain_id
            draft["nonce"] = self.web3.eth.get_transaction_count(signer.address, "pending")
            draft["maxPriorityFeePerGas"] = Web3.to_wei(min(fee, 10**9), "wei")
            draft["maxFeePerGas"] = Web3.to_wei(2 * fee, "wei")
            signed = signer.sign_transaction(cast(Any, draft))
            sent = self.web3.eth.send_raw_transaction(signed.raw_transaction)
            receipt = self.web3.eth.wait_for_transaction_receipt(sent, timeout=RECEIPT_SECONDS)
        except TimeExhausted:
            raise ChainError(f"{action} was sent and not mined in {RECEIPT_SECONDS:.0f} s; look for it later") from None
        except _NODE_ERRORS as error:
            raise refusal(error, abi, action) from None
        if receipt["status"] != 1:
            raise ChainError(f"{action} was mined and reverted; the chain's state changed in between, so try again")
        return Transaction(
            hash=Web3.to_hex(sent),
            gas_used=receipt["gasUsed"],
            block_number=receipt["blockNumber"],
            contract_address=receipt["contractAddress"],
        )

    def _gas_limit(self, draft: TxParams, action: str) -> int:
        """Return the gas to allow after simulating a transaction: the node's estimate and a tenth more.

        Local chains get the cap after one call: their gas costs nothing, and Anvil's estimate searches for the least
        limit by many executions.
        """
        if self.is_local:
            self.web3.eth.call({**draft, "gas": TRANSACTION_GAS})
            return TRANSACTION_GAS
        gas = self.web3.eth.estimate_gas(draft)
        if gas > TRANSACTION_GAS:
            raise ChainError(f"{action} needs {gas} gas, more than a transaction may use; split it")
        return min(gas + gas // 10, TRANSACTION_GAS)


def checksum(address: str) -> ChecksumAddress:
    """Return an address in the form that web3 wants; refuses what is none (BadInput)."""
    check_address(address)
    return Web3.to_checksum_address(address)


def check_url(url: str, name: str = "the JSON-RPC address") -> None:
    """Refuse what is no address of a node (UsageError), without quoting it: it may hold an access key."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        sound = False
    if not sound:
        raise UsageError(f"{name} is not an address of a node; write it like http://127.0.0.1:8545")


def _origin(url: str) -> str:
    """Return scheme, host and port: a node's URL may hold an access key in its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
