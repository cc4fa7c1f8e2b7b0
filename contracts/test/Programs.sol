// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";
import {Trapdoor} from "./Trapdoor.sol";

/// @notice Where a tier's chunks and sections stand (docs/statement.md, part 3).
struct TierShape {
    string name;
    uint256[] widths;
    uint256[] counts;
    uint256 prepared;
    uint256 floorShort;
    uint256 equity;
    uint256 shortCharge;
    uint256 riskArray;
    uint256 riskCount;
    uint256 mark;
    uint256 positions;
    uint256 gain;
    uint256 gains;
    uint256 rollLong;
    uint256 rates; // roll_long and roll_short
    uint256 rollNet;
    uint256 factorMultiplier;
    uint256 tau;
    uint256 weight;
    uint256 rows;
    uint256 unit;
    uint256 member;
    uint256 cover; // 0: the tier has none
    uint256 groups;
}

/// @notice Margin programs of a plausible shape, and their epoch encoding.
library Programs {
    function grid() internal pure returns (TierShape memory t) {
        t.name = "grid";
        t.widths = _list([uint256(32), 19, 12, 7, 5, 5, 0], 6);
        t.counts = _list([uint256(2), 33, 192, 160, 2048, 555, 0], 6);
        t.prepared = 2990;
        (t.floorShort, t.equity, t.shortCharge, t.riskArray, t.riskCount) = (99, 227, 291, 387, 2048);
        (t.mark, t.positions, t.gain, t.gains) = (2435, 64, 2819, 32);
        (t.rollLong, t.rates, t.rollNet, t.factorMultiplier, t.tau) = (2883, 2, 2885, 2886, 2887);
        (t.weight, t.rows, t.unit, t.member) = (2889, 33, 2922, 2925);
    }

    function portfolio() internal pure returns (TierShape memory t) {
        t.name = "portfolio";
        t.widths = _list([uint256(32), 19, 12, 7, 5, 5, 5], 7);
        t.counts = _list([uint256(2), 32, 760, 320, 2048, 2048, 1920], 7);
        t.prepared = 7130;
        (t.floorShort, t.equity, t.shortCharge, t.riskArray, t.riskCount) = (410, 794, 922, 1114, 3968);
        (t.mark, t.positions, t.gain, t.gains) = (5082, 128, 6234, 248);
        (t.rollLong, t.rates, t.rollNet, t.factorMultiplier, t.tau) = (6986, 16, 7002, 7003, 7004);
        (t.weight, t.rows, t.unit, t.member) = (7006, 33, 7039, 7042);
        (t.cover, t.groups) = (7106, 8);
    }

    /// @notice A dense program: 39-bit risk arrays and marks, 48-bit equity, 60-bit short option minimum, 30-bit gains;
    /// portfolio: gains, mark weights, extra losses, shifts, up, down as well.
    function realistic(TierShape memory t, uint256 seed, uint256 listingHash)
        internal
        pure
        returns (int256[] memory v)
    {
        v = new int256[](t.prepared);
        v[0] = int256(listingHash);
        fill(v, t.floorShort, t.positions, 60, false, seed);
        fill(v, t.equity, t.positions, 48, true, seed);
        fill(v, t.shortCharge, t.positions, 24, false, seed);
        fill(v, t.riskArray, t.riskCount, 39, true, seed);
        fill(v, t.mark, t.positions, 39, false, seed);
        fill(v, t.gain, t.gains, 30, false, seed);
        if (t.cover != 0) {
            fill(v, 34, 248, 50, true, seed); // shift
            fill(v, 5210, 256, 39, true, seed); // up, down
            fill(v, t.gain + 248, 496, 30, false, seed); // mark_weight, extra_loss
            fill(v, 6978, 24, 30, false, seed); // envelope_weight, roll_long, roll_short
            fill(v, 5594, 128, 38, true, seed); // roll
        }
        v[t.tau] = 1;
        for (uint256 i = 0; i < t.rows; ++i) {
            v[t.weight + i] = 1;
        }
        v[t.unit] = 1e9;
    }

    /// @notice Every entry drawn from the whole range of its width where the bounds allow: the dearest epoch there is.
    function densest(TierShape memory t, uint256 seed, uint256 listingHash) internal pure returns (int256[] memory v) {
        v = realistic(t, seed, listingHash);
        fill(v, 1, 1, 253, false, seed);
        fill(v, 2, t.counts[1], 127, false, seed);
        fill(v, t.counts[0] + t.counts[1], t.counts[2], 73, true, seed);
        fill(v, t.equity, t.positions, 50, true, seed);
        fill(v, t.shortCharge, t.counts[3] - t.positions, 50, false, seed);
        uint256 five = t.riskArray;
        fill(v, five, t.rollLong - five, 34, false, seed);
        fill(v, five, t.riskCount, 39, true, seed);
        fill(v, t.rollLong, t.rates, 34, false, seed);
        fill(v, t.tau, 2, 32, false, seed);
        fill(v, t.weight, t.rows, 32, false, seed);
        fill(v, t.unit, 1, 32, false, seed);
        v[t.unit] |= 1;
    }

    function fill(int256[] memory v, uint256 first, uint256 count, uint256 bits, bool signed, uint256 seed)
        internal
        pure
    {
        for (uint256 j = first; j < first + count; ++j) {
            uint256 draw = uint256(keccak256(abi.encode(seed, j)));
            uint256 size = draw >> (256 - bits);
            // 39-bit values keep off the very end, which five digits cannot write
            if (bits == 39 && size > 547599908735) size = 547599908735;
            v[j] = signed && draw & 1 != 0 ? -int256(size) : int256(size);
        }
    }

    /// @notice A chunk's digit planes, top plane first, two's complement digits.
    function chunk(TierShape memory t, int256[] memory v, uint256 index) internal pure returns (bytes memory out) {
        uint256 first = 0;
        for (uint256 k = 0; k < index; ++k) {
            first += t.counts[k];
        }
        (uint256 n, uint256 w) = (t.counts[index], t.widths[index]);
        out = new bytes(n * w);
        for (uint256 i = 0; i < n; ++i) {
            int256 rest = v[first + i];
            for (uint256 k = 0; k < w; ++k) {
                int256 digit = int256(int8(uint8(uint256(rest))));
                out[(w - 1 - k) * n + i] = bytes1(uint8(int8(digit)));
                rest = (rest - digit) / 256;
            }
            require(rest == 0, "value does not fit its width");
        }
    }

    function chunks(TierShape memory t, int256[] memory v) internal pure returns (bytes[] memory out) {
        out = new bytes[](t.counts.length);
        for (uint256 i = 0; i < out.length; ++i) {
            out[i] = chunk(t, v, i);
        }
    }

    function hashOf(bytes[] memory parts) internal pure returns (bytes32 h) {
        h = keccak256("zkmargin.program.v1");
        for (uint256 i = 0; i < parts.length; ++i) {
            h = keccak256(abi.encodePacked(h, parts[i]));
        }
    }

    /// @notice The discrete logarithm of the prepared point.
    function total(int256[] memory v) internal pure returns (uint256 sum) {
        sum = Trapdoor.ic(0);
        for (uint256 j = 0; j < v.length; ++j) {
            if (v[j] == 0) continue;
            uint256 factor = v[j] > 0 ? uint256(v[j]) : FIELD - uint256(-v[j]);
            sum = addmod(sum, mulmod(factor, Trapdoor.ic(j + 1), FIELD), FIELD);
        }
    }

    function _list(uint256[7] memory from, uint256 count) private pure returns (uint256[] memory out) {
        out = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            out[i] = from[i];
        }
    }
}
