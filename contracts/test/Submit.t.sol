// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {ICommitmentRegistry} from "zkmargin/interfaces/ICommitmentRegistry.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {Action} from "zkmargin/interfaces/IMarginRegistry.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Programs} from "./Programs.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {Vm} from "./Vm.sol";

uint256 constant BASE_FIELD_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

/// @notice One proof: what is accepted, and that everything else is refused by the rule's name.
contract SubmitTest is RegistryTest {
    function setUp() public override {
        super.setUp();
        publish(Purpose.Initial, 7);
        attest(TRADER_KEY, 0xc0ffee);
        fund(trader, 1000e6);
    }

    function valid() internal returns (IMarginRegistry.Claim memory) {
        return provenClaim(trader, 12_500, 900e12);
    }

    function refused(IMarginRegistry.Claim memory claim, bytes memory reason) internal {
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(reason);
        registry.submit(Purpose.Initial, 7, y, claim);
    }

    function invalid(IMarginRegistry.Claim memory claim) internal {
        refused(claim, abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
    }

    function test_acceptsAndRecords() public {
        submit(valid());
        IMarginRegistry.Standing memory s = registry.standing(trader, Purpose.Initial);
        assertTrue(s.proven, "proven");
        assertEq(s.epoch, 7, "epoch");
        assertEq(s.ratioBps, 12_500, "ratio");
        assertEq(s.since, START, "since");
        assertEq(s.until, START + HOUR, "until");
        assertEq(registry.nonceOf(trader), 1, "nonce");
        assertTrue(!registry.standing(trader, Purpose.Maintenance).proven, "the other purpose is not proven");
    }

    function test_statusEndsWithTheEpoch() public {
        submit(valid());
        vm.warp(START + HOUR);
        assertTrue(isProven(trader), "to the last second");
        vm.warp(START + HOUR + 1);
        assertTrue(!isProven(trader), "and no longer");
    }

    function test_bothPurposesHaveTheirOwnStatus() public {
        publish(Purpose.Maintenance, 3);
        submit(valid());
        Terms memory t = terms(trader);
        (t.purpose, t.epoch) = (Purpose.Maintenance, 3);
        IMarginRegistry.Claim memory c = prove(t, claimOf(trader, 20_000, 0));
        registry.submit(Purpose.Maintenance, 3, pointY(Purpose.Maintenance), c);
        assertEq(registry.standing(trader, Purpose.Initial).ratioBps, 12_500, "initial");
        assertEq(registry.standing(trader, Purpose.Maintenance).ratioBps, 20_000, "maintenance");
        assertEq(registry.nonceOf(trader), 2, "one counter for both");
    }

    function test_replayIsRefused() public {
        IMarginRegistry.Claim memory c = valid();
        submit(c);
        refused(c, abi.encodeWithSelector(IMarginRegistry.NonceMismatch.selector, 0, 1));
        c.nonce = 1;
        invalid(c);
    }

    function test_negatedProofIsNoSecondProof() public {
        IMarginRegistry.Claim memory c = valid();
        c.proof[1] = BASE_FIELD_MODULUS - c.proof[1];
        c.proof[3 + 1] = BASE_FIELD_MODULUS - c.proof[4];
        c.proof[5] = BASE_FIELD_MODULUS - c.proof[5];
        submit(c); // (-A, -B, C) verifies: nothing may be keyed on proof bytes
        refused(c, abi.encodeWithSelector(IMarginRegistry.NonceMismatch.selector, 0, 1));
        submit(valid());
    }

    function testFuzz_everyTamperedWordIsRefused(uint256 index, uint256 delta) public {
        IMarginRegistry.Claim memory c = valid();
        vm.assume(delta != 0);
        index %= 8;
        unchecked {
            c.proof[index] += delta;
        }
        invalid(c);
    }

    function test_swappedG2CoordinatesAreRefused() public {
        IMarginRegistry.Claim memory c = valid();
        (c.proof[2], c.proof[3]) = (c.proof[3], c.proof[2]);
        (c.proof[4], c.proof[5]) = (c.proof[5], c.proof[4]);
        invalid(c);
    }

    function test_coordinatesBeyondTheModulusAreRefused() public {
        IMarginRegistry.Claim memory c = valid();
        c.proof[0] += BASE_FIELD_MODULUS;
        invalid(c);
    }

    function test_pointsAtInfinityAreRefused() public {
        IMarginRegistry.Claim memory c = valid();
        c.proof = [uint256(0), 0, 0, 0, 0, 0, 0, 0];
        invalid(c);
    }

    function test_otherAccount() public {
        attest(0xbad, 0xc0ffef);
        IMarginRegistry.Claim memory c = valid();
        c.account = vm.addr(0xbad);
        c.vaultBalance = 0;
        invalid(c);
        c.account = address(0x1234);
        c.sequence = 0;
        refused(c, abi.encodeWithSelector(IMarginRegistry.NoCommitment.selector, address(0x1234)));
    }

    function test_otherRatio() public {
        IMarginRegistry.Claim memory c = valid();
        c.ratioBps = 15_000;
        invalid(c);
        c.ratioBps = 12_501;
        refused(c, abi.encodeWithSelector(IMarginVerifier.RatioNotABand.selector, 12_501));
        c.ratioBps = 12_500 + FIELD;
        refused(c, abi.encodeWithSelector(IMarginVerifier.RatioNotABand.selector, 12_500 + FIELD));
    }

    function test_vaultBalance() public {
        IMarginRegistry.Claim memory c = valid();
        c.vaultBalance = 899e12;
        invalid(c);
        c.vaultBalance += FIELD;
        refused(
            c, abi.encodeWithSelector(IMarginRegistry.VaultBalanceTooLarge.selector, c.vaultBalance, uint256(1000e12))
        );
        submit(provenClaim(trader, 10_000, 1000e12));
        c = provenClaim(trader, 10_000, 1000e12 + 1);
        refused(
            c,
            abi.encodeWithSelector(
                IMarginRegistry.VaultBalanceTooLarge.selector, uint256(1000e12 + 1), uint256(1000e12)
            )
        );
    }

    function test_vaultBalanceBoundIsTheCircuits() public {
        uint256 rest = (1 << 90) - 1 - 1000e6;
        fund(trader, rest); // the vault is full: 2^90 - 1 smallest units, far more money
        IMarginRegistry.Claim memory c = provenClaim(trader, 10_000, 1 << 90);
        refused(
            c,
            abi.encodeWithSelector(
                IMarginRegistry.VaultBalanceTooLarge.selector, uint256(1 << 90), uint256((1 << 90) - 1) * SCALE
            )
        );
        submit(provenClaim(trader, 10_000, (1 << 90) - 1));
    }

    function test_otherSequence() public {
        IMarginRegistry.Claim memory c = valid();
        c.sequence = 2;
        refused(c, abi.encodeWithSelector(IMarginRegistry.SequenceMismatch.selector, 2, 1));
        attest(TRADER_KEY, 0xc0fff0);
        invalid(c);
    }

    function test_deadline() public {
        IMarginRegistry.Claim memory c = valid();
        vm.warp(c.deadline + 1);
        publish(Purpose.Initial, 8);
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.DeadlinePassed.selector, c.deadline));
        registry.submit(Purpose.Initial, 8, y, c);
        c.deadline = 1 << 64;
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.DeadlineOutOfRange.selector, c.deadline));
        registry.submit(Purpose.Initial, 8, y, c);
    }

    function test_epochs() public {
        IMarginRegistry.Claim memory c = valid();
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochUnset.selector));
        registry.submit(Purpose.Maintenance, 7, y, c);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotNewest.selector, 6, 7));
        registry.submit(Purpose.Initial, 6, y, c);
        publish(Purpose.Initial, 8);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotNewest.selector, 7, 8));
        registry.submit(Purpose.Initial, 7, y, c);
        y = pointY(Purpose.Initial);
        (bool ok,) = address(registry).call(abi.encodeCall(registry.submit, (Purpose.Initial, 8, y, c)));
        assertTrue(!ok, "a proof of the old epoch");
        vm.warp(START + HOUR + 1);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochExpired.selector, START + HOUR));
        registry.submit(Purpose.Initial, 8, y, c);
    }

    function test_otherPurpose() public {
        publish(Purpose.Maintenance, 7, Programs.realistic(shape(), 7, listingHash)); // the very same program
        IMarginRegistry.Claim memory c = valid();
        uint256 y = pointY(Purpose.Maintenance);
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        registry.submit(Purpose.Maintenance, 7, y, c);
    }

    function test_otherChainContractKeyAndAction() public {
        Terms memory t = terms(trader);
        t.chainId = 1;
        invalid(prove(t, claimOf(trader, 10_000, 0)));
        t = terms(trader);
        t.registry = address(this);
        invalid(prove(t, claimOf(trader, 10_000, 0)));
        t = terms(trader);
        t.keyHash = bytes32(uint256(1));
        invalid(prove(t, claimOf(trader, 10_000, 0)));
        t = terms(trader);
        t.action = Action.Withdraw;
        invalid(prove(t, claimOf(trader, 10_000, 0)));
        t.action = Action.Status;
        t.amount = 1;
        invalid(prove(t, claimOf(trader, 10_000, 0)));
    }

    function test_pointY() public {
        IMarginRegistry.Claim memory c = valid();
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.PointParity.selector));
        registry.submit(Purpose.Initial, 7, BASE_FIELD_MODULUS - y, c);
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        registry.submit(Purpose.Initial, 7, y + 2, c);
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        registry.submit(Purpose.Initial, 7, y + 2 * BASE_FIELD_MODULUS, c);
    }

    function test_calldataLength() public {
        bytes memory sent = abi.encodeCall(registry.submit, (Purpose.Initial, 7, pointY(Purpose.Initial), valid()));
        (bool ok, bytes memory reason) = address(registry).call(abi.encodePacked(sent, uint8(0)));
        assertTrue(!ok && bytes4(reason) == IMarginVerifier.CalldataLength.selector, "padded");
        assembly ("memory-safe") {
            mstore(sent, sub(mload(sent), 1))
        }
        (ok,) = address(registry).call(sent);
        assertTrue(!ok, "truncated");
    }

    function test_eventsAndGasTellNothingOfTheBook() public {
        attest(0xb00c, 0xdecade);
        fund(vm.addr(0xb00c), 1000e6);
        uint256[2] memory gasUsed;
        for (uint256 i = 0; i < 2; ++i) {
            address account = i == 0 ? trader : vm.addr(0xb00c);
            IMarginRegistry.Claim memory c = provenClaim(account, 12_500, 900e12);
            uint256 y = pointY(Purpose.Initial);
            vm.recordLogs();
            registry.submit(Purpose.Initial, 7, y, c);
            gasUsed[i] = lastGas();
            Vm.Log[] memory logs = vm.getRecordedLogs();
            assertEq(logs.length, 1, "one event");
            assertEq(logs[0].topics.length, 4, "topics");
            assertEq(logs[0].data.length, 64, "ratio and nonce");
        }
        uint256 apart = gasUsed[0] > gasUsed[1] ? gasUsed[0] - gasUsed[1] : gasUsed[1] - gasUsed[0];
        assertTrue(apart <= 200, "only the zero bytes of proof and address differ");
    }
}
