// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IcPoints} from "zkmargin/IcPoints.sol";
import {Piece} from "zkmargin/Layout.sol";
import {Listings} from "zkmargin/Listings.sol";
import {PreparedSum} from "zkmargin/PreparedSum.sol";
import {Facts, Planes, ProgramChunk} from "zkmargin/ProgramChunk.sol";
import {ADD_GAS} from "zkmargin/Bn254.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice The epochs of one verifying key: delivery, the prepared point, and the newest epoch of each purpose.
abstract contract RiskEpochs is IcPoints, Listings {
    /// @dev The newest sealed epoch of a purpose: the two slots that a submission reads.
    struct Newest {
        uint256 point;
        uint40 number;
        uint40 validFrom;
        uint40 validUntil;
        uint128 vaultScale;
    }

    /// @dev An epoch in delivery; runningHash 0 means none.
    struct Draft {
        address publisher;
        uint40 number;
        uint40 validFrom;
        uint40 validUntil;
        uint8 nextChunk;
        bytes32 programHash;
        bytes32 runningHash;
        uint256 x;
        uint256 y;
        uint256 listingHash;
    }

    uint256 internal constant POINT_X = (1 << 254) - 1;
    uint256 internal constant POINT_PAR_ONLY = 1 << 254;
    bytes32 private constant PROGRAM_TAG = keccak256("zkmargin.program.v1");

    /// @inheritdoc IRiskEpochs
    address public immutable epochAuthority;

    Newest[2] private _newest;
    Draft[2] private _draft;
    mapping(bytes32 key => Epoch) private _epochs;

    constructor(address authority) {
        epochAuthority = authority;
    }

    /// @inheritdoc IRiskEpochs
    function openEpoch(
        Purpose purpose,
        uint256 number,
        bytes32 programHash,
        uint256 validFrom,
        uint256 validUntil,
        address publisher
    ) external {
        if (msg.sender != epochAuthority) revert NotEpochAuthority(msg.sender);
        uint256 newest = _newest[uint256(purpose)].number;
        if (number <= newest || number > type(uint40).max) revert EpochNotIncreasing(number, newest);
        if (validUntil <= validFrom || validUntil <= block.timestamp || validUntil > type(uint40).max) {
            revert EpochWindow(validFrom, validUntil);
        }
        (uint256 x, uint256 y) = _ic0();
        // forge-lint: disable-start(unsafe-typecast)
        _draft[uint256(purpose)] = Draft({
            publisher: publisher,
            number: uint40(number),
            validFrom: uint40(validFrom),
            validUntil: uint40(validUntil),
            nextChunk: 0,
            programHash: programHash,
            runningHash: PROGRAM_TAG,
            x: x,
            y: y,
            listingHash: 0
        });
        emit EpochOpened(purpose, uint40(number), programHash, publisher, uint40(validFrom), uint40(validUntil));
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @inheritdoc IRiskEpochs
    function appendChunks(Purpose purpose, uint256 number, bytes[] calldata chunks) external {
        Draft memory draft = _draft[uint256(purpose)];
        if (draft.runningHash == 0 || draft.number != number) revert EpochNotOpen(number);
        if (msg.sender != draft.publisher) revert NotPublisher(msg.sender);
        bytes memory pieces = _layout();
        Facts memory facts;
        for (uint256 i = 0; i < chunks.length; ++i) {
            _append(draft, pieces, chunks[i], facts);
        }
        if (draft.nextChunk < _chunkCount(pieces)) {
            _draft[uint256(purpose)] = draft;
        } else {
            delete _draft[uint256(purpose)].runningHash;
            _seal(purpose, draft, facts);
        }
    }

    /// @inheritdoc IRiskEpochs
    function newestEpoch(Purpose purpose) external view returns (uint40 number) {
        return _newest[uint256(purpose)].number;
    }

    /// @inheritdoc IRiskEpochs
    function epoch(Purpose purpose, uint256 number) public view returns (Epoch memory) {
        return _epochs[_key(purpose, number)];
    }

    /// @inheritdoc IRiskEpochs
    function delivery(Purpose purpose) external view returns (uint40 number, uint256 arrived, uint256 total) {
        Draft storage draft = _draft[uint256(purpose)];
        if (draft.runningHash != 0) (number, arrived) = (draft.number, draft.nextChunk);
        total = _chunkCount(_layout());
    }

    /// @dev The prepared point's word and the vault's scale, if `number` is the newest epoch and valid now.
    function _liveEpoch(Purpose purpose, uint256 number) internal view returns (uint256 point, uint256 vaultScale) {
        Newest storage newest = _newest[uint256(purpose)];
        uint256 newestNumber = newest.number;
        if (newestNumber == 0) revert EpochUnset();
        if (number != newestNumber) revert EpochNotNewest(number, newestNumber);
        if (block.timestamp < newest.validFrom) revert EpochNotYetValid(newest.validFrom);
        if (block.timestamp > newest.validUntil) revert EpochExpired(newest.validUntil);
        return (newest.point, newest.vaultScale);
    }

    function _append(Draft memory draft, bytes memory pieces, bytes calldata chunk, Facts memory facts) private view {
        uint256 index = draft.nextChunk;
        if (index == _chunkCount(pieces)) revert TooManyChunks();
        (uint256 first, Planes memory planes) = _place(pieces, index);
        uint256 expected = planes.entries * planes.width;
        if (chunk.length != expected) revert ChunkLength(index, chunk.length, expected);
        draft.runningHash = keccak256(abi.encodePacked(draft.runningHash, chunk));

        uint256 start;
        assembly ("memory-safe") {
            start := chunk.offset
        }
        planes.start = start;
        facts.leastRate = type(uint256).max >> 1;
        for (uint256 offset = 0; offset < pieces.length; offset += 32) {
            Piece piece = _pieceAt(pieces, offset);
            if (piece.chunkOf() == index) ProgramChunk.check(piece, planes, facts);
        }
        if (index == 0) draft.listingHash = facts.listingHash;
        (draft.x, draft.y) = _addSum(draft.x, draft.y, first, planes);
        draft.nextChunk = uint8(index + 1); // forge-lint: disable-line(unsafe-typecast)
    }

    /// @dev (x, y) + the sum over a chunk; gives its memory back.
    function _addSum(uint256 x, uint256 y, uint256 first, Planes memory planes)
        private
        view
        returns (uint256, uint256)
    {
        uint256 points;
        uint256 entries = planes.entries;
        assembly ("memory-safe") {
            points := mload(0x40)
            mstore(0x40, add(points, shl(6, entries)))
        }
        _copyPoints(first, entries, points);
        (uint256 u, uint256 v) = PreparedSum.sum(points, planes);
        bool ok;
        assembly ("memory-safe") {
            mstore(0x40, points)
            mstore(points, x)
            mstore(add(points, 0x20), y)
            mstore(add(points, 0x40), u)
            mstore(add(points, 0x60), v)
            ok := staticcall(ADD_GAS, 6, points, 0x80, points, 0x40)
            x := mload(points)
            y := mload(add(points, 0x20))
        }
        if (!ok) revert CurveFailure();
        return (x, y);
    }

    function _seal(Purpose purpose, Draft memory draft, Facts memory facts) private {
        if (draft.runningHash != draft.programHash) revert ProgramHashMismatch(draft.runningHash, draft.programHash);
        if (!facts.measured) revert NothingMeasured();
        if (draft.x == 0) revert PointAtInfinity(); // no point of a real key has x = 0 either
        if (draft.validUntil <= block.timestamp) revert EpochWindow(draft.validFrom, draft.validUntil);
        uint256 point = draft.x | (draft.y << 255);
        if (facts.parOnly) point |= POINT_PAR_ONLY;
        uint128 scale = vaultScaleOf[draft.listingHash];
        _newest[uint256(purpose)] = Newest(point, draft.number, draft.validFrom, draft.validUntil, scale);
        _epochs[_key(purpose, draft.number)] =
            Epoch(draft.programHash, draft.listingHash, point, draft.validFrom, draft.validUntil, scale);
        emit EpochSealed(purpose, draft.number, draft.programHash, draft.listingHash, draft.x, draft.y);
    }

    function _key(Purpose purpose, uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encode(_keyHash(), purpose, number));
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

    function _chunkCount(bytes memory pieces) private pure returns (uint256) {
        return _pieceAt(pieces, pieces.length - 32).chunkOf() + 1;
    }

    function _pieceAt(bytes memory pieces, uint256 offset) private pure returns (Piece piece) {
        assembly ("memory-safe") {
            piece := mload(add(add(pieces, 0x20), offset))
        }
    }
}
