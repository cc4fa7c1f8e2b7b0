// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {AuctionMath} from "zkmargin/clearing/AuctionMath.sol";
import {Auctions} from "zkmargin/clearing/Auctions.sol";
import {Bonds} from "zkmargin/clearing/Bonds.sol";
import {Calls} from "zkmargin/clearing/Calls.sol";
import {Deposits} from "zkmargin/clearing/Deposits.sol";
import {Governance} from "zkmargin/clearing/Governance.sol";
import {
    Account,
    Auction,
    Liquidator,
    MarginCall,
    Modules,
    Parameters,
    Phase,
    Totals,
    Withdrawal
} from "zkmargin/clearing/Ledger.sol";
import {Phases} from "zkmargin/clearing/Phases.sol";
import {Trading} from "zkmargin/clearing/Trading.sol";
import {Withdrawals} from "zkmargin/clearing/Withdrawals.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice One contract holds the tokens and the accounts; libraries hold the rules (docs/clearing.md).
contract ClearingHouse is IClearingHouse, Governance, EIP712("zkmargin clearing", "1"), ReentrancyGuardTransient {
    /// @dev Most custodians: every signature loop is bounded by it.
    uint256 private constant MOST_CUSTODIANS = 16;

    constructor(
        Modules memory asked,
        Parameters memory p,
        address firstAdmin,
        address firstGuardian,
        uint256 firstTimelock,
        address[] memory custodians,
        uint8 threshold
    ) Governance(firstAdmin, firstGuardian, firstTimelock, p) {
        _ledger.modules = asked;
        if (threshold == 0 || threshold > custodians.length || custodians.length > MOST_CUSTODIANS) {
            revert ParametersRefused();
        }
        _ledger.threshold = threshold;
        for (uint256 i = 0; i < custodians.length; ++i) {
            if (custodians[i] == address(0) || _ledger.custodians[custodians[i]]) revert ParametersRefused();
            _ledger.custodians[custodians[i]] = true;
        }
    }

    // ---- money ----

    /// @notice Deposits into any account, in any phase.
    function deposit(address account, uint256 amount) external nonReentrant {
        Deposits.deposit(_ledger, account, amount);
    }

    /// @notice Adds to what an account locks for late fees and default.
    function depositEscrow(address account, uint256 amount) external nonReentrant {
        Deposits.depositEscrow(_ledger, account, amount);
    }

    /// @notice The caller's escrow becomes balance; only with the zero book.
    function releaseEscrow() external {
        Deposits.releaseEscrow(_ledger);
    }

    /// @notice Debits the caller at once; see executeWithdrawal.
    function requestWithdrawal(address recipient, uint128 amount) external whenNotPaused {
        Withdrawals.request(_ledger, recipient, amount);
    }

    function cancelWithdrawal() external {
        Withdrawals.cancel(_ledger);
    }

    /// @notice Pays a request, with a proof of initial margin on an epoch that was not known at the request.
    function executeWithdrawal(Claim calldata claim) external nonReentrant whenNotPaused {
        Withdrawals.execute(_ledger, claim);
    }

    // ---- books ----

    function trade(Trade calldata t, Side calldata buyer, Side calldata seller, uint256[8] calldata band)
        external
        whenNotPaused
    {
        Trading.trade(_ledger, _domainSeparatorV4(), t, buyer, seller, band);
    }

    function moveCash(CashMove calldata m, Side calldata side) external whenNotPaused {
        Trading.moveCash(_ledger, _domainSeparatorV4(), m, side);
    }

    function settle(Settlement calldata s, uint256[8] calldata proof) external {
        Trading.settle(_ledger, s, proof);
    }

    // ---- proofs and calls ----

    function prove(Claim calldata claim) external {
        Calls.prove(_ledger, claim);
    }

    function call(address account) external {
        // forge-lint: disable-next-line(unchecked-call)
        Calls.call(_ledger, account); // a library of that name, no low-level call
    }

    function allege(address account) external payable {
        Calls.allege(_ledger, account);
    }

    function escalate(address account) external {
        Calls.escalate(_ledger, account);
    }

    function demandReceipt() external {
        Calls.demand(_ledger);
    }

    function acknowledge(address account, bytes[] calldata signatures) external {
        Calls.acknowledge(_ledger, _domainSeparatorV4(), account, signatures);
    }

    function exit() external {
        Calls.exit(_ledger);
    }

    /// @notice Pays out wei that bonds left to the caller.
    function takeWei() external nonReentrant {
        uint256 owed = _ledger.weiOwed[msg.sender];
        if (owed == 0) revert NothingOpen();
        _ledger.weiOwed[msg.sender] = 0;
        (bool ok,) = msg.sender.call{value: owed}("");
        if (!ok) revert PaymentFailed();
    }

    // ---- auctions ----

    function disclose(address account, bytes calldata data) external {
        Auctions.disclose(_ledger, account, data);
    }

    function value(address account, uint40 epoch, int256 revealed, uint256[8] calldata proof) external {
        Auctions.value(_ledger, account, epoch, revealed, proof);
    }

    function bid(Bid calldata b, BidProofs calldata proofs) external {
        Auctions.bid(_ledger, _domainSeparatorV4(), b, proofs);
    }

    function backstop(Bid calldata b, BidProofs calldata proofs) external {
        Auctions.backstop(_ledger, b, proofs);
    }

    // ---- bonds and fund ----

    function bondLiquidator(bytes32 encryptionKey) external nonReentrant {
        Bonds.bondLiquidator(_ledger, encryptionKey);
    }

    function leaveLiquidators() external {
        Bonds.giveNotice(_ledger);
    }

    function takeBackBond() external nonReentrant {
        Bonds.takeBack(_ledger);
    }

    function bondCustodians(uint256 amount) external nonReentrant {
        Bonds.bondCustodians(_ledger, amount);
    }

    function releaseCustodians(address recipient, uint128 amount, bytes[] calldata signatures) external nonReentrant {
        Bonds.releaseCustodians(_ledger, _domainSeparatorV4(), recipient, amount, signatures);
    }

    /// @notice Adds to the insurance fund. Nobody takes from it but takers of insolvent books.
    function depositFund(uint256 amount) external nonReentrant {
        Deposits.depositFund(_ledger, amount);
    }

    // ---- views ----

    function accountOf(address account) external view returns (Account memory) {
        return _ledger.accounts[account];
    }

    /// @notice Whether an account is proven on the newest maintenance epoch and neither called nor in an auction.
    function isHealthy(address account) external view returns (bool) {
        return Phases.healthy(_ledger, _ledger.accounts[account]);
    }

    /// @notice From when on a silent account can be called; 0 while it is healthy or in another phase.
    function callableAt(address account) external view returns (uint256) {
        return Phases.callableAt(_ledger, _ledger.accounts[account]);
    }

    /// @notice A called account's deadline as it is now, outages included.
    function deadlineOf(address account) external view returns (uint256) {
        return Phases.deadline(_ledger, account);
    }

    function callOf(address account) external view returns (MarginCall memory) {
        return _ledger.calls[account];
    }

    function auctionOf(address account) external view returns (Auction memory) {
        return _ledger.auctions[account];
    }

    /// @notice The price of an auction's tranches now, bps of the account's marked equity.
    function auctionPrice(address account) external view returns (uint256) {
        Auction storage s = _ledger.auctions[account];
        Parameters storage p = _ledger.parameters[s.version];
        return AuctionMath.price(block.timestamp - s.start, p.fastAuction, p.slowAuction);
    }

    function withdrawalOf(address account) external view returns (Withdrawal memory) {
        return _ledger.withdrawals[account];
    }

    function liquidatorOf(address who) external view returns (Liquidator memory) {
        return _ledger.liquidators[who];
    }

    function isCustodian(address signer) external view returns (bool) {
        return _ledger.custodians[signer];
    }

    function custody() external view returns (uint8 threshold, uint128 bond, uint32 openDemands, uint32 releases) {
        return (_ledger.threshold, _ledger.custodyBond, _ledger.openDemands, _ledger.releases);
    }

    function weiOwedTo(address who) external view returns (uint256) {
        return _ledger.weiOwed[who];
    }

    function isConsumed(uint256 commitment) external view returns (bool) {
        return _ledger.consumed[commitment];
    }

    function totals() external view returns (Totals memory) {
        return _ledger.totals;
    }

    function modules() external view returns (Modules memory) {
        return _ledger.modules;
    }

    function parameters() external view returns (uint32 version, Parameters memory p) {
        return (_ledger.version, _ledger.parameters[_ledger.version]);
    }

    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
}
