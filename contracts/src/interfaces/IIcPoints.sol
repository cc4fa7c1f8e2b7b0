// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The IC points of a key's prepared inputs, in the code of data contracts.
interface IIcPoints {
    /// The data contracts do not hold the IC points of the verifying key.
    error IcPointsMismatch();

    /// @notice The data contracts of the IC points, in order.
    function icPointContracts() external view returns (address[] memory);
}
