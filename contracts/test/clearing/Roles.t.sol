// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Action, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {PLACES} from "./IdealProofs.sol";
import {World} from "./World.sol";

/// @notice The table "who can do what" of docs/threat-model.md, row by row: what a role may do, and that nobody else does it.
contract RolesTest is World {
    address private _a;
    address private _b;
    address private _stranger = address(0x57);

    function setUp() public {
        build();
        (_a, _b) = (open(0, 10_000e6), open(1, 10_000e6));
        trade(_a, _b, atMark(1, 1_000_000));
        give(address(this), 1e12);
        token.approve(address(house), type(uint256).max);
        house.bondCustodians(1_000e6);
        house.depositFund(1_000e6);
    }

    function everybodyBut(address allowed) internal view returns (address[] memory out) {
        address[7] memory all = [admin, guardian, _stranger, _a, _b, traders[TRADERS], vm.addr(custodianKeys[0])];
        uint256 n = 0;
        out = new address[](7);
        for (uint256 i = 0; i < 7; ++i) {
            if (all[i] != allowed) out[n++] = all[i];
        }
        assembly ("memory-safe") {
            mstore(out, n)
        }
    }

    function test_onlyTheAdminAnnouncesParameters() public {
        Parameters memory p = parameters();
        address[] memory others = everybodyBut(admin);
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAdmin.selector, others[i]));
            house.scheduleParameters(p);
        }
        vm.prank(admin);
        house.scheduleParameters(p);
    }

    function test_onlyTheGuardianPauses() public {
        address[] memory others = everybodyBut(guardian);
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAdmin.selector, others[i]));
            house.pause();
        }
        vm.prank(guardian);
        house.pause();
    }

    function test_onlyCustodiansAllegeAndDisclose() public {
        vm.deal(_stranger, 1 ether);
        vm.prank(_stranger);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotACustodian.selector, _stranger));
        house.allege{value: 0.01 ether}(_a);
        vm.warp(START + 1 hours);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        defaults(_a);
        vm.prank(_stranger);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotACustodian.selector, _stranger));
        house.disclose(_a, "noise");
        vm.prank(vm.addr(custodianKeys[2]));
        house.disclose(_a, "sealed");
        vm.prank(_a);
        house.disclose(_a, "the owner may too");
    }

    function test_onlyAQuorumAcknowledgesAndReleases() public {
        bytes[] memory none = new bytes[](0);
        vm.prank(_a);
        house.demandReceipt();
        address[] memory all = everybodyBut(address(0));
        for (uint256 i = 0; i < all.length; ++i) {
            vm.prank(all[i]);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAQuorum.selector, uint256(0), uint256(2)));
            house.acknowledge(_a, none);
        }
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AlreadyOpen.selector));
        house.releaseCustodians(_stranger, 1, none); // a demand is open
        Account memory a = house.accountOf(_a);
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Acknowledgement(address account,uint256 commitment,uint64 sequence,uint40 demandAt)"),
                _a,
                a.commitment,
                a.sequence,
                a.demandAt
            )
        );
        house.acknowledge(_a, quorum(hash));
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotAQuorum.selector, uint256(0), uint256(2)));
        house.releaseCustodians(_stranger, 1, none);
        hash = keccak256(
            abi.encode(keccak256("Release(address recipient,uint256 amount,uint256 nonce)"), _stranger, 400e6, 0)
        );
        bytes[] memory signed = quorum(hash);
        house.releaseCustodians(_stranger, 400e6, signed);
        assertEq(token.balanceOf(_stranger), 400e6, "their own bond, and nothing else");
        vm.expectRevert();
        house.releaseCustodians(_stranger, 400e6, signed); // once
    }

    function test_onlyTheAccountMovesItsMoney() public {
        address[] memory others = everybodyBut(_a);
        for (uint256 i = 0; i < others.length; ++i) {
            if (others[i] == _b) continue;
            vm.prank(others[i]);
            vm.expectRevert();
            house.requestWithdrawal(others[i], 1);
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
            house.cancelWithdrawal();
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.ZeroBook.selector, true));
            house.demandReceipt();
        }
        // a request is paid by anybody, to its recipient alone
        vm.prank(_a);
        house.requestWithdrawal(address(0xbeef), 5e6);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        heal(_a);
        IClearingHouse.Claim memory c = withdrawalClaim(_a);
        vm.prank(_stranger);
        house.executeWithdrawal(c);
        assertEq(token.balanceOf(address(0xbeef)), 5e6, "the recipient of the request");
    }

    function test_onlyTheBackstopTakesWithoutMargin() public {
        vm.warp(START + 1 hours);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        defaults(_a);
        newEpoch(marksNow(1e9, 2e9, 3e9));
        heal(_b);
        reveal(_a);
        Offer memory o = offer(_a, _b, Action.Backstop);
        vm.prank(_b);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NotBackstop.selector, _b));
        house.backstop(o.bid, o.proofs);
        address pool = traders[TRADERS];
        deposit(pool, 10_000e6);
        o = offer(_a, pool, Action.Backstop);
        vm.prank(pool);
        vm.expectRevert(); // not before the rescue time is over
        house.backstop(o.bid, o.proofs);
    }

    function test_liquidatorsLeaveSlowly() public {
        address who = traders[2];
        bondLiquidator(who);
        vm.prank(who);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
        house.takeBackBond();
        vm.prank(who);
        house.leaveLiquidators();
        vm.prank(who);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.TooEarly.selector, block.timestamp + 7 days));
        house.takeBackBond();
        vm.warp(block.timestamp + 7 days);
        vm.prank(who);
        house.takeBackBond();
        assertEq(token.balanceOf(who), 1_000e6, "the bond");
        vm.prank(_stranger);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
        house.takeBackBond();
    }

    /// @notice Admin, guardian and a quorum of custodians together, with everything that they can call, take nothing.
    function test_thePrivilegedTakeNothing() public {
        Account memory before = house.accountOf(_a);
        uint256 owed = token.balanceOf(address(house)) - 1_000e6; // their own bond
        Parameters memory p = parameters();
        (p.escrow, p.lateFee, p.callReward, p.premium) = (1 << 79, 1 << 77, 1 << 77, 1 << 78);
        vm.prank(admin);
        house.scheduleParameters(p);
        vm.prank(guardian);
        house.pause();
        address[3] memory privileged = [admin, guardian, vm.addr(custodianKeys[0])];
        for (uint256 i = 0; i < 3; ++i) {
            vm.startPrank(privileged[i]);
            vm.expectRevert();
            house.requestWithdrawal(privileged[i], 1);
            house.releaseEscrow(); // their own, which is nothing
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
            house.takeWei();
            vm.expectRevert(abi.encodeWithSelector(IClearingHouse.NothingOpen.selector));
            house.takeBackBond();
            vm.stopPrank();
        }
        bytes32 hash = keccak256(
            abi.encode(keccak256("Release(address recipient,uint256 amount,uint256 nonce)"), admin, 1_001e6, 0)
        );
        bytes[] memory signed = quorum(hash);
        vm.expectRevert(abi.encodeWithSelector(IClearingHouse.AmountOutOfRange.selector));
        house.releaseCustodians(admin, 1_001e6, signed); // more than their bond
        assertTrue(keccak256(abi.encode(house.accountOf(_a))) == keccak256(abi.encode(before)), "the account");
        assertEq(token.balanceOf(address(house)) - 1_000e6, owed, "the tokens");
    }
}
