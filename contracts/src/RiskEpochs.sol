// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Listings} from "zkmargin/Listings.sol";
import {MarginKey} from "zkmargin/MarginKey.sol";
import {ADD_GAS} from "zkmargin/Bn254.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice The epochs of one verifying key: delivery, the prepared point, and the newest epoch of each purpose.
abstract contract RiskEpochs is MarginKey, Listings {
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

    /// @inheritdoc IRiskEpochs
    IProgramReader public immutable programReader;

    Newest[2] private _newest;
    Draft[2] private _draft;
    mapping(bytes32 key => Epoch) private _epochs;

    constructor(address authority, IProgramReader reader) {
        epochAuthority = authority;
        programReader = reader;
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
        uint256 total = programReader.chunkCount();
        IProgramReader.Reading memory last;
        for (uint256 i = 0; i < chunks.length; ++i) {
            if (draft.nextChunk == total) revert TooManyChunks();
            last = _append(purpose, draft, chunks[i]);
        }
        if (draft.nextChunk < total) {
            _draft[uint256(purpose)] = draft;
        } else {
            delete _draft[uint256(purpose)].runningHash;
            _seal(purpose, draft, last.measured, last.parOnly);
        }
    }

    /// @inheritdoc IRiskEpochs
    function newestEpoch(Purpose purpose) public view returns (uint40 number) {
        return _newest[uint256(purpose)].number;
    }

    /// @inheritdoc IRiskEpochs
    function epoch(Purpose purpose, uint256 number) public view returns (Epoch memory) {
        return _epochs[_key(purpose, number)];
    }

    /// @inheritdoc IRiskEpochs
    function delivery(Purpose purpose) public view returns (uint40 number, uint256 arrived, uint256 total) {
        Draft storage draft = _draft[uint256(purpose)];
        if (draft.runningHash != 0) (number, arrived) = (draft.number, draft.nextChunk);
        total = programReader.chunkCount();
    }

    /// @dev The prepared point's word and the vault's scale, if `number` is the newest epoch and valid now.
    function _liveEpoch(Purpose purpose, uint256 number) internal view returns (uint256 point, uint256 vaultScale) {
        Newest memory newest = _newest[uint256(purpose)];
        uint256 newestNumber = newest.number;
        if (newestNumber == 0) revert EpochUnset();
        if (number != newestNumber) revert EpochNotNewest(number, newestNumber);
        if (block.timestamp < newest.validFrom) revert EpochNotYetValid(newest.validFrom);
        if (block.timestamp > newest.validUntil) revert EpochExpired(newest.validUntil);
        return (newest.point, newest.vaultScale);
    }

    /// @dev For contracts that keep more of an epoch: a chunk has been read, and an epoch is about to replace the newest one.
    function _onChunk(Purpose purpose, uint256 number, uint256 index, bytes calldata chunk) internal virtual {}

    function _onSeal(Purpose purpose, uint256 number, uint256 validFrom) internal virtual {}

    function _append(Purpose purpose, Draft memory draft, bytes calldata chunk)
        private
        returns (IProgramReader.Reading memory out)
    {
        out = programReader.read(draft.nextChunk, chunk);
        _onChunk(purpose, draft.number, draft.nextChunk, chunk);
        if (draft.nextChunk == 0) draft.listingHash = out.listingHash;
        draft.runningHash = keccak256(abi.encodePacked(draft.runningHash, chunk));
        (draft.x, draft.y) = _add(draft.x, draft.y, out.x, out.y);
        ++draft.nextChunk;
    }

    function _add(uint256 x, uint256 y, uint256 u, uint256 v) private view returns (uint256, uint256) {
        bool ok;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, x)
            mstore(add(m, 0x20), y)
            mstore(add(m, 0x40), u)
            mstore(add(m, 0x60), v)
            ok := staticcall(ADD_GAS, 6, m, 0x80, 0, 0x40)
            x := mload(0)
            y := mload(0x20)
        }
        if (!ok) revert SumFailure();
        return (x, y);
    }

    function _seal(Purpose purpose, Draft memory draft, bool measured, bool parOnly) private {
        if (draft.runningHash != draft.programHash) revert ProgramHashMismatch(draft.runningHash, draft.programHash);
        if (!measured) revert NothingMeasured();
        if (draft.x == 0) revert PointAtInfinity(); // no point of a real key has x = 0 either
        if (draft.validUntil <= block.timestamp) revert EpochWindow(draft.validFrom, draft.validUntil);
        uint256 point = draft.x | (draft.y << 255);
        if (parOnly) point |= POINT_PAR_ONLY;
        _onSeal(purpose, draft.number, draft.validFrom);
        uint128 scale = vaultScaleOf[draft.listingHash];
        _newest[uint256(purpose)] = Newest(point, draft.number, draft.validFrom, draft.validUntil, scale);
        _epochs[_key(purpose, draft.number)] =
            Epoch(draft.programHash, draft.listingHash, point, draft.validFrom, draft.validUntil, scale);
        emit EpochSealed(purpose, draft.number, draft.programHash, draft.listingHash, draft.x, draft.y);
    }

    function _key(Purpose purpose, uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encode(_keyHash(), purpose, number));
    }
}
