// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Action, Phase} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {RealWorld} from "./RealWorld.sol";

/// @notice Every path once with real verifiers, and what it costs: no transaction over the cap of EIP-7825 (line 17).
contract RealDefaultTest is RealWorld {
    uint256 private constant CAP = 16_777_216;

    function setUp() public {
        build();
    }

    function noted(string memory name) internal {
        uint256 spent = lastGas();
        assertTrue(spent < CAP, "17: over the cap of a transaction");
        vm.snapshotValue("clearing", name, spent);
    }

    function test_line17_everyPathUnderTheCap() public {
        (address a, address b, address c) = (open(0, 10_000e6), open(1, 10_000e6), open(2, 50_000e6));
        bondLiquidator(c);
        trade(a, b, atMark(1, 4_000_000));
        noted("trade, both books new");
        trade(a, b, atMark(2, 1_000_000));
        noted("trade");
        moveCash(a, 500e6);
        noted("move cash into a book");
        ideal.accrue([int256(0), 1 << 31, -(1 << 33), 0]);
        settle(a);
        noted("settle a book along a step");
        vm.warp(START + 1 hours);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        settle(b);
        prove(b, 10_000);
        noted("prove maintenance margin");
        vm.prank(b);
        house.requestWithdrawal(b, 100e6);
        noted("request a withdrawal");
        vm.warp(START + 2 hours);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        prove(b, 10_000);
        house.executeWithdrawal(withdrawalClaim(b));
        noted("execute a withdrawal");
        house.call(a); // silent since the epoch of an hour ago
        noted("call");
        lockEscrow(a, 20e6);
        prove(a, 12_500);
        noted("answer a call");
        vm.warp(START + 4 hours);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        vm.warp(house.callableAt(a) + 1);
        house.call(a);
        vm.warp(house.deadlineOf(a) + 1);
        vm.roll(block.number + 301);
        house.escalate(a);
        noted("escalate");
        for (uint256 i = 0; i < 4; ++i) {
            reveal(a);
            if (i == 0) noted("reveal the value");
            bid(a, c);
            if (i == 0) noted("bid, first book of the taker");
            if (i == 1) noted("bid");
            if (i == 3) noted("bid, last tranche");
        }
        assertEq(house.accountOf(a).commitment, 0, "closed");
        assertTrue(house.accountOf(a).phase == Phase.Open, "open again");
    }

    function test_theBackstopTakesWhatIsLeft() public {
        (address a, address b) = (open(0, 2_500e6), open(1, 10_000e6));
        deposit(traders[TRADERS], 10_000e6);
        trade(a, b, atMark(1, 10_000_000));
        vm.warp(START + 1 hours);
        newEpoch(marksNow(0.7e9, 2e9, 3e9)); // the long loses 3,000 of 2,500
        defaults(a);
        reveal(a);
        assertTrue(house.auctionOf(a).insolventSince != 0, "insolvent");
        vm.warp(block.timestamp + 1 hours + 1);
        newEpoch(marksNow(0.7e9, 2e9, 3e9));
        reveal(a);
        backstop(a);
        noted("backstop");
        Account memory pool = house.accountOf(traders[TRADERS]);
        assertEq(house.totals().deficit, 500e6 - 15e6 - 40e6, "the deficit less late fee and escrow");
        assertEq(pool.balance, 10_000e6 + 2_500e6 + 500e6 + 40e6, "made whole, with the premium");
    }
}
