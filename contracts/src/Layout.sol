// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One word of the key's layout: a section of the program, or the part of it that stands in one chunk.
/// @dev chunk (1 byte) | width (1) | role (1) | signed (1) | safe top digit + 1 (1) | count (2) | place in the chunk (2) |
/// limit (23). An entry v must hold |v| <= limit, v >= 0 unless signed; limit 0 stands for r - 1. Every signed value
/// whose top digit is at most the safe one in magnitude is inside; safe top digit + 1 = 0 means that none is.
type Piece is uint256;

/// @notice What the contract derives from a section while it passes by.
library Role {
    uint256 internal constant NONE = 0;
    /// The listing hash: stored with the epoch.
    uint256 internal constant LISTING = 1;
    /// roll_long, roll_short: bound roll_net from below; a requirement can come from them.
    uint256 internal constant RATE = 2;
    /// roll_net.
    uint256 internal constant NET = 3;
    /// tau, factor_multiplier: a requirement can come from them.
    uint256 internal constant MEASURE = 4;
    /// unit: at least one.
    uint256 internal constant UNIT = 5;
    /// cover: a requirement can come from it.
    uint256 internal constant COVER = 6;
    /// free: only where cover is; a group that is covered and not free allows ratio one only.
    uint256 internal constant FREE = 7;
    /// pickable: only where free is.
    uint256 internal constant PICK = 8;
}

using {chunkOf, widthOf, roleOf, isSigned, safeTopPlusOne, countOf, placeOf, limitOf} for Piece global;

function chunkOf(Piece piece) pure returns (uint256) {
    return Piece.unwrap(piece) >> 248;
}

function widthOf(Piece piece) pure returns (uint256) {
    return (Piece.unwrap(piece) >> 240) & 0xff;
}

function roleOf(Piece piece) pure returns (uint256) {
    return (Piece.unwrap(piece) >> 232) & 0xff;
}

function isSigned(Piece piece) pure returns (bool) {
    return (Piece.unwrap(piece) >> 224) & 0xff != 0;
}

function safeTopPlusOne(Piece piece) pure returns (uint256) {
    return (Piece.unwrap(piece) >> 216) & 0xff;
}

function countOf(Piece piece) pure returns (uint256) {
    return (Piece.unwrap(piece) >> 200) & 0xffff;
}

function placeOf(Piece piece) pure returns (uint256) {
    return (Piece.unwrap(piece) >> 184) & 0xffff;
}

function limitOf(Piece piece) pure returns (uint256) {
    return Piece.unwrap(piece) & ((1 << 184) - 1);
}
