// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Books, Deed} from "zkmargin/clearing/Books.sol";
import {Account, Action, Auction, Ledger, MarginCall, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Quorum} from "zkmargin/clearing/Quorum.sol";
import {Statuses} from "zkmargin/clearing/Statuses.sol";
import {Withdrawals} from "zkmargin/clearing/Withdrawals.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Proving in time, and what follows when nobody does.
library Calls {
    /// @dev Less than what an answer costs beside the gas that is measured inside the call: 21,000 and the calldata, less what
    /// clearing the call's slots gives back. An answer must never earn.
    uint256 private constant ANSWER_OVERHEAD = 10_000;

    /// @notice A maintenance proof on the newest epoch. Open: the account is healthy. Called: an answer, at the buffer band
    /// and before the deadline. Auction: a cure, at the buffer band; what tranches brought counts. Anyone may deliver it.
    function prove(Ledger storage l, IClearingHouse.Claim calldata claim) external {
        uint256 gasBefore = gasleft();
        Account storage a = l.accounts[claim.account];
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        Phase phase = a.phase;
        Statuses.requireCurrent(l, a, claim);
        uint256 balance = a.balance;
        if (phase != Phase.Open) {
            uint256 version = phase == Phase.Called ? l.calls[claim.account].version : l.auctions[claim.account].version;
            uint256 buffer = l.parameters[version].bufferBps;
            if (claim.margin.ratioBps < buffer) revert IClearingHouse.BelowBuffer(claim.margin.ratioBps, buffer);
            if (phase == Phase.Auction) balance += l.auctions[claim.account].proceeds;
            if (phase == Phase.Called && block.timestamp > Phases.deadline(l, claim.account)) {
                revert IClearingHouse.DeadlinePassed(Phases.deadline(l, claim.account));
            }
        }
        bytes32 terms =
            keccak256(abi.encode(Purpose.Maintenance, claim.epoch, a.sequence, a.nonce, claim.deadline, phase));
        Deed memory deed = Deed(Action.Status, terms);
        Books.prove(l, claim.account, Purpose.Maintenance, claim.epoch, balance, deed, claim.margin);
        Books.setProven(l, claim.account, claim.margin.ratioBps);
        a.phase = Phase.Open;
        if (phase == Phase.Called) _answered(l, claim.account, gasBefore);
        if (phase == Phase.Auction) _cured(l, claim.account);
    }

    /// @dev An alleger's bond pays the answer's gas, never more than it cost, and the rest goes back.
    function _answered(Ledger storage l, address account, uint256 gasBefore) private {
        MarginCall memory c = l.calls[account];
        delete l.calls[account];
        uint256 refund;
        if (c.alleger != address(0)) {
            uint256 price = block.basefee; // no tip: who makes blocks could give it back
            if (price > l.parameters[c.version].refundGasPrice) price = l.parameters[c.version].refundGasPrice;
            refund = (gasBefore - gasleft() + ANSWER_OVERHEAD) * price;
            if (refund > c.bond) refund = c.bond;
            l.weiOwed[msg.sender] += refund;
            l.weiOwed[c.alleger] += c.bond - refund;
        }
        emit IClearingHouse.Answered(account, msg.sender, refund);
    }

    function _cured(Ledger storage l, address account) private {
        Auction storage s = l.auctions[account];
        uint128 proceeds = s.proceeds;
        (s.proceeds, s.parts, s.valuedEpoch, s.insolventSince) = (0, 0, 0, 0);
        Money.creditProceeds(l, l.accounts[account], proceeds);
        emit IClearingHouse.AuctionCured(account, s.id);
    }

    /// @notice Calls a silent account. Anyone, without a bond; the account's escrow pays the late fee.
    function call(Ledger storage l, address account) external {
        Account storage a = l.accounts[account];
        Phases.requirePhase(a, Phase.Open);
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        uint256 from = Phases.callableAt(l, a);
        if (from == 0) revert IClearingHouse.NothingOpen();
        if (block.timestamp <= from) revert IClearingHouse.TooEarly(from + 1);
        Parameters storage p = Phases.parameters(l);
        uint256 fee = Money.debitEscrow(l, account, p.lateFee);
        uint256 reward = fee < p.callReward ? fee : p.callReward;
        Money.credit(l, l.accounts[msg.sender], reward);
        Money.toFund(l, fee - reward);
        _open(l, a, account, address(0), 0);
        emit IClearingHouse.Called(account, msg.sender, false, fee);
    }

    /// @notice A custodian, who knows the book, alleges that a proven account is short. Once an epoch, with a bond.
    function allege(Ledger storage l, address account) external {
        if (!l.custodians[msg.sender]) revert IClearingHouse.NotACustodian(msg.sender);
        Account storage a = l.accounts[account];
        Phases.requirePhase(a, Phase.Open);
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        uint40 epoch = l.modules.epochs.newestEpoch(Purpose.Maintenance);
        if (a.allegedEpoch == epoch) revert IClearingHouse.AllegedBefore(epoch);
        a.allegedEpoch = epoch;
        uint256 bond = Phases.parameters(l).allegationBond;
        if (msg.value != bond) revert IClearingHouse.WrongBond(msg.value, bond);
        _open(l, a, account, msg.sender, bond);
        emit IClearingHouse.Called(account, msg.sender, true, 0);
    }

    function _open(Ledger storage l, Account storage a, address account, address alleger, uint256 bond) private {
        a.phase = Phase.Called;
        uint40 outage = l.modules.epochs.status(Purpose.Maintenance).outage;
        // forge-lint: disable-start(unsafe-typecast)
        l.calls[account] =
            MarginCall(uint40(block.timestamp), uint64(block.number), outage, l.version, alleger, uint128(bond));
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @notice An unanswered call becomes an auction. Anyone.
    function escalate(Ledger storage l, address account) external {
        Account storage a = l.accounts[account];
        Phases.requirePhase(a, Phase.Called);
        if (!Phases.overdue(l, account)) revert IClearingHouse.TooEarly(Phases.deadline(l, account) + 1);
        MarginCall memory c = l.calls[account];
        if (c.bond != 0) l.weiOwed[c.alleger] += c.bond;
        delete l.calls[account];
        _auction(l, a, account, false, c.version);
    }

    /// @notice The caller cannot get its updates receipted: the custodians have a time to acknowledge that they hold its opening.
    function demand(Ledger storage l) external {
        Account storage a = l.accounts[msg.sender];
        Phases.requirePhase(a, Phase.Open);
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        if (a.demandAt != 0) revert IClearingHouse.AlreadyOpen();
        a.demandAt = uint40(block.timestamp);
        ++l.openDemands;
        emit IClearingHouse.ReceiptDemanded(msg.sender, a.sequence);
    }

    function acknowledge(Ledger storage l, bytes32 domain, address account, bytes[] calldata signatures) external {
        Account storage a = l.accounts[account];
        if (a.demandAt == 0) revert IClearingHouse.NothingOpen();
        bytes32 structHash =
            keccak256(abi.encode(Quorum.ACKNOWLEDGEMENT_TYPE, account, a.commitment, a.sequence, a.demandAt));
        Quorum.require_(l, domain, structHash, signatures);
        a.demandAt = 0;
        --l.openDemands;
        emit IClearingHouse.DemandAcknowledged(account, a.sequence);
    }

    /// @notice The custodians stayed silent: the caller auctions its own book, and their bond pays the fund.
    function exit(Ledger storage l) external {
        Account storage a = l.accounts[msg.sender];
        Phases.requirePhase(a, Phase.Open);
        if (a.demandAt == 0) revert IClearingHouse.NothingOpen();
        Parameters storage p = Phases.parameters(l);
        if (block.timestamp <= a.demandAt + p.custodySilence) {
            revert IClearingHouse.TooEarly(uint256(a.demandAt) + p.custodySilence + 1);
        }
        a.demandAt = 0;
        --l.openDemands;
        uint128 slashed = p.custodySlash < l.custodyBond ? p.custodySlash : l.custodyBond;
        l.custodyBond -= slashed;
        l.totals.bonds -= slashed;
        Money.toFund(l, slashed);
        emit IClearingHouse.CustodiansSlashed(msg.sender, slashed);
        _auction(l, a, msg.sender, true, l.version);
    }

    /// @dev Commitment, sequence and parameters are frozen; what was about to leave is collateral again.
    function _auction(Ledger storage l, Account storage a, address account, bool voluntary, uint32 version) private {
        a.phase = Phase.Auction;
        Withdrawals.restore(l, account);
        uint32 id = l.auctions[account].id + 1;
        l.auctions[account] = Auction(id, uint40(block.timestamp), 4, voluntary, 0, 0, version, 0, 0);
        emit IClearingHouse.AuctionStarted(account, id, voluntary);
    }
}
