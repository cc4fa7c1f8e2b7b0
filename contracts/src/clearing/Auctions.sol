// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionMath} from "zkmargin/clearing/AuctionMath.sol";
import {Books, Deed} from "zkmargin/clearing/Books.sol";
import {Account, Action, Auction, Ledger, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Quorum} from "zkmargin/clearing/Quorum.sol";
import {Trading} from "zkmargin/clearing/Trading.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice The book of a silent account is sold in four tranches to whoever proves to carry them.
library Auctions {
    /// @param equity marked value of book and balance, money units
    /// @param tranches how many the taker takes: 1, for the backstop all
    struct Terms {
        int256 equity;
        uint256 scale;
        uint256 parts;
        uint256 tranches;
        bool insolvent;
    }

    /// @notice Passes an opening on: encrypted to the bonded liquidators, or plain in the slow phase. The chain cannot read
    /// it; who receives it compares it with the commitment.
    function disclose(Ledger storage l, address account, bytes calldata data) external {
        Phases.requirePhase(l.accounts[account], Phase.Auction);
        if (!l.custodians[msg.sender] && msg.sender != account) revert IClearingHouse.NotACustodian(msg.sender);
        emit IClearingHouse.Disclosed(account, l.auctions[account].id, msg.sender, data);
    }

    /// @notice Reveals the marked value of the book that is left, on the newest maintenance epoch. Who knows the opening can.
    /// Below zero together with the balance: insolvent from now on.
    function value(Ledger storage l, address account, uint40 epoch, int256 revealed, uint256[8] calldata proof)
        external
    {
        Account storage a = l.accounts[account];
        Phases.requirePhase(a, Phase.Auction);
        Auction storage s = l.auctions[account];
        Trading.requireNewestStep(l, a.step);
        IMarginEpochs.EpochStatus memory status = l.modules.epochs.status(Purpose.Maintenance);
        if (epoch != status.number) revert IClearingHouse.EpochMismatch(epoch, status.number);
        if (block.timestamp > status.validUntil) revert IClearingHouse.DeadlinePassed(status.validUntil);
        if (status.vaultScale == 0) revert IClearingHouse.VaultDoesNotCount();
        IBookValuation valuation = l.modules.valuation;
        Deed memory deed = Deed(Action.Value, keccak256(abi.encode(s.id, s.parts, a.sequence, epoch)));
        uint256 context = Books.context(valuation.valuationKeyHash(), deed, account);
        valuation.checkValue(epoch, a.commitment, revealed, context, proof);
        (s.value, s.valuedEpoch) = (revealed, epoch);
        emit IClearingHouse.Valued(account, s.id, epoch, revealed);
        int256 equity = revealed + int256(uint256(a.balance) * status.vaultScale);
        if (equity < 0) {
            if (s.insolventSince == 0) s.insolventSince = uint40(block.timestamp);
            // forge-lint: disable-next-line(unsafe-typecast)
            emit IClearingHouse.Insolvent(account, s.id, uint256(-equity));
        } else {
            s.insolventSince = 0;
        }
    }

    /// @notice One tranche: the taker's book grows by it and has initial margin, in one transaction with the settlement.
    function bid(
        Ledger storage l,
        bytes32 domain,
        IClearingHouse.Bid calldata b,
        IClearingHouse.BidProofs calldata proofs
    ) external {
        Phases.requireHealthy(l, msg.sender);
        Auction storage s = l.auctions[b.account];
        Parameters storage p = l.parameters[s.version];
        if (block.timestamp < s.start + p.fastAuction && !bonded(l, msg.sender)) {
            revert IClearingHouse.NotBonded(msg.sender);
        }
        Account storage taker = l.accounts[msg.sender];
        Trading.requireEscrow(l, taker, b.takerNew);
        Deed memory deed = _take(l, b, proofs, Action.Bid, b.parts, 1);
        if (b.takerNew == 0) {
            Trading.attended(l, taker);
        } else if (proofs.receipts.length != 0) {
            Quorum.requireReceipt(l, domain, msg.sender, b.takerNew, b.takerSequence, proofs.receipts);
            Trading.attended(l, taker);
        } else {
            // custodians who refuse receipts must not choose who buys
            if (proofs.margin.ratioBps < Books.UNATTENDED_BPS) {
                revert IClearingHouse.BelowBuffer(proofs.margin.ratioBps, Books.UNATTENDED_BPS);
            }
            taker.unattended = true;
        }
        Books.prove(l, msg.sender, Purpose.Initial, b.epoch, taker.balance, deed, proofs.margin);
        Books.setProven(l, msg.sender, proofs.margin.ratioBps);
    }

    /// @notice The backstop takes what is left an hour after insolvency, without margin: an isolated pool, which can lose what
    /// it holds and no more. It needs no receipts, and is due at once: within the grace it proves margin, like everybody.
    function backstop(Ledger storage l, IClearingHouse.Bid calldata b, IClearingHouse.BidProofs calldata proofs)
        external
    {
        if (msg.sender != l.modules.backstop) {
            revert IClearingHouse.NotBackstop(msg.sender);
        }
        Phases.requirePhase(l.accounts[msg.sender], Phase.Open);
        Auction storage s = l.auctions[b.account];
        Parameters storage p = l.parameters[s.version];
        uint256 since = insolventSince(s, p);
        if (since == 0 || block.timestamp <= since + p.rescue) {
            revert IClearingHouse.TooEarly(since == 0 ? 0 : since + p.rescue + 1);
        }
        _take(l, b, proofs, Action.Backstop, 1, b.parts);
        Account storage pool = l.accounts[msg.sender];
        pool.unattended = b.takerNew != 0;
        // forge-lint: disable-next-line(unsafe-typecast)
        pool.dueFrom = uint40(block.timestamp);
    }

    /// @notice When the account became insolvent: proven so, or nobody paid anything until the slow phase's end. 0: it is not.
    function insolventSince(Auction storage s, Parameters storage p) internal view returns (uint256) {
        uint256 end = AuctionMath.slowEnd(s.start, p);
        if (s.insolventSince != 0 && s.insolventSince < end) return s.insolventSince;
        return block.timestamp > end ? end : s.insolventSince;
    }

    function bonded(Ledger storage l, address who) internal view returns (bool) {
        return l.liquidators[who].bond != 0 && l.liquidators[who].leavingAt == 0;
    }

    /// @dev Both books by proof, then the money. Any failure reverts all of it.
    function _take(
        Ledger storage l,
        IClearingHouse.Bid calldata b,
        IClearingHouse.BidProofs calldata proofs,
        Action action,
        uint8 split,
        uint256 tranches
    ) private returns (Deed memory deed) {
        Account storage a = l.accounts[b.account];
        Auction storage s = l.auctions[b.account];
        if (block.timestamp > b.expiry) revert IClearingHouse.DeadlinePassed(b.expiry);
        Phases.requirePhase(a, Phase.Auction);
        if (b.auction != s.id || b.parts != s.parts) revert IClearingHouse.AuctionMismatch();
        if (b.account == msg.sender) revert IClearingHouse.SameAccount();
        Account storage taker = l.accounts[msg.sender];
        Books.requireNext(taker, b.takerSequence);
        Trading.requireNewestStep(l, b.step);
        if (a.step != b.step) revert IClearingHouse.StepMismatch(a.step, b.step);
        // the zero book after the last tranche, and before it a commitment that a value can be proven of
        if ((split == 1) != (b.remainder == 0)) revert IClearingHouse.CommitmentRefused(b.remainder);

        deed = Deed(action, keccak256(abi.encode(msg.sender, a.commitment, a.sequence, taker.commitment, b)));
        IBookSteps.Update memory u = IBookSteps.Update(-1, split, true, 0, 0, b.traded, b.remainder);
        Books.conserve(l, b.account, b.step, u, deed, proofs.split);
        u = IBookSteps.Update(1, 0, false, 0, 0, b.traded, b.takerNew);
        Books.conserve(l, msg.sender, b.step, u, deed, proofs.conservation);
        _settleMoney(l, b, tranches);
        Books.consume(l, b.traded);
        Books.succeed(l, b.account, b.remainder, b.step);
        Books.replace(l, msg.sender, b.takerNew, b.step);
        // forge-lint: disable-next-line(unsafe-typecast)
        s.parts -= uint8(tranches);
        s.valuedEpoch = 0;
        if (s.parts == 0) _close(l, b.account);
    }

    function _settleMoney(Ledger storage l, IClearingHouse.Bid calldata b, uint256 tranches) private {
        Terms memory t = _terms(l, b.account, tranches);
        Account storage a = l.accounts[b.account];
        Account storage taker = l.accounts[msg.sender];
        Auction storage s = l.auctions[b.account];
        uint256 share = tranches == t.parts ? a.balance : AuctionMath.share(a.balance, t.parts);
        uint256 paid = 0;
        Money.debit(l, a, share);
        Money.credit(l, taker, share);
        if (!t.insolvent && msg.sender == l.modules.backstop && tranches != 1) revert IClearingHouse.NothingOpen();
        if (t.insolvent) {
            _payInsolvent(l, b.account, taker, t);
        } else {
            Parameters storage p = l.parameters[s.version];
            uint256 bps = AuctionMath.price(block.timestamp - s.start, p.fastAuction, p.slowAuction);
            paid = AuctionMath.payment(uint256(t.equity) * tranches, bps, t.parts, t.scale);
            if (paid > b.mostPaid) revert IClearingHouse.PriceAboveLimit(paid, b.mostPaid);
            Money.debitToProceeds(l, taker, s, paid);
        }
        emit IClearingHouse.TrancheSold(b.account, s.id, msg.sender, s.parts, paid, share);
    }

    /// @dev The value must be of the book that is left, on the newest epoch, else the price is another book's or another day's.
    function _terms(Ledger storage l, address account, uint256 tranches) private view returns (Terms memory t) {
        Auction storage s = l.auctions[account];
        IMarginEpochs.EpochStatus memory status = l.modules.epochs.status(Purpose.Maintenance);
        if (s.valuedEpoch == 0 || s.valuedEpoch != status.number) revert IClearingHouse.NotValued();
        if (block.timestamp > status.validUntil) revert IClearingHouse.DeadlinePassed(status.validUntil);
        t.equity = s.value + int256(uint256(l.accounts[account].balance) * status.vaultScale);
        (t.scale, t.parts, t.tranches) = (status.vaultScale, s.parts, tranches);
        if (t.scale == 0) revert IClearingHouse.VaultDoesNotCount();
        Parameters storage p = l.parameters[s.version];
        t.insolvent = t.equity < 0 || block.timestamp > AuctionMath.slowEnd(s.start, p);
    }

    /// @dev The fund makes the taker whole for its part of a proven deficit, no more; the premium is the account's own escrow.
    function _payInsolvent(Ledger storage l, address account, Account storage taker, Terms memory t) private {
        Auction storage s = l.auctions[account];
        Parameters storage p = l.parameters[s.version];
        uint256 deficit = 0;
        if (t.equity < 0) deficit = AuctionMath.deficitShare(uint256(-t.equity) * t.tranches, t.parts, t.scale);
        // first what the account's own tranches brought, and the escrow that an exit would keep; then everybody's fund
        uint256 missing = Money.payFromProceeds(l, s, taker, deficit);
        if (s.voluntary) {
            uint256 own = Money.debitEscrow(l, account, missing);
            Money.credit(l, taker, own);
            missing -= own;
        }
        if (missing != 0) Money.payFromFund(l, taker, missing);
        uint256 since = insolventSince(s, p);
        uint256 elapsed = since == 0 ? 0 : block.timestamp - since;
        uint256 premium = AuctionMath.premium(p.premium, elapsed, p.rescue, t.tranches);
        premium = Money.debitEscrow(l, account, premium);
        Money.credit(l, taker, premium);
        emit IClearingHouse.FundPaid(account, msg.sender, missing, premium);
    }

    /// @dev The book is the zero book. A silent owner loses the escrow; what tranches brought is its residue.
    function _close(Ledger storage l, address account) private {
        Account storage a = l.accounts[account];
        Auction storage s = l.auctions[account];
        uint128 proceeds = s.proceeds;
        (s.proceeds, s.insolventSince) = (0, 0);
        Money.creditProceeds(l, a, proceeds);
        uint256 forfeited = s.voluntary ? 0 : Money.debitEscrow(l, account, a.escrow);
        if (forfeited != 0) Money.toFund(l, forfeited);
        a.phase = Phase.Open;
        emit IClearingHouse.AuctionClosed(account, s.id, proceeds, forfeited);
    }
}
