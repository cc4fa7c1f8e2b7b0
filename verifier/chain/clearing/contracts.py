"""The contracts of a clearing house: three verifying keys, the house, and the libraries that hold its rules."""

from dataclasses import dataclass
from pathlib import Path

from verifier.chain.artefacts import Compiled, Project, compiled_project
from verifier.chain.codegen import epochs_name, epochs_source, reader_name
from verifier.chain.codegen_books import book_contract_name, book_source
from verifier.chain.key_literals import ic_blobs
from verifier.circuits import CLEARING, ConservationLayout, ValuationLayout
from verifier.errors import ArtefactMismatch
from verifier.groth16.keys import VerifyingKey
from verifier.keccak import keccak
from verifier.tiers import Tier

LIBRARIES = ("Trading", "Withdrawals", "Calls", "Auctions", "Bonds", "Deposits")
_HOUSE_SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClearingHouse} from "zkmargin/clearing/ClearingHouse.sol";
import {LocalToken} from "zkmargin/local/LocalToken.sol";
"""


@dataclass(frozen=True)
class Keys:
    """The three verifying keys of a clearing house; the circuits of books have as many places as the tier."""

    margin: VerifyingKey
    tier: Tier
    conservation: VerifyingKey
    valuation: VerifyingKey

    @property
    def conservation_layout(self) -> ConservationLayout:
        layout = CLEARING.get(f"conservation{self.tier.positions}")
        if not isinstance(layout, ConservationLayout):
            raise ArtefactMismatch(f"no conservation circuit has the {self.tier.positions} places of {self.tier.name}")
        return layout

    @property
    def valuation_layout(self) -> ValuationLayout:
        layout = CLEARING.get(f"valuation{self.tier.positions}")
        if not isinstance(layout, ValuationLayout):
            raise ArtefactMismatch(f"no valuation circuit has the {self.tier.positions} places of {self.tier.name}")
        return layout

    @property
    def hash(self) -> bytes:
        """keccak256 over the three hashes."""
        return keccak(self.margin.hash + self.conservation.hash + self.valuation.hash)


@dataclass(frozen=True)
class CompiledClearing:
    """Everything that a deployment needs."""

    house: Compiled
    libraries: tuple[Compiled, ...]
    epochs: Compiled
    reader: Compiled
    steps: Compiled
    valuation: Compiled
    local_token: Compiled


def clearing_project(keys: Keys) -> Project:
    """Return the generated sources of three keys."""
    epochs, steps, valuation = _names(keys)
    sources = {
        epochs: epochs_source(keys.margin, keys.tier, ic_blobs(keys.margin, keys.tier)),
        steps: book_source(keys.conservation, keys.conservation_layout),
        valuation: book_source(keys.valuation, keys.valuation_layout),
        "House": _HOUSE_SOURCE,
    }
    return Project(f"clearing-{keys.hash.hex()[:16]}", sources)


def _names(keys: Keys) -> tuple[str, str, str]:
    """Return the names of the contracts that hold the keys: epochs, steps, valuation."""
    steps, valuation = book_contract_name(keys.conservation_layout), book_contract_name(keys.valuation_layout)
    return epochs_name(keys.tier), steps, valuation


def compile_clearing(keys: Keys, build_folder: Path) -> CompiledClearing:
    """Generate and compile the contracts of three keys under `build_folder`/contracts; errors of `compiled_project`."""
    epochs, steps_name, valuation_name = _names(keys)
    with compiled_project(build_folder, clearing_project(keys)) as read:
        return CompiledClearing(
            house=read("ClearingHouse", "ClearingHouse"),
            libraries=tuple(read(name, name) for name in LIBRARIES),
            epochs=read(epochs, epochs),
            reader=read(epochs, reader_name(keys.tier)),
            steps=read(steps_name, steps_name),
            valuation=read(valuation_name, valuation_name),
            local_token=read("LocalToken", "LocalToken"),
        )
