// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";

/// @notice The verifying key as literals. verifier/chain/codegen.py generates the one contract that implements this
/// for a key; everything else here is written by hand and the same for all keys.
abstract contract MarginKey is IMarginVerifier {
    /// @inheritdoc IMarginVerifier
    function verifyingKeyHash() external pure returns (bytes32) {
        return _keyHash();
    }

    /// @dev keccak256 over the verifying key's words.
    function _keyHash() internal pure virtual returns (bytes32);

    /// @dev IC_0, where every prepared point starts.
    function _ic0() internal pure virtual returns (uint256 x, uint256 y);

    /// @dev Writes alpha, -beta, (two words free), -gamma, (two words free), -delta: 18 words from `memoryAt` on.
    function _writeKeyPairs(uint256 memoryAt) internal pure virtual;

    /// @dev Writes the IC points of vault_balance, commitment and context, a free word behind each, at `memoryAt`.
    function _writeLiveTerms(uint256 memoryAt) internal pure virtual;

    /// @dev The IC point of ratio_bps.
    function _ratioIc() internal pure virtual returns (uint256 x, uint256 y);

    /// @dev ratioBps times the IC point of ratio_bps; reverts with RatioNotABand for other values.
    function _ratioTerm(uint256 ratioBps) internal pure virtual returns (uint256 x, uint256 y);
}
