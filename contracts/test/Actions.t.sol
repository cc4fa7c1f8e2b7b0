// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {ICollateralVault} from "zkmargin/interfaces/ICollateralVault.sol";
import {ICommitmentRegistry} from "zkmargin/interfaces/ICommitmentRegistry.sol";
import {Action, IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {LocalToken} from "zkmargin/local/LocalToken.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {FeeToken, ReentrantToken} from "./Tokens.sol";

/// @notice Commitments and the vault: what they do by themselves, and to the proven status.
contract ActionsTest is RegistryTest {
    function setUp() public override {
        super.setUp();
        publish(Purpose.Initial, 1);
        publish(Purpose.Maintenance, 1);
        attest(TRADER_KEY, 0xc0ffee);
        fund(trader, 1000e6);
        submit(provenClaim(trader, 10_000, 0));
    }

    function updateRefused(
        ICommitmentRegistry.Attestation memory a,
        bytes memory custodianSignature,
        bytes memory traderSignature,
        bytes4 reason
    ) internal {
        (bool ok, bytes memory returned) = address(registry)
            .call(abi.encodeCall(registry.updateCommitment, (a, custodianSignature, traderSignature)));
        assertTrue(!ok && bytes4(returned) == reason, "refused by this rule");
    }

    function signedAndRefused(ICommitmentRegistry.Attestation memory a, bytes4 reason) internal {
        bytes32 digest = registry.attestationDigest(a);
        updateRefused(a, signed(CUSTODIAN_KEY, digest), signed(TRADER_KEY, digest), reason);
    }

    // ---- commitments ----

    function test_updateClearsTheStatus() public {
        assertTrue(isProven(trader), "before");
        attest(TRADER_KEY, 0xc0fff1);
        assertTrue(!isProven(trader), "after");
        assertEq(registry.sequenceOf(trader), 2, "sequence");
        assertEq(registry.nonceOf(trader), 1, "nonce");
    }

    function test_attestationRules() public {
        ICommitmentRegistry.Attestation memory a = attestation(TRADER_KEY, 0xc0fff1);
        a.sequence = 3;
        signedAndRefused(a, ICommitmentRegistry.SequenceNotNext.selector);
        a = attestation(TRADER_KEY, 0xc0fff1);
        a.expiry = uint64(block.timestamp - 1);
        signedAndRefused(a, ICommitmentRegistry.AttestationExpired.selector);
        a = attestation(TRADER_KEY, 0xc0fff1);
        a.oldCommitment = 1;
        signedAndRefused(a, ICommitmentRegistry.OldCommitmentMismatch.selector);
        signedAndRefused(attestation(TRADER_KEY, 0), ICommitmentRegistry.CommitmentOutOfField.selector);
        signedAndRefused(attestation(TRADER_KEY, FIELD), ICommitmentRegistry.CommitmentOutOfField.selector);
        signedAndRefused(attestation(TRADER_KEY, 0xc0ffee), ICommitmentRegistry.CommitmentTaken.selector);
    }

    function test_bothSignaturesAreNeeded() public {
        ICommitmentRegistry.Attestation memory a = attestation(TRADER_KEY, 0xc0fff1);
        bytes32 digest = registry.attestationDigest(a);
        bytes memory custodian = signed(CUSTODIAN_KEY, digest);
        bytes memory own = signed(TRADER_KEY, digest);
        updateRefused(a, own, own, ICommitmentRegistry.CustodianSignature.selector);
        updateRefused(a, custodian, custodian, ICommitmentRegistry.TraderSignature.selector);
        a.listingHash ^= 1;
        updateRefused(a, custodian, own, ICommitmentRegistry.CustodianSignature.selector);
    }

    function test_attestationServesOneChain() public {
        ICommitmentRegistry.Attestation memory a = attestation(TRADER_KEY, 0xc0fff1);
        bytes32 digest = registry.attestationDigest(a);
        vm.chainId(1);
        updateRefused(
            a,
            signed(CUSTODIAN_KEY, digest),
            signed(TRADER_KEY, digest),
            ICommitmentRegistry.CustodianSignature.selector
        );
    }

    function test_oneCommitmentOneAccount() public {
        ICommitmentRegistry.Attestation memory a = attestation(0xbad, 0xc0ffee);
        bytes32 digest = registry.attestationDigest(a);
        bytes4 taken = ICommitmentRegistry.CommitmentTaken.selector;
        updateRefused(a, signed(CUSTODIAN_KEY, digest), signed(0xbad, digest), taken);
        attest(TRADER_KEY, 0xc0fff1); // consumes the old one, for everybody
        updateRefused(a, signed(CUSTODIAN_KEY, digest), signed(0xbad, digest), taken);
    }

    function test_updateWithProofKeepsOnePurpose() public {
        ICommitmentRegistry.Attestation memory a = attestation(TRADER_KEY, 0xc0fff1);
        IMarginRegistry.Claim memory c = claimOf(trader, 12_500, 1e12);
        c.sequence = 2;
        Terms memory t = terms(trader);
        (t.action, t.commitment) = (Action.Update, 0xc0fff1);
        c = prove(t, c);
        bytes32 digest = registry.attestationDigest(a);
        registry.updateCommitmentWithProof(
            a, signed(CUSTODIAN_KEY, digest), signed(TRADER_KEY, digest), Purpose.Initial, 1, pointY(Purpose.Initial), c
        );
        assertEq(registry.standing(trader, Purpose.Initial).ratioBps, 12_500, "proven for the new book");
        assertEq(registry.commitmentOf(trader), 0xc0fff1, "commitment");
        assertEq(registry.nonceOf(trader), 2, "nonce");
    }

    function test_updateWithProofOfTheOldBook() public {
        ICommitmentRegistry.Attestation memory a = attestation(TRADER_KEY, 0xc0fff1);
        IMarginRegistry.Claim memory c = claimOf(trader, 12_500, 0);
        c.sequence = 2;
        Terms memory t = terms(trader);
        t.action = Action.Update;
        c = prove(t, c);
        bytes32 digest = registry.attestationDigest(a);
        bytes memory custodian = signed(CUSTODIAN_KEY, digest);
        bytes memory own = signed(TRADER_KEY, digest);
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        registry.updateCommitmentWithProof(a, custodian, own, Purpose.Initial, 1, y, c);
        c.account = address(1);
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.AccountMismatch.selector));
        registry.updateCommitmentWithProof(a, custodian, own, Purpose.Initial, 1, y, c);
    }

    // ---- vault ----

    function test_withdrawalClearsTheStatus() public {
        vm.prank(trader);
        registry.withdraw(address(0xbeef), 100e6);
        assertTrue(!isProven(trader), "status");
        assertEq(token.balanceOf(address(0xbeef)), 100e6, "paid");
        assertEq(registry.vaultBalanceOf(trader), 900e6, "left");
    }

    function withdrawalClaim(address recipient, uint256 amount, uint256 vaultBalance)
        internal
        returns (IMarginRegistry.Claim memory)
    {
        Terms memory t = terms(trader);
        (t.action, t.recipient, t.amount) = (Action.Withdraw, recipient, amount);
        return prove(t, claimOf(trader, 10_000, vaultBalance));
    }

    function withdrawRefused(address recipient, uint256 amount, IMarginRegistry.Claim memory c, bytes memory reason)
        internal
    {
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(reason);
        vm.prank(trader);
        registry.withdrawWithProof(recipient, amount, Purpose.Initial, 1, y, c);
    }

    function test_withdrawalWithProofKeepsOnePurpose() public {
        Terms memory t = terms(trader);
        t.purpose = Purpose.Maintenance;
        uint256 y = pointY(Purpose.Maintenance);
        registry.submit(Purpose.Maintenance, 1, y, prove(t, claimOf(trader, 10_000, 0)));
        IMarginRegistry.Claim memory c = withdrawalClaim(address(0xbeef), 100e6, 900e12);
        y = pointY(Purpose.Initial);
        vm.prank(trader);
        registry.withdrawWithProof(address(0xbeef), 100e6, Purpose.Initial, 1, y, c);
        assertTrue(isProven(trader), "this purpose");
        assertTrue(!registry.standing(trader, Purpose.Maintenance).proven, "the other purpose");
        assertEq(token.balanceOf(address(0xbeef)), 100e6, "paid");
    }

    function test_withdrawalProofIsForThisWithdrawal() public {
        bytes memory invalid = abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector);
        IMarginRegistry.Claim memory c = withdrawalClaim(address(0xbeef), 100e6, 0);
        withdrawRefused(address(0xbeef), 101e6, c, invalid);
        withdrawRefused(address(0xbef0), 100e6, c, invalid);
        withdrawRefused(address(0xbeef), 100e6, provenClaim(trader, 10_000, 0), invalid);
        c = withdrawalClaim(address(0xbeef), 100e6, 900e12 + 1);
        withdrawRefused(
            address(0xbeef),
            100e6,
            c,
            abi.encodeWithSelector(IMarginRegistry.VaultBalanceTooLarge.selector, uint256(900e12 + 1), uint256(900e12))
        );
        assertTrue(isProven(trader), "a refused withdrawal changes nothing");
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginRegistry.NotTheAccount.selector, address(this)));
        registry.withdrawWithProof(address(0xbeef), 100e6, Purpose.Initial, 1, y, c);
    }

    function test_vaultRules() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.AmountIsZero.selector));
        registry.deposit(trader, 0);
        vm.prank(trader);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.BalanceTooSmall.selector, uint256(1000e6), uint256(1001e6))
        );
        registry.withdraw(address(0xbeef), 1001e6);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.BadRecipient.selector, address(0)));
        registry.withdraw(address(0), 1);
        token.mint(address(this), 1 << 90);
        token.approve(address(registry), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.BalanceTooLarge.selector));
        registry.deposit(trader, (1 << 90) - 1000e6);
    }

    function testFuzz_vaultPaysWhatItHolds(uint96 deposited, uint96 withdrawn) public {
        vm.assume(deposited > 0 && withdrawn > 0 && uint256(deposited) + 1000e6 < 1 << 90);
        fund(trader, deposited);
        uint256 held = uint256(deposited) + 1000e6;
        vm.prank(trader);
        (bool ok,) = address(registry).call(abi.encodeCall(registry.withdraw, (address(0xbeef), withdrawn)));
        assertTrue(ok == (withdrawn <= held), "exactly up to the balance");
        assertEq(token.balanceOf(address(registry)), registry.vaultBalanceOf(trader), "solvent");
    }
}

contract FeeTokenTest is RegistryTest {
    function newToken() internal override returns (LocalToken) {
        return new FeeToken();
    }

    function test_feeOnTransferIsRefused() public {
        token.mint(address(this), 100);
        token.approve(address(registry), 100);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.TokenMovedOtherAmount.selector, 99, 100));
        registry.deposit(trader, 100);
    }
}

contract ReentrancyTest is RegistryTest {
    function newToken() internal override returns (LocalToken) {
        return new ReentrantToken();
    }

    function test_depositIsNotReentered() public {
        fund(address(token), 100);
        token.mint(address(this), 100);
        token.approve(address(registry), 100);
        ReentrantToken(address(token))
            .arm(address(registry), abi.encodeCall(registry.withdraw, (address(0xbeef), uint256(1))));
        vm.expectRevert(bytes4(keccak256("ReentrancyGuardReentrantCall()")));
        registry.deposit(trader, 100);
    }
}
