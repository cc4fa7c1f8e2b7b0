// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";

/// @notice What an account is in. Healthy and Due are the two sides of Open: proven on the newest maintenance epoch or not.
enum Phase {
    Open,
    Called,
    Auction
}

/// @notice What a proof of the clearing house is for (docs/clearing.md, 5).
enum Action {
    Trade,
    Cash,
    Settle,
    Status,
    Withdraw,
    Bid,
    Value,
    Backstop
}

/// @notice Amounts are in the token's smallest unit, times in seconds, unless said. docs/clearing.md, 10, has the defaults.
struct Parameters {
    /// From the data of a newer epoch to the first call.
    uint32 grace;
    /// From a call to its deadline, and in blocks at least.
    uint32 callTime;
    uint32 callBlocks;
    /// A call's deadline is moved by outages, by this much at most.
    uint32 maxOutage;
    /// The two phases of an auction.
    uint32 fastAuction;
    uint32 slowAuction;
    /// From insolvency to the backstop; the premium grows over it.
    uint32 rescue;
    /// From a demand that the custodians leave open to the exit.
    uint32 custodySilence;
    /// From a liquidator's notice to its bond.
    uint32 unbonding;
    /// A trade's value may be this much of its legs' gross value.
    uint16 bandBps;
    /// The band that an answer or a cure reaches.
    uint16 bufferBps;
    /// What each account with a book locks, what a call on silence takes of it, and what of that the caller gets.
    uint128 escrow;
    uint128 lateFee;
    uint128 callReward;
    /// What takers of an insolvent book share at most, beside the deficit: paid from that account's own escrow.
    uint128 premium;
    uint128 liquidatorBond;
    /// What the custodians' bond loses for each exit.
    uint128 custodySlash;
    /// What alleging a shortfall needs, wei: twice the 99th percentile of what an answer costs.
    uint128 allegationBond;
    /// Refunds of an answer's gas count at most this price, wei.
    uint128 refundGasPrice;
}

/// @param commitment 0: the zero book
/// @param balance collateral in the vault
/// @param sequence number of the commitment
/// @param nonce proofs accepted so far
/// @param provenSequence with provenEpoch: the commitment and the maintenance epoch of the last accepted proof
/// @param step where the book stands
/// @param dueFrom grace runs from here at the earliest
/// @param unattended no custodian has a receipt for the book: it was taken over without one
struct Account {
    uint256 commitment;
    uint128 balance;
    uint128 escrow;
    uint32 sequence;
    uint32 nonce;
    uint32 provenSequence;
    uint40 provenEpoch;
    uint40 step;
    Phase phase;
    uint40 demandAt;
    uint40 allegedEpoch;
    uint40 dueFrom;
    bool unattended;
}

/// @param afterEpoch executed on a later initial epoch only
struct Withdrawal {
    address recipient;
    uint128 amount;
    uint40 afterEpoch;
}

/// @param outageAt outage seconds until the call
/// @param step the newest one at the call
/// @param alleger who put up a bond, 0 for a call on silence
struct MarginCall {
    uint40 calledAt;
    uint64 calledBlock;
    uint40 outageAt;
    uint32 version;
    uint40 step;
    address alleger;
    uint128 bond;
}

/// @param id number of the account's auctions; every proof of one names it
/// @param parts tranches left
/// @param voluntary the owner left, since the custodians fell silent
/// @param valuedEpoch epoch of `value`, 0: the present book has none
/// @param insolventSince 0: not proven insolvent
/// @param value marked value of the book that is left, money units
struct Auction {
    uint32 id;
    uint40 start;
    uint8 parts;
    bool voluntary;
    uint40 valuedEpoch;
    uint40 insolventSince;
    uint32 version;
    uint128 proceeds;
    int256 value;
}

/// @param leavingAt when the bond may be taken back, 0: not leaving
struct Liquidator {
    uint128 bond;
    uint40 leavingAt;
    bytes32 encryptionKey;
}

/// @notice Sums of what the tokens in the contract are owed to: tokens + deficit = all of them, `booked` with its sign.
struct Totals {
    uint128 balances;
    uint128 escrows;
    uint128 pending;
    uint128 bonds;
    uint128 fund;
    uint128 deficit;
    /// Cash that moved from balances into books, less what came back: books owe the vault where it is negative.
    int256 booked;
}

/// @notice The contracts that a clearing house asks, fixed at deployment.
struct Modules {
    IERC20 token;
    IMarginEpochs epochs;
    IBookSteps steps;
    IBookValuation valuation;
    address sequencerUptime;
    address backstop;
}

/// @notice Everything that the clearing house stores; its libraries work on it.
struct Ledger {
    Modules modules;
    Totals totals;
    uint32 version;
    mapping(uint256 version => Parameters) parameters;
    mapping(address account => Account) accounts;
    mapping(uint256 commitment => bool) consumed;
    mapping(address account => Withdrawal) withdrawals;
    mapping(address account => MarginCall) calls;
    mapping(address account => Auction) auctions;
    mapping(address who => Liquidator) liquidators;
    mapping(address who => uint256) weiOwed;
    mapping(address signer => bool) custodians;
    uint8 threshold;
    uint32 openDemands;
    uint32 releases;
    uint128 custodyBond;
}
