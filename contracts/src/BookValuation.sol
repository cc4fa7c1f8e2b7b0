// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {BookVerifier} from "zkmargin/BookVerifier.sol";
import {IcPoints} from "zkmargin/IcPoints.sol";
import {Planes, ProgramChunk} from "zkmargin/ProgramChunk.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Values of hidden books. The marks are those of the epoch's own program: their hash was taken while it arrived.
abstract contract BookValuation is IBookValuation, BookVerifier {
    uint256 private constant MARK_PLANES = 5;
    /// @dev Values are below it in magnitude: 128 places * 2^39 * 2^47.
    int256 private constant VALUE_LIMIT = 1 << 93;

    IMarginEpochs public immutable epochs;

    mapping(uint256 epochNumber => Point) private _points;

    constructor(IMarginEpochs epochs_, address[] memory icPoints) IcPoints(icPoints) {
        epochs = epochs_;
    }

    /// @inheritdoc IBookValuation
    function valuationKeyHash() external pure returns (bytes32) {
        return _bookKeyHash();
    }

    /// @dev Places of the listing.
    function _places() internal pure virtual returns (uint256);

    /// @inheritdoc IBookValuation
    function prepareMarks(uint256 epochNumber, bytes calldata marks) external {
        bytes32 expected = epochs.marksHash(epochNumber);
        uint256 places = _places();
        if (expected == 0 || marks.length != MARK_PLANES * places || keccak256(marks) != expected) {
            revert NotTheMarks(epochNumber);
        }
        uint256 start;
        assembly ("memory-safe") {
            start := marks.offset
        }
        Planes memory planes = Planes(start, places, MARK_PLANES);
        int256[] memory values = new int256[](places + 1);
        // forge-lint: disable-next-line(unsafe-typecast)
        values[0] = int256(epochs.epoch(Purpose.Maintenance, epochNumber).listingHash); // < 2^254
        for (uint256 i = 0; i < places; ++i) {
            values[i + 1] = ProgramChunk.value(planes, i);
        }
        (uint256 x, uint256 y) = _bookIc0();
        Point memory sum = Point(x, y);
        _plusInputs(sum, 0, values);
        _points[epochNumber] = sum;
        // forge-lint: disable-next-line(unsafe-typecast)
        emit MarksPrepared(uint40(epochNumber));
    }

    /// @inheritdoc IBookValuation
    function marksPrepared(uint256 epochNumber) public view returns (bool) {
        Point storage p = _points[epochNumber];
        return p.x != 0 || p.y != 0;
    }

    /// @inheritdoc IBookValuation
    function checkValue(
        uint256 epochNumber,
        uint256 commitment,
        int256 value,
        uint256 context,
        uint256[8] calldata proof
    ) external view {
        if (value >= VALUE_LIMIT || value <= -VALUE_LIMIT) revert ValueOutOfRange();
        // forge-lint: disable-next-line(unsafe-typecast)
        uint256 element = value < 0 ? FIELD - uint256(-value) : uint256(value);
        _check(epochNumber, 1, 0, element, commitment, context, proof);
    }

    /// @inheritdoc IBookValuation
    function checkBand(
        uint256 epochNumber,
        uint256 commitment,
        uint256 bandBps,
        uint256 context,
        uint256[8] calldata proof
    ) external view {
        if (bandBps > 10_000) revert ValueOutOfRange();
        _check(epochNumber, 0, bandBps, 0, commitment, context, proof);
    }

    function _check(
        uint256 epochNumber,
        uint256 revealed,
        uint256 bandBps,
        uint256 value,
        uint256 commitment,
        uint256 context,
        uint256[8] calldata proof
    ) private view {
        if (!marksPrepared(epochNumber)) revert MarksNotPrepared(epochNumber);
        if (commitment == 0 || commitment >= FIELD) revert ValueOutOfRange();
        uint256[] memory live = new uint256[](5);
        (live[0], live[1], live[2], live[3], live[4]) = (revealed, bandBps, value, commitment, context % FIELD);
        if (!_bookHolds(_points[epochNumber], live, proof)) revert InvalidValuation();
    }
}
