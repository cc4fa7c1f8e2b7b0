// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BASE_FIELD, FIELD} from "zkmargin/Bn254.sol";
import {IBilateralRegistry} from "zkmargin/interfaces/IBilateralRegistry.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {Action} from "zkmargin/interfaces/IMarginRegistry.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {GridBilateral} from "./generated/GridBilateral.sol";
import {Programs} from "./Programs.sol";
import {Trapdoor} from "./Trapdoor.sol";
import {Test} from "./Vm.sol";

/// @notice Hidden programs of two parties: what each may do, and that a stranger may do nothing.
contract BilateralTest is Test {
    uint256 private constant VENUE_KEY = 0x7e9e;
    uint256 private constant TRADER_KEY = 0x77ade;
    uint256 private constant START = 1_800_000_000;
    uint256 private constant TOTAL = 12345; // discrete logarithm of the published point

    GridBilateral private _registry;
    address private _venue;
    address private _trader;
    uint40 private _until;

    function setUp() public {
        vm.warp(START);
        (_venue, _trader) = (vm.addr(VENUE_KEY), vm.addr(TRADER_KEY));
        _registry = new GridBilateral(_venue, _trader);
        _until = uint40(START + 3600);
        publish(1);
        commit(77, 1);
    }

    function publish(uint256 number) private {
        (uint256 x, uint256 y) = Trapdoor.g1(TOTAL);
        vm.prank(_venue);
        _registry.publish(Purpose.Initial, number, x, y, uint40(START), _until);
    }

    function commit(uint256 commitment, uint256 sequence) private {
        bytes memory signature = signed(VENUE_KEY, commitment, sequence);
        vm.prank(_trader);
        _registry.commit(commitment, sequence, START + 60, signature);
    }

    function signed(uint256 key, uint256 commitment, uint256 sequence) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _registry.commitmentDigest(commitment, sequence, START + 60));
        return abi.encodePacked(r, s, v);
    }

    function context(uint256 number, uint256 sequence, uint256 nonce, uint256 deadline) private view returns (uint256) {
        return uint256(
            keccak256(
            abi.encode(
            keccak256("zkmargin.context.v1"),
            block.chainid,
            address(_registry),
            IMarginVerifier(address(_registry)).verifyingKeyHash(),
            Purpose.Initial,
            Action.Status,
            _trader,
            address(0),
            uint256(0),
            number,
            sequence,
            nonce,
            deadline
        )
        )
        ) % FIELD;
    }

    /// @dev A valid proof for the published point and these live values.
    function proof(uint256 ratio, uint256 commitment, uint256 ctx) private view returns (uint256[8] memory) {
        uint256 first = Programs.grid().prepared;
        uint256 sum = addmod(TOTAL, mulmod(ratio, Trapdoor.ic(first + 1), FIELD), FIELD);
        sum = addmod(sum, mulmod(commitment, Trapdoor.ic(first + 3), FIELD), FIELD);
        return Trapdoor.prove(addmod(sum, mulmod(ctx, Trapdoor.ic(first + 4), FIELD), FIELD), 1);
    }

    function submit(uint256 number, uint256 nonce, uint256[8] memory p) private {
        vm.prank(_trader);
        _registry.submit(Purpose.Initial, number, START + 600, nonce, p);
    }

    function good() private view returns (uint256[8] memory) {
        return proof(10_000, 77, context(1, 1, 0, START + 600));
    }

    function test_aProofAgainstTheHiddenPointIsRecorded() public {
        assertTrue(!_registry.standing(Purpose.Initial).proven, "before");
        submit(1, 0, good());
        IBilateralRegistry.Standing memory s = _registry.standing(Purpose.Initial);
        assertTrue(s.proven && s.epoch == 1 && s.until == _until, "after");
        assertTrue(!_registry.standing(Purpose.Maintenance).proven, "of one purpose");
        vm.warp(_until + 1);
        assertTrue(!_registry.standing(Purpose.Initial).proven, "until the epoch ends");
    }

    function test_aProofServesOnce() public {
        submit(1, 0, good());
        uint256[8] memory p = good();
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.NonceMismatch.selector, 0, 1));
        submit(1, 0, p);
    }

    function test_aProofOfAnotherRatioCommitmentOrContextIsRefused() public {
        uint256 ctx = context(1, 1, 0, START + 600);
        uint256[8][3] memory wrong = [proof(12_500, 77, ctx), proof(10_000, 78, ctx), proof(10_000, 77, ctx + 1)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(IMarginVerifier.InvalidProof.selector);
            submit(1, 0, wrong[i]);
        }
    }

    function test_aNewCommitmentClearsTheStatus() public {
        submit(1, 0, good());
        commit(78, 2);
        assertTrue(!_registry.standing(Purpose.Initial).proven, "cleared");
    }

    function test_strangersDoNothing() public {
        bytes memory refused = abi.encodeWithSelector(IBilateralRegistry.NotAParty.selector, address(this));
        (uint256 x, uint256 y) = Trapdoor.g1(TOTAL);
        vm.expectRevert(refused);
        _registry.publish(Purpose.Initial, 2, x, y, uint40(START), _until);
        bytes memory signature = signed(VENUE_KEY, 78, 2);
        vm.expectRevert(refused);
        _registry.commit(78, 2, START + 60, signature);
        uint256[8] memory p = good();
        vm.expectRevert(refused);
        _registry.submit(Purpose.Initial, 1, START + 600, 0, p);
    }

    function test_theTraderCannotNameAPointNorTheVenueProve() public {
        (uint256 x, uint256 y) = Trapdoor.g1(TOTAL);
        vm.prank(_trader);
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.NotAParty.selector, _trader));
        _registry.publish(Purpose.Initial, 2, x, y, uint40(START), _until);
        uint256[8] memory p = good();
        vm.prank(_venue);
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.NotAParty.selector, _venue));
        _registry.submit(Purpose.Initial, 1, START + 600, 0, p);
    }

    function test_aCommitmentNeedsTheVenuesSignatureAndItsPlace() public {
        bytes memory own = signed(TRADER_KEY, 78, 2);
        vm.prank(_trader);
        vm.expectRevert(IBilateralRegistry.VenueSignature.selector);
        _registry.commit(78, 2, START + 60, own);
        uint256[2][4] memory wrong = [[uint256(0), 2], [FIELD, 2], [uint256(77), 2], [uint256(78), 3]];
        for (uint256 i = 0; i < wrong.length; ++i) {
            bytes memory s = signed(VENUE_KEY, wrong[i][0], wrong[i][1]);
            vm.prank(_trader);
            vm.expectRevert(IBilateralRegistry.CommitmentRefused.selector);
            _registry.commit(wrong[i][0], wrong[i][1], START + 60, s);
        }
    }

    function test_aSignatureExpiresAndItsExpiryIsSigned() public {
        bytes memory signature = signed(VENUE_KEY, 78, 2);
        vm.prank(_trader);
        vm.expectRevert(IBilateralRegistry.VenueSignature.selector);
        _registry.commit(78, 2, START + 61, signature);
        vm.warp(START + 61);
        vm.prank(_trader);
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.SignatureExpired.selector, START + 60));
        _registry.commit(78, 2, START + 60, signature);
    }

    function test_pointsAreFiniteOnTheCurveAndInOrder() public {
        (uint256 x, uint256 y) = Trapdoor.g1(TOTAL);
        uint256[2][4] memory wrong = [[uint256(0), 0], [x, y + 1], [x + BASE_FIELD, y], [x, y + BASE_FIELD]];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.prank(_venue);
            vm.expectRevert(IBilateralRegistry.PointOffCurve.selector);
            _registry.publish(Purpose.Initial, 2, wrong[i][0], wrong[i][1], uint40(START), _until);
        }
        vm.prank(_venue);
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.NumberNotAscending.selector, 1));
        _registry.publish(Purpose.Initial, 1, x, y, uint40(START), _until);
        vm.prank(_venue);
        vm.expectRevert(IBilateralRegistry.WindowRefused.selector);
        _registry.publish(Purpose.Initial, 2, x, y, uint40(START), uint40(START));
    }

    function test_onlyTheNewestEpochIsProvenOn() public {
        publish(2);
        uint256[8] memory p = good();
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.EpochNotLive.selector, 1));
        submit(1, 0, p);
        vm.warp(_until + 1);
        vm.prank(_trader);
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.EpochNotLive.selector, 2));
        _registry.submit(Purpose.Initial, 2, _until + 600, 0, p);
    }

    function test_aPassedDeadlineIsRefused() public {
        uint256[8] memory p = good();
        vm.warp(START + 601);
        vm.expectRevert(abi.encodeWithSelector(IBilateralRegistry.DeadlinePassed.selector, START + 600));
        submit(1, 0, p);
    }

    function test_partiesDiffer() public {
        vm.expectRevert(IBilateralRegistry.PartiesRefused.selector);
        new GridBilateral(_venue, _venue);
        vm.expectRevert(IBilateralRegistry.PartiesRefused.selector);
        new GridBilateral(address(0), _trader);
    }
}
