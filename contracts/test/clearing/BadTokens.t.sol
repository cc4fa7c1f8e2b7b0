// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LocalToken} from "zkmargin/local/LocalToken.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {FeeToken, RebasingToken, ReentrantToken} from "../Tokens.sol";
import {World} from "./World.sol";

/// @notice Tokens that move another amount than asked are refused, in and out, and no call is entered from a transfer.
abstract contract BadToken is World {
    address internal a;

    function setUp() public {
        build();
        a = traders[0];
        token.mint(a, 100_000e6);
        vm.prank(a);
        token.approve(address(house), 100_000e6);
    }

    function deposit() internal {
        vm.prank(a);
        house.deposit(a, 10e6);
    }
}

contract FeeTokenClearingTest is BadToken {
    function newToken() internal override returns (LocalToken) {
        return new FeeToken();
    }

    function test_aFeeOnTransferIsRefused() public {
        vm.expectRevert(IClearingHouse.TokenMovedOtherAmount.selector);
        deposit();
        vm.prank(a);
        vm.expectRevert(IClearingHouse.TokenMovedOtherAmount.selector);
        house.bondLiquidator(bytes32(uint256(1)));
    }
}

contract RebasingTokenClearingTest is BadToken {
    function newToken() internal override returns (LocalToken) {
        return new RebasingToken();
    }

    /// @dev A balance that changes between transfers cannot be seen when it happens; in a transfer it is refused.
    function test_aRebaseInATransferIsRefused() public {
        deposit();
        RebasingToken(address(token)).arm();
        vm.expectRevert(IClearingHouse.TokenMovedOtherAmount.selector);
        deposit();
        vm.prank(a);
        house.requestWithdrawal(a, 10e6);
        vm.warp(block.timestamp + 1 hours);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        IClearingHouse.Claim memory none;
        none.account = a;
        RebasingToken(address(token)).arm();
        vm.expectRevert(IClearingHouse.TokenMovedOtherAmount.selector);
        house.executeWithdrawal(none);
    }
}

contract ReentrantTokenClearingTest is BadToken {
    function newToken() internal override returns (LocalToken) {
        return new ReentrantToken();
    }

    function test_noCallIsEnteredFromATransfer() public {
        bytes[4] memory calls = [
            abi.encodeCall(house.deposit, (a, 1)),
            abi.encodeCall(house.depositEscrow, (a, 1)),
            abi.encodeCall(house.depositFund, (1)),
            abi.encodeCall(house.bondLiquidator, (bytes32(uint256(1))))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            ReentrantToken(address(token)).arm(address(house), calls[i]);
            vm.expectRevert(bytes4(keccak256("ReentrancyGuardReentrantCall()")));
            deposit();
        }
    }
}
