// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The list of steps that all books move along, and the conservation proofs along it (docs/clearing.md, 2 and 3).
interface IBookSteps {
    /// @dev A listing's text, as in describeListing of IRiskEpochs.
    struct ListingText {
        uint256 groups;
        uint256 slots;
        uint256 positionBits;
        int256 moneyExponent;
        string settlementUnit;
        string[] instruments;
        int256[] lotExponents;
    }

    /// @param sign 1 or -1: how the traded book enters
    /// @param parts 0, or n: the traded book is the n-th part of the old one
    /// @param nextSalt the new commitment's salt is the old one's plus 1, so that whoever knows the old opening knows the new one
    /// @param amount cash lots that enter the book from the vault; negative: leave it
    struct Update {
        int8 sign;
        uint8 parts;
        bool nextSalt;
        int128 amount;
        uint256 oldCommitment;
        uint256 tradeCommitment;
        uint256 newCommitment;
    }

    /// @notice Funding, fees or marks were accrued: cash lots times 2^32 per lot of each place.
    event Accrued(uint40 indexed step, int64[] accruals);
    /// @notice Books move to another listing.
    event Relisted(uint40 indexed step, uint256 indexed listingHash, bool[] keep, int64[] accruals);

    /// Steps are ten minutes apart at least.
    error StepTooSoon(uint256 from);
    /// Only the step authority adds steps.
    error NotStepAuthority(address caller);
    /// The listing's places are not those of the verifying key.
    error ListingShape(uint256 places, uint256 expected);
    /// The listing has no place, or more than one, for the settlement unit in lots of the token's smallest unit.
    error CashPlace();
    /// The text is not the present listing's.
    error NotThePresentListing(uint256 given, uint256 present);
    /// A kept place holds another instrument or lot in the new listing, or cash is not kept.
    error KeptPlaceDiffers(uint256 place);
    /// An accrual is 2^62 or more, sums since the listing's start included; or the cash place accrues.
    error AccrualOutOfRange(uint256 place);
    /// The steps are not a span: accruals of one listing, or one relisting.
    error NotASpan(uint256 from, uint256 to);
    /// sign, parts or amount is out of range, or a commitment is not in the field.
    error UpdateOutOfRange();
    /// The conservation proof does not hold.
    error InvalidConservation();

    /// @notice Who adds steps: an account, or a quorum contract.
    function stepAuthority() external view returns (address);

    /// @notice keccak256 over the conservation key's words.
    function conservationKeyHash() external pure returns (bytes32);

    /// @notice The newest step.
    function newestStep() external view returns (uint40);

    /// @notice The listing that books have at a step.
    function listingAt(uint256 step) external view returns (uint256 listingHash);

    /// @notice Adds an accrual of the present listing. Step authority only. One int64 for each place, cash 0.
    function accrue(int64[] calldata accruals) external;

    /// @notice Adds a relisting; both texts are shown, so that the contract compares each kept place. Step authority only.
    function relist(
        ListingText calldata present,
        ListingText calldata next,
        bool[] calldata keep,
        int64[] calldata accruals
    ) external;

    /// @notice Reverts unless the update is conserved over the steps from..to. `context` is below the field's order.
    function checkConservation(
        uint256 from,
        uint256 to,
        Update calldata update,
        uint256 context,
        uint256[8] calldata proof
    ) external view;
}
