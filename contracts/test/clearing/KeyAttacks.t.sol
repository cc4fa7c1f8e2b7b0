// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {Account, Action} from "zkmargin/clearing/Ledger.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Trapdoor} from "../Trapdoor.sol";
import {PLACES} from "./IdealProofs.sol";
import {RealProofs} from "./RealProofs.sol";
import {RealWorld} from "./RealWorld.sol";

/// @notice Attacks on what the proofs are checked against, with real verifiers: forged points, remapped slots, other spans,
/// other marks, other signals.
contract KeyAttacksTest is RealWorld {
    address private _a;
    address private _b;

    function setUp() public {
        build();
        (_a, _b) = (open(0, 10_000e6), open(1, 10_000e6));
        trade(_a, _b, atMark(1, 4_000_000));
    }

    // ---- 1: a forged prepared point ----

    function test_attack01_noPointIsTakenFromAnybody() public {
        // whoever chooses P chooses what is proven; each of the three points comes from numbers in calldata
        uint256 c = house.accountOf(_a).commitment;
        IMarginEpochs.MarginProof memory p;
        (p.ratioBps, p.vaultBalance) = (10_000, 0);
        uint256 free = 123_456_789;
        uint256[] memory live = new uint256[](4);
        (live[0], live[1], live[2], live[3]) = (10_000, 0, c, 7);
        (, p.pointY) = Trapdoor.g1(free);
        p.proof = real.proveSignals(free, 2990, live);
        IMarginEpochs epochs = real.epochs();
        vm.expectRevert(); // the other parity, or a point that is not on the curve with the stored x
        epochs.checkMargin(Purpose.Initial, 1, c, 7, p);
        live = new uint256[](5);
        (live[0], live[2], live[3], live[4]) = (1, 1e20, c, 7);
        uint256[8] memory forged = real.proveSignals(free, 65, live);
        IBookValuation valuation = real.valuation();
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.InvalidValuation.selector));
        valuation.checkValue(1, c, 1e20, 7, forged);
    }

    function test_attack01_otherMarksAreRefused() public {
        bytes memory marks = real.marksOf(marksNow(1e9, 2e9, 3e9 + 1));
        IBookValuation valuation = real.valuation();
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.NotTheMarks.selector, uint256(1)));
        valuation.prepareMarks(1, marks);
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.NotTheMarks.selector, uint256(2)));
        valuation.prepareMarks(2, marks);
        uint256[8] memory proof;
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.MarksNotPrepared.selector, uint256(2)));
        valuation.checkValue(2, 1, 0, 0, proof);
    }

    // ---- 2: a slot that becomes another asset ----

    function relist(IBookSteps.ListingText memory next, bool[] memory keep, int64[] memory prices) internal {
        IBookSteps.ListingText memory present = real.text("");
        IBookSteps steps = real.steps();
        vm.prank(address(real));
        steps.relist(present, next, keep, prices);
        vm.snapshotValue("clearing", "relist 64 places", lastGas());
    }

    function keepAll() internal pure returns (bool[] memory keep, int64[] memory prices) {
        (keep, prices) = (new bool[](64), new int64[](64));
        for (uint256 i = 0; i < 64; ++i) {
            keep[i] = true;
        }
    }

    function test_attack02_aKeptSlotIsTheSameInstrument() public {
        (bool[] memory keep, int64[] memory prices) = keepAll();
        IBookSteps.ListingText memory next = real.text("-2"); // place 1 is another instrument
        IBookSteps steps = real.steps();
        IBookSteps.ListingText memory present = real.text("");
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.KeptPlaceDiffers.selector, uint256(1)));
        steps.relist(present, next, keep, prices);
        next = real.text("");
        next.lotExponents[2] = -3; // the same name in other lots
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.KeptPlaceDiffers.selector, uint256(2)));
        steps.relist(present, next, keep, prices);
        keep[0] = false; // cash is always kept
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.KeptPlaceDiffers.selector, uint256(0)));
        steps.relist(present, present, keep, prices);
        vm.prank(address(real));
        vm.expectRevert();
        steps.relist(next, present, keep, prices); // not the present listing's text
    }

    function test_attack02_anOldBookHasNoProofUnderANewListing() public {
        (bool[] memory keep, int64[] memory prices) = keepAll();
        (keep[1], prices[1]) = (false, 1 << 40);
        IBookSteps.ListingText memory next = real.text("-2");
        relist(next, keep, prices);
        assertEq(real.steps().newestStep(), 1, "relisted");
        assertTrue(real.steps().listingAt(1) != real.listingHash(), "another listing");
        // a margin proof needs the newest step, which the old commitment has not reached
        vm.expectRevert();
        this.tryProve(_a);
        // and a conservation proof over "no steps" is not one over the relisting
        IBookSteps.Update memory u = IBookSteps.Update(1, 0, true, 0, house.accountOf(_a).commitment, 0, 99);
        uint256[8] memory proof = real.proveUpdate(real.spanTotal(0, 0), u, 5);
        IBookSteps steps = real.steps();
        steps.checkConservation(0, 0, u, 5, proof);
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.InvalidConservation.selector));
        steps.checkConservation(0, 1, u, 5, proof);
    }

    function tryProve(address account) external {
        prove(account, 10_000);
    }

    function test_relistingsPointIsThatOfItsNumbers() public {
        (bool[] memory keep, int64[] memory prices) = keepAll();
        (keep[1], prices[1], prices[2]) = (false, -77, 1 << 40);
        relist(real.text("-2"), keep, prices);
        uint256 total = addmod(Trapdoor.ic(0), mulmod(real.listingHash(), Trapdoor.ic(1), FIELD), FIELD);
        total = addmod(total, mulmod(real.steps().listingAt(1), Trapdoor.ic(2), FIELD), FIELD);
        for (uint256 i = 0; i < 64; ++i) {
            if (i != 1) total = addmod(total, Trapdoor.ic(3 + i), FIELD);
        }
        total = addmod(total, Trapdoor.ic(3 + 64), FIELD);
        total = addmod(total, mulmod(FIELD - 77, Trapdoor.ic(3 + 128 + 1), FIELD), FIELD);
        total = addmod(total, mulmod(1 << 40, Trapdoor.ic(3 + 128 + 2), FIELD), FIELD);
        IBookSteps.Update memory u = IBookSteps.Update(-1, 3, false, -5, 1, 2, 3);
        real.steps().checkConservation(0, 1, u, 9, real.proveUpdate(total, u, 9));
    }

    // ---- spans ----

    function test_aSpansPointIsTheSumOfItsSteps() public {
        ideal.accrue([int256(0), 5, -7, 0]);
        vm.warp(START + 10 minutes);
        ideal.accrue([int256(0), 1 << 40, 0, -(1 << 50)]);
        vm.warp(START + 20 minutes);
        ideal.accrue([int256(0), -5, 7, 3]);
        IBookSteps.Update memory u = IBookSteps.Update(1, 0, true, 0, 1, 0, 3);
        IBookSteps steps = real.steps();
        for (uint256 from = 0; from < 4; ++from) {
            for (uint256 to = from; to < 4; ++to) {
                uint256[8] memory proof = real.proveUpdate(real.spanTotal(from, to), u, 9);
                steps.checkConservation(from, to, u, 9, proof);
                if (to == 3) continue;
                vm.expectRevert(abi.encodeWithSelector(IBookSteps.InvalidConservation.selector));
                steps.checkConservation(from, to + 1, u, 9, proof);
            }
        }
        uint256[8] memory any;
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.NotASpan.selector, uint256(2), uint256(1)));
        steps.checkConservation(2, 1, u, 9, any);
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.NotASpan.selector, uint256(0), uint256(4)));
        steps.checkConservation(0, 4, u, 9, any);
    }

    function test_accrualsAreBoundedAndFromTheAuthority() public {
        IBookSteps steps = real.steps();
        int64[] memory values = new int64[](64);
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.NotStepAuthority.selector, address(this)));
        steps.accrue(values);
        values[0] = 1;
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.AccrualOutOfRange.selector, uint256(0)));
        steps.accrue(values);
        (values[0], values[5]) = (0, int64((1 << 62) - 1));
        vm.prank(address(real));
        steps.accrue(values);
        vm.snapshotValue("clearing", "accrue one place", lastGas());
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.StepTooSoon.selector, START + 10 minutes));
        steps.accrue(values);
        vm.warp(START + 10 minutes);
        values[5] = 1; // the sum reaches 2^62
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.AccrualOutOfRange.selector, uint256(5)));
        steps.accrue(values);
        vm.prank(address(real));
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.ListingShape.selector, uint256(63), uint256(64)));
        steps.accrue(new int64[](63));
    }

    // ---- live signals: each one is bound ----

    function testFuzz_everySignalOfAnUpdateIsBound(uint8 which, uint128 change) public {
        vm.assume(change != 0);
        IBookSteps.Update memory u = IBookSteps.Update(1, 2, false, 1000, 11, 12, 13);
        uint256[8] memory proof = real.proveUpdate(real.spanTotal(0, 0), u, 9);
        IBookSteps steps = real.steps();
        steps.checkConservation(0, 0, u, 9, proof);
        uint256 context = 9;
        which %= 8;
        if (which == 0) u.sign = -1;
        else if (which == 1) u.parts = uint8((2 + 1 + change % 4) % 5);
        else if (which == 2) u.nextSalt = true;
        else if (which == 3) u.amount = 1000 + int128(uint128(1 + change % 1e12));
        else if (which == 4) u.oldCommitment += change;
        else if (which == 5) u.tradeCommitment += change;
        else if (which == 6) u.newCommitment += change;
        else context += change;
        vm.expectRevert(abi.encodeWithSelector(IBookSteps.InvalidConservation.selector));
        steps.checkConservation(0, 0, u, context, proof);
    }

    function test_updatesOutOfRange() public {
        IBookSteps.Update[7] memory bad;
        bad[0] = IBookSteps.Update(0, 0, false, 0, 1, 2, 3);
        bad[1] = IBookSteps.Update(2, 0, false, 0, 1, 2, 3);
        bad[2] = IBookSteps.Update(1, 5, false, 0, 1, 2, 3);
        bad[3] = IBookSteps.Update(1, 0, false, 1 << 47, 1, 2, 3);
        bad[4] = IBookSteps.Update(1, 0, false, -(1 << 47), 1, 2, 3);
        bad[5] = IBookSteps.Update(1, 0, false, 0, FIELD, 2, 3);
        bad[6] = IBookSteps.Update(1, 0, false, 0, 1, 2, FIELD + 3);
        uint256[8] memory any;
        IBookSteps steps = real.steps();
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBookSteps.UpdateOutOfRange.selector));
            steps.checkConservation(0, 0, bad[i], 1, any);
        }
    }

    function test_everySignalOfAValueIsBound() public {
        uint256 c = house.accountOf(_a).commitment;
        (int256 v,) = ideal.equityAndGross(books[_a].x);
        uint256[8] memory proof = real.proveValue(c, v, 5);
        IBookValuation valuation = real.valuation();
        valuation.checkValue(1, c, v, 5, proof);
        bytes memory invalid = abi.encodeWithSelector(IBookValuation.InvalidValuation.selector);
        vm.expectRevert(invalid);
        valuation.checkValue(1, c, v + 1, 5, proof);
        vm.expectRevert(invalid);
        valuation.checkValue(1, c + 1, v, 5, proof);
        vm.expectRevert(invalid);
        valuation.checkValue(1, c, v, 6, proof);
        vm.expectRevert(invalid); // a value is no band
        valuation.checkBand(1, c, 0, 5, proof);
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.ValueOutOfRange.selector));
        valuation.checkValue(1, c, 1 << 93, 5, proof);
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.ValueOutOfRange.selector));
        valuation.checkValue(1, 0, 0, 5, proof);
        vm.expectRevert(abi.encodeWithSelector(IBookValuation.ValueOutOfRange.selector));
        valuation.checkBand(1, c, 10_001, 5, proof);
    }

    function test_marginProofsOfTheHouse() public {
        uint256 c = house.accountOf(_a).commitment;
        IMarginEpochs epochs = real.epochs();
        IMarginEpochs.MarginProof memory p = real.proveMargin(Purpose.Initial, c, 5, 10_000, 10_000e12);
        epochs.checkMargin(Purpose.Initial, 1, c, 5, p);
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        epochs.checkMargin(Purpose.Initial, 1, c, 6, p);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotNewest.selector, uint256(2), uint256(1)));
        epochs.checkMargin(Purpose.Initial, 2, c, 5, p);
        vm.expectRevert(abi.encodeWithSelector(IMarginEpochs.CommitmentNotInField.selector));
        epochs.checkMargin(Purpose.Initial, 1, 0, 5, p);
        p.pointY ^= 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginEpochs.WrongParity.selector));
        epochs.checkMargin(Purpose.Initial, 1, c, 5, p);
        p.vaultBalance = 1 << 90;
        p.pointY ^= 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginEpochs.VaultBalanceOutOfRange.selector, uint256(1 << 90)));
        epochs.checkMargin(Purpose.Initial, 1, c, 5, p);
        vm.warp(START + EPOCH + 1);
        p = real.proveMargin(Purpose.Initial, c, 5, 10_000, 10_000e12);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochExpired.selector, START + EPOCH));
        epochs.checkMargin(Purpose.Initial, 1, c, 5, p);
    }

    function test_outagesAddUp() public {
        IMarginEpochs epochs = real.epochs();
        assertEq(epochs.status(Purpose.Maintenance).outage, 0, "none");
        vm.warp(START + EPOCH + 100);
        assertEq(epochs.status(Purpose.Maintenance).outage, 100, "running");
        newEpoch(marksNow(1e9, 2e9, 3e9));
        vm.warp(START + EPOCH + 100 + 50);
        assertEq(epochs.status(Purpose.Maintenance).outage, 100, "over");
        vm.warp(START + EPOCH + 100 + EPOCH + 7);
        assertEq(epochs.status(Purpose.Maintenance).outage, 107, "another");
        assertEq(epochs.usableAfter(Purpose.Maintenance, 1), START + EPOCH + 100, "sealed after the first");
        assertEq(epochs.usableAfter(Purpose.Maintenance, 2), 0, "nothing after the newest");
        assertEq(epochs.highestKnown(Purpose.Initial), 2, "known");
        vm.prank(address(real));
        epochs.openEpoch(Purpose.Initial, 9, bytes32(uint256(1)), block.timestamp, block.timestamp + 1, address(1));
        assertEq(epochs.highestKnown(Purpose.Initial), 9, "an epoch in delivery is known");
    }
}
