// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ledger, Liquidator} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Quorum} from "zkmargin/clearing/Quorum.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice Bonds of liquidators and custodians.
library Bonds {
    /// @notice Locks the bond and names the key that openings are encrypted to.
    function bondLiquidator(Ledger storage l, bytes32 encryptionKey) external {
        Liquidator storage q = l.liquidators[msg.sender];
        if (q.bond != 0) revert IClearingHouse.AlreadyOpen();
        uint128 bond = Money.take(l, msg.sender, Phases.parameters(l).liquidatorBond);
        l.totals.bonds += bond;
        l.liquidators[msg.sender] = Liquidator(bond, 0, encryptionKey);
        emit IClearingHouse.LiquidatorBonded(msg.sender, bond, encryptionKey);
    }

    /// @notice From now on the caller is no liquidator; the bond can be taken back after the unbonding time.
    function giveNotice(Ledger storage l) external {
        Liquidator storage q = l.liquidators[msg.sender];
        if (q.bond == 0) revert IClearingHouse.NothingOpen();
        if (q.leavingAt != 0) revert IClearingHouse.AlreadyOpen();
        // forge-lint: disable-next-line(unsafe-typecast)
        q.leavingAt = uint40(block.timestamp + Phases.parameters(l).unbonding);
        emit IClearingHouse.LiquidatorLeaving(msg.sender, q.leavingAt);
    }

    function takeBack(Ledger storage l) external {
        Liquidator memory q = l.liquidators[msg.sender];
        if (q.leavingAt == 0) revert IClearingHouse.NothingOpen();
        if (block.timestamp < q.leavingAt) revert IClearingHouse.TooEarly(q.leavingAt);
        delete l.liquidators[msg.sender];
        Money.payBond(l, msg.sender, q.bond);
    }

    /// @notice Adds to the custodians' common bond.
    function bondCustodians(Ledger storage l, uint256 amount) external {
        uint128 taken = Money.take(l, msg.sender, amount);
        l.totals.bonds += taken;
        l.custodyBond += taken;
    }

    /// @notice k of n custodians release a part of their bond, while no trader's demand is open.
    function releaseCustodians(
        Ledger storage l,
        bytes32 domain,
        address recipient,
        uint128 amount,
        bytes[] calldata signatures
    ) external {
        if (l.openDemands != 0) revert IClearingHouse.AlreadyOpen();
        if (amount == 0 || amount > l.custodyBond) revert IClearingHouse.AmountOutOfRange();
        if (recipient == address(0) || recipient == address(this)) revert IClearingHouse.BadRecipient(recipient);
        Quorum.require_(
            l, domain, keccak256(abi.encode(Quorum.RELEASE_TYPE, recipient, amount, l.releases++)), signatures
        );
        l.custodyBond -= amount;
        Money.payBond(l, recipient, amount);
    }
}
