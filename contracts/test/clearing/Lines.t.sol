// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Action, Auction, Parameters, Phase, Totals} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {IdealProofs, PLACES, SCALE} from "./IdealProofs.sol";
import {World} from "./World.sol";

/// @notice The lines of docs/invariants.md that speak of single calls: 7, 8, 10 and 13 to 16. Line 17 is in RealDefault.t.sol.
contract LinesTest is World {
    address private _a;
    address private _b;
    address private _c;

    function setUp() public {
        build();
        (_a, _b, _c) = (open(0, 10_000e6), open(1, 10_000e6), open(2, 50_000e6));
        bondLiquidator(_c);
        trade(_a, _b, atMark(1, 5_000_000));
    }

    function later(int256 a) internal {
        vm.warp(block.timestamp + 1 hours);
        newEpoch(marksNow(a, 2e9, 3e9));
    }

    // ---- 7 ----

    function test_line07_aProofServesOneActAlone() public {
        bytes memory invalid = abi.encodeWithSelector(IdealProofs.NotProven.selector);
        // another account
        IClearingHouse.Claim memory d = claimOf(_a, 12_500);
        d.account = _b;
        vm.expectRevert(invalid);
        house.prove(d);
        // another deadline
        d = claimOf(_a, 12_500);
        ++d.deadline;
        vm.expectRevert(invalid);
        house.prove(d);
        // another act: the withdrawal of the same account in the same epoch
        vm.prank(_a);
        house.requestWithdrawal(_a, 1e6);
        IClearingHouse.Claim memory c = claimOf(_a, 12_500);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        prove(_a, 10_000);
        d = claimOf(_a, 12_500);
        vm.expectRevert(invalid);
        house.executeWithdrawal(d);
        // another epoch
        c.nonce = d.nonce;
        c.epoch = epoch();
        vm.expectRevert(invalid);
        house.prove(c);
        // another chain
        c = claimOf(_a, 12_500);
        vm.chainId(5);
        vm.expectRevert(invalid);
        house.prove(c);
        vm.chainId(31337);
        // once
        house.prove(c);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NonceMismatch.selector, c.nonce, uint256(c.nonce) + 1));
        house.prove(c);
        // after its deadline
        c = claimOf(_a, 12_500);
        vm.warp(c.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, uint256(c.deadline)));
        house.prove(c);
    }

    function test_line07_aSignatureServesOneContract() public {
        Ticket memory k = ticket(_c, _b, atMark(1, 1_000_000));
        vm.chainId(5);
        vm.expectRevert();
        house.trade(k.trade, k.buyer, k.seller, k.band);
        vm.chainId(31337);
        k.trade.expiry = uint64(block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, uint256(k.trade.expiry)));
        house.trade(k.trade, k.buyer, k.seller, k.band);
    }

    // ---- 8 ----

    function testFuzz_line08_silenceReachesTheAuction(uint32 wait, uint32 wait2) public {
        later(1e9);
        uint256 due = block.timestamp;
        vm.warp(due + 20 minutes);
        vm.expectRevert();
        house.call(_a);
        vm.warp(due + 20 minutes + 1 + wait % 1 hours);
        house.call(_a);
        uint256 called = block.timestamp;
        vm.roll(block.number + 301);
        vm.warp(called + wait2 % (1 hours + 1));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TooEarly.selector, called + 1 hours + 1));
        house.escalate(_a);
        vm.warp(called + 1 hours + 1);
        house.escalate(_a);
        assertTrue(house.accountOf(_a).phase == Phase.Auction, "auction");
    }

    function test_line08_blocksCountToo() public {
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        uint256 called = block.number;
        vm.warp(house.deadlineOf(_a) + 1);
        vm.roll(called + 299);
        vm.expectRevert();
        house.escalate(_a);
        vm.roll(called + 300);
        house.escalate(_a);
    }

    function test_line08_anAnswerAfterTheDeadlineIsTooLate() public {
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        vm.warp(house.deadlineOf(_a) + 1);
        lockEscrow(_a, 20e6);
        vm.roll(block.number + 299);
        IClearingHouse.Claim memory c = claimOf(_a, 12_500);
        vm.roll(block.number + 1); // in blocks, too, the time is over
        uint256 deadline = house.deadlineOf(_a);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, deadline));
        house.prove(c);
    }

    // ---- 9 ----

    function test_line09_whatAnAuctionStops() public {
        later(0.9e9);
        vm.prank(_b);
        vm.expectRevert();
        house.requestWithdrawal(_b, 1); // due
        prove(_b, 10_000);
        defaults(_a);
        prove(_b, 10_000);
        bytes memory wrong = abi.encodeWithSelector(IClearingHouse.WrongPhase.selector, Phase.Auction);
        vm.startPrank(_a);
        vm.expectRevert(wrong);
        house.requestWithdrawal(_a, 1);
        vm.expectRevert(wrong);
        house.releaseEscrow();
        vm.expectRevert(wrong);
        house.demandReceipt();
        vm.expectRevert(wrong);
        house.exit();
        vm.stopPrank();
        int256[PLACES] memory y = atMark(1, 1_000_000);
        vm.expectRevert(wrong);
        this.tryTrade(_a, _b, y);
        vm.expectRevert(wrong);
        this.tryCash(_a, 5e6);
        uint256 before = house.accountOf(_a).balance;
        deposit(_a, 7e6);
        assertEq(house.accountOf(_a).balance, before + 7e6, "deposits count");
        ideal.accrue([int256(0), 1 << 31, 0, 0]);
        settle(_a); // steps go on, and the value must be revealed again
        assertEq(house.auctionOf(_a).valuedEpoch, 0, "value of another book");
    }

    function tryTrade(address a, address b, int256[PLACES] memory y) external {
        trade(a, b, y);
    }

    function tryCash(address a, int128 amount) external {
        moveCash(a, amount);
    }

    // ---- 10 ----

    function test_line10_aFailedBidChangesNothing() public {
        later(0.9e9);
        defaults(_a);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        heal(_c);
        reveal(_a);
        bytes32 before = stateHash();
        Offer memory o = offer(_a, _c, Action.Bid);
        o.bid.mostPaid = 1;
        vm.prank(_c);
        vm.expectRevert();
        house.bid(o.bid, o.proofs);
        o = offer(_a, _c, Action.Bid);
        o.proofs.margin.proof[0] ^= 1;
        vm.prank(_c);
        vm.expectRevert(abi.encodeWithSelector(IdealProofs.NotProven.selector));
        house.bid(o.bid, o.proofs);
        assertTrue(stateHash() == before, "nothing changed");
        // too poor a taker has no takeover proof
        address poor = open(3, 10e6);
        bondLiquidator(poor);
        vm.expectRevert(abi.encodeWithSelector(IdealProofs.FalseStatement.selector, "margin"));
        this.tryBid(_a, poor);
    }

    function tryBid(address a, address taker) external {
        bid(a, taker);
    }

    function stateHash() internal view returns (bytes32) {
        return keccak256(abi.encode(house.accountOf(_a), house.accountOf(_c), house.auctionOf(_a), house.totals()));
    }

    function test_line10_theFastPhaseIsForBondedLiquidators() public {
        later(0.9e9);
        prove(_b, 10_000);
        defaults(_a);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        prove(_b, 10_000);
        reveal(_a);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotBonded.selector, _b));
        this.tryBid(_a, _b);
        vm.warp(block.timestamp + 20 minutes);
        bid(_a, _b);
        assertEq(house.auctionOf(_a).parts, 3, "anyone in the slow phase");
    }

    function test_line10_aValueOfAnotherDayIsNone() public {
        later(0.9e9);
        defaults(_a);
        newEpoch(marksNow(0.9e9, 2e9, 3e9));
        heal(_c);
        reveal(_a);
        newEpoch(marksNow(0.5e9, 2e9, 3e9));
        heal(_c);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotValued.selector));
        this.tryBid(_a, _c);
    }

    // ---- 13 ----

    function test_line13_aDepositIsNotSoldForNothing() public {
        later(1e9);
        prove(_b, 10_000);
        later(-0.1e9 + 0.2e9); // the long's loss is 4,500 of 10,000: solvent
        defaults(_a);
        newEpoch(marksNow(1e8, 2e9, 3e9));
        reveal(_a);
        assertEq(house.auctionOf(_a).insolventSince, 0, "solvent");
    }

    function test_line13_insolvencyIsRecordedAndCured() public {
        address poor = open(3, 2_100e6);
        trade(poor, _c, atMark(2, 5_000_000)); // 10,000 of notional
        later(1e9);
        newEpoch(marksNow(1e9, 1.5e9, 3e9)); // loses 2,500
        defaults(poor);
        reveal(poor);
        assertTrue(house.auctionOf(poor).insolventSince == block.timestamp, "recorded");
        // a deposit makes it solvent: it is sold at the price again, not for nothing
        deposit(poor, 5_000e6);
        newEpoch(marksNow(1e9, 1.5e9, 3e9));
        heal(_c);
        reveal(poor);
        assertEq(house.auctionOf(poor).insolventSince, 0, "solvent again");
        lockEscrow(poor, 20e6); // the late fee left the escrow short
        prove(poor, 12_500);
        assertTrue(house.isHealthy(poor), "cured");
        assertEq(house.auctionOf(poor).parts, 0, "no tranches");
    }

    // ---- 14 ----

    function test_line14_parametersWaitAndSpareWhatRuns() public {
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        uint256 deadline = house.deadlineOf(_a);
        Parameters memory p = parameters();
        p.callTime = 10 minutes;
        p.callBlocks = 50;
        p.fastAuction = 1 minutes;
        vm.prank(admin);
        house.scheduleParameters(p);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TooEarly.selector, block.timestamp + TIMELOCK));
        house.enactParameters(p);
        vm.warp(block.timestamp + TIMELOCK);
        p.callTime = 11 minutes;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
        house.enactParameters(p); // not what was announced
        p.callTime = 10 minutes;
        house.enactParameters(p);
        assertTrue(house.deadlineOf(_a) >= deadline, "the running call keeps its time");
        (uint32 version, Parameters memory now_) = house.parameters();
        assertEq(version, 2, "version");
        assertEq(now_.callTime, 10 minutes, "in force");
        assertEq(house.callOf(_a).version, 1, "the call's own");
    }

    function test_line14_theTimelockOutlastsTheLongestExit() public {
        Parameters memory p = parameters();
        p.custodySilence = 3 days;
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ParametersRefused.selector));
        house.scheduleParameters(p);
        for (uint256 i = 0; i < 9; ++i) {
            p = parameters();
            if (i == 0) p.callTime = 1 minutes;
            if (i == 1) p.premium = ESCROW / 2 + 1;
            if (i == 2) p.lateFee = ESCROW / 4 + 1;
            if (i == 3) p.callReward = p.lateFee + 1;
            if (i == 4) p.bandBps = 1001;
            if (i == 5) p.bufferBps = 10_000;
            if (i == 6) p.unbonding = 1 hours;
            if (i == 7) p.callBlocks = 0;
            if (i == 8) p.escrow = 0;
            vm.prank(admin);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ParametersRefused.selector));
            house.scheduleParameters(p);
        }
    }

    // ---- 15 ----

    function test_line15_aPauseStopsTradesAndEnds() public {
        Totals memory before = house.totals();
        uint256 held = token.balanceOf(address(house));
        vm.prank(guardian);
        house.pause();
        assertEq(token.balanceOf(address(house)), held, "no token moved");
        assertTrue(keccak256(abi.encode(house.totals())) == keccak256(abi.encode(before)), "no amount moved");
        bytes memory paused = abi.encodeWithSelector(IClearingHouse.Paused.selector, block.timestamp + 1 days);
        int256[PLACES] memory y = atMark(1, 1_000_000);
        vm.expectRevert(paused);
        this.tryTrade(_c, _b, y);
        vm.expectRevert(paused);
        this.tryCash(_a, 5e6);
        vm.prank(_a);
        vm.expectRevert(paused);
        house.requestWithdrawal(_a, 1);
        deposit(_a, 1e6);
        prove(_a, 10_000);
        vm.warp(block.timestamp + 1 days);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        prove(_b, 10_000);
        trade(_c, _b, atMark(1, 1_000_000)); // it ended by itself
    }

    // ---- 16 ----

    function test_line16_fewerThanKSignersAlterNothing() public {
        Ticket memory k = ticket(_c, _b, atMark(1, 1_000_000));
        bytes[] memory full = k.buyer.receipts;
        bytes[] memory one = new bytes[](1);
        one[0] = full[0];
        k.buyer.receipts = one;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAQuorum.selector, uint256(1), uint256(2)));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        one = new bytes[](2);
        (one[0], one[1]) = (full[0], full[0]); // one signer twice
        k.buyer.receipts = one;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAQuorum.selector, uint256(1), uint256(2)));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        (one[0], one[1]) = (full[1], full[0]); // descending
        k.buyer.receipts = one;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAQuorum.selector, uint256(1), uint256(2)));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        k.buyer.receipts = k.seller.receipts; // receipts for another book
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAQuorum.selector, uint256(0), uint256(2)));
        house.trade(k.trade, k.buyer, k.seller, k.band);
        k.buyer.receipts = full;
        send(k);
    }

    // ---- exits ----

    function acknowledgement(address account) internal view returns (bytes[] memory) {
        Account memory a = house.accountOf(account);
        return quorum(
            keccak256(
                abi.encode(
                    keccak256("Acknowledgement(address account,uint256 commitment,uint64 sequence,uint40 demandAt)"),
                    account,
                    a.commitment,
                    a.sequence,
                    a.demandAt
                )
            )
        );
    }

    function test_exitAfterTheCustodiansSilence() public {
        give(address(this), 2_000e6);
        token.approve(address(house), type(uint256).max);
        house.bondCustodians(2_000e6);
        vm.prank(_a);
        house.demandReceipt();
        vm.prank(_a);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TooEarly.selector, block.timestamp + 24 hours + 1));
        house.exit();
        house.acknowledge(_a, acknowledgement(_a));
        vm.prank(_a);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
        house.exit();
        vm.prank(_a);
        house.demandReceipt();
        vm.warp(block.timestamp + 24 hours + 1);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        vm.prank(_a);
        house.exit();
        (, uint128 bond,,) = house.custody();
        assertEq(bond, 1_500e6, "slashed");
        assertEq(house.totals().fund, 500e6, "to the fund");
        for (uint256 i = 0; i < 4; ++i) {
            heal(_c);
            reveal(_a);
            // no receipts are needed: the custodians are silent
            Offer memory o = offer(_a, _c, Action.Bid);
            o.proofs.receipts = new bytes[](0);
            vm.prank(_c);
            house.bid(o.bid, o.proofs);
            (books[_a], books[_c]) = (o.rest, o.taken);
        }
        Account memory end = house.accountOf(_a);
        assertEq(end.escrow, ESCROW, "an exit forfeits nothing");
        vm.startPrank(_a);
        house.releaseEscrow();
        uint128 all = house.accountOf(_a).balance;
        house.requestWithdrawal(_a, all);
        vm.stopPrank();
        house.executeWithdrawal(withdrawalClaim(_a));
        assertEq(token.balanceOf(_a), all, "out");
    }

    function test_aSilentCustodianCannotCauseADefault() public {
        ideal.accrue([int256(0), 1 << 31, 0, 0]);
        later(1e9);
        // margin needs the newest step, and a settlement needs nobody's signature
        vm.expectRevert();
        this.tryProve(_a);
        settle(_a);
        prove(_a, 10_000);
        assertTrue(house.isHealthy(_a), "healthy");
    }

    function tryProve(address account) external {
        prove(account, 10_000);
    }

    // ---- the deficit ----

    function test_theDeficitIsBorneAlikeAndRepaid() public {
        address poor = open(3, 2_100e6);
        trade(poor, _c, atMark(2, 5_000_000));
        later(1e9);
        newEpoch(marksNow(1e9, 1.5e9, 3e9));
        defaults(poor);
        for (uint256 i = 0; i < 4; ++i) {
            newEpoch(marksNow(1e9, 1.5e9, 3e9));
            heal(_c);
            reveal(poor);
            bid(poor, _c);
        }
        uint256 deficit = house.totals().deficit;
        assertTrue(deficit > 0, "the fund was too small");
        uint256 held = token.balanceOf(address(house)) - house.totals().bonds; // bonds are paid back whole
        address other = traders[TRADERS];
        deposit(other, 1_000e6);
        vm.prank(other);
        house.requestWithdrawal(other, 1_000e6);
        house.executeWithdrawal(withdrawalClaim(other));
        uint256 paid = token.balanceOf(other);
        assertEq(paid, uint256(1_000e6) * (held + 1_000e6) / (held + 1_000e6 + deficit), "its share");
        assertEq(house.totals().deficit, deficit - (1_000e6 - paid), "the deficit shrank by what it bore");
        give(address(this), 1_000e6);
        token.approve(address(house), type(uint256).max);
        house.depositFund(1_000e6);
        assertEq(house.totals().deficit, 0, "fund income repays");
    }
}
