// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IcPoints} from "zkmargin/IcPoints.sol";
import {Piece} from "zkmargin/Layout.sol";
import {PreparedSum} from "zkmargin/PreparedSum.sol";
import {Facts, Planes, ProgramChunk} from "zkmargin/ProgramChunk.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";

/// @notice Reads chunks along the layout of the key's tier.
abstract contract ProgramReader is IProgramReader, IcPoints {
    /// @dev Pieces of the program's chunks in order, one word each (Layout.sol).
    function _layout() internal pure virtual returns (bytes memory);

    /// @inheritdoc IProgramReader
    function chunkCount() external pure returns (uint256) {
        bytes memory pieces = _layout();
        return _pieceAt(pieces, pieces.length - 32).chunkOf() + 1;
    }

    /// @inheritdoc IProgramReader
    function read(uint256 index, bytes calldata chunk) external view returns (Reading memory out) {
        bytes memory pieces = _layout();
        (uint256 first, Planes memory planes) = _place(pieces, index);
        uint256 expected = planes.entries * planes.width;
        if (chunk.length != expected) revert ChunkLength(index, chunk.length, expected);
        uint256 start;
        assembly ("memory-safe") {
            start := chunk.offset
        }
        planes.start = start;

        Facts memory facts;
        facts.leastRate = type(uint256).max >> 1;
        for (uint256 offset = 0; offset < pieces.length; offset += 32) {
            Piece piece = _pieceAt(pieces, offset);
            if (piece.chunkOf() == index) ProgramChunk.check(piece, planes, facts);
        }

        uint256 points;
        uint256 entries = planes.entries;
        assembly ("memory-safe") {
            points := mload(0x40)
            mstore(0x40, add(points, shl(6, entries)))
        }
        _copyPoints(first, entries, points);
        (uint256 x, uint256 y) = PreparedSum.sum(points, planes);
        return Reading(facts.listingHash, facts.measured, facts.parOnly, x, y);
    }

    /// @dev Chunk `index`: its first prepared input, its entries and their width.
    function _place(bytes memory pieces, uint256 index) private pure returns (uint256 first, Planes memory planes) {
        for (uint256 offset = 0; offset < pieces.length; offset += 32) {
            Piece piece = _pieceAt(pieces, offset);
            if (piece.chunkOf() < index) first += piece.countOf();
            if (piece.chunkOf() == index) {
                planes.entries += piece.countOf();
                planes.width = piece.widthOf();
            }
        }
    }

    function _pieceAt(bytes memory pieces, uint256 offset) private pure returns (Piece piece) {
        assembly ("memory-safe") {
            piece := mload(add(add(pieces, 0x20), offset))
        }
    }
}
