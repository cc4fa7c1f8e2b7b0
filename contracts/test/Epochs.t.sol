// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MarginRegistry} from "zkmargin/MarginRegistry.sol";
import {IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {IIcPoints} from "zkmargin/interfaces/IIcPoints.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {GridRegistry} from "./generated/GridRegistry.sol";
import {Programs, TierShape} from "./Programs.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {Trapdoor} from "./Trapdoor.sol";

/// @notice Delivery of programs: the prepared point, the hash chain, the bounds, who may do what.
abstract contract EpochsTest is RegistryTest {
    function program() internal view returns (int256[] memory) {
        return Programs.realistic(shape(), 99, listingHash);
    }

    /// @dev Delivers a program whose last chunk must be refused.
    function sealRefused(int256[] memory values, bytes memory reason) internal {
        chunkRefused(values, shape().counts.length - 1, reason);
    }

    function chunkRefused(int256[] memory values, uint256 index, bytes memory reason) internal {
        bytes[] memory parts = Programs.chunks(shape(), values);
        open(Purpose.Initial, 1, Programs.hashOf(parts));
        for (uint256 i = 0; i < index; ++i) {
            append(Purpose.Initial, 1, parts[i]);
        }
        bytes[] memory last = new bytes[](1);
        last[0] = parts[index];
        vm.expectRevert(reason);
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, last);
    }

    function outOfBounds(uint256 chunk, uint256 entry) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IProgramReader.EntryOutOfBounds.selector, chunk, entry);
    }

    function test_sealsTheComputedPoint() public {
        int256[] memory values = program();
        bytes[] memory parts = Programs.chunks(shape(), values);
        publish(Purpose.Initial, 5, values);
        IRiskEpochs.Epoch memory e = registry.epoch(Purpose.Initial, 5);
        (uint256 x, uint256 y) = Trapdoor.g1(Programs.total(values));
        assertEq(e.point, x | (y << 255), "point");
        assertTrue(e.programHash == Programs.hashOf(parts), "program hash");
        assertEq(e.listingHash, listingHash, "listing hash");
        assertEq(e.vaultScale, SCALE, "scale");
        assertEq(registry.newestEpoch(Purpose.Initial), 5, "newest");
    }

    function pointOfAnyProgram(uint256 seed) internal {
        TierShape memory t = shape();
        int256[] memory values = Programs.densest(t, seed, listingHash);
        // sparse planes and lone digits as well
        for (uint256 i = 0; i < 40; ++i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % t.riskCount;
            values[t.riskArray + j] = i % 2 == 0 ? int256(0) : int256(-128);
        }
        publish(Purpose.Initial, 1, values);
        (uint256 x, uint256 y) = Trapdoor.g1(Programs.total(values));
        assertEq(registry.epoch(Purpose.Initial, 1).point, x | (y << 255), "point");
    }

    function test_severalChunksInOneTransaction() public {
        bytes[] memory parts = Programs.chunks(shape(), program());
        open(Purpose.Initial, 1, Programs.hashOf(parts));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, parts);
        (uint256 x,) = Trapdoor.g1(Programs.total(program()));
        assertEq(registry.epoch(Purpose.Initial, 1).point & ((1 << 254) - 1), x, "point");
    }

    function test_onlyTheAuthorityOpens() public {
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.NotEpochAuthority.selector, address(this)));
        registry.openEpoch(Purpose.Initial, 1, 0, START, START + 1, address(this));
    }

    function test_onlyThePublisherDelivers() public {
        bytes[] memory parts = Programs.chunks(shape(), program());
        open(Purpose.Initial, 1, Programs.hashOf(parts));
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.NotPublisher.selector, authority));
        vm.prank(authority);
        registry.appendChunks(Purpose.Initial, 1, parts);
    }

    function test_numbersIncrease() public {
        publish(Purpose.Initial, 5);
        for (uint256 number = 4; number <= 5; ++number) {
            vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotIncreasing.selector, number, 5));
            vm.prank(authority);
            registry.openEpoch(Purpose.Initial, number, 0, START, START + 1, publisher);
        }
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotIncreasing.selector, uint256(1 << 40), 5));
        vm.prank(authority);
        registry.openEpoch(Purpose.Initial, 1 << 40, 0, START, START + 1, publisher);
        publish(Purpose.Maintenance, 1); // a sequence of its own
    }

    function test_windowMustBeOpen() public {
        uint256[2][3] memory windows = [[START + 2, START + 2], [START - 9, START], [START, uint256(1) << 40]];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochWindow.selector, windows[i][0], windows[i][1]));
            vm.prank(authority);
            registry.openEpoch(Purpose.Initial, 1, 0, windows[i][0], windows[i][1], publisher);
        }
    }

    function test_windowMayNotEndDuringDelivery() public {
        bytes[] memory parts = Programs.chunks(shape(), program());
        open(Purpose.Initial, 1, Programs.hashOf(parts));
        vm.warp(START + HOUR);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochWindow.selector, START, START + HOUR));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, parts);
    }

    function test_epochNotYetValid() public {
        bytes[] memory parts = Programs.chunks(shape(), program());
        vm.prank(authority);
        registry.openEpoch(Purpose.Initial, 1, Programs.hashOf(parts), START + 10, START + HOUR, publisher);
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, parts);
        IMarginRegistry.Claim memory claim;
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotYetValid.selector, START + 10));
        registry.submit(Purpose.Initial, 1, 0, claim);
    }

    function test_chunksOnlyForTheOpenEpoch() public {
        bytes[] memory parts = new bytes[](1);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotOpen.selector, 1));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, parts);
        open(Purpose.Initial, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotOpen.selector, 1));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, parts);
        publish(Purpose.Initial, 3); // replaces the draft
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.EpochNotOpen.selector, 3));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 3, parts);
    }

    function test_chunkLengthAndCount() public {
        bytes[] memory parts = Programs.chunks(shape(), program());
        open(Purpose.Initial, 1, Programs.hashOf(parts));
        bytes[] memory padded = new bytes[](1);
        padded[0] = abi.encodePacked(parts[0], uint8(0));
        vm.expectRevert(abi.encodeWithSelector(IProgramReader.ChunkLength.selector, 0, 65, 64));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, padded);
        bytes[] memory more = new bytes[](parts.length + 1);
        for (uint256 i = 0; i < parts.length; ++i) {
            more[i] = parts[i];
        }
        vm.expectRevert(abi.encodeWithSelector(IRiskEpochs.TooManyChunks.selector));
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, more);
    }

    function test_otherProgramThanTheAuthoritys() public {
        bytes[] memory parts = Programs.chunks(shape(), program());
        open(Purpose.Initial, 1, bytes32(uint256(1)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRiskEpochs.ProgramHashMismatch.selector, Programs.hashOf(parts), bytes32(uint256(1))
            )
        );
        vm.prank(publisher);
        registry.appendChunks(Purpose.Initial, 1, parts);
    }

    function test_allZeroProgram() public {
        int256[] memory values = new int256[](shape().prepared);
        (values[0], values[shape().unit]) = (int256(listingHash), 1);
        sealRefused(values, abi.encodeWithSelector(IRiskEpochs.NothingMeasured.selector));
    }

    function test_unitIsNotZero() public {
        int256[] memory values = program();
        values[shape().unit] = 0;
        sealRefused(values, abi.encodeWithSelector(IProgramReader.UnitIsZero.selector));
    }

    function test_listingHashAndBlindAreFieldElements() public {
        int256 order = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        for (uint256 entry = 0; entry < 2; ++entry) {
            int256[] memory values = program();
            values[entry] = order;
            chunkRefused(values, 0, outOfBounds(0, entry));
            values[entry] = -1;
            chunkRefused(values, 0, outOfBounds(0, entry));
        }
    }

    /// @dev For one entry of each kind of bound: the last value inside passes, the first outside does not.
    function test_boundsOfEntries() public {
        TierShape memory t = shape();
        uint256 last = t.counts.length - 1;
        uint256 start = t.prepared - t.counts[last];
        _bound(2, 1, (1 << 150) - 1, 0);
        _bound(3, 1, (1 << 127) - 1, -(1 << 127) + 1);
        _bound(t.floorShort + 33, 2, (1 << 73) - 1, -(1 << 73) + 1);
        _bound(t.equity + 63, 3, (1 << 50) - 1, -(1 << 50) + 1);
        _bound(t.shortCharge + 5, 3, (1 << 50) - 1, 0);
        _bound(t.riskArray + 77, 4, 547599908735, -547599908735);
        require(t.gain >= start, "gains in the last chunk");
        _bound(t.gain + 3, last, (1 << 34) - 1, -(1 << 34) + 1);
        _bound(t.rollLong, last, (1 << 34) - 1, 0);
        _bound(t.tau + 1, last, (1 << 32) - 1, 0);
        _bound(t.weight + 32, last, (1 << 32) - 1, 0);
        _bound(t.member + 32, last, 1, 0);
    }

    function _bound(uint256 index, uint256 chunk, int256 high, int256 low) internal {
        TierShape memory t = shape();
        uint256 first = 0;
        for (uint256 k = 0; k < chunk; ++k) {
            first += t.counts[k];
        }
        IProgramReader reader = registry.programReader();
        int256[] memory values = program();
        int256[4] memory tried = [high, low, high + 1, low - 1];
        for (uint256 i = 0; i < 4; ++i) {
            if (t.widths[chunk] == 5 && (tried[i] > 547599908735 || tried[i] < -551911719040)) continue;
            values[index] = tried[i];
            if (i > 1) vm.expectRevert(outOfBounds(chunk, index - first));
            reader.read(chunk, Programs.chunk(t, values, chunk));
        }
    }

    function test_rollNetBelowTheRates() public {
        TierShape memory t = shape();
        int256[] memory values = program();
        for (uint256 i = 0; i < t.rates; ++i) {
            values[t.rollLong + i] = int256(500 + i);
        }
        values[t.rollNet] = -501;
        sealRefused(values, abi.encodeWithSelector(IProgramReader.RollNetBelowRates.selector));
        values[t.rollNet] = -500;
        publish(Purpose.Initial, 1, values);
    }

    function test_listings() public {
        uint256 other = describe("EUR", MONEY_EXPONENT);
        assertEq(registry.vaultScaleOf(other), 0, "another unit");
        other = describe("USD", -5);
        assertEq(registry.vaultScaleOf(other), 0, "coarser than the token");
        other = describe("USD", -6);
        assertEq(registry.vaultScaleOf(other), 1, "the token's own unit");
        other = describe("USD", -45);
        assertEq(registry.vaultScaleOf(other), 0, "too fine");
        other = describe("USD", 3);
        assertEq(registry.vaultScaleOf(other), 0, "thousands");
    }

    function test_vaultOfAnUnknownListingDoesNotCount() public {
        publish(Purpose.Initial, 1, Programs.realistic(shape(), 1, 12345));
        attest(TRADER_KEY, 0xc0ffee);
        fund(trader, 1e6);
        IMarginRegistry.Claim memory c = provenClaim(trader, 10_000, 1);
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.VaultDoesNotCount.selector));
        registry.submit(Purpose.Initial, 1, y, c);
        submit(provenClaim(trader, 10_000, 0));
    }
}

contract GridEpochsTest is EpochsTest {
    /// forge-config: default.fuzz.runs = 8
    function testFuzz_pointOfAnyProgram(uint256 seed) public {
        pointOfAnyProgram(seed);
    }

    function test_wrongIcPointsAreRefused() public {
        address[] memory points = icPoints(shape().prepared);
        (points[1], points[2]) = (points[2], points[1]);
        MarginRegistry.Deployment memory d =
            MarginRegistry.Deployment(authority, address(1), IERC20Metadata(address(token)), "USD");
        vm.expectRevert(abi.encodeWithSelector(IIcPoints.IcPointsMismatch.selector));
        new GridRegistry(d, points);
    }
}

contract PortfolioEpochsTest is EpochsTest {
    function shape() internal pure override returns (TierShape memory) {
        return Programs.portfolio();
    }

    /// forge-config: default.fuzz.runs = 8
    function testFuzz_pointOfAnyProgram(uint256 seed) public {
        pointOfAnyProgram(seed);
    }

    function test_freeNeedsCover() public {
        TierShape memory t = shape();
        int256[] memory values = program();
        values[t.cover + t.groups + 3] = 1;
        sealRefused(values, abi.encodeWithSelector(IProgramReader.FreeWithoutCover.selector, 3));
    }

    function test_pickNeedsFree() public {
        TierShape memory t = shape();
        int256[] memory values = program();
        values[t.cover + 2 * t.groups + 5] = 1;
        sealRefused(values, abi.encodeWithSelector(IProgramReader.PickWithoutFree.selector, 5));
    }

    function test_isolatedGroupsAllowRatioOneOnly() public {
        TierShape memory t = shape();
        int256[] memory values = program();
        (values[t.cover + 1], values[t.cover + t.groups + 1]) = (1, 1);
        publish(Purpose.Initial, 1, values); // covered and free: every ratio
        attest(TRADER_KEY, 0xc0ffee);
        submit(provenClaim(trader, 20_000, 0));
        values[t.cover + 2] = 1;
        publish(Purpose.Initial, 2, values);
        IMarginRegistry.Claim memory c = provenClaim(trader, 20_000, 0);
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.RatioOneOnly.selector));
        registry.submit(Purpose.Initial, 2, y, c);
        submit(provenClaim(trader, 10_000, 0));
    }
}
