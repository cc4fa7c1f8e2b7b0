// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {MarginEpochs} from "zkmargin/MarginEpochs.sol";
import {BookSteps} from "zkmargin/BookSteps.sol";
import {BookValuation} from "zkmargin/BookValuation.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Conservation64} from "../generated/Conservation64.sol";
import {GridMarginEpochs} from "../generated/GridMarginEpochs.sol";
import {Valuation64} from "../generated/Valuation64.sol";
import {Programs, TierShape} from "../Programs.sol";
import {Trapdoor} from "../Trapdoor.sol";
import {IdealProofs, PLACES, SCALE} from "./IdealProofs.sol";

/// @notice The same truths, proven to the real verifiers with trapdoor keys: what the ideal functionality would mint, comes
/// with a Groth16 proof of exactly these public signals. The ideal listing's places are the first ones of 64.
contract RealProofs is IdealProofs {
    uint256 internal constant N = 64;
    string internal constant UNIT = "USD";

    MarginEpochs public immutable epochs;
    BookSteps public immutable steps;
    BookValuation public immutable valuation;
    uint256 public immutable listingHash;

    mapping(Purpose => uint256) private _programTotal;
    int256[N] private _marks;
    int256[N][] private _sums; // accruals since the start, for each step
    uint256 private _draws;

    constructor() {
        uint256[3] memory counts = [uint256(2990), 194, 65];
        epochs = new GridMarginEpochs(address(this), UNIT, 6, icPoints(counts[0]));
        steps = new Conservation64(address(this), UNIT, 6, text(""), icPoints(counts[1]));
        valuation = new Valuation64(IMarginEpochs(address(epochs)), icPoints(counts[2]));
        IBookSteps.ListingText memory t = text("");
        listingHash = epochs.describeListing(
            t.groups, t.slots, t.positionBits, t.moneyExponent, t.settlementUnit, t.instruments, t.lotExponents
        );
        _sums.push();
    }

    /// @notice Cash, then instruments; `suffix` makes another listing of place 1.
    function text(string memory suffix) public pure returns (IBookSteps.ListingText memory t) {
        (t.groups, t.slots, t.positionBits, t.moneyExponent, t.settlementUnit) = (1, N, 48, -12, UNIT);
        (t.instruments, t.lotExponents) = (new string[](N), new int256[](N));
        for (uint256 i = 0; i < N; ++i) {
            t.lotExponents[i] = -6;
        }
        t.instruments[0] = UNIT;
        t.instruments[1] = string.concat("BTC-PERPETUAL", suffix);
        t.instruments[2] = "ETH-PERPETUAL";
        t.instruments[3] = "BTC-25DEC26-100000-C";
    }

    function icPoints(uint256 count) public returns (address[] memory out) {
        out = new address[]((count + 382) / 383);
        for (uint256 i = 0; i < out.length; ++i) {
            uint256 here = i + 1 < out.length ? 383 : count - 383 * i;
            bytes memory code = new bytes(1 + 64 * here);
            for (uint256 k = 0; k < here; ++k) {
                (uint256 x, uint256 y) = Trapdoor.g1(Trapdoor.ic(383 * i + k + 1));
                assembly ("memory-safe") {
                    let to := add(code, add(0x21, shl(6, k)))
                    mstore(to, x)
                    mstore(add(to, 0x20), y)
                }
            }
            bytes memory init = abi.encodePacked(hex"61", uint16(code.length), hex"80600a3d393df3", code);
            assembly ("memory-safe") {
                mstore(add(add(out, 0x20), shl(5, i)), create(0, add(init, 0x20), mload(init)))
            }
        }
    }

    // ---- epochs: the same program for both purposes, marks and a tail in use ----

    function program(int256[PLACES] memory marks_) public view returns (int256[] memory v) {
        TierShape memory t = Programs.grid();
        v = new int256[](t.prepared);
        v[0] = int256(listingHash);
        v[t.tau] = 1;
        v[t.unit] = 1;
        for (uint256 i = 0; i < PLACES; ++i) {
            v[t.mark + i] = marks_[i];
        }
    }

    function publish(uint256 validFor, int256[PLACES] calldata marks_) public override returns (uint40 number) {
        number = super.publish(validFor, marks_);
        int256[] memory v = program(marks_);
        bytes[] memory parts = Programs.chunks(Programs.grid(), v);
        for (uint256 p = 0; p < 2; ++p) {
            epochs.openEpoch(
                Purpose(p), number, Programs.hashOf(parts), block.timestamp, block.timestamp + validFor, address(this)
            );
            epochs.appendChunks(Purpose(p), number, parts);
        }
        (_programTotal[Purpose.Initial], _programTotal[Purpose.Maintenance]) = (Programs.total(v), Programs.total(v));
        valuation.prepareMarks(number, marksOf(marks_));
    }

    /// @notice The section `mark` as digit planes.
    function marksOf(int256[PLACES] memory marks_) public pure returns (bytes memory out) {
        out = new bytes(5 * N);
        for (uint256 i = 0; i < PLACES; ++i) {
            int256 rest = marks_[i];
            for (uint256 k = 0; k < 5; ++k) {
                int256 digit = int256(int8(uint8(uint256(rest))));
                out[(4 - k) * N + i] = bytes1(uint8(int8(digit)));
                rest = (rest - digit) / 256;
            }
        }
    }

    function accrue(int256[PLACES] calldata perLot) public override {
        super.accrue(perLot);
        int64[] memory values = new int64[](N);
        int256[N] memory sum = _sums[_sums.length - 1];
        for (uint256 i = 0; i < PLACES; ++i) {
            values[i] = int64(perLot[i]);
            sum[i] += perLot[i];
        }
        _sums.push(sum);
        steps.accrue(values);
    }

    function listingAt(uint256) public view override returns (uint256) {
        return listingHash;
    }

    // ---- proofs ----

    function verifyingKeyHash() public view override returns (bytes32) {
        return epochs.verifyingKeyHash();
    }

    function conservationKeyHash() public view override returns (bytes32) {
        return steps.conservationKeyHash();
    }

    function valuationKeyHash() public view override returns (bytes32) {
        return valuation.valuationKeyHash();
    }

    function element(int256 v) internal pure returns (uint256) {
        return v < 0 ? FIELD - uint256(-v) : uint256(v);
    }

    function term(int256 v, uint256 index) internal pure returns (uint256) {
        return mulmod(element(v), Trapdoor.ic(index), FIELD);
    }

    /// @notice A valid proof of live signals behind a prepared sum.
    function proveSignals(uint256 prepared, uint256 count, uint256[] memory live) public returns (uint256[8] memory) {
        for (uint256 i = 0; i < live.length; ++i) {
            prepared = addmod(prepared, mulmod(live[i], Trapdoor.ic(count + 1 + i), FIELD), FIELD);
        }
        return Trapdoor.prove(prepared, ++_draws);
    }

    function proveMargin(Purpose purpose, uint256 commitment, uint256 context, uint256 ratioBps, uint256 vaultBalance)
        public
        override
        returns (IMarginEpochs.MarginProof memory out)
    {
        out = super.proveMargin(purpose, commitment, context, ratioBps, vaultBalance);
        uint256[] memory live = new uint256[](4);
        (live[0], live[1], live[2], live[3]) = (ratioBps, vaultBalance, commitment, context);
        out.proof = proveSignals(_programTotal[purpose], 2990, live);
        (, out.pointY) = Trapdoor.g1(_programTotal[purpose]);
    }

    function spanTotal(uint256 from, uint256 to) public view returns (uint256 sum) {
        sum = addmod(Trapdoor.ic(0), term(int256(listingHash), 1), FIELD);
        sum = addmod(sum, term(int256(listingHash), 2), FIELD);
        for (uint256 i = 0; i < N; ++i) {
            sum = addmod(sum, Trapdoor.ic(3 + i), FIELD);
            sum = addmod(sum, term(_sums[to][i] - _sums[from][i], 3 + 2 * N + i), FIELD);
        }
        sum = addmod(sum, Trapdoor.ic(3 + N), FIELD);
    }

    function proveConservation(uint256 from, uint256 to, IBookSteps.Update calldata u, uint256 context)
        public
        override
        returns (uint256[8] memory)
    {
        super.proveConservation(from, to, u, context);
        return proveUpdate(spanTotal(from, to), u, context);
    }

    function proveUpdate(uint256 prepared, IBookSteps.Update memory u, uint256 context)
        public
        returns (uint256[8] memory)
    {
        uint256[] memory live = new uint256[](8);
        (live[0], live[1], live[2]) = (element(u.sign), u.parts, u.nextSalt ? 1 : 0);
        (live[3], live[4], live[5]) = (element(u.amount), u.oldCommitment, u.tradeCommitment);
        (live[6], live[7]) = (u.newCommitment, context);
        return proveSignals(prepared, 194, live);
    }

    function marksTotal() public view returns (uint256 sum) {
        sum = addmod(Trapdoor.ic(0), term(int256(listingHash), 1), FIELD);
        int256[PLACES] memory m = marks();
        for (uint256 i = 0; i < PLACES; ++i) {
            sum = addmod(sum, term(m[i], 2 + i), FIELD);
        }
    }

    function proveValue(uint256 commitment, int256 value, uint256 context) public override returns (uint256[8] memory) {
        super.proveValue(commitment, value, context);
        uint256[] memory live = new uint256[](5);
        (live[0], live[2], live[3], live[4]) = (1, element(value), commitment, context);
        return proveSignals(marksTotal(), 65, live);
    }

    function proveBand(uint256 commitment, uint256 bandBps, uint256 context)
        public
        override
        returns (uint256[8] memory)
    {
        super.proveBand(commitment, bandBps, context);
        uint256[] memory live = new uint256[](5);
        (live[1], live[3], live[4]) = (bandBps, commitment, context);
        return proveSignals(marksTotal(), 65, live);
    }
}
