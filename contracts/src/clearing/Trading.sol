// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Books, Deed} from "zkmargin/clearing/Books.sol";
import {Account, Action, Ledger, Phase} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Quorum} from "zkmargin/clearing/Quorum.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice How books change: trades, cash from and to the vault, steps. Each is conserved, and each leaves margin proven.
library Trading {
    bytes32 internal constant TRADE_TYPE = keccak256(
        "Trade(address buyer,address seller,uint256 traded,uint256 buyerOld,uint256 buyerNew,uint256 sellerOld,uint256 sellerNew,uint64 buyerSequence,uint64 sellerSequence,uint40 step,uint256 listingHash,uint40 epoch,uint40 markEpoch,uint64 expiry)"
    );

    /// @notice Both sides of one traded book, with opposite signs, inside the price band, with initial margin on both.
    function trade(
        Ledger storage l,
        bytes32 domain,
        IClearingHouse.Trade calldata t,
        IClearingHouse.Side calldata buyer,
        IClearingHouse.Side calldata seller,
        uint256[8] calldata band
    ) external {
        if (block.timestamp > t.expiry) {
            revert IClearingHouse.DeadlinePassed(t.expiry);
        }
        if (t.buyer == t.seller) revert IClearingHouse.SameAccount();
        if (t.traded == 0) revert IClearingHouse.CommitmentRefused(0);
        requireNewestStep(l, t.step);
        if (t.listingHash != l.modules.steps.listingAt(t.step)) revert IClearingHouse.ListingMismatch();
        Deed memory deed = Deed(Action.Trade, keccak256(abi.encode(TRADE_TYPE, t)));
        IBookValuation valuation = l.modules.valuation;
        uint256 context = Books.context(valuation.valuationKeyHash(), deed, address(0));
        valuation.checkBand(_newestMarks(l, t.markEpoch), t.traded, Phases.parameters(l).bandBps, context, band);
        Books.consume(l, t.traded);
        _side(l, domain, t, deed, 1, buyer);
        _side(l, domain, t, deed, -1, seller);
        emit IClearingHouse.Traded(t.buyer, t.seller, t.traded);
    }

    function _side(
        Ledger storage l,
        bytes32 domain,
        IClearingHouse.Trade calldata t,
        Deed memory deed,
        int8 sign,
        IClearingHouse.Side calldata side
    ) private {
        address account = sign > 0 ? t.buyer : t.seller;
        uint256 next = sign > 0 ? t.buyerNew : t.sellerNew;
        Account storage a = l.accounts[account];
        Phases.requireHealthy(l, account);
        if (a.commitment != (sign > 0 ? t.buyerOld : t.sellerOld)) revert IClearingHouse.StaleCommitment(account);
        Books.requireNext(a, sign > 0 ? t.buyerSequence : t.sellerSequence);
        requireEscrow(l, a, next);
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, deed.terms);
        if (!SignatureChecker.isValidSignatureNowCalldata(account, digest, side.signature)) {
            revert IClearingHouse.TraderSignature(account);
        }
        IBookSteps.Update memory u = IBookSteps.Update(sign, 0, false, 0, 0, t.traded, next);
        Books.conserve(l, account, t.step, u, deed, side.conservation);
        _changed(l, domain, account, next, t.step, side.receipts);
        Books.prove(l, account, Purpose.Initial, t.epoch, a.balance, deed, side.margin);
        Books.setProven(l, account, side.margin.ratioBps);
    }

    /// @notice Cash from the caller's balance into its book, or back, with initial margin.
    function moveCash(
        Ledger storage l,
        bytes32 domain,
        IClearingHouse.CashMove calldata m,
        IClearingHouse.Side calldata side
    ) external {
        Account storage a = l.accounts[msg.sender];
        if (block.timestamp > m.deadline) revert IClearingHouse.DeadlinePassed(m.deadline);
        if (m.amount == 0 || m.amount >= 1 << 47 || m.amount <= -(1 << 47)) revert IClearingHouse.AmountOutOfRange();
        Phases.requireHealthy(l, msg.sender);
        Books.requireNext(a, m.sequence);
        requireNewestStep(l, m.step);
        requireEscrow(l, a, m.newCommitment);
        Deed memory deed = Deed(Action.Cash, keccak256(abi.encode(msg.sender, a.commitment, m)));
        IBookSteps.Update memory u = IBookSteps.Update(1, 0, false, m.amount, 0, 0, m.newCommitment);
        Books.conserve(l, msg.sender, m.step, u, deed, side.conservation);
        Money.book(l, a, m.amount);
        _changed(l, domain, msg.sender, m.newCommitment, m.step, side.receipts);
        Books.prove(l, msg.sender, Purpose.Initial, m.epoch, a.balance, deed, side.margin);
        Books.setProven(l, msg.sender, side.margin.ratioBps);
        emit IClearingHouse.CashMoved(msg.sender, m.amount);
    }

    /// @notice Moves a book along a span of steps. Anyone who knows the opening may: the new salt follows from the old one, so
    /// that owner and custodians can compute it, and a silent custodian cannot keep a book from its newest step. The step
    /// binds all books alike, whether settled or not, so that the status stays as it is.
    function settle(Ledger storage l, IClearingHouse.Settlement calldata s, uint256[8] calldata proof) external {
        Account storage a = l.accounts[s.account];
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        if (s.toStep <= a.step) revert IClearingHouse.StepMismatch(s.toStep, a.step + 1);
        Books.requireNext(a, s.sequence);
        Deed memory deed = Deed(Action.Settle, keccak256(abi.encode(a.commitment, s)));
        IBookSteps.Update memory u = IBookSteps.Update(1, 0, true, 0, 0, 0, s.newCommitment);
        Books.conserve(l, s.account, s.toStep, u, deed, proof);
        // an account that is called or sold must keep a book that can be proven about
        if (s.newCommitment == 0 && a.phase != Phase.Open) revert IClearingHouse.CommitmentRefused(0);
        bool proven = a.provenSequence == a.sequence;
        Books.succeed(l, s.account, s.newCommitment, s.toStep);
        if (proven) a.provenSequence = a.sequence;
        if (a.phase == Phase.Auction) l.auctions[s.account].valuedEpoch = 0;
    }

    /// @dev The custodians hold the present opening: no demand is open.
    function attended(Ledger storage l, Account storage a) internal {
        a.unattended = false;
        closeDemand(l, a);
    }

    function closeDemand(Ledger storage l, Account storage a) internal {
        if (a.demandAt == 0) return;
        a.demandAt = 0;
        --l.openDemands;
    }

    function requireNewestStep(Ledger storage l, uint256 step) internal view {
        uint256 newest = l.modules.steps.newestStep();
        if (step != newest) revert IClearingHouse.StepMismatch(step, newest);
    }

    function requireEscrow(Ledger storage l, Account storage a, uint256 next) internal view {
        uint256 needed = Phases.parameters(l).escrow;
        if (next != 0 && a.escrow < needed) revert IClearingHouse.EscrowTooSmall(a.escrow, needed);
    }

    /// @dev The custodians hold the new opening, unless there is none.
    function _changed(
        Ledger storage l,
        bytes32 domain,
        address account,
        uint256 commitment,
        uint256 step,
        bytes[] calldata receipts
    ) private {
        Books.replace(l, account, commitment, step);
        Account storage a = l.accounts[account];
        if (commitment != 0) Quorum.requireReceipt(l, domain, account, commitment, a.sequence, receipts);
        attended(l, a);
    }

    function _newestMarks(Ledger storage l, uint256 epoch) private view returns (uint256) {
        IMarginEpochs.EpochStatus memory status = l.modules.epochs.status(Purpose.Maintenance);
        if (epoch != status.number) revert IClearingHouse.EpochMismatch(epoch, status.number);
        if (block.timestamp > status.validUntil) revert IClearingHouse.DeadlinePassed(status.validUntil);
        return epoch;
    }
}
