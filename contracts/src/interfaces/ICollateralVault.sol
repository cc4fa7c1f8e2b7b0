// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Public collateral in one settlement token. Other assets are instruments of the private book.
interface ICollateralVault {
    /// @notice `amount` of the token's smallest unit was credited to `account`.
    event Deposited(address indexed account, address indexed from, uint256 amount);
    /// @notice `amount` of the token's smallest unit left `account`.
    event Withdrawn(address indexed account, address indexed recipient, uint256 amount);

    /// The amount is zero.
    error AmountIsZero();
    /// The token moved another amount than it was asked to: fees on transfer are refused.
    error TokenMovedOtherAmount(uint256 moved, uint256 amount);
    /// The balance would reach 2^90.
    error BalanceTooLarge();
    /// The account holds less than the amount.
    error BalanceTooSmall(uint256 balance, uint256 amount);
    /// A withdrawal cannot go to this address.
    error BadRecipient(address recipient);

    /// @notice The settlement token.
    function token() external view returns (IERC20);

    /// @notice What an account holds, in the token's smallest unit.
    function vaultBalanceOf(address account) external view returns (uint256);

    /// @notice Deposits into any account.
    function deposit(address account, uint256 amount) external;
}
