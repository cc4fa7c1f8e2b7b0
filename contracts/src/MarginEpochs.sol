// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {Listings} from "zkmargin/Listings.sol";
import {MarginVerifier} from "zkmargin/MarginVerifier.sol";
import {RiskEpochs} from "zkmargin/RiskEpochs.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Verifier and epochs of one key without accounts: whoever keeps those asks here.
abstract contract MarginEpochs is IMarginEpochs, MarginVerifier, RiskEpochs {
    uint256 private constant VAULT_LIMIT = 1 << 90;
    uint256 private constant MARK_PLANES = 5;

    /// @dev When an epoch was sealed, from when on it could be proven against, and which one replaced it.
    struct Seal {
        uint40 sealedAt;
        uint40 usableAt;
        uint40 next;
    }

    mapping(Purpose purpose => mapping(uint256 number => Seal)) private _seals;
    mapping(Purpose purpose => uint40) private _outage;
    mapping(uint256 number => bytes32) private _marks;

    constructor(address authority, string memory settlementUnit, uint8 tokenDecimals, IProgramReader reader)
        Listings(settlementUnit, tokenDecimals)
        RiskEpochs(authority, reader)
    {}

    /// @inheritdoc IMarginEpochs
    function checkMargin(
        Purpose purpose,
        uint256 epochNumber,
        uint256 commitment,
        uint256 context,
        MarginProof calldata p
    ) external view {
        (uint256 point,) = _liveEpoch(purpose, epochNumber);
        if (point >> 255 != p.pointY & 1) revert WrongParity();
        if (point & POINT_PAR_ONLY != 0 && p.ratioBps != 10_000) revert OnlyRatioOne();
        if (p.vaultBalance >= VAULT_LIMIT) revert VaultBalanceOutOfRange(p.vaultBalance);
        if (commitment == 0 || commitment >= FIELD) revert CommitmentNotInField();
        _verify(point & POINT_X, p.pointY, p.ratioBps, p.vaultBalance, commitment, context % FIELD, p.proof);
    }

    /// @inheritdoc IMarginEpochs
    function status(Purpose purpose) external view returns (EpochStatus memory s) {
        s.number = newestEpoch(purpose);
        if (s.number == 0) return s;
        Epoch memory e = epoch(purpose, s.number);
        s.sealedAt = _seals[purpose][s.number].sealedAt;
        (s.validFrom, s.validUntil) = (e.validFrom, e.validUntil);
        (s.vaultScale, s.listingHash) = (e.vaultScale, e.listingHash);
        s.outage = _outageNow(purpose, s.number);
    }

    /// @inheritdoc IMarginEpochs
    function usableAfter(Purpose purpose, uint256 number) external view returns (uint40) {
        return _seals[purpose][_seals[purpose][number].next].usableAt;
    }

    /// @inheritdoc IMarginEpochs
    function highestKnown(Purpose purpose) external view returns (uint40) {
        (uint40 drafted,,) = delivery(purpose);
        uint40 newest = newestEpoch(purpose);
        return drafted > newest ? drafted : newest;
    }

    /// @inheritdoc IMarginEpochs
    function marksHash(uint256 epochNumber) external view returns (bytes32) {
        return _seals[Purpose.Maintenance][epochNumber].sealedAt == 0 ? bytes32(0) : _marks[epochNumber];
    }

    /// @dev Where the section `mark` stands: its chunk, the chunk's entries, its first entry in it, its entries.
    function _marksPlace() internal pure virtual returns (uint256 chunk, uint256 entries, uint256 first, uint256 count);

    /// @dev Planes stand one after the other; of each the marks' bytes.
    function _onChunk(Purpose purpose, uint256 number, uint256 index, bytes calldata chunk) internal override {
        (uint256 place, uint256 entries, uint256 first, uint256 count) = _marksPlace();
        if (purpose != Purpose.Maintenance || index != place) return;
        bytes memory marks = new bytes(MARK_PLANES * count);
        for (uint256 k = 0; k < MARK_PLANES; ++k) {
            assembly ("memory-safe") {
                let from := add(chunk.offset, add(mul(k, entries), first))
                calldatacopy(add(add(marks, 0x20), mul(k, count)), from, count)
            }
        }
        _marks[number] = keccak256(marks);
    }

    /// @dev Called before the new epoch replaces the newest one, so that the outage until now is the old one's.
    function _onSeal(Purpose purpose, uint256 number, uint256 validFrom) internal override {
        uint40 before = newestEpoch(purpose);
        if (before != 0) _outage[purpose] = _outageNow(purpose, before);
        // forge-lint: disable-start(unsafe-typecast)
        _seals[purpose][before].next = uint40(number);
        uint256 usableAt = validFrom > block.timestamp ? validFrom : block.timestamp;
        (_seals[purpose][number].sealedAt, _seals[purpose][number].usableAt) =
        (uint40(block.timestamp), uint40(usableAt));
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev Seconds in which the newest epoch of its time had ended, up to now. An epoch counts from its seal, even where its
    /// own window begins later: nothing is proven then, and that is an outage too.
    function _outageNow(Purpose purpose, uint256 number) private view returns (uint40 out) {
        Epoch memory e = epoch(purpose, number);
        uint256 since = _seals[purpose][number].sealedAt;
        out = _outage[purpose];
        // forge-lint: disable-start(unsafe-typecast)
        uint256 begin = e.validFrom < block.timestamp ? e.validFrom : block.timestamp;
        if (begin > since) out += uint40(begin - since);
        uint256 end = e.validUntil > since ? e.validUntil : since;
        if (block.timestamp > end) out += uint40(block.timestamp - end);
        // forge-lint: disable-end(unsafe-typecast)
    }
}
