"""The generated part of the contracts: a verifying key and its tier's layout as Solidity literals, and the IC blobs.

Everything else in contracts/src is written by hand and the same for all keys. Literals cost about 1,600 gas a proof
less than immutables, and a key that is code cannot be replaced.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eth_hash.auto import keccak

from verifier.encoding import spans
from verifier.errors import ArtefactMismatch
from verifier.field import Q
from verifier.groth16.curve import G1, G2, sum_products
from verifier.groth16.keys import VerifyingKey, g2_words
from verifier.tiers import RATIO_BANDS, Section, Tier

POINTS_PER_CONTRACT = 383
"""1 + 383 * 64 bytes: the most that a contract's 24,576 bytes of code can hold."""

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


def ic_blobs(key: VerifyingKey, tier: Tier) -> tuple[bytes, ...]:
    """Return the code of the data contracts that hold IC_1..IC_M, M prepared inputs: STOP, then the points."""
    key.check_tier(tier)
    points = key.ic[1 : tier.prepared_count + 1]
    return tuple(
        b"\0" + b"".join(_g1_bytes(point) for point in points[start : start + POINTS_PER_CONTRACT])
        for start in range(0, len(points), POINTS_PER_CONTRACT)
    )


def blob_init_code(blob: bytes) -> bytes:
    """Return the creation code of a contract whose code is `blob`: PUSH2 size, DUP1, PUSH1 10, 0, CODECOPY, RETURN."""
    return b"\x61" + len(blob).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + blob


def ic_code_hash(blobs: Sequence[bytes]) -> bytes:
    """Return keccak256 over the code hashes of the data contracts."""
    return keccak(b"".join(keccak(blob) for blob in blobs))


def contract_name(tier: Tier) -> str:
    """Return the name of a tier's generated contract."""
    return f"{tier.name.capitalize()}Registry"


def reader_name(tier: Tier) -> str:
    """Return the name of the contract that reads a tier's programs, in the same source."""
    return f"{tier.name.capitalize()}Reader"


def registry_source(key: VerifyingKey, tier: Tier) -> str:
    """Return the Solidity source of the registry for a key; refuses tiers of several accounts in one proof."""
    key.check_tier(tier)
    if tier.accounts != 1:
        raise ArtefactMismatch(f"tier {tier.name} proves {tier.accounts} accounts at once; the registry takes one")
    ratio_ic, vault_ic, commitment_ic, context_ic = key.ic[tier.prepared_count + 1 :]
    pairs: dict[int, tuple[int, ...]] = {
        0x00: key.alpha,
        0x40: _negative_words(key.beta),
        0x100: _negative_words(key.gamma),
        0x1C0: _negative_words(key.delta),
    }
    live: dict[int, tuple[int, ...]] = {0x00: vault_ic, 0x60: commitment_ic, 0xC0: context_ic}
    bands = "\n".join(_band(ratio, sum_products([ratio_ic], [ratio])) for ratio in RATIO_BANDS)
    layout = "\n            ".join(
        f'hex"{piece.word():064x}" // chunk {piece.chunk}: {piece.section.name}' for piece in pieces(tier)
    )
    return f"""// SPDX-License-Identifier: Apache-2.0
// Generated by verifier/chain/codegen.py from a verifying key of tier {tier.name}; do not edit.
pragma solidity 0.8.37;

import {{MarginRegistry}} from "zkmargin/MarginRegistry.sol";
import {{ProgramReader}} from "zkmargin/ProgramReader.sol";
import {{IcPoints}} from "zkmargin/IcPoints.sol";

/// @notice Reads programs of tier {tier.name} for the verifying key 0x{key.hash.hex()}.
contract {reader_name(tier)} is ProgramReader {{
    constructor(address[] memory icPoints) IcPoints(icPoints) {{}}

    function _icCodeHash() internal pure override returns (bytes32) {{
        return 0x{ic_code_hash(ic_blobs(key, tier)).hex()};
    }}

    function _layout() internal pure override returns (bytes memory) {{
        return ({layout}
        );
    }}
}}

/// @notice The registry of the verifying key 0x{key.hash.hex()}, tier {tier.name}.
contract {contract_name(tier)} is MarginRegistry {{
    constructor(Deployment memory deployment, address[] memory icPoints)
        MarginRegistry(deployment, new {reader_name(tier)}(icPoints))
    {{}}

    function _keyHash() internal pure override returns (bytes32) {{
        return 0x{key.hash.hex()};
    }}

    function _ic0() internal pure override returns (uint256, uint256) {{
        {_return(key.ic[0])}
    }}

    function _writeKeyPairs(uint256 memoryAt) internal pure override {{
        assembly ("memory-safe") {{
{_stores(pairs)}
        }}
    }}

    function _writeLiveTerms(uint256 memoryAt) internal pure override {{
        assembly ("memory-safe") {{
{_stores(live)}
        }}
    }}

    function _ratioIc() internal pure override returns (uint256, uint256) {{
        {_return(ratio_ic)}
    }}

    function _ratioTerm(uint256 ratioBps) internal pure override returns (uint256, uint256) {{
{bands}
        revert RatioNotABand(ratioBps);
    }}
}}
"""


def _band(ratio: int, point: G1 | None) -> str:
    if point is None:
        raise ArtefactMismatch("the key's ratio term vanishes")
    return f"        if (ratioBps == {ratio}) {{\n            {_return(point, 12)}\n        }}"


def _return(point: G1, indent: int = 8) -> str:
    """Return the statement that returns a point, as forge fmt would write it."""
    pad = " " * indent
    return f"return (\n{pad}    0x{point[0]:064x},\n{pad}    0x{point[1]:064x}\n{pad});"


def _stores(points: dict[int, tuple[int, ...]]) -> str:
    return "\n".join(
        f"            mstore(add(memoryAt, 0x{offset + 32 * index:03x}), 0x{word:064x})"
        for offset, words in points.items()
        for index, word in enumerate(words)
    )


def _negative_words(point: G2) -> tuple[int, ...]:
    """Return the EVM words of -point: the contract negates nothing."""
    x, (y0, y1) = point
    return g2_words((x, (-y0 % Q, -y1 % Q)))


def _g1_bytes(point: G1) -> bytes:
    return point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
