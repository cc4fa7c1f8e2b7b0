// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICollateralVault} from "zkmargin/interfaces/ICollateralVault.sol";
import {ICommitmentRegistry} from "zkmargin/interfaces/ICommitmentRegistry.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {IRiskEpochs, Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice What an accepted proof does. A proof serves one action, once.
enum Action {
    Status,
    Withdraw,
    Update
}

/// @notice Which accounts have proven their margin, against which epoch, until when.
interface IMarginRegistry is IMarginVerifier, IRiskEpochs, ICommitmentRegistry, ICollateralVault {
    /// @param ratioBps the band: equity >= ratioBps / 10^4 * requirement
    /// @param vaultBalance money units of the vault that the proof counts, at most what it holds
    /// @param sequence the number of the account's commitment
    /// @param nonce how many proofs of the account were accepted before
    /// @param deadline last second at which the proof counts
    /// @param proof A, B (imaginary parts first), C
    struct Claim {
        address account;
        uint256 ratioBps;
        uint256 vaultBalance;
        uint256 sequence;
        uint256 nonce;
        uint256 deadline;
        uint256[8] proof;
    }

    /// @param proven whether the account's last proof is of an epoch whose window is not over
    /// @param since when that proof was accepted, Unix seconds
    /// @param until end of that epoch's window, Unix seconds
    struct Standing {
        bool proven;
        uint40 epoch;
        uint16 ratioBps;
        uint40 since;
        uint40 until;
    }

    /// @notice A proof was accepted. Which book it is about, nobody can tell.
    event MarginProven(
        address indexed account, Purpose indexed purpose, uint40 indexed epoch, uint16 ratioBps, uint32 nonce
    );
    /// @notice The account's book or collateral changed without a proof: it counts as not proven.
    event StatusCleared(address indexed account);

    /// The account has no commitment.
    error NoCommitment(address account);
    /// The proof is about another commitment than the account's present one.
    error SequenceMismatch(uint256 given, uint256 expected);
    /// The proof's nonce was used, or is not due yet.
    error NonceMismatch(uint256 given, uint256 expected);
    /// The proof's deadline has passed.
    error DeadlinePassed(uint256 deadline);
    /// The deadline does not fit 64 bits.
    error DeadlineOutOfRange(uint256 deadline);
    /// The program has a group that is covered and not free: its rows hold no ratio, so that only 10000 is accepted.
    error RatioOneOnly();
    /// The proof counts more money than the vault holds for the account, or 2^90 and more.
    error VaultBalanceTooLarge(uint256 given, uint256 held);
    /// The listing is not settled in the vault's token, or its text is unknown: vault_balance must be 0.
    error VaultDoesNotCount();
    /// The prepared point's y has the wrong parity.
    error PointParity();
    /// Accounts in a batch are strictly ascending, so that each counts once.
    error AccountsNotAscending();
    /// Only the account itself withdraws.
    error NotTheAccount(address caller);
    /// The claim and the attestation name different accounts.
    error AccountMismatch();

    /// @notice Proves an account's margin against the newest epoch of a purpose. Anyone may deliver a proof.
    /// @param pointY y of the epoch's prepared point (the contract knows x and the parity of y)
    function submit(Purpose purpose, uint256 epochNumber, uint256 pointY, Claim calldata claim) external;

    /// @notice Proves many accounts at once, in ascending order. One false item refuses the whole batch.
    function submitBatch(Purpose purpose, uint256 epochNumber, uint256 pointY, Claim[] calldata claims) external;

    /// @notice Registers or replaces a commitment and clears the account's status.
    function updateCommitment(
        Attestation calldata attestation,
        bytes calldata custodianSignature,
        bytes calldata traderSignature
    ) external;

    /// @notice The same with a proof for this very update, about the new commitment: that purpose's status is kept proven.
    function updateCommitmentWithProof(
        Attestation calldata attestation,
        bytes calldata custodianSignature,
        bytes calldata traderSignature,
        Purpose purpose,
        uint256 epochNumber,
        uint256 pointY,
        Claim calldata claim
    ) external;

    /// @notice Withdraws the caller's tokens and clears its status.
    function withdraw(address recipient, uint256 amount) external;

    /// @notice The same with a proof for this very withdrawal: that purpose's status is kept proven.
    function withdrawWithProof(
        address recipient,
        uint256 amount,
        Purpose purpose,
        uint256 epochNumber,
        uint256 pointY,
        Claim calldata claim
    ) external;

    /// @notice Whether an account is proven, since when and until when.
    function standing(address account, Purpose purpose) external view returns (Standing memory);

    /// @notice The account's proof counter: the nonce of its next proof.
    function nonceOf(address account) external view returns (uint256);

    /// @notice The number of the account's present commitment, 0 if none.
    function sequenceOf(address account) external view returns (uint256);
}
