// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {AccountState, COUNTER_LIMIT} from "zkmargin/AccountState.sol";
import {FIELD} from "zkmargin/Bn254.sol";
import {CollateralVault} from "zkmargin/CollateralVault.sol";
import {CommitmentRegistry} from "zkmargin/CommitmentRegistry.sol";
import {Listings} from "zkmargin/Listings.sol";
import {MarginVerifier} from "zkmargin/MarginVerifier.sol";
import {RiskEpochs} from "zkmargin/RiskEpochs.sol";
import {Action, IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice The registry of one verifying key. Verifier, epochs, commitments and vault are parts of one contract, so that
/// a submission reads its own storage only.
abstract contract MarginRegistry is IMarginRegistry, MarginVerifier, RiskEpochs, CommitmentRegistry, CollateralVault {
    /// @param epochAuthority who opens epochs
    /// @param custodian who attests commitments
    /// @param token the vault's settlement token
    /// @param settlementUnit the token's name in listings, such as USD
    struct Deployment {
        address epochAuthority;
        address custodian;
        IERC20Metadata token;
        string settlementUnit;
    }

    bytes32 private constant CONTEXT_TAG = keccak256("zkmargin.context.v1");
    /// @dev Bytes of a Claim: six words and the proof.
    uint256 private constant CLAIM_BYTES = 14 * 32;

    mapping(address account => AccountState) private _accounts;

    constructor(Deployment memory d, IProgramReader reader)
        Listings(d.settlementUnit, d.token.decimals())
        RiskEpochs(d.epochAuthority, reader)
        CommitmentRegistry(d.custodian)
        CollateralVault(d.token)
    {}

    /// @inheritdoc IMarginRegistry
    function submit(Purpose purpose, uint256 epochNumber, uint256 pointY, Claim calldata claim) external {
        _checkLength(3 * 32 + CLAIM_BYTES);
        _accept(purpose, epochNumber, pointY, claim, Action.Status, address(0), 0);
    }

    /// @inheritdoc IMarginRegistry
    function submitBatch(Purpose purpose, uint256 epochNumber, uint256 pointY, Claim[] calldata claims) external {
        _checkLength(5 * 32 + claims.length * CLAIM_BYTES);
        if (claims.length == 0) revert EmptyBatch();
        (uint256 point, uint256 scale) = _liveEpoch(purpose, epochNumber);
        uint256 batch = _newBatch(uint256(purpose), epochNumber, _checkedX(point, pointY), pointY, claims.length);
        address last = address(0);
        for (uint256 i = 0; i < claims.length; ++i) {
            if (claims[i].account <= last) revert AccountsNotAscending();
            last = claims[i].account;
            _addToBatch(batch, i, purpose, epochNumber, claims[i], point, scale);
        }
        _verifyBatch(batch);
    }

    /// @inheritdoc IMarginRegistry
    function updateCommitment(
        Attestation calldata attestation,
        bytes calldata custodianSignature,
        bytes calldata traderSignature
    ) external {
        _update(attestation, custodianSignature, traderSignature);
        emit StatusCleared(attestation.account);
    }

    /// @inheritdoc IMarginRegistry
    function updateCommitmentWithProof(
        Attestation calldata attestation,
        bytes calldata custodianSignature,
        bytes calldata traderSignature,
        Purpose purpose,
        uint256 epochNumber,
        uint256 pointY,
        Claim calldata claim
    ) external {
        if (claim.account != attestation.account) revert AccountMismatch();
        _update(attestation, custodianSignature, traderSignature);
        _accept(purpose, epochNumber, pointY, claim, Action.Update, address(0), 0);
    }

    /// @inheritdoc IMarginRegistry
    function withdraw(address recipient, uint256 amount) external nonReentrant {
        _debit(msg.sender, recipient, amount);
        _accounts[msg.sender] = _accounts[msg.sender].cleared();
        emit StatusCleared(msg.sender);
        _pay(recipient, amount);
    }

    /// @inheritdoc IMarginRegistry
    function withdrawWithProof(
        address recipient,
        uint256 amount,
        Purpose purpose,
        uint256 epochNumber,
        uint256 pointY,
        Claim calldata claim
    ) external nonReentrant {
        _checkLength(5 * 32 + CLAIM_BYTES);
        if (claim.account != msg.sender) revert NotTheAccount(msg.sender);
        _debit(msg.sender, recipient, amount);
        _accounts[msg.sender] = _accounts[msg.sender].cleared();
        _accept(purpose, epochNumber, pointY, claim, Action.Withdraw, recipient, amount);
        _pay(recipient, amount);
    }

    /// @inheritdoc IMarginRegistry
    function standing(address account, Purpose purpose) external view returns (Standing memory out) {
        AccountState state = _accounts[account];
        uint40 number = state.epochOf(purpose);
        if (number == 0) return out;
        uint40 until = epoch(purpose, number).validUntil;
        return Standing(block.timestamp <= until, number, state.ratioOf(purpose), state.sinceOf(purpose), until);
    }

    /// @inheritdoc IMarginRegistry
    function nonceOf(address account) external view returns (uint256) {
        return _accounts[account].nonce();
    }

    /// @inheritdoc IMarginRegistry
    function sequenceOf(address account) external view returns (uint256) {
        return _accounts[account].sequence();
    }

    /// @dev Verifies one proof for one action and records it. Balance and commitment are those after the action.
    function _accept(
        Purpose purpose,
        uint256 epochNumber,
        uint256 pointY,
        Claim calldata claim,
        Action action,
        address recipient,
        uint256 amount
    ) private {
        (uint256 point, uint256 scale) = _liveEpoch(purpose, epochNumber);
        AccountState state = _accounts[claim.account];
        uint256 commitment = _checkClaim(claim, state, point, scale);
        uint256 context = _context(purpose, epochNumber, claim, action, recipient, amount);
        _verify(_checkedX(point, pointY), pointY, claim.ratioBps, claim.vaultBalance, commitment, context, claim.proof);
        _setProven(claim.account, state, purpose, epochNumber, claim.ratioBps);
    }

    /// @dev Checks one claim of a batch, puts it into the buffer and records it; the batch reverts if it does not hold.
    function _addToBatch(
        uint256 batch,
        uint256 index,
        Purpose purpose,
        uint256 epochNumber,
        Claim calldata claim,
        uint256 point,
        uint256 scale
    ) private {
        AccountState state = _accounts[claim.account];
        uint256 commitment = _checkClaim(claim, state, point, scale);
        uint256 context = _context(purpose, epochNumber, claim, Action.Status, address(0), 0);
        _setItem(batch, index, claim.ratioBps, claim.vaultBalance, commitment, context, claim.proof);
        _setProven(claim.account, state, purpose, epochNumber, claim.ratioBps);
    }

    function _update(
        Attestation calldata attestation,
        bytes calldata custodianSignature,
        bytes calldata traderSignature
    ) private {
        AccountState state = _accounts[attestation.account];
        uint256 next = state.sequence() + 1;
        if (attestation.sequence != next || next >= COUNTER_LIMIT) revert SequenceNotNext(attestation.sequence, next);
        _setCommitment(attestation, custodianSignature, traderSignature);
        _accounts[attestation.account] = state.withSequence(next);
    }

    function _setProven(address account, AccountState state, Purpose purpose, uint256 epochNumber, uint256 ratioBps)
        private
    {
        _accounts[account] = state.withProof(purpose, epochNumber, ratioBps, block.timestamp);
        // forge-lint: disable-next-line(unsafe-typecast)
        emit MarginProven(account, purpose, uint40(epochNumber), uint16(ratioBps), uint32(state.nonce()));
    }

    /// @dev Everything about a claim but the proof; returns the account's commitment.
    function _checkClaim(Claim calldata claim, AccountState state, uint256 point, uint256 scale)
        private
        view
        returns (uint256 commitment)
    {
        commitment = commitmentOf[claim.account];
        if (commitment == 0) revert NoCommitment(claim.account);
        if (block.timestamp > claim.deadline) revert DeadlinePassed(claim.deadline);
        if (claim.deadline > type(uint64).max) revert DeadlineOutOfRange(claim.deadline);
        if (claim.sequence != state.sequence()) revert SequenceMismatch(claim.sequence, state.sequence());
        uint256 nonce = state.nonce();
        if (claim.nonce != nonce || nonce == COUNTER_LIMIT - 1) revert NonceMismatch(claim.nonce, nonce);
        if (point & POINT_PAR_ONLY != 0 && claim.ratioBps != 10_000) revert RatioOneOnly();
        if (claim.vaultBalance != 0) _checkVault(claim.account, claim.vaultBalance, scale);
    }

    /// @dev The proof may count less than the vault holds: an exact match would let anyone void it by a deposit.
    function _checkVault(address account, uint256 vaultBalance, uint256 scale) private view {
        if (scale == 0) revert VaultDoesNotCount();
        uint256 held = vaultBalanceOf[account] * scale; // < 2^90 * 2^128
        if (vaultBalance > held || vaultBalance >= VAULT_LIMIT) revert VaultBalanceTooLarge(vaultBalance, held);
    }

    /// @dev docs/statement.md, part 7: keccak256 of thirteen words, mod r.
    function _context(
        Purpose purpose,
        uint256 epochNumber,
        Claim calldata claim,
        Action action,
        address recipient,
        uint256 amount
    ) private view returns (uint256 context) {
        bytes32 tag = CONTEXT_TAG;
        bytes32 keyHash = _keyHash();
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, tag)
            mstore(add(m, 0x20), chainid())
            mstore(add(m, 0x40), address())
            mstore(add(m, 0x60), keyHash)
            mstore(add(m, 0x80), purpose)
            mstore(add(m, 0xa0), action)
            mstore(add(m, 0xc0), calldataload(claim)) // account
            mstore(add(m, 0xe0), recipient)
            mstore(add(m, 0x100), amount)
            mstore(add(m, 0x120), epochNumber)
            calldatacopy(add(m, 0x140), add(claim, 0x60), 0x60) // sequence, nonce, deadline
            context := mod(keccak256(m, 0x1a0), FIELD)
        }
    }

    /// @dev The prepared point's x. A point of the curve has two y, q - y being of the other parity; that (x, y) is on
    /// the curve, the precompile checks.
    function _checkedX(uint256 point, uint256 pointY) private pure returns (uint256) {
        if (point >> 255 != pointY & 1) revert PointParity();
        return point & POINT_X;
    }

    function _checkLength(uint256 arguments) private pure {
        if (msg.data.length != 4 + arguments) revert CalldataLength(msg.data.length, 4 + arguments);
    }
}
