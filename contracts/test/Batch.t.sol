// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {RegistryTest} from "./RegistryTest.sol";

/// @notice Many proofs at once.
contract BatchTest is RegistryTest {
    uint256[] internal keys;

    function setUp() public override {
        super.setUp();
        publish(Purpose.Initial, 1);
        for (uint256 i = 0; i < 5; ++i) {
            uint256 place = i;
            keys.push(0x500 + i);
            for (; place > 0 && vm.addr(keys[place]) < vm.addr(keys[place - 1]); --place) {
                (keys[place], keys[place - 1]) = (keys[place - 1], keys[place]);
            }
        }
        for (uint256 i = 0; i < 5; ++i) {
            fund(attest(keys[i], 0xc0ffee + i), 1e9);
        }
    }

    function claims(uint256 count) internal returns (IMarginRegistry.Claim[] memory out) {
        out = new IMarginRegistry.Claim[](count);
        uint256[4] memory bands = [uint256(10_000), 12_500, 15_000, 20_000];
        for (uint256 i = 0; i < count; ++i) {
            out[i] = provenClaim(vm.addr(keys[i]), bands[i % 4], i * 1e12);
        }
    }

    function refused(IMarginRegistry.Claim[] memory c, bytes memory reason) internal {
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(reason);
        registry.submitBatch(Purpose.Initial, 1, y, c);
    }

    function test_acceptsAnySize() public {
        for (uint256 count = 1; count <= 5; ++count) {
            registry.submitBatch(Purpose.Initial, 1, pointY(Purpose.Initial), claims(count));
        }
        for (uint256 i = 0; i < 5; ++i) {
            assertTrue(isProven(vm.addr(keys[i])), "proven");
            assertEq(registry.nonceOf(vm.addr(keys[i])), 5 - i, "nonce");
        }
    }

    function testFuzz_oneFalseItemRefusesAll(uint256 item, uint256 word, uint256 delta) public {
        IMarginRegistry.Claim[] memory c = claims(4);
        vm.assume(delta != 0);
        unchecked {
            c[item % 4].proof[word % 8] += delta;
        }
        refused(c, abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        assertTrue(!isProven(c[0].account), "nothing recorded");
    }

    function test_errorsDoNotCancel() public {
        IMarginRegistry.Claim[] memory c = claims(3);
        // under equal coefficients the sum of C would stay the same
        (c[1].proof[6], c[2].proof[6]) = (c[2].proof[6], c[1].proof[6]);
        (c[1].proof[7], c[2].proof[7]) = (c[2].proof[7], c[1].proof[7]);
        refused(c, abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        c = claims(3);
        // and so would the sum of vault balances
        (c[1].vaultBalance, c[2].vaultBalance) = (c[1].vaultBalance + 1, c[2].vaultBalance - 1);
        refused(c, abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
    }

    function test_accountsStrictlyAscend() public {
        IMarginRegistry.Claim[] memory c = claims(2);
        (c[0], c[1]) = (c[1], c[0]);
        refused(c, abi.encodeWithSelector(IMarginRegistry.AccountsNotAscending.selector));
        c[0] = c[1];
        refused(c, abi.encodeWithSelector(IMarginRegistry.AccountsNotAscending.selector));
    }

    function test_rulesOfSingleClaimsHold() public {
        IMarginRegistry.Claim[] memory c = claims(2);
        c[1].nonce = 1;
        refused(c, abi.encodeWithSelector(IMarginRegistry.NonceMismatch.selector, 1, 0));
        c = claims(2);
        c[1].ratioBps = 12_501;
        refused(c, abi.encodeWithSelector(IMarginVerifier.RatioNotABand.selector, 12_501));
        c[1].ratioBps = 12_500 + FIELD;
        refused(c, abi.encodeWithSelector(IMarginVerifier.RatioNotABand.selector, 12_500 + FIELD));
        c = claims(2);
        c[1].vaultBalance = 1e18;
        refused(c, abi.encodeWithSelector(IMarginRegistry.VaultBalanceTooLarge.selector, uint256(1e18), uint256(1e15)));
        refused(new IMarginRegistry.Claim[](0), abi.encodeWithSelector(IMarginVerifier.EmptyBatch.selector));
    }

    function test_validProofOfARatioThatIsNoBand() public {
        IMarginRegistry.Claim[] memory c = claims(2);
        c[1] = provenClaim(c[1].account, 0, 0); // anyone has equity above nothing
        refused(c, abi.encodeWithSelector(IMarginVerifier.RatioNotABand.selector, 0));
    }

    function test_calldataLength() public {
        bytes memory sent =
            abi.encodeCall(registry.submitBatch, (Purpose.Initial, 1, pointY(Purpose.Initial), claims(2)));
        (bool ok, bytes memory reason) = address(registry).call(abi.encodePacked(sent, uint256(0)));
        assertTrue(!ok && bytes4(reason) == IMarginVerifier.CalldataLength.selector, "padded");
        (ok,) = address(registry).call(sent);
        assertTrue(ok, "exact");
    }
}
