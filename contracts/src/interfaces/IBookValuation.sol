// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Marked values of committed books against the marks of maintenance epochs (docs/clearing.md, 4).
interface IBookValuation {
    /// @notice The marks of an epoch were shown; values and bands can be proven against it.
    event MarksPrepared(uint40 indexed epoch);

    /// The marks are not those of the epoch, or the epoch is not sealed.
    error NotTheMarks(uint256 epochNumber);
    /// Nobody has shown this epoch's marks yet.
    error MarksNotPrepared(uint256 epochNumber);
    /// A value is out of the field's signed range, a band above 10^4, or a commitment not in the field.
    error ValueOutOfRange();
    /// The valuation proof does not hold.
    error InvalidValuation();

    /// @notice keccak256 over the valuation key's words.
    function valuationKeyHash() external pure returns (bytes32);

    /// @notice Shows the marks of a sealed maintenance epoch, 5 digit planes of N bytes. Anyone may; once is enough.
    function prepareMarks(uint256 epochNumber, bytes calldata marks) external;

    /// @notice Whether an epoch's marks were shown.
    function marksPrepared(uint256 epochNumber) external view returns (bool);

    /// @notice Reverts unless the committed book's marked value is exactly `value` money units.
    function checkValue(
        uint256 epochNumber,
        uint256 commitment,
        int256 value,
        uint256 context,
        uint256[8] calldata proof
    ) external view;

    /// @notice Reverts unless the committed trade's value is within bandBps / 10^4 of the gross value of its legs.
    function checkBand(
        uint256 epochNumber,
        uint256 commitment,
        uint256 bandBps,
        uint256 context,
        uint256[8] calldata proof
    ) external view;
}
