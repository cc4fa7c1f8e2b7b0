// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";

/// @notice What an epoch's requirement is.
enum Purpose {
    Initial,
    Maintenance
}

/// @notice Epochs of margin programs. A program's values arrive as calldata and the contract computes the prepared point
/// from them itself: whoever could choose that point would forge proofs without any trapdoor.
interface IRiskEpochs {
    /// @param programHash running hash over the chunks (docs/statement.md, part 6)
    /// @param listingHash the program's first prepared input: commitments open under this listing only
    /// @param point x, bit 254: ratio one only, bit 255: parity of y
    /// @param vaultScale money units in one smallest unit of the vault's token; 0 = the vault does not count
    struct Epoch {
        bytes32 programHash;
        uint256 listingHash;
        uint256 point;
        uint40 validFrom;
        uint40 validUntil;
        uint128 vaultScale;
    }

    /// @notice The epoch authority named a program, who delivers it, and the window in which it may be used.
    event EpochOpened(
        Purpose indexed purpose,
        uint40 indexed number,
        bytes32 programHash,
        address publisher,
        uint40 validFrom,
        uint40 validUntil
    );
    /// @notice All chunks have arrived; proofs are accepted against this epoch from now on.
    event EpochSealed(
        Purpose indexed purpose, uint40 indexed number, bytes32 programHash, uint256 listingHash, uint256 x, uint256 y
    );
    /// @notice A listing's text is known, and with it how the vault's token counts under it.
    event ListingDescribed(
        uint256 indexed listingHash, int256 moneyExponent, string settlementUnit, uint128 vaultScale
    );

    /// Only the epoch authority opens epochs.
    error NotEpochAuthority(address caller);
    /// Only the publisher whom the authority named delivers the chunks.
    error NotPublisher(address caller);
    /// Epoch numbers grow strictly for each purpose.
    error EpochNotIncreasing(uint256 number, uint256 newest);
    /// The validity window is empty or over.
    error EpochWindow(uint256 validFrom, uint256 validUntil);
    /// No epoch of this number is open for chunks.
    error EpochNotOpen(uint256 number);
    /// More chunks than the program has.
    error TooManyChunks();
    /// Nothing in the program can make a requirement: it would accept everybody.
    error NothingMeasured();
    /// The chunks are not those of the program that the authority named.
    error ProgramHashMismatch(bytes32 given, bytes32 expected);
    /// A curve precompile refused its input, which checked points never cause.
    error SumFailure();
    /// The prepared point is at infinity and would accept everybody.
    error PointAtInfinity();

    /// No epoch of this purpose has been sealed.
    error EpochUnset();
    /// The epoch named is not the newest one of its purpose.
    error EpochNotNewest(uint256 given, uint256 newest);
    /// The newest epoch is not valid yet.
    error EpochNotYetValid(uint256 validFrom);
    /// The newest epoch's window is over.
    error EpochExpired(uint256 validUntil);

    /// @notice Who opens epochs: an account, or a quorum contract.
    function epochAuthority() external view returns (address);

    /// @notice Reads the chunks for this contract.
    function programReader() external view returns (IProgramReader);

    /// @notice Opens an epoch for delivery, in place of any of the purpose that is not sealed. Authority only.
    function openEpoch(
        Purpose purpose,
        uint256 number,
        bytes32 programHash,
        uint256 validFrom,
        uint256 validUntil,
        address publisher
    ) external;

    /// @notice Delivers the next chunks, in order; the last one seals the epoch. Publisher only.
    /// @dev A sealed epoch replaces the one before at once, also where its own window has not begun: deliver the last
    /// chunk when it is due. Proofs that were accepted before stay good until the end of their own epoch's window.
    function appendChunks(Purpose purpose, uint256 number, bytes[] calldata chunks) external;

    /// @notice Shows the text behind a listing hash, so that the contract knows the money exponent and the settlement unit.
    /// Anyone may call; a false text has another hash.
    function describeListing(
        uint256 groups,
        uint256 slots,
        uint256 positionBits,
        int256 moneyExponent,
        string calldata settlementUnit,
        string[] calldata instruments,
        int256[] calldata lotExponents
    ) external returns (uint256 listingHash);

    /// @notice Money units in one smallest unit of the vault's token under a listing; 0 = unknown or another unit.
    function vaultScaleOf(uint256 listingHash) external view returns (uint128);

    /// @notice Number of the newest sealed epoch, 0 if none.
    function newestEpoch(Purpose purpose) external view returns (uint40 number);

    /// @notice A sealed epoch; all zero if there is none.
    function epoch(Purpose purpose, uint256 number) external view returns (Epoch memory);

    /// @notice The epoch in delivery: its number, how many chunks have arrived and how many there are.
    function delivery(Purpose purpose) external view returns (uint40 number, uint256 arrived, uint256 total);
}
