// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {Account, Action, Ledger} from "zkmargin/clearing/Ledger.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice What proofs are made for.
/// @param terms hash of everything that was agreed, requested or offered
struct Deed {
    Action action;
    bytes32 terms;
}

/// @notice Commitments in storage and the proofs that may change them.
library Books {
    /// @dev The band of a book that no custodian has a receipt for: nobody could liquidate it.
    uint256 internal constant UNATTENDED_BPS = 20_000;

    bytes32 private constant CONTEXT_TAG = keccak256("zkmargin.clearing.v1");

    /// @notice docs/clearing.md, 5.
    function context(bytes32 keyHash, Deed memory deed, address account) internal view returns (uint256) {
        bytes memory words =
            abi.encode(CONTEXT_TAG, block.chainid, address(this), keyHash, deed.action, account, deed.terms);
        return uint256(keccak256(words)) % FIELD;
    }

    /// @dev The next sequence and the old commitment must be the account's own: compare and swap.
    function requireNext(Account storage a, uint256 sequence) internal view {
        if (sequence != uint256(a.sequence) + 1) revert IClearingHouse.SequenceMismatch(sequence, a.sequence + 1);
    }

    /// @dev Stores a commitment that its owner chose. One that is not 0 is used once, in all accounts.
    function replace(Ledger storage l, address account, uint256 commitment, uint256 step) internal {
        consume(l, commitment);
        _store(l, account, commitment, step);
    }

    /// @dev Stores a commitment that follows from the last one (steps, tranches). Nobody chose it, so that it is not refused
    /// where somebody who knew the opening has stored the same before: else a book could be made unsellable.
    function succeed(Ledger storage l, address account, uint256 commitment, uint256 step) internal {
        if (commitment != 0) l.consumed[commitment] = true;
        _store(l, account, commitment, step);
    }

    function _store(Ledger storage l, address account, uint256 commitment, uint256 step) private {
        Account storage a = l.accounts[account];
        a.commitment = commitment;
        // forge-lint: disable-start(unsafe-typecast)
        a.step = uint40(step);
        // forge-lint: disable-end(unsafe-typecast)
        ++a.sequence;
        emit IClearingHouse.BookChanged(account, commitment, a.sequence, a.step);
    }

    function consume(Ledger storage l, uint256 commitment) internal {
        if (commitment == 0) return;
        if (commitment >= FIELD || l.consumed[commitment]) revert IClearingHouse.CommitmentRefused(commitment);
        l.consumed[commitment] = true;
    }

    /// @dev The account's own update; the zero book has moved along all steps already.
    function conserve(
        Ledger storage l,
        address account,
        uint256 toStep,
        IBookSteps.Update memory update,
        Deed memory deed,
        uint256[8] calldata proof
    ) internal view {
        Account storage a = l.accounts[account];
        IBookSteps steps = l.modules.steps;
        update.oldCommitment = a.commitment;
        uint256 from = a.commitment == 0 ? toStep : a.step;
        steps.checkConservation(from, toStep, update, context(steps.conservationKeyHash(), deed, account), proof);
    }

    /// @dev Margin of an account as it stands in storage, with `balance` token units beside the book. Counts the nonce.
    function prove(
        Ledger storage l,
        address account,
        Purpose purpose,
        uint256 epochNumber,
        uint256 balance,
        Deed memory deed,
        IMarginEpochs.MarginProof calldata margin
    ) internal {
        Account storage a = l.accounts[account];
        if (a.commitment == 0) return; // nothing to require of the zero book
        IMarginEpochs epochs = l.modules.epochs;
        // one data set has one number: initial margin on older data than the newest maintenance data proves nothing
        uint256 newest = epochs.newestEpoch(Purpose.Maintenance);
        if (epochNumber < newest) revert IClearingHouse.EpochMismatch(epochNumber, newest);
        if (margin.vaultBalance != 0) {
            uint256 scale = epochs.status(purpose).vaultScale;
            if (scale == 0) revert IClearingHouse.VaultDoesNotCount();
            if (margin.vaultBalance > balance * scale) {
                revert IClearingHouse.VaultBalanceTooLarge(margin.vaultBalance, balance * scale);
            }
        }
        uint256 c = context(epochs.verifyingKeyHash(), deed, account);
        epochs.checkMargin(purpose, epochNumber, a.commitment, c, margin);
        ++a.nonce;
    }

    /// @dev The account counts as proven: its present book, on the newest maintenance epoch.
    function setProven(Ledger storage l, address account, uint256 ratioBps) internal {
        Account storage a = l.accounts[account];
        uint40 epoch = l.modules.epochs.newestEpoch(Purpose.Maintenance);
        (a.provenSequence, a.provenEpoch) = (a.sequence, epoch);
        // forge-lint: disable-next-line(unsafe-typecast)
        emit IClearingHouse.Proven(account, epoch, uint16(ratioBps));
    }
}
