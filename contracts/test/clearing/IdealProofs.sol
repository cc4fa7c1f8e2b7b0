// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @dev Places of the ideal listing; the first one is cash.
uint256 constant PLACES = 4;
/// @dev Money units in one token unit.
uint256 constant SCALE = 1e6;

/// @notice An opened book: what a commitment stands for.
struct Book {
    int256[PLACES] x;
    uint256 salt;
}

/// @notice The three proof systems as ideal functionalities (docs/clearing.md, 3 and 4): a proof is a token that exists only
/// for a true statement about opened books, and each check compares the whole statement, context included. Stateful tests
/// run hundreds of thousands of calls against it; the real verifiers have their own tests with real pairings.
contract IdealProofs {
    error NotProven();
    error FalseStatement(string what);

    struct Epoch {
        uint40 number;
        uint40 sealedAt;
        uint40 validUntil;
        int256[PLACES] marks;
    }

    mapping(uint256 commitment => Book) private _opening;
    mapping(uint256 commitment => bool) public known;
    mapping(bytes32 statement => bool) public proven;
    Epoch[] private _epochs;
    uint40 private _outage;
    int256[PLACES][] private _accruals;

    constructor() {
        _accruals.push();
    }

    // ---- openings ----

    function commit(Book calldata b) external returns (uint256 commitment) {
        if (_isZero(b.x)) return 0;
        commitment = uint256(keccak256(abi.encode("ideal", b))) % FIELD;
        _opening[commitment] = b;
        known[commitment] = true;
    }

    function openingOf(uint256 commitment) public view returns (Book memory b) {
        if (commitment == 0) return b;
        if (!known[commitment]) revert FalseStatement("unknown opening");
        return _opening[commitment];
    }

    function _isZero(int256[PLACES] memory x) private pure returns (bool) {
        for (uint256 i = 0; i < PLACES; ++i) {
            if (x[i] != 0) return false;
        }
        return true;
    }

    // ---- epochs ----

    /// @notice Both purposes share numbers and marks.
    function publish(uint256 validFor, int256[PLACES] calldata marks_) public virtual returns (uint40 number) {
        _outage = _outageNow();
        number = uint40(_epochs.length + 1);
        _epochs.push(Epoch(number, uint40(block.timestamp), uint40(block.timestamp + validFor), marks_));
    }

    function marks() public view returns (int256[PLACES] memory) {
        return _epochs[_epochs.length - 1].marks;
    }

    function newestEpoch(Purpose) public view virtual returns (uint40) {
        return uint40(_epochs.length);
    }

    function highestKnown(Purpose) external view returns (uint40) {
        return uint40(_epochs.length);
    }

    function usableAfter(Purpose, uint256 number) external view returns (uint40) {
        return number < _epochs.length ? _epochs[number].sealedAt : 0;
    }

    function status(Purpose) external view returns (IMarginEpochs.EpochStatus memory s) {
        if (_epochs.length == 0) return s;
        Epoch storage e = _epochs[_epochs.length - 1];
        return IMarginEpochs.EpochStatus(
            e.number, e.sealedAt, e.sealedAt, e.validUntil, _outageNow(), uint128(SCALE), uint256(keccak256("listing"))
        );
    }

    function _outageNow() private view returns (uint40) {
        if (_epochs.length == 0) return 0;
        uint40 until = _epochs[_epochs.length - 1].validUntil;
        return block.timestamp > until ? _outage + uint40(block.timestamp) - until : _outage;
    }

    function verifyingKeyHash() public view virtual returns (bytes32) {
        return keccak256("ideal margin");
    }

    // ---- margin: requirement 20 % (initial) or 10 % (maintenance) of gross marked value ----

    function equityAndGross(int256[PLACES] memory x) public view returns (int256 equity, uint256 gross) {
        int256[PLACES] memory m = marks();
        for (uint256 i = 0; i < PLACES; ++i) {
            int256 v = x[i] * m[i];
            equity += v;
            if (i != 0) gross += uint256(v < 0 ? -v : v);
        }
    }

    function holds(int256[PLACES] memory x, uint256 vaultBalance, Purpose purpose, uint256 ratioBps)
        public
        view
        returns (bool)
    {
        (int256 equity, uint256 gross) = equityAndGross(x);
        uint256 requirement = gross * (purpose == Purpose.Initial ? 20 : 10) * ratioBps;
        return (equity + int256(vaultBalance)) * 1_000_000 >= int256(requirement);
    }

    function proveMargin(Purpose purpose, uint256 commitment, uint256 context, uint256 ratioBps, uint256 vaultBalance)
        public
        virtual
        returns (IMarginEpochs.MarginProof memory out)
    {
        if (!holds(openingOf(commitment).x, vaultBalance, purpose, ratioBps)) revert FalseStatement("margin");
        (out.ratioBps, out.vaultBalance) = (ratioBps, vaultBalance);
        out.proof[0] =
            uint256(_mint(keccak256(abi.encode(purpose, _epochs.length, commitment, context, ratioBps, vaultBalance))));
    }

    function checkMargin(
        Purpose purpose,
        uint256 number,
        uint256 commitment,
        uint256 context,
        IMarginEpochs.MarginProof calldata p
    ) external view {
        if (number != _epochs.length || block.timestamp > _epochs[number - 1].validUntil) {
            revert NotProven();
        }
        _check(keccak256(abi.encode(purpose, number, commitment, context, p.ratioBps, p.vaultBalance)), p.proof[0]);
    }

    // ---- steps and conservation ----

    function accrue(int256[PLACES] calldata perLot) public virtual {
        _accruals.push(perLot);
    }

    function newestStep() public view returns (uint40) {
        return uint40(_accruals.length - 1);
    }

    function listingAt(uint256) public view virtual returns (uint256) {
        return uint256(keccak256("listing"));
    }

    function conservationKeyHash() public view virtual returns (bytes32) {
        return keccak256("ideal conservation");
    }

    /// @notice The book after an update: docs/clearing.md, 3.
    function updated(uint256 from, uint256 to, IBookSteps.Update memory u, int256[PLACES] memory y)
        public
        view
        returns (int256[PLACES] memory x)
    {
        x = openingOf(u.oldCommitment).x;
        int256 sum = 0;
        for (uint256 s = from + 1; s <= to; ++s) {
            for (uint256 i = 0; i < PLACES; ++i) {
                sum += _accruals[s][i] * x[i];
            }
        }
        x[0] += (sum >> 32) + u.amount; // arithmetic shift: towards minus infinity
        for (uint256 i = 0; i < PLACES; ++i) {
            x[i] += u.sign * y[i];
        }
    }

    function tranche(int256[PLACES] memory x, uint256 parts) public pure returns (int256[PLACES] memory y) {
        int256 n = int256(parts);
        for (uint256 i = 0; i < PLACES; ++i) {
            y[i] = x[i] >= 0 ? x[i] / n : -((n - 1 - x[i]) / n);
        }
    }

    function proveConservation(uint256 from, uint256 to, IBookSteps.Update calldata u, uint256 context)
        public
        virtual
        returns (uint256[8] memory proof)
    {
        Book memory old = openingOf(u.oldCommitment);
        Book memory next = openingOf(u.newCommitment);
        int256[PLACES] memory y = openingOf(u.tradeCommitment).x;
        if (keccak256(abi.encode(updated(from, to, u, y))) != keccak256(abi.encode(next.x))) {
            revert FalseStatement("conservation");
        }
        if (u.parts != 0 && keccak256(abi.encode(tranche(old.x, u.parts))) != keccak256(abi.encode(y))) {
            revert FalseStatement("tranche");
        }
        if (u.nextSalt && u.newCommitment != 0 && next.salt != old.salt + 1) revert FalseStatement("salt");
        proof[0] = uint256(_mint(keccak256(abi.encode(from, to, u, context))));
    }

    function checkConservation(
        uint256 from,
        uint256 to,
        IBookSteps.Update calldata u,
        uint256 context,
        uint256[8] calldata proof
    ) external view {
        _check(keccak256(abi.encode(from, to, u, context)), proof[0]);
    }

    // ---- valuation ----

    function valuationKeyHash() public view virtual returns (bytes32) {
        return keccak256("ideal valuation");
    }

    function proveValue(uint256 commitment, int256 value, uint256 context)
        public
        virtual
        returns (uint256[8] memory proof)
    {
        (int256 v,) = equityAndGross(openingOf(commitment).x);
        if (v != value) revert FalseStatement("value");
        proof[0] = uint256(_mint(keccak256(abi.encode(_epochs.length, commitment, value, context))));
    }

    function checkValue(uint256 number, uint256 commitment, int256 value, uint256 context, uint256[8] calldata proof)
        external
        view
    {
        _check(keccak256(abi.encode(number, commitment, value, context)), proof[0]);
    }

    function inBand(int256[PLACES] memory y, uint256 bandBps) public view returns (bool) {
        int256[PLACES] memory m = marks();
        int256 value = 0;
        uint256 gross = 0;
        for (uint256 i = 0; i < PLACES; ++i) {
            int256 v = y[i] * m[i];
            value += v;
            gross += uint256(v < 0 ? -v : v);
        }
        return uint256(value < 0 ? -value : value) * 10_000 <= gross * bandBps;
    }

    function proveBand(uint256 commitment, uint256 bandBps, uint256 context)
        public
        virtual
        returns (uint256[8] memory proof)
    {
        if (!inBand(openingOf(commitment).x, bandBps)) revert FalseStatement("band");
        proof[0] = uint256(_mint(keccak256(abi.encode("band", _epochs.length, commitment, bandBps, context))));
    }

    function checkBand(uint256 number, uint256 commitment, uint256 bandBps, uint256 context, uint256[8] calldata proof)
        external
        view
    {
        _check(keccak256(abi.encode("band", number, commitment, bandBps, context)), proof[0]);
    }

    // ---- proofs are tokens ----

    function _mint(bytes32 statement) private returns (bytes32) {
        proven[statement] = true;
        return statement;
    }

    function _check(bytes32 statement, uint256 proof) private view {
        if (bytes32(proof) != statement || !proven[statement]) revert NotProven();
    }
}
