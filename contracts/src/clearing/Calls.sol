// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Books, Deed} from "zkmargin/clearing/Books.sol";
import {Account, Action, Auction, Ledger, MarginCall, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {Money} from "zkmargin/clearing/Money.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Quorum} from "zkmargin/clearing/Quorum.sol";
import {Statuses} from "zkmargin/clearing/Statuses.sol";
import {Trading} from "zkmargin/clearing/Trading.sol";
import {Withdrawals} from "zkmargin/clearing/Withdrawals.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Proving in time, and what follows when nobody does.
library Calls {
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
            if (phase == Phase.Called && Phases.overdue(l, claim.account)) {
                revert IClearingHouse.DeadlinePassed(Phases.deadline(l, claim.account));
            }
            uint256 version = phase == Phase.Called ? l.calls[claim.account].version : l.auctions[claim.account].version;
            uint256 buffer = _answerBps(l, a, claim.account, phase, version);
            if (claim.margin.ratioBps < buffer) revert IClearingHouse.BelowBuffer(claim.margin.ratioBps, buffer);
            if (phase == Phase.Auction) balance += l.auctions[claim.account].proceeds;
            if (a.escrow < l.parameters[version].escrow) {
                revert IClearingHouse.EscrowTooSmall(a.escrow, l.parameters[version].escrow);
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

    /// @dev The buffer is the price of silence. Who was healthy when a shortfall was alleged, and is not due for newer data,
    /// answers at ratio one.
    function _answerBps(Ledger storage l, Account storage a, address account, Phase phase, uint256 version)
        private
        view
        returns (uint256)
    {
        bool silent = a.provenEpoch != l.modules.epochs.newestEpoch(Purpose.Maintenance);
        if (phase == Phase.Called && l.calls[account].alleger != address(0) && !silent) return 10_000;
        return l.parameters[version].bufferBps;
    }

    /// @dev An alleger's bond pays the answer's gas, never more than it cost, and the rest goes back.
    function _answered(Ledger storage l, address account, uint256 gasBefore) private {
        MarginCall memory c = l.calls[account];
        delete l.calls[account];
        uint256 refund = 0;
        if (c.alleger != address(0)) {
            uint256 price = block.basefee; // no tip: who makes blocks could give it back
            if (price > l.parameters[c.version].refundGasPrice) price = l.parameters[c.version].refundGasPrice;
            refund = (gasBefore - gasleft()) * price; // without what a batch of answers would share
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
        uint256 fee = _lateFee(l, account, l.version);
        _open(l, a, account, address(0), 0);
        emit IClearingHouse.Called(account, msg.sender, false, fee);
    }

    /// @notice A custodian, who knows the book, alleges that a proven account is short. Once an epoch, with a bond.
    function allege(Ledger storage l, address account) external {
        if (!l.custodians[msg.sender]) revert IClearingHouse.NotACustodian(msg.sender);
        Account storage a = l.accounts[account];
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        Phases.requireHealthy(l, account); // who is not, can be called by anybody, and pays the late fee
        uint40 epoch = l.modules.epochs.newestEpoch(Purpose.Maintenance);
        if (a.allegedEpoch == epoch) revert IClearingHouse.AllegedBefore(epoch);
        a.allegedEpoch = epoch;
        uint256 bond = Phases.parameters(l).allegationBond;
        if (msg.value != bond) revert IClearingHouse.WrongBond(msg.value, bond);
        _open(l, a, account, msg.sender, bond);
        emit IClearingHouse.Called(account, msg.sender, true, 0);
    }

    /// @dev From the escrow to the fund, and a part of it to who made the call or the escalation.
    function _lateFee(Ledger storage l, address account, uint256 version) private returns (uint256 fee) {
        Parameters storage p = l.parameters[version];
        fee = Money.debitEscrow(l, account, p.lateFee);
        uint256 reward = fee < p.callReward ? fee : p.callReward;
        Money.credit(l, l.accounts[msg.sender], reward);
        Money.toFund(l, fee - reward);
    }

    function _open(Ledger storage l, Account storage a, address account, address alleger, uint256 bond) private {
        a.phase = Phase.Called;
        uint40 outage = l.modules.epochs.status(Purpose.Maintenance).outage;
        // forge-lint: disable-start(unsafe-typecast)
        l.calls[account] = MarginCall(
            uint40(block.timestamp),
            uint64(block.number),
            outage,
            l.version,
            l.modules.steps.newestStep(),
            alleger,
            uint128(bond)
        );
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @notice An unanswered call becomes an auction. Anyone.
    function escalate(Ledger storage l, address account) external {
        Account storage a = l.accounts[account];
        Phases.requirePhase(a, Phase.Called);
        if (!Phases.overdue(l, account)) revert IClearingHouse.TooEarly(Phases.deadline(l, account) + 1);
        MarginCall memory c = l.calls[account];
        if (c.alleger != address(0)) {
            l.weiOwed[c.alleger] += c.bond;
            _lateFee(l, account, c.version); // an alleged call took none, and silence costs the same
        }
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
        Trading.attended(l, a);
        emit IClearingHouse.DemandAcknowledged(account, a.sequence);
    }

    /// @notice The custodians stayed silent: the caller auctions its own book, and their bond pays the fund.
    function exit(Ledger storage l) external {
        Account storage a = l.accounts[msg.sender];
        Phases.requirePhase(a, Phase.Open);
        if (a.commitment == 0) revert IClearingHouse.ZeroBook(true);
        if (a.demandAt == 0) revert IClearingHouse.NothingOpen();
        Parameters storage p = Phases.parameters(l);
        if (block.timestamp <= a.demandAt + p.custodySilence) {
            revert IClearingHouse.TooEarly(uint256(a.demandAt) + p.custodySilence + 1);
        }
        // custodians answer for openings that they gave a receipt for
        uint128 slashed = a.unattended ? 0 : p.custodySlash;
        if (slashed > l.custodyBond) slashed = l.custodyBond;
        l.custodyBond -= slashed;
        l.totals.bonds -= slashed;
        Money.toFund(l, slashed);
        emit IClearingHouse.CustodiansSlashed(msg.sender, slashed);
        _auction(l, a, msg.sender, true, l.version);
    }

    /// @dev Commitment, sequence and parameters are frozen; what was about to leave is collateral again.
    function _auction(Ledger storage l, Account storage a, address account, bool voluntary, uint32 version) private {
        a.phase = Phase.Auction;
        Trading.closeDemand(l, a);
        Withdrawals.restore(l, account);
        uint32 id = l.auctions[account].id + 1;
        l.auctions[account] = Auction(id, uint40(block.timestamp), 4, voluntary, 0, 0, version, 0, 0);
        emit IClearingHouse.AuctionStarted(account, id, voluntary);
    }
}
