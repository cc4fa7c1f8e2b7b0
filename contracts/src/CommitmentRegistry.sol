// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {FIELD} from "zkmargin/Bn254.sol";
import {ICommitmentRegistry} from "zkmargin/interfaces/ICommitmentRegistry.sol";

/// @notice Each account's commitment, in storage, so that no submission names one.
abstract contract CommitmentRegistry is ICommitmentRegistry, EIP712("zkmargin", "1") {
    bytes32 private constant ATTESTATION_TYPE = keccak256(
        "Attestation(address account,uint256 oldCommitment,uint256 newCommitment,uint64 sequence,uint256 listingHash,uint64 expiry)"
    );

    /// @inheritdoc ICommitmentRegistry
    address public immutable custodian;

    /// @inheritdoc ICommitmentRegistry
    mapping(address account => uint256) public commitmentOf;
    /// @inheritdoc ICommitmentRegistry
    mapping(uint256 commitment => address) public commitmentOwner;

    constructor(address custodian_) {
        custodian = custodian_;
    }

    /// @inheritdoc ICommitmentRegistry
    function attestationDigest(Attestation calldata attestation) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ATTESTATION_TYPE, attestation)));
    }

    /// @dev Checks everything about an attestation but its place in the account's sequence, and stores the commitment.
    function _setCommitment(
        Attestation calldata attestation,
        bytes calldata custodianSignature,
        bytes calldata traderSignature
    ) internal {
        if (block.timestamp > attestation.expiry) {
            revert AttestationExpired(attestation.expiry);
        }
        uint256 commitment = attestation.newCommitment;
        if (commitment == 0 || commitment >= FIELD) revert CommitmentOutOfField();
        if (commitmentOf[attestation.account] != attestation.oldCommitment) revert OldCommitmentMismatch();
        address owner = commitmentOwner[commitment];
        if (owner != address(0)) revert CommitmentTaken(owner);
        bytes32 digest = attestationDigest(attestation);
        if (!SignatureChecker.isValidSignatureNowCalldata(custodian, digest, custodianSignature)) {
            revert CustodianSignature();
        }
        if (!SignatureChecker.isValidSignatureNowCalldata(attestation.account, digest, traderSignature)) {
            revert TraderSignature();
        }
        commitmentOf[attestation.account] = commitment;
        commitmentOwner[commitment] = attestation.account;
        emit CommitmentRegistered(attestation.account, commitment, attestation.listingHash, attestation.sequence);
    }
}
