// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ADD_GAS, FIELD, MUL_GAS, PAIRING_GAS, PAIR_GAS} from "zkmargin/Bn254.sol";
import {MarginKey} from "zkmargin/MarginKey.sol";

/// @notice e(A, B) e(alpha, -beta) e(L, -gamma) e(C, -delta) = 1 with L = P + the four live terms.
/// @dev Four pairs are the floor for one proof: merging any two fixed ones makes proofs forgeable. Callers hold the
/// range of every live input: ratio one of the bands, vault_balance < 2^90, commitment < r, context reduced mod r.
abstract contract MarginVerifier is MarginKey {
    /// @dev Bytes of one item of a batch buffer: A, B, C, ratio_bps, vault_balance, commitment, context.
    uint256 internal constant ITEM = 0x180;
    /// @dev Bytes before the first item: chain, contract, purpose, epoch, P.x, P.y, number of items.
    uint256 internal constant HEAD = 0xe0;

    /// @dev Reverts with InvalidProof unless the proof holds. (px, py) must be the epoch's prepared point up to
    /// membership of the curve, which the precompile checks.
    function _verify(
        uint256 px,
        uint256 py,
        uint256 ratioBps,
        uint256 vaultBalance,
        uint256 commitment,
        uint256 context,
        uint256[8] calldata proof
    ) internal view {
        (uint256 ratioX, uint256 ratioY) = _ratioTerm(ratioBps);
        uint256 m; // the four pairs, 0x300 bytes; then L, a term, its scalar; then the live terms
        assembly ("memory-safe") {
            m := mload(0x40)
            mstore(0x40, add(m, 0x4c0))
        }
        _writeKeyPairs(m + 0xc0);
        _writeLiveTerms(m + 0x3a0);
        bool ok;
        assembly ("memory-safe") {
            let l := add(m, 0x300)
            let term := add(m, 0x340)
            mstore(l, px)
            mstore(add(l, 0x20), py)
            mstore(term, ratioX)
            mstore(add(term, 0x20), ratioY)
            ok := staticcall(ADD_GAS, 6, l, 0x80, l, 0x40)

            let live := add(m, 0x3a0)
            if vaultBalance {
                mstore(add(live, 0x40), vaultBalance)
                ok := and(ok, staticcall(MUL_GAS, 7, live, 0x60, term, 0x40))
                ok := and(ok, staticcall(ADD_GAS, 6, l, 0x80, l, 0x40))
            }
            mstore(add(live, 0xa0), commitment)
            ok := and(ok, staticcall(MUL_GAS, 7, add(live, 0x60), 0x60, term, 0x40))
            ok := and(ok, staticcall(ADD_GAS, 6, l, 0x80, l, 0x40))
            mstore(add(live, 0x100), context)
            ok := and(ok, staticcall(MUL_GAS, 7, add(live, 0xc0), 0x60, term, 0x40))
            ok := and(ok, staticcall(ADD_GAS, 6, l, 0x80, add(m, 0x180), 0x40))

            calldatacopy(m, proof, 0xc0)
            calldatacopy(add(m, 0x240), add(proof, 0xc0), 0x40)
            ok := and(ok, staticcall(add(PAIRING_GAS, mul(PAIR_GAS, 4)), 8, m, 0x300, 0, 0x20))
            ok := and(ok, mload(0))
        }
        if (!ok) revert InvalidProof();
    }

    /// @dev Allocates a batch buffer for `count` items. The buffer is hashed, so that every byte of it is set.
    function _newBatch(uint256 purpose, uint256 epoch, uint256 px, uint256 py, uint256 count)
        internal
        view
        returns (uint256 batch)
    {
        assembly ("memory-safe") {
            batch := mload(0x40)
            mstore(0x40, add(batch, add(HEAD, mul(count, ITEM))))
            mstore(batch, chainid())
            mstore(add(batch, 0x20), address())
            mstore(add(batch, 0x40), purpose)
            mstore(add(batch, 0x60), epoch)
            mstore(add(batch, 0x80), px)
            mstore(add(batch, 0xa0), py)
            mstore(add(batch, 0xc0), count)
        }
    }

    /// @dev Sets item `index` of a batch buffer; the ratio must be a band, as `_ratioTerm` demands for one proof.
    function _setItem(
        uint256 batch,
        uint256 index,
        uint256 ratioBps,
        uint256 vaultBalance,
        uint256 commitment,
        uint256 context,
        uint256[8] calldata proof
    ) internal pure {
        if (ratioBps != 10_000 && ratioBps != 12_500 && ratioBps != 15_000 && ratioBps != 20_000) {
            revert RatioNotABand(ratioBps);
        }
        assembly ("memory-safe") {
            let item := add(batch, add(HEAD, mul(index, ITEM)))
            calldatacopy(item, proof, 0x100)
            mstore(add(item, 0x100), ratioBps)
            mstore(add(item, 0x120), vaultBalance)
            mstore(add(item, 0x140), commitment)
            mstore(add(item, 0x160), context)
        }
    }

    /// @dev Verifies all items at once: each item's equation to the power rho^j, multiplied, k + 3 pairs. rho is the
    /// hash of everything that the items hold, so that nobody can choose items whose errors cancel: a batch with
    /// a false item passes with a probability of at most (k - 1) / r for each buffer that an attacker hashes.
    function _verifyBatch(uint256 batch) internal view {
        bool ok;
        // m: sums of the coefficients and of the four signals (0xa0), sum of C (0x40), a summand and its scalar (0x60,
        // later the ratio's term), the other live terms (0x120), L and a term (0x80); then the pairs
        uint256 m;
        uint256 pairs;
        uint256 count;
        assembly ("memory-safe") {
            count := mload(add(batch, 0xc0))
            m := mload(0x40)
            pairs := add(m, 0x300)
            mstore(0x40, add(pairs, add(0x240, mul(count, 0xc0))))
            calldatacopy(m, calldatasize(), 0x160)
            let rho := mod(keccak256(batch, add(HEAD, mul(count, ITEM))), FIELD)
            let c := 1
            ok := iszero(iszero(rho))
            let cSum := add(m, 0xa0)
            let summand := add(m, 0xe0)
            let pair := pairs
            for { let item := add(batch, HEAD) } lt(pair, add(pairs, mul(count, 0xc0))) {
                item := add(item, ITEM)
                pair := add(pair, 0xc0)
            } {
                mcopy(summand, item, 0x40)
                mstore(add(summand, 0x40), c)
                ok := and(ok, staticcall(MUL_GAS, 7, summand, 0x60, pair, 0x40))
                mcopy(add(pair, 0x40), add(item, 0x40), 0x80)
                mcopy(summand, add(item, 0xc0), 0x40)
                mstore(add(summand, 0x40), c)
                ok := and(ok, staticcall(MUL_GAS, 7, summand, 0x60, summand, 0x40))
                ok := and(ok, staticcall(ADD_GAS, 6, cSum, 0x80, cSum, 0x40))
                mstore(m, addmod(mload(m), c, FIELD))
                for { let k := 0x20 } lt(k, 0xa0) { k := add(k, 0x20) } {
                    let signal := mload(add(item, add(0xe0, k)))
                    mstore(add(m, k), addmod(mload(add(m, k)), mulmod(c, signal, FIELD), FIELD))
                }
                c := mulmod(c, rho, FIELD)
            }
        }
        (uint256 ratioX, uint256 ratioY) = _ratioIc();
        _writeLiveTerms(m + 0x160);
        _writeKeyPairs(pairs + count * 0xc0);
        assembly ("memory-safe") {
            let key := add(pairs, mul(count, 0xc0))
            let scratch := add(m, 0x280)
            // alpha to the sum of the coefficients
            mcopy(scratch, key, 0x40)
            mstore(add(scratch, 0x40), mload(m))
            ok := and(ok, staticcall(MUL_GAS, 7, scratch, 0x60, key, 0x40))
            // L: P to the same power, then the four live terms
            mcopy(scratch, add(batch, 0x80), 0x40)
            ok := and(ok, staticcall(MUL_GAS, 7, scratch, 0x60, scratch, 0x40))
            let term := add(scratch, 0x40)
            let live := add(m, 0x100)
            mcopy(add(key, 0x180), add(m, 0xa0), 0x40)
            mstore(live, ratioX)
            mstore(add(live, 0x20), ratioY)
            for { let k := 0x20 } lt(k, 0xa0) { k := add(k, 0x20) } {
                mstore(add(live, 0x40), mload(add(m, k)))
                ok := and(ok, staticcall(MUL_GAS, 7, live, 0x60, term, 0x40))
                ok := and(ok, staticcall(ADD_GAS, 6, scratch, 0x80, scratch, 0x40))
                live := add(live, 0x60)
            }
            mcopy(add(key, 0xc0), scratch, 0x40)
            let size := add(0x240, mul(count, 0xc0))
            ok := and(ok, staticcall(add(PAIRING_GAS, mul(PAIR_GAS, add(count, 3))), 8, pairs, size, 0, 0x20))
            ok := and(ok, mload(0))
        }
        if (!ok) revert InvalidProof();
    }
}
