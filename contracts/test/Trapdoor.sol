// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FIELD} from "zkmargin/Bn254.sol";

/// @notice The keys of test/generated, whose trapdoor is public: valid proofs of any public signals, for tests only.
/// tests/chain/trapdoor.py draws the same scalars.
library Trapdoor {
    string internal constant SEED = "zkmargin contract tests";

    function scalar(string memory name, uint256 index) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(SEED, name, index))) % FIELD;
    }

    function ic(uint256 index) internal pure returns (uint256) {
        return scalar("ic", index);
    }

    function g1(uint256 factor) internal view returns (uint256 x, uint256 y) {
        uint256[3] memory m = [1, 2, factor];
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 7, m, 0x60, m, 0x40)) { revert(0, 0) }
        }
        return (m[0], m[1]);
    }

    function inverse(uint256 v) internal view returns (uint256 out) {
        uint256[6] memory m = [uint256(32), 32, 32, v, FIELD - 2, FIELD];
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 5, m, 0xc0, m, 0x20)) { revert(0, 0) }
            out := mload(m)
        }
    }

    /// @notice A valid proof where the input sum is total * G1: A = a G1, B = G2, C = (a - alpha beta - gamma L) / delta.
    function prove(uint256 total, uint256 random) internal view returns (uint256[8] memory proof) {
        uint256 a = scalar("a", random);
        uint256 fixedPart = mulmod(scalar("alpha", 0), scalar("beta", 0), FIELD);
        uint256 minus = addmod(fixedPart, mulmod(scalar("gamma", 0), total, FIELD), FIELD);
        uint256 c = mulmod(addmod(a, FIELD - minus, FIELD), inverse(scalar("delta", 0)), FIELD);
        (proof[0], proof[1]) = g1(a);
        // the generator of G2, imaginary parts first
        proof[2] = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
        proof[3] = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
        proof[4] = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
        proof[5] = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;
        (proof[6], proof[7]) = g1(c);
    }
}
