// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {BookVerifier} from "zkmargin/BookVerifier.sol";
import {IcPoints} from "zkmargin/IcPoints.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";

/// @notice Steps of all books, and conservation proofs along them. The prepared inputs of a span of accruals are a listing's
/// own and a difference of sums, so that one point addition makes its point, however many steps it holds.
abstract contract BookSteps is IBookSteps, BookVerifier {
    /// @dev |accrual| and each listing's running sum stay below it; differences are below 2^63.
    int256 private constant ACCRUAL_LIMIT = 1 << 62;
    int128 private constant AMOUNT_LIMIT = 1 << 47;
    /// @dev Margin is proven at the newest step only: steps in every block would leave no time to prove.
    uint256 private constant BETWEEN_STEPS = 10 minutes;
    uint256 private constant MOST_PLACES = 128;
    /// @dev keep[N], then cash[N], then accrual[N] follow listing_old and listing_new.
    uint256 private constant KEEP_AT = 2;

    /// @param hash its listing hash
    /// @param cashPlace where cash stands
    /// @param base the prepared point of a book that stays at its step
    struct Era {
        uint256 hash;
        uint256 cashPlace;
        Point base;
    }

    /// @param era the listing that books have after the step
    /// @param point accruals: their sum since the era began; a relisting: its whole prepared point
    struct Step {
        uint256 era;
        Point point;
    }

    bytes32 private immutable SETTLEMENT_UNIT;
    int256 private immutable CASH_LOT_EXPONENT;

    /// @inheritdoc IBookSteps
    address public immutable stepAuthority;

    Era[] private _eras;
    Step[] private _steps;
    int64[MOST_PLACES] private _totals;
    uint256 private _lastStepAt;

    constructor(
        address authority,
        string memory settlementUnit,
        uint8 tokenDecimals,
        ListingText memory first,
        address[] memory icPoints
    ) IcPoints(icPoints) {
        stepAuthority = authority;
        SETTLEMENT_UNIT = keccak256(bytes(settlementUnit));
        CASH_LOT_EXPONENT = -int256(uint256(tokenDecimals));
        _begin(first);
        _steps.push();
    }

    modifier onlyAuthority() {
        if (msg.sender != stepAuthority) revert NotStepAuthority(msg.sender);
        if (block.timestamp < _lastStepAt + BETWEEN_STEPS) revert StepTooSoon(_lastStepAt + BETWEEN_STEPS);
        _lastStepAt = block.timestamp;
        _;
    }

    /// @dev Places of the listing.
    function _places() internal pure virtual returns (uint256);

    /// @inheritdoc IBookSteps
    function conservationKeyHash() external pure returns (bytes32) {
        return _bookKeyHash();
    }

    /// @inheritdoc IBookSteps
    function newestStep() public view returns (uint40) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint40(_steps.length - 1);
    }

    /// @inheritdoc IBookSteps
    function listingAt(uint256 step) external view returns (uint256) {
        return _eras[_steps[step].era].hash;
    }

    /// @inheritdoc IBookSteps
    function accrue(int64[] calldata accruals) external onlyAuthority {
        uint256 era = _eras.length - 1;
        int256[] memory values = _checked(accruals, _eras[era].cashPlace);
        for (uint256 i = 0; i < values.length; ++i) {
            if (values[i] == 0) continue;
            int256 total = int256(_totals[i]) + values[i];
            if (total >= ACCRUAL_LIMIT || total <= -ACCRUAL_LIMIT) revert AccrualOutOfRange(i);
            // forge-lint: disable-next-line(unsafe-typecast)
            _totals[i] = int64(total);
        }
        Step storage last = _steps[_steps.length - 1];
        // a relisting's own point is no sum
        Point memory sum = _isEraStart(_steps.length - 1) ? Point(0, 0) : last.point;
        _plusInputs(sum, KEEP_AT + 2 * values.length, values);
        _steps.push(Step(era, sum));
        emit Accrued(newestStep(), accruals);
    }

    /// @inheritdoc IBookSteps
    function relist(
        ListingText calldata present,
        ListingText calldata next,
        bool[] calldata keep,
        int64[] calldata accruals
    ) external onlyAuthority {
        uint256 places = _places();
        Era storage old = _eras[_eras.length - 1];
        uint256 shown = _hashOf(present);
        if (shown != old.hash) revert NotThePresentListing(shown, old.hash);
        if (keep.length != places) revert ListingShape(keep.length, places);
        int256[] memory values = _checked(accruals, old.cashPlace);
        uint256 era = _begin(next);
        _checkKept(present, next, keep, old.cashPlace, _eras[era].cashPlace);
        Point memory point = _prepared(old.hash, _eras[era].hash, keep, old.cashPlace);
        _plusInputs(point, KEEP_AT + 2 * places, values);
        _steps.push(Step(era, point));
        delete _totals;
        emit Relisted(newestStep(), _eras[era].hash, keep, accruals);
    }

    /// @inheritdoc IBookSteps
    function checkConservation(uint256 from, uint256 to, Update calldata u, uint256 context, uint256[8] calldata proof)
        external
        view
    {
        bool inside = (u.sign == 1 || u.sign == -1) && u.parts <= 4 && u.amount < AMOUNT_LIMIT
            && u.amount > -AMOUNT_LIMIT && u.oldCommitment < FIELD && u.tradeCommitment < FIELD
            && u.newCommitment < FIELD;
        if (!inside) revert UpdateOutOfRange();
        uint256[] memory live = new uint256[](8);
        (live[0], live[1], live[2]) = (u.sign == 1 ? 1 : FIELD - 1, u.parts, u.nextSalt ? 1 : 0);
        // forge-lint: disable-next-line(unsafe-typecast)
        live[3] = u.amount < 0 ? FIELD - uint256(int256(-u.amount)) : uint256(int256(u.amount));
        (live[4], live[5], live[6]) = (u.oldCommitment, u.tradeCommitment, u.newCommitment);
        live[7] = context % FIELD;
        if (!_bookHolds(_spanPoint(from, to), live, proof)) revert InvalidConservation();
    }

    /// @dev The prepared point of a span.
    function _spanPoint(uint256 from, uint256 to) private view returns (Point memory) {
        if (from > to || to >= _steps.length) revert NotASpan(from, to);
        Step storage begin = _steps[from];
        Step storage end = _steps[to];
        if (begin.era != end.era) {
            if (to != from + 1) revert NotASpan(from, to);
            return end.point;
        }
        Point memory base = _eras[end.era].base;
        if (from == to) return base;
        Point memory out = _addPoints(base, end.point, false); // `to` is no era's start: `from` is before it in the same era
        return _isEraStart(from) ? out : _addPoints(out, begin.point, true);
    }

    /// @dev Whether books have a new listing since this step; its sum of accruals is then 0, and `point` another thing.
    function _isEraStart(uint256 step) private view returns (bool) {
        return step == 0 || _steps[step - 1].era != _steps[step].era;
    }

    /// @dev A new era of a listing, checked, with its base point.
    function _begin(ListingText memory text) private returns (uint256 era) {
        uint256 places = _places();
        uint256 count = text.instruments.length;
        if (text.groups * text.slots != places || count != places || text.lotExponents.length != places) {
            revert ListingShape(count, places);
        }
        uint256 cash = places;
        for (uint256 i = 0; i < places; ++i) {
            if (keccak256(bytes(text.instruments[i])) != SETTLEMENT_UNIT) continue;
            if (cash != places || text.lotExponents[i] != CASH_LOT_EXPONENT) revert CashPlace();
            cash = i;
        }
        if (cash == places || keccak256(bytes(text.settlementUnit)) != SETTLEMENT_UNIT) revert CashPlace();
        bool[] memory keep = new bool[](places);
        for (uint256 i = 0; i < places; ++i) {
            keep[i] = true;
        }
        uint256 hash = _hashOf(text);
        era = _eras.length;
        _eras.push(Era(hash, cash, _prepared(hash, hash, keep, cash)));
    }

    /// @dev IC_0 + the listings, keep and cash: everything prepared but the accruals.
    function _prepared(uint256 oldHash, uint256 newHash, bool[] memory keep, uint256 cashPlace)
        private
        view
        returns (Point memory sum)
    {
        uint256 places = keep.length;
        int256[] memory values = new int256[](KEEP_AT + 2 * places);
        // forge-lint: disable-next-line(unsafe-typecast)
        (values[0], values[1]) = (int256(oldHash), int256(newHash)); // < 2^254
        for (uint256 i = 0; i < places; ++i) {
            if (keep[i]) values[KEEP_AT + i] = 1;
        }
        values[KEEP_AT + places + cashPlace] = 1;
        (sum.x, sum.y) = _bookIc0();
        _plusInputs(sum, 0, values);
    }

    function _checkKept(
        ListingText calldata present,
        ListingText calldata next,
        bool[] calldata keep,
        uint256 oldCash,
        uint256 newCash
    ) private pure {
        if (oldCash != newCash || !keep[oldCash]) revert KeptPlaceDiffers(oldCash);
        for (uint256 i = 0; i < keep.length; ++i) {
            if (!keep[i]) continue;
            bool same = keccak256(bytes(present.instruments[i])) == keccak256(bytes(next.instruments[i]))
                && present.lotExponents[i] == next.lotExponents[i];
            if (!same) revert KeptPlaceDiffers(i);
        }
    }

    function _checked(int64[] calldata accruals, uint256 cashPlace) private pure returns (int256[] memory values) {
        uint256 places = _places();
        if (accruals.length != places) revert ListingShape(accruals.length, places);
        if (accruals[cashPlace] != 0) revert AccrualOutOfRange(cashPlace);
        values = new int256[](places);
        for (uint256 i = 0; i < places; ++i) {
            values[i] = accruals[i];
            if (values[i] >= ACCRUAL_LIMIT || values[i] <= -ACCRUAL_LIMIT) revert AccrualOutOfRange(i);
        }
    }

    /// @dev docs/statement.md, part 3.
    function _hashOf(ListingText memory t) private pure returns (uint256) {
        bytes memory words = abi.encode(
            "zkmargin.listing.v1",
            t.groups,
            t.slots,
            t.positionBits,
            t.moneyExponent,
            t.settlementUnit,
            t.instruments,
            t.lotExponents
        );
        return uint256(keccak256(words)) % FIELD;
    }
}
