"""The generated contracts of a margin key: the reader of its programs, its registry, its epochs, a bilateral registry.

Everything else in contracts/src is written by hand and the same for all keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.chain.key_literals import ic_code_hash, pairs, returned, stores
from verifier.encoding import spans
from verifier.errors import ArtefactMismatch
from verifier.groth16.curve import G1, sum_products
from verifier.groth16.keys import VerifyingKey
from verifier.tiers import RATIO_BANDS, Section, Tier

_ROLES = {
    "listing_hash": 1,
    "roll_long": 2,
    "roll_short": 2,
    "roll_net": 3,
    "tau": 4,
    "factor_multiplier": 4,
    "unit": 5,
    "cover": 6,
    "free": 7,
    "pickable": 8,
}
"""`Role` of contracts/src/Layout.sol."""
_LAST_CHUNK_ROLES = range(2, 9)


@dataclass(frozen=True)
class Piece:
    """The part of a section that stands in one chunk; `place` is its first entry's in the chunk."""

    section: Section
    chunk: int
    place: int
    count: int

    def word(self) -> int:
        """Return the piece as the word that contracts/src/Layout.sol reads."""
        section = self.section
        signed = section.low < 0
        limit = section.high - 1
        if section.width == 32:
            limit = 0  # stands for R - 1
        elif limit.bit_length() > 184:
            raise ArtefactMismatch(f"array {section.name}: its bound does not fit the contract's layout")
        if signed and section.low != -limit:
            raise ArtefactMismatch(f"array {section.name}: the contract knows symmetric bounds only")
        fields = (
            (self.chunk, 1),
            (section.width, 1),
            (_ROLES.get(section.name, 0), 1),
            (int(signed), 1),
            (_safe_top_digit(section) + 1 if signed else 0, 1),
            (self.count, 2),
            (self.place, 2),
            (limit, 23),
        )
        return int.from_bytes(b"".join(value.to_bytes(size, "big") for value, size in fields), "big")


def _safe_top_digit(section: Section) -> int:
    """Return the largest d such that no value with a top digit in [-d, d] is out of bounds, -1 where none is."""
    below = 1 << 8 * (section.width - 1)
    rest = 128 * (below - 1) // 255
    return max(-1, min(127, (section.high - 1 - rest) // below))


def pieces(tier: Tier) -> Iterator[Piece]:
    """Yield the layout of a tier's programs: its sections, cut where chunks end."""
    first = 0
    places = spans(tier)
    for section in tier.sections:
        last = first + section.count
        for chunk, span in enumerate(places):
            begin, end = max(first, span.first), min(last, span.first + span.count)
            if begin < end:
                if _ROLES.get(section.name, 0) in _LAST_CHUNK_ROLES and chunk != len(places) - 1:
                    raise ArtefactMismatch(f"array {section.name} of tier {tier.name} is not in the last chunk")
                yield Piece(section, chunk, begin - span.first, end - begin)
        first = last


def registry_name(tier: Tier) -> str:
    """Return the name of a tier's generated registry."""
    return f"{tier.name.capitalize()}Registry"


def epochs_name(tier: Tier) -> str:
    """Return the name of the contract that checks a tier's margin proofs for a clearing house."""
    return f"{tier.name.capitalize()}MarginEpochs"


def bilateral_name(tier: Tier) -> str:
    """Return the name of the contract in which two parties use a tier's key with hidden programs."""
    return f"{tier.name.capitalize()}Bilateral"


def reader_name(tier: Tier) -> str:
    """Return the name of the contract that reads a tier's programs."""
    return f"{tier.name.capitalize()}Reader"


def registry_source(key: VerifyingKey, tier: Tier, points: Sequence[bytes]) -> str:
    """Return the Solidity source of the registry for a key; refuses tiers of several accounts in one proof.

    `points`: the key's data contracts (`ic_blobs`).
    """
    return f"""{_head(key, tier, points, "MarginRegistry")}
/// @notice The registry of the verifying key 0x{key.hash.hex()}, tier {tier.name}.
contract {registry_name(tier)} is MarginRegistry {{
    constructor(Deployment memory deployment, address[] memory icPoints)
        MarginRegistry(deployment, new {reader_name(tier)}(icPoints))
    {{}}
{_key_functions(key, tier)}}}
"""


def epochs_source(key: VerifyingKey, tier: Tier, points: Sequence[bytes]) -> str:
    """Return the Solidity source of the epochs and verifier of a key, for a clearing house; `points` as above."""
    place = next(piece for piece in pieces(tier) if piece.section.name == "mark")
    if place.count != tier.positions or place.section.width != 5:
        raise ArtefactMismatch(f"the marks of tier {tier.name} do not stand in one chunk")
    entries = spans(tier)[place.chunk].count
    return f"""{_head(key, tier, points, "MarginEpochs")}
/// @notice Epochs and verifier of the verifying key 0x{key.hash.hex()}, tier {tier.name}.
contract {epochs_name(tier)} is MarginEpochs {{
    constructor(address authority, string memory unit, uint8 decimals, address[] memory icPoints)
        MarginEpochs(authority, unit, decimals, new {reader_name(tier)}(icPoints))
    {{}}

    function _marksPlace() internal pure override returns (uint256, uint256, uint256, uint256) {{
        return ({place.chunk}, {entries}, {place.place}, {place.count});
    }}
{_key_functions(key, tier)}}}
"""


def bilateral_source(key: VerifyingKey, tier: Tier) -> str:
    """Return the Solidity source of the registry of two parties and hidden programs; it reads none."""
    _check_one_account(key, tier)
    return f"""// SPDX-License-Identifier: Apache-2.0
// Generated by verifier/chain/codegen.py from a verifying key of tier {tier.name}; do not edit.
pragma solidity 0.8.37;

import {{BilateralRegistry}} from "zkmargin/BilateralRegistry.sol";

/// @notice Hidden programs of two parties under the verifying key 0x{key.hash.hex()}, tier {tier.name}.
contract {bilateral_name(tier)} is BilateralRegistry {{
    constructor(address venue_, address trader_) BilateralRegistry(venue_, trader_) {{}}
{_key_functions(key, tier)}}}
"""


def _check_one_account(key: VerifyingKey, tier: Tier) -> None:
    key.check_tier(tier)
    if tier.accounts != 1:
        raise ArtefactMismatch(f"tier {tier.name} proves {tier.accounts} accounts at once; the registry takes one")


def _head(key: VerifyingKey, tier: Tier, points: Sequence[bytes], base: str) -> str:
    _check_one_account(key, tier)
    layout = "\n            ".join(
        f'hex"{piece.word():064x}" // chunk {piece.chunk}: {piece.section.name}' for piece in pieces(tier)
    )
    return f"""// SPDX-License-Identifier: Apache-2.0
// Generated by verifier/chain/codegen.py from a verifying key of tier {tier.name}; do not edit.
pragma solidity 0.8.37;

import {{{base}}} from "zkmargin/{base}.sol";
import {{ProgramReader}} from "zkmargin/ProgramReader.sol";
import {{IcPoints}} from "zkmargin/IcPoints.sol";

/// @notice Reads programs of tier {tier.name} for the verifying key 0x{key.hash.hex()}.
contract {reader_name(tier)} is ProgramReader {{
    constructor(address[] memory icPoints) IcPoints(icPoints) {{}}

    function _icCodeHash() internal pure override returns (bytes32) {{
        return 0x{ic_code_hash(points).hex()};
    }}

    function _layout() internal pure override returns (bytes memory) {{
        return ({layout}
        );
    }}
}}
"""


def _key_functions(key: VerifyingKey, tier: Tier) -> str:
    ratio_ic, vault_ic, commitment_ic, context_ic = key.ic[tier.prepared_count + 1 :]
    live: dict[int, tuple[int, ...]] = {0x00: vault_ic, 0x60: commitment_ic, 0xC0: context_ic}
    bands = "\n".join(_band(ratio, sum_products([ratio_ic], [ratio])) for ratio in RATIO_BANDS)
    return f"""
    function _keyHash() internal pure override returns (bytes32) {{
        return 0x{key.hash.hex()};
    }}

    function _ic0() internal pure override returns (uint256, uint256) {{
        {returned(key.ic[0])}
    }}

    function _writeKeyPairs(uint256 memoryAt) internal pure override {{
        assembly ("memory-safe") {{
{stores(pairs(key))}
        }}
    }}

    function _writeLiveTerms(uint256 memoryAt) internal pure override {{
        assembly ("memory-safe") {{
{stores(live)}
        }}
    }}

    function _ratioIc() internal pure override returns (uint256, uint256) {{
        {returned(ratio_ic)}
    }}

    function _ratioTerm(uint256 ratioBps) internal pure override returns (uint256, uint256) {{
{bands}
        revert RatioNotABand(ratioBps);
    }}
"""


def _band(ratio: int, point: G1 | None) -> str:
    if point is None:
        raise ArtefactMismatch("the key's ratio term vanishes")
    return f"        if (ratioBps == {ratio}) {{\n            {returned(point, 12)}\n        }}"
