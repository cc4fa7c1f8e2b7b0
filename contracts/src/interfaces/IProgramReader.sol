// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIcPoints} from "zkmargin/interfaces/IIcPoints.sol";

/// @notice Reads the chunks of a program for one verifying key: bounds, what the registry must know, and curve sums.
/// @dev Stateless, and made by the registry that uses it.
interface IProgramReader is IIcPoints {
    /// @param listingHash the program's listing hash (first chunk)
    /// @param measured some entry can make a requirement (last chunk)
    /// @param parOnly a group is covered and not free, which allows ratio one only (last chunk)
    /// @param x and y: sum of v_j IC_j over the chunk, (0, 0) for infinity
    struct Reading {
        uint256 listingHash;
        bool measured;
        bool parOnly;
        uint256 x;
        uint256 y;
    }

    /// A chunk has not the length of its place in the layout.
    error ChunkLength(uint256 chunk, uint256 given, uint256 expected);
    /// An entry is outside the bounds of docs/statement.md, part 3.
    error EntryOutOfBounds(uint256 chunk, uint256 entry);
    /// roll_net is below the negative of the least roll rate.
    error RollNetBelowRates();
    /// unit is zero.
    error UnitIsZero();
    /// A group is free and not covered.
    error FreeWithoutCover(uint256 group);
    /// A group of the program is pickable and not free.
    error PickWithoutFree(uint256 group);
    /// A curve precompile refused its input, which checked points never cause.
    error CurveFailure();

    /// @notice How many chunks a program has.
    function chunkCount() external pure returns (uint256);

    /// @notice Reads chunk `index`.
    function read(uint256 index, bytes calldata chunk) external view returns (Reading memory);
}
