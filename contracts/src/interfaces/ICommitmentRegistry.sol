// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Commitments to positions: a custodian attests that they are the account's book, the trader countersigns.
interface ICommitmentRegistry {
    /// @dev Chain and registry are in the EIP-712 domain.
    /// @param oldCommitment the one that is replaced and consumed; 0 for the first
    /// @param sequence one more than the account's present one
    /// @param listingHash the listing that the new commitment was made under
    /// @param expiry last second at which the attestation counts
    struct Attestation {
        address account;
        uint256 oldCommitment;
        uint256 newCommitment;
        uint64 sequence;
        uint256 listingHash;
        uint64 expiry;
    }

    /// @notice The account's commitment has changed.
    event CommitmentRegistered(
        address indexed account, uint256 commitment, uint256 indexed listingHash, uint64 indexed sequence
    );

    /// The attestation's expiry has passed.
    error AttestationExpired(uint256 expiry);
    /// The attestation's sequence is not the next one.
    error SequenceNotNext(uint256 given, uint256 expected);
    /// The attestation replaces another commitment than the account's present one.
    error OldCommitmentMismatch();
    /// A commitment is a non-zero element of the scalar field.
    error CommitmentOutOfField();
    /// The commitment has been registered before, by this account or another: a book counts once.
    error CommitmentTaken(address owner);
    /// The custodian's signature is not valid.
    error CustodianSignature();
    /// The account's signature is not valid.
    error TraderSignature();

    /// @notice Who attests commitments: an account, or a contract that speaks ERC-1271.
    function custodian() external view returns (address);

    /// @notice The account's present commitment, 0 if none.
    function commitmentOf(address account) external view returns (uint256);

    /// @notice Who registered a commitment first; it stays taken after an update.
    function commitmentOwner(uint256 commitment) external view returns (address);

    /// @notice The EIP-712 digest that custodian and trader sign.
    function attestationDigest(Attestation calldata attestation) external view returns (bytes32);
}
