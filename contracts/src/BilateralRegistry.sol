// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BASE_FIELD, FIELD} from "zkmargin/Bn254.sol";
import {MarginVerifier} from "zkmargin/MarginVerifier.sol";
import {IBilateralRegistry} from "zkmargin/interfaces/IBilateralRegistry.sol";
import {Action} from "zkmargin/interfaces/IMarginRegistry.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice One trader's margin towards one venue under a hidden program. Holds no money and never will.
abstract contract BilateralRegistry is IBilateralRegistry, MarginVerifier, EIP712("zkmargin bilateral", "1") {
    struct Hidden {
        uint256 x;
        uint256 y;
        uint40 validFrom;
        uint40 validUntil;
    }

    struct Proven {
        uint40 epoch;
        uint40 since;
        uint64 sequence;
    }

    bytes32 private constant CONTEXT_TAG = keccak256("zkmargin.context.v1");
    bytes32 private constant COMMITMENT_TYPE =
        keccak256("Commitment(uint256 commitment,uint256 sequence,uint256 expiry)");
    uint256 private constant RATIO_ONE = 10_000;

    address public immutable venue;
    address public immutable trader;
    uint256 public commitment;
    uint64 public sequence;
    uint64 public nonce;
    mapping(Purpose purpose => uint256) public newest;
    mapping(Purpose purpose => mapping(uint256 number => Hidden)) private _points;
    mapping(Purpose purpose => Proven) private _proven;

    constructor(address venue_, address trader_) {
        if (venue_ == address(0) || trader_ == address(0) || venue_ == trader_) revert PartiesRefused();
        (venue, trader) = (venue_, trader_);
    }

    /// @inheritdoc IBilateralRegistry
    function publish(Purpose purpose, uint256 number, uint256 x, uint256 y, uint40 validFrom, uint40 validUntil)
        external
    {
        if (msg.sender != venue) revert NotAParty(msg.sender);
        if (number <= newest[purpose] || number >= 1 << 40) revert NumberNotAscending(number);
        if (validUntil <= validFrom || validUntil < block.timestamp) revert WindowRefused();
        if (!_onCurve(x, y)) revert PointOffCurve();
        newest[purpose] = number;
        _points[purpose][number] = Hidden(x, y, validFrom, validUntil);
        emit PointPublished(purpose, number, x, y, validFrom, validUntil);
    }

    /// @inheritdoc IBilateralRegistry
    function commit(uint256 newCommitment, uint256 newSequence, uint256 expiry, bytes calldata venueSignature)
        external
    {
        if (msg.sender != trader) revert NotAParty(msg.sender);
        if (block.timestamp > expiry) revert SignatureExpired(expiry);
        if (newCommitment == 0 || newCommitment >= FIELD || newCommitment == commitment || newSequence != sequence + 1)
        {
            revert CommitmentRefused();
        }
        bytes32 digest = commitmentDigest(newCommitment, newSequence, expiry);
        if (!SignatureChecker.isValidSignatureNowCalldata(venue, digest, venueSignature)) revert VenueSignature();
        commitment = newCommitment;
        ++sequence;
        emit Committed(newCommitment, newSequence);
    }

    /// @inheritdoc IBilateralRegistry
    function submit(Purpose purpose, uint256 number, uint256 deadline, uint256 givenNonce, uint256[8] calldata proof)
        external
    {
        if (msg.sender != trader) revert NotAParty(msg.sender);
        if (commitment == 0) revert CommitmentRefused();
        if (block.timestamp > deadline || deadline > type(uint64).max) revert DeadlinePassed(deadline);
        if (givenNonce != nonce) revert NonceMismatch(givenNonce, nonce);
        Hidden memory hidden = _points[purpose][number];
        if (number != newest[purpose] || block.timestamp < hidden.validFrom || block.timestamp > hidden.validUntil) {
            revert EpochNotLive(number);
        }
        ++nonce;
        _verify(hidden.x, hidden.y, RATIO_ONE, 0, commitment, _context(purpose, number, deadline, givenNonce), proof);
        // forge-lint: disable-next-line(unsafe-typecast)
        _proven[purpose] = Proven(uint40(number), uint40(block.timestamp), sequence);
        emit MarginProven(purpose, number, givenNonce);
    }

    /// @inheritdoc IBilateralRegistry
    function standing(Purpose purpose) external view returns (Standing memory out) {
        Proven memory p = _proven[purpose];
        if (p.epoch == 0 || p.sequence != sequence) return out;
        uint40 until = _points[purpose][p.epoch].validUntil;
        return Standing(block.timestamp <= until, p.epoch, p.since, until);
    }

    /// @inheritdoc IBilateralRegistry
    function pointOf(Purpose purpose, uint256 number) external view returns (uint256, uint256, uint40, uint40) {
        Hidden memory h = _points[purpose][number];
        return (h.x, h.y, h.validFrom, h.validUntil);
    }

    /// @inheritdoc IBilateralRegistry
    function commitmentDigest(uint256 newCommitment, uint256 newSequence, uint256 expiry)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(COMMITMENT_TYPE, newCommitment, newSequence, expiry)));
    }

    /// @dev docs/statement.md, part 7, of the trader's status.
    function _context(Purpose purpose, uint256 number, uint256 deadline, uint256 givenNonce)
        private
        view
        returns (uint256)
    {
        return uint256(
            keccak256(
            abi.encode(
            CONTEXT_TAG,
            block.chainid,
            address(this),
            _keyHash(),
            purpose,
            Action.Status,
            trader,
            address(0),
            uint256(0),
            number,
            sequence,
            givenNonce,
            deadline
        )
        )
        ) % FIELD;
    }

    function _onCurve(uint256 x, uint256 y) private pure returns (bool) {
        if (x >= BASE_FIELD || y >= BASE_FIELD || (x == 0 && y == 0)) return false;
        return mulmod(y, y, BASE_FIELD) == addmod(mulmod(mulmod(x, x, BASE_FIELD), x, BASE_FIELD), 3, BASE_FIELD);
    }
}
