// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Ledger} from "zkmargin/clearing/Ledger.sol";
import {Trading} from "zkmargin/clearing/Trading.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice What every margin proof about an account as it is must name.
library Statuses {
    /// @dev Deadline, sequence and nonce; the account stands at the newest step, else its book is not what it owes.
    function requireCurrent(Ledger storage l, Account storage a, IClearingHouse.Claim calldata claim) internal view {
        if (block.timestamp > claim.deadline) revert IClearingHouse.DeadlinePassed(claim.deadline);
        if (claim.sequence != a.sequence) revert IClearingHouse.SequenceMismatch(claim.sequence, a.sequence);
        if (claim.nonce != a.nonce) revert IClearingHouse.NonceMismatch(claim.nonce, a.nonce);
        Trading.requireNewestStep(l, a.step);
    }
}
