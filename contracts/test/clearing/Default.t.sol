// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Phase} from "zkmargin/clearing/Ledger.sol";
import {World} from "./World.sol";

/// @notice One default from silence to the last tranche.
contract DefaultTest is World {
    function setUp() public {
        build();
    }

    function test_fromSilenceToTheLastTranche() public {
        (address a, address b, address c) = (open(0, 10_000e6), open(1, 10_000e6), open(2, 50_000e6));
        bondLiquidator(c);
        trade(a, b, atMark(1, 5_000_000));
        assertTrue(house.isHealthy(a) && house.isHealthy(b), "healthy after the trade");
        vm.warp(START + 1 hours);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        assertTrue(!house.isHealthy(a), "due");
        prove(b, 10_000);
        defaults(a);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        for (uint256 i = 0; i < 4; ++i) {
            if (i == 2) vm.warp(block.timestamp + 1000);
            reveal(a);
            if (i == 0) prove(b, 10_000);
            if (!house.isHealthy(c)) prove(c, 10_000);
            bid(a, c);
        }
        Account memory end = house.accountOf(a);
        assertEq(end.commitment, 0, "zero book");
        assertTrue(end.phase == Phase.Open, "closed");
        assertEq(end.escrow, 0, "escrow forfeited");
        assertTrue(end.balance > 8_000e6, "residue");
        vm.prank(a);
        house.requestWithdrawal(a, end.balance);
        house.executeWithdrawal(withdrawalClaim(a));
        assertEq(token.balanceOf(a), end.balance, "residue withdrawn");
    }
}
