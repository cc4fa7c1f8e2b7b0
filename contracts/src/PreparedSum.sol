// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ADD_GAS, BASE_FIELD, MUL_GAS} from "zkmargin/Bn254.sol";
import {Planes, ProgramChunk} from "zkmargin/ProgramChunk.sol";
import {IProgramReader} from "zkmargin/interfaces/IProgramReader.sol";

/// @notice sum_j v_j IC_j over the entries of one chunk, (0, 0) for infinity.
/// @dev The bucket method on the chunk's own digit planes, so that it needs additions only: for each plane, the bucket of
/// a byte collects the points of the entries that have it; then acc = 256 acc + sum_d d (bucket_d - bucket_-d). A few wide
/// entries are cheaper with one multiplication each.
library PreparedSum {
    /// @dev About the gas of one entry by multiplication, of one digit by buckets, of one plane's sum over half full buckets.
    uint256 private constant ENTRY_COST = 6_900;
    uint256 private constant DIGIT_COST = 360;
    uint256 private constant PLANE_COST = 90_000;

    /// @param points memory address of the entries' points, 64 bytes each
    function sum(uint256 points, Planes memory planes) internal view returns (uint256 x, uint256 y) {
        bool ok;
        if (planes.entries * ENTRY_COST < planes.width * (planes.entries * DIGIT_COST + PLANE_COST)) {
            (ok, x, y) = _multiply(points, planes);
        } else {
            (ok, x, y) = _buckets(points, planes);
        }
        if (!ok) revert IProgramReader.CurveFailure();
    }

    function _multiply(uint256 points, Planes memory planes) private view returns (bool ok, uint256 x, uint256 y) {
        uint256 buffer = _allocate(0xa0); // sum, term, scalar
        ok = true;
        for (uint256 i = 0; i < planes.entries; ++i) {
            int256 v = ProgramChunk.value(planes, i);
            assembly ("memory-safe") {
                if v {
                    let term := add(buffer, 0x40)
                    mcopy(term, add(points, shl(6, i)), 0x40)
                    if slt(v, 0) {
                        v := sub(0, v)
                        mstore(add(term, 0x20), sub(BASE_FIELD, mload(add(term, 0x20))))
                    }
                    mstore(add(term, 0x40), v)
                    ok := and(ok, staticcall(MUL_GAS, 7, term, 0x60, term, 0x40))
                    ok := and(ok, staticcall(ADD_GAS, 6, buffer, 0x80, buffer, 0x40))
                }
            }
        }
        assembly ("memory-safe") {
            x := mload(buffer)
            y := mload(add(buffer, 0x20))
        }
    }

    function _buckets(uint256 points, Planes memory planes) private view returns (bool ok, uint256 x, uint256 y) {
        uint256 h = _allocate(0x8080); // acc, running sum, then the bucket of byte b (1..255) at h + 128 b, half of it to add from
        ok = true;
        for (uint256 k = 0; k < planes.width; ++k) {
            ok = _plane(h, points, planes.start + k * planes.entries, planes.entries) && ok;
        }
        assembly ("memory-safe") {
            x := mload(h)
            y := mload(add(h, 0x20))
        }
    }

    /// @dev acc = 256 acc + sum over one plane.
    function _plane(uint256 h, uint256 points, uint256 plane, uint256 entries) private view returns (bool ok) {
        assembly ("memory-safe") {
            ok := 1
            let run := add(h, 0x40)
            if or(mload(h), mload(add(h, 0x20))) {
                mstore(run, 256)
                ok := staticcall(MUL_GAS, 7, h, 0x60, h, 0x40)
            }
            let used := 0
            let end := add(plane, entries)
            for {} lt(plane, end) { plane := add(plane, 0x20) } {
                let word := calldataload(plane)
                let left := sub(end, plane)
                if lt(left, 0x20) { word := and(word, not(shr(shl(3, left), not(0)))) }
                if word {
                    if iszero(used) {
                        used := 1
                        calldatacopy(add(h, 0x80), calldatasize(), 0x7f80) // empty the buckets
                    }
                    // four digits a turn
                    for { let p := points } word {
                        word := shl(32, word)
                        p := add(p, 0x100)
                    } {
                        let bucket
                        bucket := shl(7, byte(0, word))
                        if bucket {
                            bucket := add(h, bucket)
                            mcopy(add(bucket, 0x40), p, 0x40)
                            ok := and(ok, staticcall(ADD_GAS, 6, bucket, 0x80, bucket, 0x40))
                        }
                        bucket := shl(7, byte(1, word))
                        if bucket {
                            bucket := add(h, bucket)
                            mcopy(add(bucket, 0x40), add(p, 0x40), 0x40)
                            ok := and(ok, staticcall(ADD_GAS, 6, bucket, 0x80, bucket, 0x40))
                        }
                        bucket := shl(7, byte(2, word))
                        if bucket {
                            bucket := add(h, bucket)
                            mcopy(add(bucket, 0x40), add(p, 0x80), 0x40)
                            ok := and(ok, staticcall(ADD_GAS, 6, bucket, 0x80, bucket, 0x40))
                        }
                        bucket := shl(7, byte(3, word))
                        if bucket {
                            bucket := add(h, bucket)
                            mcopy(add(bucket, 0x40), add(p, 0xc0), 0x40)
                            ok := and(ok, staticcall(ADD_GAS, 6, bucket, 0x80, bucket, 0x40))
                        }
                    }
                }
                points := add(points, 0x800)
            }
            if used {
                // for d = 128..1: run += bucket of d - bucket of -d, acc += run
                calldatacopy(run, calldatasize(), 0x40)
                let running := 0
                for { let bucket := add(h, 0x4000) } gt(bucket, h) { bucket := sub(bucket, 0x80) } {
                    let minus := sub(add(shl(1, h), 0x8000), bucket)
                    let y := mload(add(minus, 0x20))
                    if y {
                        running := 1
                        mstore(add(minus, 0x20), sub(BASE_FIELD, y))
                        mcopy(add(minus, 0x40), run, 0x40)
                        ok := and(ok, staticcall(ADD_GAS, 6, minus, 0x80, run, 0x40))
                    }
                    // the byte 128 is the digit -128: there is no digit 128
                    if mul(mload(add(bucket, 0x20)), iszero(eq(minus, bucket))) {
                        running := 1
                        mcopy(add(bucket, 0x40), run, 0x40)
                        ok := and(ok, staticcall(ADD_GAS, 6, bucket, 0x80, run, 0x40))
                    }
                    if running { ok := and(ok, staticcall(ADD_GAS, 6, h, 0x80, h, 0x40)) }
                }
            }
        }
    }

    /// @dev Zeroed memory.
    function _allocate(uint256 size) private pure returns (uint256 memoryAt) {
        assembly ("memory-safe") {
            memoryAt := mload(0x40)
            mstore(0x40, add(memoryAt, size))
            calldatacopy(memoryAt, calldatasize(), size)
        }
    }
}
