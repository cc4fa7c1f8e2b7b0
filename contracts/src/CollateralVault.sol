// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ICollateralVault} from "zkmargin/interfaces/ICollateralVault.sol";

/// @notice Holds the settlement token. Balances are in the token's smallest unit; an epoch's scale makes money of them.
abstract contract CollateralVault is ICollateralVault, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Balances and the vault_balance of a proof stay below it.
    uint256 internal constant VAULT_LIMIT = 1 << 90;

    /// @inheritdoc ICollateralVault
    IERC20 public immutable token;

    /// @inheritdoc ICollateralVault
    mapping(address account => uint256) public vaultBalanceOf;

    constructor(IERC20 token_) {
        token = token_;
    }

    /// @inheritdoc ICollateralVault
    function deposit(address account, uint256 amount) external nonReentrant {
        if (amount == 0) revert AmountIsZero();
        uint256 held = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 moved = token.balanceOf(address(this)) - held;
        if (moved != amount) revert TokenMovedOtherAmount(moved, amount);
        // amount is a difference of balances, so that the sum cannot wrap where the token's supply does not
        uint256 balance = vaultBalanceOf[account] + amount;
        if (balance >= VAULT_LIMIT) revert BalanceTooLarge();
        vaultBalanceOf[account] = balance;
        emit Deposited(account, msg.sender, amount);
    }

    /// @dev Takes an amount from an account. The caller sends it with `_pay` after everything else is written.
    function _debit(address account, address recipient, uint256 amount) internal {
        if (amount == 0) revert AmountIsZero();
        if (recipient == address(0) || recipient == address(this)) revert BadRecipient(recipient);
        uint256 balance = vaultBalanceOf[account];
        if (balance < amount) revert BalanceTooSmall(balance, amount);
        unchecked {
            vaultBalanceOf[account] = balance - amount;
        }
        emit Withdrawn(account, recipient, amount);
    }

    function _pay(address recipient, uint256 amount) internal {
        token.safeTransfer(recipient, amount);
    }
}
