// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AuctionMath} from "zkmargin/clearing/AuctionMath.sol";
import {Account, Auction, Ledger, Totals} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice The only place where amounts change. Each function keeps
/// tokens + deficit = balances + escrows + pending + bonds + fund + booked.
library Money {
    using SafeERC20 for IERC20;

    /// @dev Below it stays what is deposited at a time or held after a deposit. Credits inside the contract have no limit: an
    /// escalation or a sale must not fail for an account's size.
    uint256 internal constant LIMIT = 1 << 89;

    // ---- tokens in and out ----

    /// @dev Tokens arrive; the caller credits them.
    function take(Ledger storage l, address from, uint256 amount) internal returns (uint128) {
        if (amount == 0 || amount >= LIMIT) revert IClearingHouse.AmountOutOfRange();
        IERC20 token = l.modules.token;
        uint256 held = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        if (token.balanceOf(address(this)) - held != amount) revert IClearingHouse.TokenMovedOtherAmount();
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(amount);
    }

    /// @dev Tokens leave what was debited to `pending`. While a deficit is open each withdrawal bears its share of it.
    function payPending(Ledger storage l, address to, uint128 amount) internal returns (uint256 paid) {
        Totals storage t = l.totals;
        IERC20 token = l.modules.token;
        uint256 held = token.balanceOf(address(this));
        // bonds are paid back whole, so that they do not count among what bears the deficit
        paid = AuctionMath.afterHaircut(amount, held > t.bonds ? held - t.bonds : 0, t.deficit);
        t.pending -= amount;
        uint256 borne = amount - paid;
        if (borne != 0) _reduceDeficit(t, borne);
        _send(token, to, paid, held);
    }

    /// @dev Tokens leave a bond.
    function payBond(Ledger storage l, address to, uint128 amount) internal {
        l.totals.bonds -= amount;
        IERC20 token = l.modules.token;
        _send(token, to, amount, token.balanceOf(address(this)));
    }

    function _send(IERC20 token, address to, uint256 amount, uint256 held) private {
        if (amount > held) revert IClearingHouse.PaymentFailed();
        token.safeTransfer(to, amount);
        if (held - token.balanceOf(address(this)) != amount) revert IClearingHouse.TokenMovedOtherAmount();
    }

    // ---- inside the contract ----

    function credit(Ledger storage l, Account storage a, uint256 amount) internal {
        // forge-lint: disable-start(unsafe-typecast)
        a.balance += uint128(amount);
        l.totals.balances += uint128(amount);
        // forge-lint: disable-end(unsafe-typecast)
    }

    function debit(Ledger storage l, Account storage a, uint256 amount) internal {
        uint128 balance = a.balance;
        if (amount > balance) revert IClearingHouse.BalanceTooSmall(balance, amount);
        // forge-lint: disable-start(unsafe-typecast)
        a.balance = balance - uint128(amount);
        l.totals.balances -= uint128(amount);
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev Cash from a balance into the book, or back.
    function book(Ledger storage l, Account storage a, int128 amount) internal {
        // forge-lint: disable-start(unsafe-typecast)
        if (amount > 0) debit(l, a, uint128(amount));
        else credit(l, a, uint128(-amount));
        // forge-lint: disable-end(unsafe-typecast)
        l.totals.booked += amount;
    }

    function creditEscrow(Ledger storage l, address account, uint128 amount) internal {
        Account storage a = l.accounts[account];
        if (a.escrow + amount >= LIMIT) revert IClearingHouse.AmountOutOfRange();
        a.escrow += amount;
        l.totals.escrows += amount;
        emit IClearingHouse.EscrowChanged(account, a.escrow);
    }

    /// @dev A taker's payment waits with the auction, so that it is not sold again with the next tranche.
    function debitToProceeds(Ledger storage l, Account storage taker, Auction storage s, uint256 amount) internal {
        debit(l, taker, amount);
        // forge-lint: disable-start(unsafe-typecast)
        s.proceeds += uint128(amount);
        l.totals.pending += uint128(amount);
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev The auction is over: its proceeds are the owner's.
    function creditProceeds(Ledger storage l, Account storage owner, uint128 amount) internal {
        l.totals.pending -= amount;
        credit(l, owner, amount);
    }

    /// @dev Takes up to `amount` of an escrow; the caller credits what it took.
    function debitEscrow(Ledger storage l, address account, uint256 amount) internal returns (uint256 taken) {
        Account storage a = l.accounts[account];
        taken = amount < a.escrow ? amount : a.escrow;
        // forge-lint: disable-start(unsafe-typecast)
        a.escrow -= uint128(taken);
        l.totals.escrows -= uint128(taken);
        // forge-lint: disable-end(unsafe-typecast)
        emit IClearingHouse.EscrowChanged(account, a.escrow);
    }

    /// @dev What the fund receives pays an open deficit first.
    function toFund(Ledger storage l, uint256 amount) internal {
        Totals storage t = l.totals;
        uint256 repaid = amount < t.deficit ? amount : t.deficit;
        if (repaid != 0) _reduceDeficit(t, repaid);
        // forge-lint: disable-next-line(unsafe-typecast)
        t.fund += uint128(amount - repaid);
    }

    /// @dev Pays a taker, up to an amount, from what earlier tranches brought; returns what is still missing.
    function payFromProceeds(Ledger storage l, Auction storage s, Account storage taker, uint256 amount)
        internal
        returns (uint256)
    {
        uint256 paid = amount < s.proceeds ? amount : s.proceeds;
        // forge-lint: disable-start(unsafe-typecast)
        s.proceeds -= uint128(paid);
        l.totals.pending -= uint128(paid);
        // forge-lint: disable-end(unsafe-typecast)
        credit(l, taker, paid);
        return amount - paid;
    }

    /// @dev Credits a taker from the fund; what the fund does not hold becomes deficit, which withdrawals bear.
    function payFromFund(Ledger storage l, Account storage taker, uint256 amount) internal {
        Totals storage t = l.totals;
        uint256 held = t.fund;
        uint256 missing = amount > held ? amount - held : 0;
        // forge-lint: disable-start(unsafe-typecast)
        t.fund = uint128(held - (amount - missing));
        if (missing != 0) {
            t.deficit += uint128(missing);
            emit IClearingHouse.DeficitBooked(missing, t.deficit);
        }
        // forge-lint: disable-end(unsafe-typecast)
        credit(l, taker, amount);
    }

    function _reduceDeficit(Totals storage t, uint256 amount) private {
        // forge-lint: disable-next-line(unsafe-typecast)
        t.deficit -= uint128(amount);
        emit IClearingHouse.DeficitReduced(amount, t.deficit);
    }
}
