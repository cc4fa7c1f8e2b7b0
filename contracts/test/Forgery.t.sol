// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {BASE_FIELD} from "zkmargin/Bn254.sol";
import {MarginRegistry} from "zkmargin/MarginRegistry.sol";
import {IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {IMarginVerifier} from "zkmargin/interfaces/IMarginVerifier.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {GridRegistry} from "./generated/GridRegistry.sol";
import {RegistryTest} from "./RegistryTest.sol";

/// @notice The registry, with its verifier open to any prepared point.
contract OpenVerifier is GridRegistry {
    constructor(MarginRegistry.Deployment memory d, address[] memory points) GridRegistry(d, points) {}

    function verifyAt(
        uint256 px,
        uint256 py,
        uint256 ratioBps,
        uint256 commitment,
        uint256 context,
        uint256[8] calldata proof
    ) external view {
        _verify(px, py, ratioBps, 0, commitment, context, proof);
    }

    /// @dev The public key material that the forger needs: alpha, beta, and ratio, commitment and context terms.
    function publicKey(uint256 ratioBps, uint256 commitment, uint256 context)
        external
        view
        returns (uint256[2] memory alpha, uint256[4] memory beta, uint256[2] memory live)
    {
        uint256[18] memory key;
        uint256[9] memory terms;
        uint256 keyAt;
        uint256 termsAt;
        assembly ("memory-safe") {
            keyAt := key
            termsAt := terms
        }
        _writeKeyPairs(keyAt);
        _writeLiveTerms(termsAt);
        alpha = [key[0], key[1]];
        beta = [key[2], key[3], BASE_FIELD - key[4], BASE_FIELD - key[5]];
        (uint256 x, uint256 y) = _ratioTerm(ratioBps);
        live = add([x, y], mul([terms[3], terms[4]], commitment));
        live = add(live, mul([terms[6], terms[7]], context));
    }

    function mul(uint256[2] memory p, uint256 k) public view returns (uint256[2] memory out) {
        uint256[3] memory m = [p[0], p[1], k];
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 7, m, 0x60, out, 0x40)) { revert(0, 0) }
        }
    }

    function add(uint256[2] memory p, uint256[2] memory q) public view returns (uint256[2] memory out) {
        uint256[4] memory m = [p[0], p[1], q[0], q[1]];
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), 6, m, 0x80, out, 0x40)) { revert(0, 0) }
        }
    }
}

/// @notice Why the contract computes the prepared point itself: whoever chose it would need no trapdoor.
contract ForgeryTest is RegistryTest {
    function test_forgedPreparedPoint() public {
        MarginRegistry.Deployment memory d =
            MarginRegistry.Deployment(authority, address(1), IERC20Metadata(address(token)), "USD");
        OpenVerifier open_ = new OpenVerifier(d, icPoints(shape().prepared));
        publish(Purpose.Initial, 1);
        attest(TRADER_KEY, 0xc0ffee);
        IMarginRegistry.Claim memory claim = claimOf(trader, 20_000, 0);
        uint256 context = contextOf(terms(trader), claim);

        // L = v alpha makes A = alpha, B = beta + v gamma, C = 0 valid for every claim. B is a fixed sum of public
        // points; the simplest choice v = 0 needs L at infinity, so that P = -(live terms) and B = beta.
        (uint256[2] memory alpha, uint256[4] memory beta, uint256[2] memory live) =
            open_.publicKey(20_000, 0xc0ffee, context);
        claim.proof = [alpha[0], alpha[1], beta[0], beta[1], beta[2], beta[3], 0, 0];
        open_.verifyAt(live[0], BASE_FIELD - live[1], 20_000, 0xc0ffee, context, claim.proof); // the forgery works

        // against the registry, which has computed the point from the program, it does not, nor with the forged y
        uint256 y = pointY(Purpose.Initial);
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        registry.submit(Purpose.Initial, 1, y, claim);
        uint256 forgedY = BASE_FIELD - live[1];
        if (forgedY & 1 != y & 1) forgedY = live[1];
        vm.expectRevert(abi.encodeWithSelector(IMarginVerifier.InvalidProof.selector));
        registry.submit(Purpose.Initial, 1, forgedY, claim);
    }
}
