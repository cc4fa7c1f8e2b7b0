// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Books, Deed} from "zkmargin/clearing/Books.sol";
import {Account, Action, Ledger, Phase, Withdrawal} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Statuses} from "zkmargin/clearing/Statuses.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice A request debits at once; tokens leave with initial margin on data that nobody knew at the request.
library Withdrawals {
    function request(Ledger storage l, address recipient, uint128 amount) external {
        if (amount == 0) revert IClearingHouse.AmountOutOfRange();
        if (recipient == address(0) || recipient == address(this)) revert IClearingHouse.BadRecipient(recipient);
        if (l.withdrawals[msg.sender].amount != 0) revert IClearingHouse.AlreadyOpen();
        Phases.requireHealthy(l, msg.sender);
        Money.debit(l, l.accounts[msg.sender], amount);
        l.totals.pending += amount;
        uint40 known = l.modules.epochs.highestKnown(Purpose.Initial);
        uint40 other = l.modules.epochs.highestKnown(Purpose.Maintenance);
        if (other > known) known = other;
        l.withdrawals[msg.sender] = Withdrawal(recipient, amount, known);
        emit IClearingHouse.WithdrawalRequested(msg.sender, recipient, amount, known);
    }

    function cancel(Ledger storage l) external {
        if (l.withdrawals[msg.sender].amount == 0) revert IClearingHouse.NothingOpen();
        restore(l, msg.sender);
    }

    /// @dev What was debited counts as collateral again.
    function restore(Ledger storage l, address account) internal {
        uint128 amount = l.withdrawals[account].amount;
        if (amount == 0) return;
        delete l.withdrawals[account];
        l.totals.pending -= amount;
        Money.credit(l, l.accounts[account], amount);
        emit IClearingHouse.WithdrawalCancelled(account, amount);
    }

    /// @notice Anyone may deliver the proof; the tokens go to the recipient of the request. The zero book needs no proof.
    function execute(Ledger storage l, IClearingHouse.Claim calldata claim) external {
        Withdrawal memory w = l.withdrawals[claim.account];
        if (w.amount == 0) revert IClearingHouse.NothingOpen();
        Account storage a = l.accounts[claim.account];
        Phases.requireHealthy(l, claim.account);
        if (a.commitment != 0) {
            if (claim.epoch <= w.afterEpoch) {
                revert IClearingHouse.EpochMismatch(claim.epoch, uint256(w.afterEpoch) + 1);
            }
            Statuses.requireCurrent(l, a, claim);
            bytes32 terms = keccak256(
                abi.encode(
                    w.recipient,
                    w.amount,
                    w.afterEpoch,
                    Purpose.Initial,
                    claim.epoch,
                    a.sequence,
                    a.nonce,
                    claim.deadline
                )
            );
            Deed memory deed = Deed(Action.Withdraw, terms);
            Books.prove(l, claim.account, Purpose.Initial, claim.epoch, a.balance, deed, claim.margin);
            if (a.unattended && claim.margin.ratioBps < Books.UNATTENDED_BPS) {
                revert IClearingHouse.BelowBuffer(claim.margin.ratioBps, Books.UNATTENDED_BPS);
            }
        }
        delete l.withdrawals[claim.account];
        uint256 paid = Money.payPending(l, w.recipient, w.amount);
        emit IClearingHouse.Withdrawn(claim.account, w.recipient, w.amount, paid);
    }
}
