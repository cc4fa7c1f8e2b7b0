// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ClearingHouse} from "zkmargin/clearing/ClearingHouse.sol";
import {Account, Action, Modules, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Book, IdealProofs, PLACES} from "./IdealProofs.sol";
import {World} from "./World.sol";

/// @notice Initial and maintenance epochs of one number, except while a test holds the initial one back.
contract LateInitial is IdealProofs {
    uint40 public behind;

    function hold(uint40 epochs) external {
        behind = epochs;
    }

    function newestEpoch(Purpose purpose) public view override returns (uint40) {
        return super.newestEpoch(purpose) - (purpose == Purpose.Initial ? behind : 0);
    }
}

contract BrokenFeed {
    function latestRoundData() external pure {
        revert("gone");
    }
}

/// @notice What a review of the rules found, played again: successors stored first, zero books, stale data, dear silence,
/// allegations, bonds, proceeds, vetoes.
contract HardeningTest is World {
    address private _a;
    address private _b;
    address private _c;

    function newProofs() internal override returns (IdealProofs) {
        return new LateInitial();
    }

    function setUp() public {
        build();
        (_a, _b, _c) = (open(0, 10_000e6), open(1, 10_000e6), open(2, 50_000e6));
        bondLiquidator(_c);
    }

    function later(int256 a) internal {
        vm.warp(block.timestamp + 1 hours);
        newEpoch(marksNow(a, 2e9, 3e9));
    }

    /// @dev Puts an account of a healthy taker's to sale on the newest marks.
    function auctioned(address account) internal {
        defaults(account);
        newEpoch(ideal.marks());
        heal(_c);
        reveal(account);
    }

    function tryBid(address account, address taker) external {
        bid(account, taker);
    }

    function tryTrade(address a, address b, int256[PLACES] memory y) external {
        trade(a, b, y);
    }

    // ---- commitments that follow are not refused ----

    function test_aSuccessorStoredBeforeDoesNotStopASale() public {
        trade(_a, _b, atMark(1, 4_000_000));
        later(1e9);
        heal(_b);
        auctioned(_a);
        // somebody who knew the opening has stored the remainder's commitment already
        Offer memory o = offer(_a, _c, Action.Bid);
        vm.store(address(house), consumedSlot(o.bid.remainder), bytes32(uint256(1)));
        assertTrue(house.isConsumed(o.bid.remainder), "stored before");
        vm.prank(_c);
        house.bid(o.bid, o.proofs);
        assertEq(house.auctionOf(_a).parts, 3, "sold all the same");
    }

    function consumedSlot(uint256 commitment) internal returns (bytes32) {
        vm.record();
        house.isConsumed(commitment);
        (bytes32[] memory reads,) = vm.accesses(address(house));
        return reads[reads.length - 1];
    }

    // ---- zero books ----

    function test_aCalledBookDoesNotVanish() public {
        trade(_a, _b, atMark(1, 1_000_000));
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        ideal.accrue([int256(0), 1 << 31, 0, 0]);
        Account memory a = house.accountOf(_a);
        IClearingHouse.Settlement memory s = IClearingHouse.Settlement(_a, 0, a.sequence + 1, 1);
        uint256[8] memory any;
        vm.expectRevert();
        house.settle(s, any);
    }

    function test_anExitNeedsABook() public {
        trade(_a, _b, atMark(1, 1_000_000));
        vm.prank(_a);
        house.demandReceipt();
        trade(_b, _a, books[_a].x); // all of it back: the book is empty, under a fresh salt
        assertEq(house.accountOf(_a).demandAt, 0, "a receipt answers the demand");
        vm.prank(_a);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ZeroBook.selector, true));
        house.exit();
    }

    // ---- initial margin on older data than the newest maintenance data ----

    function test_initialMarginIsNotProvenOnOlderData() public {
        trade(_a, _b, atMark(1, 1_000_000));
        vm.prank(_a);
        house.requestWithdrawal(_a, 1_000e6);
        later(1e9);
        heal(_a);
        heal(_b);
        LateInitial(address(ideal)).hold(1); // the initial program of the new data has not arrived
        IClearingHouse.Claim memory c = withdrawalClaim(_a);
        c.epoch = 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EpochMismatch.selector, uint256(1), uint256(2)));
        house.executeWithdrawal(c);
        int256[PLACES] memory y = atMark(1, 1_000_000);
        Ticket memory k = ticket(_a, _b, y);
        k.trade.epoch = 1;
        complete(k);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EpochMismatch.selector, uint256(1), uint256(2)));
        house.trade(k.trade, k.buyer, k.seller, k.band);
    }

    function test_aDueAccountWithdrawsNothing() public {
        trade(_a, _b, atMark(1, 1_000_000));
        vm.prank(_a);
        house.requestWithdrawal(_a, 1_000e6);
        later(1e9);
        IClearingHouse.Claim memory c = withdrawalClaim(_a);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotHealthy.selector, _a));
        house.executeWithdrawal(c);
        heal(_a);
        house.executeWithdrawal(withdrawalClaim(_a));
        assertEq(token.balanceOf(_a), 1_000e6, "paid");
    }

    function test_marksOfAnEndedEpochPriceNothing() public {
        trade(_a, _b, atMark(1, 4_000_000));
        int256[PLACES] memory y = atMark(1, 1_000_000);
        later(1e9);
        heal(_b);
        auctioned(_a);
        vm.warp(block.timestamp + EPOCH + 1);
        uint256 until = block.timestamp - 1;
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, until));
        this.tryTrade(_b, _c, y);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.DeadlinePassed.selector, until));
        this.tryBid(_a, _c);
    }

    // ---- answers ----

    function test_anAnswerCountsWhileNobodyCanEscalate() public {
        trade(_a, _b, atMark(1, 1_000_000));
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        lockEscrow(_a, 20e6);
        vm.warp(house.deadlineOf(_a) + 60); // the chain stood still: few blocks since the call
        vm.expectRevert();
        house.escalate(_a);
        prove(_a, 12_500);
        assertTrue(house.isHealthy(_a), "answered");
    }

    function test_anAnswerRefillsTheEscrow() public {
        trade(_a, _b, atMark(1, 1_000_000));
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        IClearingHouse.Claim memory c = claimOf(_a, 12_500);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.EscrowTooSmall.selector, uint256(80e6), uint256(100e6)));
        house.prove(c);
        lockEscrow(_a, 20e6);
        house.prove(c);
    }

    function alleged(address account) internal returns (address custodian) {
        custodian = vm.addr(custodianKeys[1]);
        vm.deal(custodian, 1 ether);
        vm.prank(custodian);
        house.allege{value: 0.01 ether}(account);
    }

    function test_anAllegationIsAnsweredAtRatioOne() public {
        trade(_a, _b, atMark(1, 1_000_000));
        alleged(_a);
        prove(_a, 10_000);
        assertTrue(house.isHealthy(_a), "not short, so nothing happened");
        // but not by who is silent about newer data meanwhile
        later(1e9);
        heal(_b);
        alleged(_b);
        later(1e9);
        IClearingHouse.Claim memory c = claimOf(_b, 10_000);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.BelowBuffer.selector, uint256(10_000), uint256(12_500)));
        house.prove(c);
    }

    function test_aFriendlyAllegationSavesNoLateFee() public {
        trade(_a, _b, atMark(1, 1_000_000));
        later(1e9);
        address custodian = vm.addr(custodianKeys[1]);
        vm.deal(custodian, 1 ether);
        vm.prank(custodian);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotHealthy.selector, _a));
        house.allege{value: 0.01 ether}(_a); // who is due is called by anybody
        heal(_b);
        alleged(_b);
        vm.warp(house.deadlineOf(_b) + 1);
        vm.roll(block.number + 301);
        house.escalate(_b);
        assertEq(house.accountOf(_b).escrow, ESCROW - 20e6, "silence after an allegation costs the same");
    }

    // ---- money ----

    function test_bondsDoNotDiluteADeficit() public {
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
        uint256 held = token.balanceOf(address(house)) - house.totals().bonds;
        give(address(this), 1e12);
        token.approve(address(house), type(uint256).max);
        house.bondCustodians(1e12); // a huge bond, to be released later in full
        vm.prank(_a);
        house.requestWithdrawal(_a, 10_000e6);
        house.executeWithdrawal(withdrawalClaim(_a));
        assertEq(token.balanceOf(_a), uint256(10_000e6) * held / (held + deficit), "the bond changed nothing");
    }

    function test_proceedsPayTheBooksOwnDeficitFirst() public {
        give(address(this), 5_000e6);
        token.approve(address(house), type(uint256).max);
        house.depositFund(5_000e6);
        address poor = open(3, 2_600e6);
        trade(poor, _c, atMark(2, 5_000_000));
        later(1e9);
        newEpoch(marksNow(1e9, 1.6e9, 3e9)); // equity 600
        auctioned(poor);
        bid(poor, _c);
        uint128 proceeds = house.auctionOf(poor).proceeds;
        assertTrue(proceeds > 0, "sold while solvent");
        newEpoch(marksNow(1e9, 1.2e9, 3e9)); // the rest is worth less than nothing
        heal(_c);
        reveal(poor);
        uint256 fund = house.totals().fund;
        bid(poor, _c);
        assertEq(house.auctionOf(poor).proceeds, 0, "what it brought is paid first");
        assertTrue(house.totals().fund < fund, "then the fund");
    }

    // ---- who may buy ----

    function test_custodiansDoNotChooseWhoBuys() public {
        trade(_a, _b, atMark(1, 4_000_000));
        later(1e9);
        heal(_b);
        auctioned(_a);
        Offer memory o = offer(_a, _c, Action.Bid);
        o.proofs.receipts = new bytes[](0);
        vm.prank(_c);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.BelowBuffer.selector, uint256(10_000), uint256(20_000)));
        house.bid(o.bid, o.proofs);
        bytes32 terms = keccak256(
            abi.encode(
                _c, house.accountOf(_a).commitment, house.accountOf(_a).sequence, house.accountOf(_c).commitment, o.bid
            )
        );
        o.proofs.margin =
            marginProof(Purpose.Initial, Action.Bid, _c, o.bid.takerNew, terms, 20_000, balanceAfter(_a, _c));
        vm.prank(_c);
        house.bid(o.bid, o.proofs);
        assertTrue(house.accountOf(_c).unattended, "no custodian holds its opening");
        // and so nothing leaves it below that band, nor does it slash anybody
        (books[_a], books[_c]) = (o.rest, o.taken);
        vm.prank(_c);
        house.requestWithdrawal(_c, 1e6);
        later(1e9);
        heal(_c);
        IClearingHouse.Claim memory c = withdrawalClaim(_c);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.BelowBuffer.selector, uint256(10_000), uint256(20_000)));
        house.executeWithdrawal(c);
        heal(_b);
        trade(_c, _b, atMark(1, 1_000));
        assertTrue(!house.accountOf(_c).unattended, "a receipt ends it");
    }

    function test_theBackstopIsDueAtOnce() public {
        address pool = traders[TRADERS];
        deposit(pool, 20_000e6);
        lockEscrow(pool, ESCROW);
        address poor = open(3, 2_100e6);
        trade(poor, _c, atMark(2, 5_000_000));
        later(1e9);
        newEpoch(marksNow(1e9, 1.5e9, 3e9));
        auctioned(poor);
        vm.warp(block.timestamp + 1 hours + 1);
        newEpoch(marksNow(1e9, 1.5e9, 3e9));
        reveal(poor);
        backstop(poor);
        assertTrue(!house.isHealthy(pool), "not proven");
        assertEq(house.callableAt(pool), block.timestamp + 20 minutes, "with its grace");
        prove(pool, 10_000);
        assertTrue(house.isHealthy(pool), "proven in time");
    }

    // ---- outages ----

    function test_aFailingFeedStopsNobody() public {
        Modules memory m = modules(IERC20(address(token)));
        m.sequencerUptime = address(new BrokenFeed());
        address[] memory custodians = new address[](2);
        (custodians[0], custodians[1]) = (vm.addr(custodianKeys[0]), vm.addr(custodianKeys[2]));
        house = new ClearingHouse(m, parameters(), admin, guardian, TIMELOCK, custodians, 2);
        (_a, _b) = (open(0, 10_000e6), open(1, 10_000e6));
        trade(_a, _b, atMark(1, 1_000_000));
        later(1e9);
        vm.warp(house.callableAt(_a) + 1);
        house.call(_a);
        assertEq(house.deadlineOf(_a), block.timestamp + 1 hours, "no outage is proven");
        vm.warp(block.timestamp + 1 hours + 1);
        vm.roll(block.number + 301);
        house.escalate(_a);
    }

    function test_parametersThatStopCallsAreRefused() public {
        for (uint256 i = 0; i < 3; ++i) {
            Parameters memory p = parameters();
            if (i == 0) p.callBlocks = 601;
            if (i == 1) p.allegationBond = 0;
            if (i == 2) p.refundGasPrice = 1001 gwei;
            vm.prank(admin);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ParametersRefused.selector));
            house.scheduleParameters(p);
        }
    }
}
