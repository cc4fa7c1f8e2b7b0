"""A deployed clearing house: its contracts, and what they hold of accounts, epochs and steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from eth_account.signers.local import LocalAccount

from verifier.chain.artefacts import Compiled
from verifier.chain.clearing.contracts import CompiledClearing, Keys
from verifier.chain.connection import Abi, Connection, Transaction, checksum
from verifier.chain.registry import Registry
from verifier.errors import ArtefactMismatch
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import POSITION_BITS


class Phase(IntEnum):
    """What the contract stores of an account's state; Healthy and Due are the two sides of OPEN."""

    OPEN = 0
    CALLED = 1
    AUCTION = 2


@dataclass(frozen=True)
class BookAccount:
    """An account as the contract holds it. balance, escrow: the token's smallest unit."""

    address: str
    commitment: int
    """0: the zero book."""
    balance: int
    escrow: int
    sequence: int
    nonce: int
    proven_epoch: int
    step: int
    phase: Phase
    demand_at: int


@dataclass(frozen=True)
class AuctionState:
    """An account's auction. proceeds: token units; value: money units, of valued_epoch (0: not revealed)."""

    id: int
    start: int
    parts: int
    voluntary: bool
    valued_epoch: int
    insolvent_since: int
    proceeds: int
    value: int


@dataclass(frozen=True)
class Totals:
    """What the tokens in the contract are owed to: tokens + deficit = the sum of the others."""

    balances: int
    escrows: int
    pending: int
    bonds: int
    fund: int
    deficit: int
    booked: int

    @property
    def owed(self) -> int:
        """Everything that tokens and deficit answer for."""
        return self.balances + self.escrows + self.pending + self.bonds + self.fund + self.booked


@dataclass(frozen=True)
class EpochStatus:
    """The newest epoch of a purpose; vault_scale: money units in one token unit."""

    number: int
    sealed_at: int
    valid_from: int
    valid_until: int
    outage: int
    vault_scale: int
    listing_hash: int


@dataclass(frozen=True)
class House:
    """The handle that every call of this package takes."""

    connection: Connection
    address: str
    keys: Keys
    contract: Compiled
    epochs: Registry
    """The contract of epochs, as `verifier.chain.epochs` takes it."""
    steps: str
    steps_contract: Compiled
    valuation: str
    valuation_contract: Compiled

    @property
    def abi(self) -> Abi:
        """The house's interface, and the errors that its verifiers raise through it."""
        errors: dict[str, Mapping[str, Any]] = {}
        for abi in (self.contract.abi, self.epochs.abi, self.steps_contract.abi, self.valuation_contract.abi):
            errors.update({entry["name"]: entry for entry in abi if entry["type"] == "error"})
        return (*(entry for entry in self.contract.abi if entry["type"] != "error"), *errors.values())

    def read(self, name: str, *arguments: Any) -> Any:
        return self.connection.call(self.address, self.abi, name, *arguments)

    def send(self, signer: LocalAccount, action: str, name: str, *arguments: Any, value: int = 0) -> Transaction:
        """Send a call; `action` names it in errors, `value` is wei."""
        data = self.connection.encode(self.address, self.abi, name, *arguments)
        return self.connection.send(signer, self.address, data, self.abi, action, value=value)

    def read_steps(self, name: str, *arguments: Any) -> Any:
        return self.connection.call(self.steps, self.steps_contract.abi, name, *arguments)

    def send_steps(self, signer: LocalAccount, action: str, name: str, *arguments: Any) -> Transaction:
        abi = self.steps_contract.abi
        return self.connection.send(
            signer, self.steps, self.connection.encode(self.steps, abi, name, *arguments), abi, action
        )

    def send_valuation(self, signer: LocalAccount, action: str, name: str, *arguments: Any) -> Transaction:
        abi = self.valuation_contract.abi
        data = self.connection.encode(self.valuation, abi, name, *arguments)
        return self.connection.send(signer, self.valuation, data, abi, action)

    @property
    def token(self) -> str:
        return str(self.read("modules")[0])


def connect_house(connection: Connection, address: str, keys: Keys, compiled: CompiledClearing) -> House:
    """Return the handle of a deployed clearing house; refuses code that is not this version's for these keys."""
    address = checksum(address)
    code = connection.code(address)
    wrong = ArtefactMismatch(f"the contract at {address} is not a clearing house of these keys and this version")
    if not compiled.house.matches(code):
        raise wrong
    for name, start in compiled.house.runtime_links:
        library = next(made for made in compiled.libraries if made.name == name)
        if not _is_library(library, connection.code("0x" + code[start : start + 20].hex())):
            raise wrong
    modules = connection.call(address, compiled.house.abi, "modules")
    epochs, steps, valuation = (str(modules[index]) for index in (1, 2, 3))
    for contract, at in ((compiled.epochs, epochs), (compiled.steps, steps), (compiled.valuation, valuation)):
        if not contract.matches(connection.code(at)):
            raise wrong
    registry = Registry(connection, epochs, keys.margin, keys.tier, compiled.epochs, compiled.reader)
    return House(
        connection, address, keys, compiled.house, registry, steps, compiled.steps, valuation, compiled.valuation
    )


def _is_library(library: Compiled, code: bytes) -> bool:
    """A library's code begins with PUSH20 of its own address, zero in the artefact."""
    return len(code) > 21 and code[:1] + bytes(20) + code[21:] == library.runtime_code


# ---- reads ----


def book_account(house: House, account: str) -> BookAccount:
    """Return what the house holds of an account."""
    address = checksum(account)
    commitment, balance, escrow, sequence, nonce, _, proven, step, phase, demand, *_ = house.read("accountOf", address)
    return BookAccount(address, commitment, balance, escrow, sequence, nonce, proven, step, Phase(phase), demand)


def auction_of(house: House, account: str) -> AuctionState:
    """Return an account's auction; parts 0 where none runs."""
    id_, start, parts, voluntary, epoch, insolvent, _, proceeds, value = house.read("auctionOf", checksum(account))
    return AuctionState(id_, start, parts, voluntary, epoch, insolvent, proceeds, value)


def totals(house: House) -> Totals:
    return Totals(*house.read("totals"))


def epoch_status(house: House, purpose: Purpose) -> EpochStatus:
    """Return the newest sealed epoch of a purpose; all zero if there is none."""
    return EpochStatus(*house.epochs.read("status", int(purpose)))


def is_healthy(house: House, account: str) -> bool:
    return bool(house.read("isHealthy", checksum(account)))


def newest_step(house: House) -> int:
    return int(house.read_steps("newestStep"))


def listing_text(listing: Listing) -> tuple[Any, ...]:
    """Return a listing as contracts take its text; an empty place has no name and exponent 0."""
    names = [place.instrument if place else "" for place in listing.places]
    exponents = [place.lot_exponent if place else 0 for place in listing.places]
    head = (listing.groups, listing.slots, POSITION_BITS, listing.money_exponent, listing.settlement_unit)
    return (*head, names, exponents)
