// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase} from "zkmargin/clearing/Ledger.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";

/// @notice Accounts whose hidden books are chains of conserved trades, and the path from silence to liquidation.
/// @dev docs/clearing.md has the rules, docs/invariants.md what always holds.
interface IClearingHouse {
    /// @notice What both traders sign (EIP-712; chain and contract are in the domain).
    /// @param traded commitment to what the buyer receives and the seller gives, cash included
    /// @param buyerSequence the number of the buyer's new commitment: one more than the present one
    /// @param step the newest step, which both books are brought to
    /// @param listingHash the listing at that step
    /// @param epoch the newest initial epoch, for the margins
    /// @param markEpoch the newest maintenance epoch, for the price band
    struct Trade {
        address buyer;
        address seller;
        uint256 traded;
        uint256 buyerOld;
        uint256 buyerNew;
        uint256 sellerOld;
        uint256 sellerNew;
        uint64 buyerSequence;
        uint64 sellerSequence;
        uint40 step;
        uint256 listingHash;
        uint40 epoch;
        uint40 markEpoch;
        uint64 expiry;
    }

    /// @param signature the trader's, over the trade
    /// @param receipts of the custodians, over the new commitment
    struct Side {
        uint256[8] conservation;
        IMarginEpochs.MarginProof margin;
        bytes signature;
        bytes[] receipts;
    }

    /// @notice Cash between an account's balance and its book. @param amount token units into the book; negative: out of it
    struct CashMove {
        int128 amount;
        uint256 newCommitment;
        uint64 sequence;
        uint40 step;
        uint40 epoch;
        uint64 deadline;
    }

    /// @notice A book moves along a span of steps.
    struct Settlement {
        address account;
        uint256 newCommitment;
        uint64 sequence;
        uint40 toStep;
    }

    /// @notice A margin proof about an account as it is. @param epoch the newest of the purpose that the call says
    struct Claim {
        address account;
        uint40 epoch;
        uint64 sequence;
        uint64 nonce;
        uint64 deadline;
        IMarginEpochs.MarginProof margin;
    }

    /// @notice A takeover of one tranche (or by the backstop of all that are left).
    /// @param auction its number; @param parts tranches left before it
    /// @param remainder the commitment that is left, under the old one's salt; 0 after the last tranche
    /// @param mostPaid token units that the taker pays at most: the price falls, and stands in no proof
    struct Bid {
        address account;
        uint32 auction;
        uint8 parts;
        uint256 remainder;
        uint256 traded;
        uint256 takerNew;
        uint64 takerSequence;
        uint40 step;
        uint40 epoch;
        uint128 mostPaid;
        uint64 expiry;
    }

    struct BidProofs {
        uint256[8] split;
        uint256[8] conservation;
        IMarginEpochs.MarginProof margin;
        bytes[] receipts;
    }

    event Deposited(address indexed account, address indexed from, uint256 amount);
    event EscrowChanged(address indexed account, uint256 escrow);
    event BookChanged(address indexed account, uint256 commitment, uint64 sequence, uint40 step);
    event Traded(address indexed buyer, address indexed seller, uint256 indexed traded);
    event CashMoved(address indexed account, int128 amount);
    event Proven(address indexed account, uint40 indexed epoch, uint16 ratioBps);
    event WithdrawalRequested(address indexed account, address recipient, uint256 amount, uint40 afterEpoch);
    event WithdrawalCancelled(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address indexed recipient, uint256 amount, uint256 paid);
    event Called(address indexed account, address indexed by, bool alleged, uint256 lateFee);
    event Answered(address indexed account, address indexed by, uint256 refundWei);
    event AuctionStarted(address indexed account, uint32 indexed auction, bool voluntary);
    event AuctionCured(address indexed account, uint32 indexed auction);
    event Disclosed(address indexed account, uint32 indexed auction, address indexed by, bytes data);
    event Valued(address indexed account, uint32 indexed auction, uint40 epoch, int256 value);
    event Insolvent(address indexed account, uint32 indexed auction, uint256 shortfall);
    event TrancheSold(
        address indexed account,
        uint32 indexed auction,
        address indexed taker,
        uint8 partsLeft,
        uint256 paid,
        uint256 share
    );
    event FundPaid(address indexed account, address indexed taker, uint256 deficit, uint256 premium);
    event AuctionClosed(address indexed account, uint32 indexed auction, uint256 proceeds, uint256 forfeited);
    event DeficitBooked(uint256 amount, uint256 total);
    event DeficitReduced(uint256 amount, uint256 total);
    event ReceiptDemanded(address indexed account, uint64 sequence);
    event DemandAcknowledged(address indexed account, uint64 sequence);
    event CustodiansSlashed(address indexed account, uint256 amount);
    event LiquidatorBonded(address indexed who, uint256 bond, bytes32 encryptionKey);
    event LiquidatorLeaving(address indexed who, uint256 leavingAt);

    /// The amount is zero, or too large for an account.
    error AmountOutOfRange();
    /// The token moved another amount than it was asked to, or moved it to nobody's benefit: fees on transfer are refused.
    error TokenMovedOtherAmount();
    /// A withdrawal cannot go to this address.
    error BadRecipient(address recipient);
    /// The account holds less than this takes.
    error BalanceTooSmall(uint256 balance, uint256 needed);
    /// The account's escrow is below what an account with a book must lock.
    error EscrowTooSmall(uint256 escrow, uint256 needed);
    /// Only the account itself does this.
    error NotTheAccount(address caller);
    /// Only a custodian does this.
    error NotACustodian(address caller);
    /// The account is in another phase than this needs.
    error WrongPhase(Phase phase);
    /// The account is not proven on the newest maintenance epoch.
    error NotHealthy(address account);
    /// The account's book must be the zero book for this, or must not be.
    error ZeroBook(bool zero);
    /// The account has no open demand, withdrawal, or the like.
    error NothingOpen();
    /// One is open already.
    error AlreadyOpen();
    /// The operation's deadline has passed.
    error DeadlinePassed(uint256 deadline);
    /// It is too early.
    error TooEarly(uint256 until);
    /// The old commitment is not the account's present one.
    error StaleCommitment(address account);
    /// The sequence is not the account's next (or present) one.
    error SequenceMismatch(uint256 given, uint256 expected);
    /// The nonce is not the account's next one.
    error NonceMismatch(uint256 given, uint256 expected);
    /// The commitment is not in the field, was used before, or is zero where a book is needed.
    error CommitmentRefused(uint256 commitment);
    /// The step is not the one that this needs.
    error StepMismatch(uint256 given, uint256 expected);
    /// The listing hash is not that of the step.
    error ListingMismatch();
    /// The epoch is not the one that this needs.
    error EpochMismatch(uint256 given, uint256 expected);
    /// A trade needs two accounts.
    error SameAccount();
    /// The trader's signature is not valid.
    error TraderSignature(address account);
    /// Fewer valid custodian signatures than the threshold, or not in ascending order of their signers.
    error NotAQuorum(uint256 valid, uint256 needed);
    /// The proof counts more money than the balance is.
    error VaultBalanceTooLarge(uint256 given, uint256 held);
    /// The epoch's listing is not settled in the vault's token, or its text is unknown.
    error VaultDoesNotCount();
    /// An answer or a cure needs at least the buffer band.
    error BelowBuffer(uint256 ratioBps, uint256 needed);
    /// The account was alleged in this epoch before.
    error AllegedBefore(uint256 epoch);
    /// The wei sent are not the bond.
    error WrongBond(uint256 sent, uint256 needed);
    /// The auction's number or its tranches left are others.
    error AuctionMismatch();
    /// The fast phase is for bonded liquidators.
    error NotBonded(address taker);
    /// The price is above what the taker would pay.
    error PriceAboveLimit(uint256 payment, uint256 limit);
    /// The auction's book has no value proven on the newest maintenance epoch.
    error NotValued();
    /// Only the backstop takes a book without margin.
    error NotBackstop(address caller);
    /// Trading and withdrawals are paused.
    error Paused(uint256 until);
    /// Only the admin, or only the guardian, does this.
    error NotAdmin(address caller);
    /// The parameters break a rule of docs/clearing.md, 10.
    error ParametersRefused();
    /// The vault's token does not hold this much now.
    error PaymentFailed();
}
