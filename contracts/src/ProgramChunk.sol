// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {Piece, Role} from "zkmargin/Layout.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";

/// @notice What the chunks of a program showed so far; roles that are compared stand in one chunk.
struct Facts {
    /// The first entry of the program.
    uint256 listingHash;
    /// Least of roll_long and roll_short.
    uint256 leastRate;
    /// Bit g: group g is covered.
    uint256 covered;
    /// Bit g: group g is free.
    uint256 free;
    /// Some entry can make a requirement.
    bool measured;
    /// A group is covered and not free: its rows hold no ratio.
    bool parOnly;
}

/// @notice Where a chunk's bytes stand: `width` planes of `entries` bytes from the calldata offset `start` on.
struct Planes {
    uint256 start;
    uint256 entries;
    uint256 width;
}

/// @notice Reads a chunk: digit planes in calldata, top plane first, one byte an entry, two's complement digits.
library ProgramChunk {
    uint256 private constant LOW_BITS = 0x7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f;
    uint256 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;
    uint256 private constant EACH_BYTE = 0x0101010101010101010101010101010101010101010101010101010101010101;

    /// @notice The signed value of entry `index`.
    function value(Planes memory planes, uint256 index) internal pure returns (int256 v) {
        (uint256 start, uint256 entries, uint256 width) = (planes.start, planes.entries, planes.width);
        assembly ("memory-safe") {
            let entryAt := add(start, index)
            for { let end := add(entryAt, mul(entries, width)) } lt(entryAt, end) { entryAt := add(entryAt, entries) } {
                v := add(shl(8, v), signextend(0, byte(0, calldataload(entryAt))))
            }
        }
    }

    /// @notice Checks the bounds of one piece's entries and notes what its role says.
    function check(Piece piece, Planes memory planes, Facts memory facts) internal pure {
        if (piece.roleOf() != Role.NONE) {
            for (uint256 i = 0; i < piece.countOf(); ++i) {
                int256 v = value(planes, piece.placeOf() + i);
                _checkEntry(piece, v, i);
                _note(piece, v, i, facts);
            }
            return;
        }
        uint256 count = piece.countOf();
        for (uint256 i = 0; i < count; i += 32) {
            uint256 left = count - i;
            uint256 doubtful = _doubtful(piece, planes, piece.placeOf() + i);
            if (left < 32) doubtful &= ~(type(uint256).max >> (8 * left));
            for (uint256 k = i; doubtful != 0; ++k) {
                if (doubtful >> 248 != 0) {
                    _checkEntry(piece, value(planes, piece.placeOf() + k), k);
                }
                doubtful <<= 8;
            }
        }
    }

    /// @dev Of 32 entries from `index` on: a non-zero byte for each that might be out of bounds, zero for each that
    /// cannot be. Bytes behind the piece's end are meaningless.
    function _doubtful(Piece piece, Planes memory planes, uint256 index) private pure returns (uint256 out) {
        (uint256 start, uint256 entries, uint256 width) = (planes.start, planes.entries, planes.width);
        uint256 safe = piece.safeTopPlusOne();
        assembly ("memory-safe") {
            let entryAt := add(start, index)
            switch safe
            case 0 {
                // every entry that is not zero
                for { let end := add(entryAt, mul(entries, width)) } lt(entryAt, end) {
                    entryAt := add(entryAt, entries)
                } {
                    out := or(out, calldataload(entryAt))
                }
            }
            default {
                // byte-wise (digit + s) mod 256 > 2s, s the safe digit: the carry of (digit + s) + (255 - 2s)
                safe := sub(safe, 1)
                let digit := calldataload(entryAt)
                let s := mul(safe, EACH_BYTE)
                let x := xor(add(and(digit, LOW_BITS), s), and(digit, HIGH_BITS))
                let c := mul(sub(255, shl(1, safe)), EACH_BYTE)
                let sum := xor(add(and(x, LOW_BITS), and(c, LOW_BITS)), and(xor(x, c), HIGH_BITS))
                out := and(or(and(x, c), and(or(x, c), not(sum))), HIGH_BITS)
            }
        }
    }

    function _checkEntry(Piece piece, int256 v, uint256 index) private pure {
        uint256 limit = piece.limitOf();
        if (limit == 0) limit = FIELD - 1;
        // a negative v is a large unsigned number, whose negative is its magnitude
        bool inside;
        unchecked {
            // forge-lint: disable-next-line(unsafe-typecast)
            inside = uint256(v) <= limit || (piece.isSigned() && uint256(-v) <= limit);
        }
        if (!inside) revert IProgramReader.EntryOutOfBounds(piece.chunkOf(), piece.placeOf() + index);
    }

    function _note(Piece piece, int256 v, uint256 index, Facts memory facts) private pure {
        uint256 role = piece.roleOf();
        uint256 entry = uint256(v); // forge-lint: disable-line(unsafe-typecast)
        if (role == Role.LISTING) {
            facts.listingHash = entry;
        } else if (role == Role.NET) {
            if (v < -int256(facts.leastRate)) revert IProgramReader.RollNetBelowRates();
            if (v != 0) facts.measured = true;
        } else if (role == Role.UNIT) {
            if (entry == 0) revert IProgramReader.UnitIsZero();
        } else if (role == Role.FREE) {
            bool covered = (facts.covered >> index) & 1 != 0;
            if (entry != 0 && !covered) revert IProgramReader.FreeWithoutCover(index);
            if (entry == 0 && covered) facts.parOnly = true;
            if (entry != 0) facts.free |= uint256(1) << index;
        } else if (role == Role.PICK) {
            if (entry != 0 && (facts.free >> index) & 1 == 0) revert IProgramReader.PickWithoutFree(index);
        } else {
            if (role == Role.RATE && entry < facts.leastRate) facts.leastRate = entry;
            if (role == Role.COVER && entry != 0) facts.covered |= uint256(1) << index;
            if (entry != 0) facts.measured = true;
        }
    }
}
