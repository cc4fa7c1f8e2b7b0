// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ADD_GAS, BASE_FIELD, MUL_GAS, PAIRING_GAS, PAIR_GAS} from "zkmargin/Bn254.sol";
import {IcPoints} from "zkmargin/IcPoints.sol";

/// @notice Groth16 with one key, whose literals verifier/chain/codegen.py generates: sums of prepared inputs, and the check
/// e(A, B) e(alpha, -beta) e(L, -gamma) e(C, -delta) = 1.
abstract contract BookVerifier is IcPoints {
    /// @dev An affine point; (0, 0) is infinity.
    struct Point {
        uint256 x;
        uint256 y;
    }

    /// A curve precompile refused its input, which checked points never cause.
    error CurveFailure();

    /// @dev keccak256 over the verifying key's words.
    function _bookKeyHash() internal pure virtual returns (bytes32);

    /// @dev IC_0.
    function _bookIc0() internal pure virtual returns (uint256 x, uint256 y);

    /// @dev Writes alpha, -beta, (two words free), -gamma, (two words free), -delta: 18 words from `memoryAt` on.
    function _writeBookPairs(uint256 memoryAt) internal pure virtual;

    /// @dev Writes the IC points of the live inputs, a free word behind each, at `memoryAt`.
    function _writeBookLive(uint256 memoryAt) internal pure virtual;

    /// @dev A point plus sum_j v_j IC_(first + j), over prepared inputs from the data contracts; |v_j| < 2^255.
    function _plusInputs(Point memory sum, uint256 first, int256[] memory values) internal view {
        uint256 count = values.length;
        uint256 points;
        assembly ("memory-safe") {
            points := mload(0x40)
            mstore(0x40, add(points, shl(6, count)))
        }
        _copyPoints(first, count, points);
        bool ok = true;
        assembly ("memory-safe") {
            let buffer := mload(0x40) // sum, term, scalar
            mcopy(buffer, sum, 0x40)
            let term := add(buffer, 0x40)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let v := mload(add(add(values, 0x20), shl(5, i)))
                if v {
                    mcopy(term, add(points, shl(6, i)), 0x40)
                    if slt(v, 0) {
                        v := sub(0, v)
                        mstore(add(term, 0x20), sub(BASE_FIELD, mload(add(term, 0x20))))
                    }
                    if gt(v, 1) {
                        mstore(add(term, 0x40), v)
                        ok := and(ok, staticcall(MUL_GAS, 7, term, 0x60, term, 0x40))
                    }
                    ok := and(ok, staticcall(ADD_GAS, 6, buffer, 0x80, buffer, 0x40))
                }
            }
            mcopy(sum, buffer, 0x40)
        }
        if (!ok) revert CurveFailure();
    }

    /// @dev left + right, or left - right.
    function _addPoints(Point memory left, Point memory right, bool minus) internal view returns (Point memory out) {
        bool ok;
        assembly ("memory-safe") {
            let m := mload(0x40)
            mcopy(m, left, 0x40)
            mcopy(add(m, 0x40), right, 0x40)
            let y := mload(add(m, 0x60))
            if and(minus, gt(y, 0)) { mstore(add(m, 0x60), sub(BASE_FIELD, y)) }
            ok := staticcall(ADD_GAS, 6, m, 0x80, out, 0x40)
        }
        if (!ok) revert CurveFailure();
    }

    /// @dev Whether a proof holds for a prepared point and live inputs below the field's order.
    function _bookHolds(Point memory prepared, uint256[] memory live, uint256[8] calldata proof)
        internal
        view
        returns (bool ok)
    {
        if (prepared.x == 0 && prepared.y == 0) return false;
        uint256 m; // the four pairs, 0x300 bytes; L and a term, 0x80; then the live terms
        uint256 count = live.length;
        assembly ("memory-safe") {
            m := mload(0x40)
            mstore(0x40, add(m, add(0x380, mul(count, 0x60))))
        }
        _writeBookPairs(m + 0xc0);
        _writeBookLive(m + 0x380);
        assembly ("memory-safe") {
            let l := add(m, 0x300)
            mcopy(l, prepared, 0x40)
            ok := 1
            let term := add(m, 0x380)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let v := mload(add(add(live, 0x20), shl(5, i)))
                if v {
                    switch v
                    case 1 { mcopy(add(l, 0x40), term, 0x40) }
                    default {
                        mstore(add(term, 0x40), v)
                        ok := and(ok, staticcall(MUL_GAS, 7, term, 0x60, add(l, 0x40), 0x40))
                    }
                    ok := and(ok, staticcall(ADD_GAS, 6, l, 0x80, l, 0x40))
                }
                term := add(term, 0x60)
            }
            mcopy(add(m, 0x180), l, 0x40)
            calldatacopy(m, proof, 0xc0)
            calldatacopy(add(m, 0x240), add(proof, 0xc0), 0x40)
            ok := and(ok, staticcall(add(PAIRING_GAS, mul(PAIR_GAS, 4)), 8, m, 0x300, 0, 0x20))
            ok := and(ok, mload(0))
        }
    }
}
