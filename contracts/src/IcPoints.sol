// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIcPoints} from "zkmargin/interfaces/IIcPoints.sol";

/// @notice IC_1..IC_M of the prepared inputs, in the code of data contracts that are checked against the key once.
/// @dev A data contract's code is one zero byte (STOP), then up to 383 points of 64 bytes, within the 24,576 bytes
/// that code may have. Code cannot change, so that the check at deployment holds for ever.
abstract contract IcPoints is IIcPoints {
    uint256 internal constant POINTS_PER_CONTRACT = 383;

    address[] private _contracts;

    constructor(address[] memory contracts) {
        bytes32[] memory hashes = new bytes32[](contracts.length);
        for (uint256 i = 0; i < contracts.length; ++i) {
            hashes[i] = contracts[i].codehash;
        }
        if (keccak256(abi.encodePacked(hashes)) != _icCodeHash()) revert IcPointsMismatch();
        _contracts = contracts;
    }

    /// @dev keccak256 over the code hashes of the data contracts, in order.
    function _icCodeHash() internal pure virtual returns (bytes32);

    /// @inheritdoc IIcPoints
    function icPointContracts() external view returns (address[] memory) {
        return _contracts;
    }

    /// @dev Copies the points of the prepared inputs first..first + count - 1 to memory at `to`.
    function _copyPoints(uint256 first, uint256 count, uint256 to) internal view {
        while (count > 0) {
            uint256 skip = first % POINTS_PER_CONTRACT;
            uint256 here = POINTS_PER_CONTRACT - skip;
            if (here > count) here = count;
            address source = _contracts[first / POINTS_PER_CONTRACT];
            assembly ("memory-safe") {
                extcodecopy(source, to, add(1, shl(6, skip)), shl(6, here))
            }
            first += here;
            count -= here;
            to += here << 6;
        }
    }
}
