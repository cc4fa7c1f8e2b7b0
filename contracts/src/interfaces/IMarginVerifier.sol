// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Groth16 verification against an epoch's prepared point (docs/statement.md).
interface IMarginVerifier {
    /// The proof does not hold for these public signals.
    error InvalidProof();
    /// ratio_bps is none of the published bands 10000, 12500, 15000, 20000.
    error RatioNotABand(uint256 ratioBps);
    /// A batch holds no item.
    error EmptyBatch();
    /// The call has missing or trailing bytes.
    error CalldataLength(uint256 given, uint256 expected);

    /// @notice keccak256 over the verifying key's words: epochs and contexts name the key by it.
    function verifyingKeyHash() external pure returns (bytes32);
}
