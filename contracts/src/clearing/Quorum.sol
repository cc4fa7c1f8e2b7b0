// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Ledger} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice Signatures of the custodians, k of n. They say "we hold this opening" and nothing about margin or positions.
library Quorum {
    bytes32 internal constant RECEIPT_TYPE = keccak256("Receipt(address account,uint256 commitment,uint64 sequence)");
    bytes32 internal constant ACKNOWLEDGEMENT_TYPE =
        keccak256("Acknowledgement(address account,uint256 commitment,uint64 sequence,uint40 demandAt)");
    bytes32 internal constant RELEASE_TYPE = keccak256("Release(address recipient,uint256 amount,uint256 nonce)");

    /// @dev Signers in strictly ascending order, so that none counts twice; at most as many as there are custodians.
    function require_(Ledger storage l, bytes32 domain, bytes32 structHash, bytes[] calldata signatures) internal view {
        uint256 threshold = l.threshold;
        if (signatures.length != threshold) revert IClearingHouse.NotAQuorum(signatures.length, threshold);
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, structHash);
        address last = address(0);
        for (uint256 i = 0; i < threshold; ++i) {
            (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (problem != ECDSA.RecoverError.NoError || signer <= last || !l.custodians[signer]) {
                revert IClearingHouse.NotAQuorum(i, threshold);
            }
            last = signer;
        }
    }

    function requireReceipt(
        Ledger storage l,
        bytes32 domain,
        address account,
        uint256 commitment,
        uint256 sequence,
        bytes[] calldata signatures
    ) internal view {
        require_(l, domain, keccak256(abi.encode(RECEIPT_TYPE, account, commitment, sequence)), signatures);
    }
}
