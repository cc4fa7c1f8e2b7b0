// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Margin of one trader towards one venue under a model that only they know.
/// @dev The venue publishes a hiding point, the trader checks it against the program that it got. Nobody else can tell what
/// was proven, so that this contract holds no money and its status is worth something to the two parties only: whoever
/// names a point may prove anything against it (docs/threat-model.md).
interface IBilateralRegistry {
    /// @dev At ratio one, the only band: a hidden program does not show whether it allows others.
    struct Standing {
        bool proven;
        uint40 epoch;
        uint40 since;
        uint40 until;
    }

    /// Neither the venue nor the trader sent it.
    error NotAParty(address sender);
    /// Both parties must differ and be somebody.
    error PartiesRefused();
    /// The point is not a finite point of the curve.
    error PointOffCurve();
    /// Epoch numbers of a purpose ascend.
    error NumberNotAscending(uint256 number);
    /// The window is empty or in the past.
    error WindowRefused();
    /// The epoch is unset or not live.
    error EpochNotLive(uint256 number);
    /// The commitment is zero, outside the field, or not the next in sequence.
    error CommitmentRefused();
    /// The venue has not signed this commitment.
    error VenueSignature();
    /// The venue's signature was for an earlier time: it may have signed another book since.
    error SignatureExpired(uint256 expiry);
    error DeadlinePassed(uint256 deadline);
    error NonceMismatch(uint256 given, uint256 expected);

    event PointPublished(
        Purpose indexed purpose, uint256 indexed number, uint256 x, uint256 y, uint40 from, uint40 until
    );
    event Committed(uint256 commitment, uint256 sequence);
    event MarginProven(Purpose indexed purpose, uint256 indexed number, uint256 nonce);

    function venue() external view returns (address);
    function trader() external view returns (address);
    function commitment() external view returns (uint256);
    function sequence() external view returns (uint64);
    function nonce() external view returns (uint64);
    function pointOf(Purpose purpose, uint256 number)
        external
        view
        returns (uint256 x, uint256 y, uint40 validFrom, uint40 validUntil);
    function newest(Purpose purpose) external view returns (uint256);

    /// @notice The venue's next point, hiding program and blind.
    function publish(Purpose purpose, uint256 number, uint256 x, uint256 y, uint40 validFrom, uint40 validUntil)
        external;
    /// @notice The trader's next commitment, which the venue has signed as the book it clears. Clears the status.
    function commit(uint256 newCommitment, uint256 newSequence, uint256 expiry, bytes calldata venueSignature) external;
    /// @notice The trader's proof that the committed book meets the hidden program at ratio one.
    function submit(Purpose purpose, uint256 number, uint256 deadline, uint256 givenNonce, uint256[8] calldata proof)
        external;
    function standing(Purpose purpose) external view returns (Standing memory);
    function commitmentDigest(uint256 newCommitment, uint256 newSequence, uint256 expiry)
        external
        view
        returns (bytes32);
}
