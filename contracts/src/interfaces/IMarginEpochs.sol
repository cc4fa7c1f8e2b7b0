// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Epochs and margin proofs of one verifying key, for contracts that keep the accounts themselves.
interface IMarginEpochs is IMarginVerifier, IRiskEpochs {
    /// @param ratioBps the band
    /// @param vaultBalance money units that the proof counts beside the book
    /// @param pointY y of the epoch's prepared point
    struct MarginProof {
        uint256 ratioBps;
        uint256 vaultBalance;
        uint256 pointY;
        uint256[8] proof;
    }

    /// @param sealedAt when the newest epoch's last chunk arrived
    /// @param outage seconds in all, up to now, in which the newest epoch of its time was not valid, counted from the first seal
    struct EpochStatus {
        uint40 number;
        uint40 sealedAt;
        uint40 validFrom;
        uint40 validUntil;
        uint40 outage;
        uint128 vaultScale;
        uint256 listingHash;
    }

    /// The proof counts 2^90 money units and more.
    error VaultBalanceOutOfRange(uint256 vaultBalance);
    /// The commitment is no element of the scalar field.
    error CommitmentNotInField();
    /// Only ratio one is accepted under this program: a covered group is not free.
    error OnlyRatioOne();
    /// The prepared point's y has the wrong parity.
    error WrongParity();

    /// @notice Reverts unless the proof holds against the newest, valid epoch of the purpose.
    function checkMargin(
        Purpose purpose,
        uint256 epochNumber,
        uint256 commitment,
        uint256 context,
        MarginProof calldata proof
    ) external view;

    /// @notice The newest sealed epoch of a purpose; all zero if there is none.
    function status(Purpose purpose) external view returns (EpochStatus memory);

    /// @notice From when on the first epoch newer than `number` could be proven against; 0 if there is none.
    function usableAfter(Purpose purpose, uint256 number) external view returns (uint40);

    /// @notice The highest number whose data may be known to anybody: of the newest epoch and the one in delivery.
    function highestKnown(Purpose purpose) external view returns (uint40);

    /// @notice keccak256 of the digit planes of the section `mark` of a sealed maintenance epoch: 5 planes of N bytes.
    function marksHash(uint256 epochNumber) external view returns (bytes32);
}
