// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Action, Auction, Phase} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Book, IdealProofs, PLACES, SCALE} from "./IdealProofs.sol";
import {World} from "./World.sol";

/// @notice The attacks on hidden-book liquidation, each played by its attacker. Attacks 1 and 2 are on the verifiers:
/// KeyAttacks.t.sol plays them on the real ones.
contract AttacksTest is World {
    address private _mallory;
    address private _bob;
    address private _carol;

    function setUp() public {
        build();
        (_mallory, _bob, _carol) = (open(0, 10_000e6), open(1, 10_000e6), open(2, 50_000e6));
        bondLiquidator(_carol);
    }

    function refused(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function later(int256 a) internal {
        vm.warp(block.timestamp + 1 hours);
        newEpoch(marksNow(a, 2e9, 3e9));
    }

    // ---- 3: the custodians overwrite a commitment and have a friend buy the default ----

    function test_attack03_custodiansCannotOverwriteABook() public {
        trade(_mallory, _bob, atMark(1, 5_000_000));
        // all custodians sign whatever is asked; what they lack is the trader's signature
        Ticket memory k = ticket(_carol, _bob, atMark(1, 1_000_000));
        bytes32 terms = keccak256(abi.encode(TRADE_TYPE, k.trade));
        k.seller.signature = sign(custodianKeys[0], terms);
        refused(abi.encodeWithSelector(IClearingHouse.TraderSignature.selector, _bob));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        // a settlement needs no signature, and can only move the book along the public steps, under the salt that follows
        ideal.accrue([int256(0), 1 << 31, 0, 0]);
        Account memory a = house.accountOf(_bob);
        int256[PLACES] memory other = books[_bob].x;
        other[0] -= 1000e6;
        uint256 forged = ideal.commit(Book(other, books[_bob].salt + 1));
        IClearingHouse.Settlement memory s = IClearingHouse.Settlement(_bob, forged, a.sequence + 1, 1);
        uint256[8] memory none;
        refused(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.settle(s, none);
        settle(_bob); // the honest one, delivered by anybody, leaves the owner's own book
        assertTrue(house.isHealthy(_bob), "still healthy");
    }

    // ---- 4: losses dumped into a shell that falls silent ----

    function test_attack04_noTradeOutsideTheBand() public {
        int256[PLACES] memory y = atMark(1, 1_000_000);
        y[0] += y[0] / 10; // the buyer overpays by a tenth
        vm.expectRevert(abi.encodeWithSelector(IdealProofs.FalseStatement.selector, "band"));
        this.tryTrade(_mallory, _bob, y);
        // an honest trade's band proof does not cover another traded book
        Ticket memory k = ticket(_mallory, _bob, atMark(1, 1_000_000));
        k.trade.traded = ideal.commit(fresh(y));
        refused(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        // a gift of cash alone is a trade whose value is all of its legs
        int256[PLACES] memory gift;
        gift[0] = 100e6;
        vm.expectRevert(abi.encodeWithSelector(IdealProofs.FalseStatement.selector, "band"));
        this.tryTrade(_mallory, _bob, gift);
    }

    function test_attack04_aShellCarriesInitialMargin() public {
        address shell = open(3, 100e6);
        int256[PLACES] memory y = atMark(1, 5_000_000);
        vm.expectRevert(abi.encodeWithSelector(IdealProofs.FalseStatement.selector, "margin"));
        this.tryTrade(_mallory, shell, y);
    }

    function tryTrade(address a, address b, int256[PLACES] memory y) external {
        trade(a, b, y);
    }

    // ---- 5: one commitment twice, a proof for somebody else ----

    function test_attack05_aCommitmentServesOnce() public {
        Ticket memory k = ticket(_mallory, _bob, atMark(1, 1_000_000));
        k.trade.sellerNew = k.trade.buyerNew;
        refused(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        k = ticket(_mallory, _bob, atMark(1, 1_000_000));
        send(k);
        refused(abi.encodeWithSelector(IClearingHouse.CommitmentRefused.selector, k.trade.traded));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        // the traded book of one trade is no book of another
        Ticket memory again = ticket(_carol, _bob, atMark(1, 1_000_000));
        again.trade.traded = k.trade.traded;
        refused(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.trade(again.trade, again.buyer, again.seller, again.band);
    }

    function test_attack05_aTakeoverProofServesItsTaker() public {
        address dave = open(3, 50_000e6);
        bondLiquidator(dave);
        trade(_mallory, _bob, atMark(1, 5_000_000));
        later(0.9e9);
        defaults(_mallory);
        reveal(_mallory);
        Offer memory o = offer(_mallory, _carol, Action.Bid);
        vm.prank(dave);
        refused(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.bid(o.bid, o.proofs);
        // nor does the taker prove with its own book alone
        o.bid.takerNew = ideal.commit(fresh(books[_carol].x));
        vm.prank(_carol);
        refused(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.bid(o.bid, o.proofs);
    }

    function test_attack05_theSameTrancheTwice() public {
        trade(_mallory, _bob, atMark(1, 5_000_000));
        later(0.9e9);
        defaults(_mallory);
        reveal(_mallory);
        Offer memory o = offer(_mallory, _carol, Action.Bid);
        vm.prank(_carol);
        house.bid(o.bid, o.proofs);
        prove(_carol, 10_000);
        vm.prank(_carol);
        refused(abi.encodeWithSelector(IClearingHouse.AuctionMismatch.selector));
        house.bid(o.bid, o.proofs);
    }

    // ---- 6: silence as a free option ----

    function test_attack06_silenceCostsAndTheAnswerIsDearer() public {
        // 25 % of the notional: above initial margin, below the buffer after the fall
        trade(_mallory, _bob, atMark(1, 9_000_000));
        later(0.15e9); // Mallory's long loses 7,650 of 10,000
        vm.warp(house.callableAt(_mallory) + 1);
        uint256 escrow = house.accountOf(_mallory).escrow;
        vm.prank(_carol);
        house.call(_mallory);
        assertEq(escrow - house.accountOf(_mallory).escrow, 20e6, "late fee");
        assertEq(house.accountOf(_carol).balance, 50_000e6 + 5e6, "the caller's part");
        // an answer at ratio one is not enough
        IClearingHouse.Claim memory c = claimOf(_mallory, 10_000);
        refused(abi.encodeWithSelector(IClearingHouse.BelowBuffer.selector, uint256(10_000), uint256(12_500)));
        house.prove(c);
        // nor one on the data that suited better
        c = claimOf(_mallory, 12_500);
        later(0.14e9);
        refused(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, c.deadline));
        house.prove(c);
        // nothing leaves while the account is silent
        vm.prank(_mallory);
        refused(abi.encodeWithSelector(IClearingHouse.WrongPhase.selector, Phase.Called));
        house.requestWithdrawal(_mallory, 1);
    }

    function test_attack06_aDueAccountOnlyProvesAndDeposits() public {
        trade(_mallory, _bob, atMark(1, 5_000_000));
        later(1e9);
        vm.prank(_mallory);
        refused(abi.encodeWithSelector(IClearingHouse.NotHealthy.selector, _mallory));
        house.requestWithdrawal(_mallory, 1);
        int256[PLACES] memory y = atMark(1, -5_000_000);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotHealthy.selector, _mallory));
        this.tryTrade(_mallory, _carol, y);
        deposit(_mallory, 1e6);
        prove(_mallory, 10_000);
        assertTrue(house.isHealthy(_mallory), "a proof heals");
    }

    // ---- 7: bond bait ----

    /// forge-config: default.isolate = false
    function test_attack07_anAnswerEarnsNoMoreThanItsGas() public {
        trade(_mallory, _bob, atMark(1, 1_000_000));
        address custodian = vm.addr(custodianKeys[1]);
        vm.deal(custodian, 1 ether);
        vm.prank(custodian);
        house.allege{value: 0.01 ether}(_mallory);
        IClearingHouse.Claim memory c = claimOf(_mallory, 12_500);
        vm.fee(1000 gwei); // a wild price does not raise the refund above the cap
        vm.prank(_mallory);
        house.prove(c);
        // a transaction of its own costs 21,000 and calldata more, and gets 4,800 back for each of three cleared slots
        uint256 spent = (uint256(vm.lastCallGas().gasTotalUsed) + 21_000 + 4_000 - 3 * 4_800) * 50 gwei;
        uint256 refund = house.weiOwedTo(_mallory);
        assertTrue(refund > 0 && refund <= spent, "at most the gas at the capped price");
        assertEq(refund + house.weiOwedTo(custodian), 0.01 ether, "the rest goes back");
        // and it cannot be baited again in this epoch
        vm.prank(custodian);
        refused(abi.encodeWithSelector(IClearingHouse.AllegedBefore.selector, uint256(1)));
        house.allege{value: 0.01 ether}(_mallory);
        vm.prank(_mallory);
        house.takeWei();
        assertEq(_mallory.balance, refund, "paid");
    }

    function test_attack07_onlyCustodiansAllegeAndWithABond() public {
        trade(_mallory, _bob, atMark(1, 1_000_000));
        refused(abi.encodeWithSelector(IClearingHouse.NotACustodian.selector, address(this)));
        house.allege(_mallory);
        address custodian = vm.addr(custodianKeys[1]);
        vm.prank(custodian);
        refused(abi.encodeWithSelector(IClearingHouse.WrongBond.selector, uint256(0), uint256(0.01 ether)));
        house.allege(_mallory);
    }

    // ---- 8: liquidating one's own oversized book ----

    function test_attack08_profitLeavesOnLaterDataOnly() public {
        trade(_mallory, _bob, atMark(1, 9_000_000));
        // Mallory takes collateral out down to the margin of today's marks ...
        vm.prank(_mallory);
        house.requestWithdrawal(_mallory, 8_000e6);
        // ... which the data that she knows cannot prove
        IClearingHouse.Claim memory c = withdrawalClaim(_mallory);
        refused(abi.encodeWithSelector(IClearingHouse.EpochMismatch.selector, uint256(1), uint256(2)));
        house.executeWithdrawal(c);
        later(0.9e9); // and on later data the margin is not there
        vm.expectRevert(abi.encodeWithSelector(IdealProofs.FalseStatement.selector, "margin"));
        this.tryWithdraw(_mallory);
        // the call makes it collateral again
        vm.warp(house.callableAt(_mallory) + 1);
        house.call(_mallory);
        vm.warp(house.deadlineOf(_mallory) + 1);
        vm.roll(block.number + 301);
        house.escalate(_mallory);
        assertEq(house.accountOf(_mallory).balance, 10_000e6, "nothing left");
    }

    function tryWithdraw(address account) external {
        house.executeWithdrawal(withdrawalClaim(account));
    }

    // ---- 9: farming the fund with a hedged sibling ----

    function test_attack09_defaultCostsMoreThanThePremium() public {
        give(address(this), 5000e6);
        token.approve(address(house), type(uint256).max);
        house.depositFund(5000e6);
        address sibling = open(3, 60_000e6);
        bondLiquidator(sibling);
        trade(_mallory, sibling, atMark(1, 9_000_000));
        later(0.9e9);
        int256 before = wealth(_mallory) + wealth(sibling);
        defaults(_mallory);
        // nobody else bids; the slow phase ends, the premium grows to its bound
        vm.warp(block.timestamp + 20 minutes + 2 hours + 1 hours);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        prove(sibling, 10_000);
        for (uint256 i = 0; i < 4; ++i) {
            reveal(_mallory);
            bid(_mallory, sibling);
        }
        assertEq(house.totals().fund, 5000e6 + 15e6 + 40e6, "the fund grew by late fee and forfeited escrow");
        assertTrue(wealth(_mallory) + wealth(sibling) < before, "the coalition is poorer");
    }

    function wealth(address account) internal view returns (int256) {
        Account memory a = house.accountOf(account);
        (int256 value,) = ideal.equityAndGross(books[account].x);
        return value + int256((uint256(a.balance) + a.escrow) * SCALE);
    }

    // ---- 10: withheld data, a stretched breaker ----

    function test_attack10_outagesMoveADeadlineByTheBoundAtMost() public {
        trade(_mallory, _bob, atMark(1, 5_000_000));
        later(1e9);
        vm.warp(house.callableAt(_mallory) + 1);
        house.call(_mallory);
        uint256 called = block.timestamp;
        assertEq(house.deadlineOf(_mallory), called + 1 hours, "no outage");
        vm.warp(called + 30 days); // no epoch is ever published again
        assertEq(house.deadlineOf(_mallory), called + 3 hours, "bounded");
        vm.roll(block.number + 301);
        house.escalate(_mallory);
        assertTrue(house.accountOf(_mallory).phase == Phase.Auction, "silence reaches the auction");
    }

    function test_attack10_pausesEndAndStopNoCall() public {
        trade(_mallory, _bob, atMark(1, 5_000_000));
        later(1e9);
        vm.prank(guardian);
        house.pause();
        defaults(_mallory);
        uint256 next = house.pausedAt() + 7 days;
        vm.prank(guardian);
        refused(abi.encodeWithSelector(IClearingHouse.TooEarly.selector, next));
        house.pause();
    }
}
