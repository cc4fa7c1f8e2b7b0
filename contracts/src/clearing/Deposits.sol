// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Ledger, Phase} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice Tokens into balances, escrows and the fund.
library Deposits {
    function deposit(Ledger storage l, address account, uint256 amount) external {
        uint128 taken = Money.take(l, msg.sender, amount);
        Account storage a = l.accounts[account];
        if (a.balance + taken >= Money.LIMIT) revert IClearingHouse.AmountOutOfRange();
        Money.credit(l, a, taken);
        emit IClearingHouse.Deposited(account, msg.sender, taken);
    }

    function depositEscrow(Ledger storage l, address account, uint256 amount) external {
        Money.creditEscrow(l, account, Money.take(l, msg.sender, amount));
    }

    function releaseEscrow(Ledger storage l) external {
        Account storage a = l.accounts[msg.sender];
        Phases.requirePhase(a, Phase.Open);
        if (a.commitment != 0) revert IClearingHouse.ZeroBook(false);
        uint256 amount = Money.debitEscrow(l, msg.sender, a.escrow);
        Money.credit(l, a, amount);
    }

    function depositFund(Ledger storage l, uint256 amount) external {
        Money.toFund(l, Money.take(l, msg.sender, amount));
    }
}
