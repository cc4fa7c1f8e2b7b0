"""Deployment of a clearing house: libraries, data contracts, the three verifiers, the house."""

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from verifier.chain.clearing.contracts import CompiledClearing, Keys
from verifier.chain.clearing.house import House, connect_house, listing_text
from verifier.chain.clearing.parameters import PARAMETERS_TYPE, HouseParties, Parameters
from verifier.chain.connection import Abi, Connection, Transaction, checksum
from verifier.chain.deploy import check_development
from verifier.chain.key_literals import blob_init_code, ic_blobs
from verifier.circuits import PublicLayout
from verifier.errors import ChainError
from verifier.groth16.keys import VerifyingKey
from verifier.listing import Listing

LISTING_TYPE = "(uint256,uint256,uint256,int256,string,string[],int256[])"


@dataclass(frozen=True)
class HouseDeployment:
    """A clearing house that was just deployed."""

    house: House
    transactions: tuple[Transaction, ...]

    @property
    def gas_used(self) -> int:
        return sum(transaction.gas_used for transaction in self.transactions)


class _Deployer:
    def __init__(self, connection: Connection, signer: LocalAccount) -> None:
        self.connection = connection
        self.signer = signer
        self.sent: list[Transaction] = []

    def create(self, code: bytes, abi: Abi, name: str) -> str:
        sent = self.connection.send(self.signer, None, code, abi, f"deploying {name}")
        self.sent.append(sent)
        if sent.contract_address is None:
            raise ChainError(f"the node reports no address for the deployment of {name}")
        return sent.contract_address

    def points(self, key: VerifyingKey, layout: PublicLayout) -> list[str]:
        return [self.create(blob_init_code(blob), (), "IC points") for blob in ic_blobs(key, layout)]


def deploy_house(
    connection: Connection,
    signer: LocalAccount,
    keys: Keys,
    compiled: CompiledClearing,
    parties: HouseParties,
    parameters: Parameters,
    first_listing: Listing,
    *,
    token_decimals: int,
    development: bool,
) -> HouseDeployment:
    """Deploy everything for three keys. `development`: one of the keys is a development key (local chains only)."""
    check_development(connection, development)
    make = _Deployer(connection, signer)
    unit, decimals = parties.settlement_unit, token_decimals
    libraries = {c.name: make.create(c.linked({}), c.abi, f"library {c.name}") for c in compiled.libraries}
    epochs = make.create(
        compiled.epochs.creation_code
        + encode(
            ["address", "string", "uint8", "address[]"],
            [checksum(parties.epoch_authority), unit, decimals, make.points(keys.margin, keys.tier)],
        ),
        compiled.epochs.abi,
        "the epochs",
    )
    steps = make.create(
        compiled.steps.creation_code
        + encode(
            ["address", "string", "uint8", LISTING_TYPE, "address[]"],
            [
                checksum(parties.step_authority),
                unit,
                decimals,
                listing_text(first_listing),
                make.points(keys.conservation, keys.conservation_layout),
            ],
        ),
        compiled.steps.abi,
        "the steps",
    )
    valuation = make.create(
        compiled.valuation.creation_code
        + encode(["address", "address[]"], [epochs, make.points(keys.valuation, keys.valuation_layout)]),
        compiled.valuation.abi,
        "the valuation",
    )
    arguments = _house_arguments(parties, parameters, (epochs, steps, valuation))
    house = make.create(compiled.house.linked(libraries) + arguments, compiled.house.abi, "the clearing house")
    return HouseDeployment(connect_house(connection, house, keys, compiled), tuple(make.sent))


def _house_arguments(parties: HouseParties, parameters: Parameters, verifiers: Sequence[str]) -> bytes:
    modules = "(address,address,address,address,address,address)"
    addresses = (parties.token, *verifiers, parties.sequencer_uptime, parties.backstop)
    return encode(
        [modules, PARAMETERS_TYPE, "address", "address", "uint256", "address[]", "uint8"],
        [
            tuple(map(checksum, addresses)),
            parameters.arguments(),
            checksum(parties.admin),
            checksum(parties.guardian),
            parties.timelock,
            [checksum(custodian) for custodian in parties.custodians],
            parties.threshold,
        ],
    )
