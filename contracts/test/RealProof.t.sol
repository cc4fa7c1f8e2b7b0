// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Test} from "./Vm.sol";

/// @notice Real proofs of the real circuits, replayed from fixtures/ (tools/check writes them from the build folder).
contract RealProofTest is Test {
    address private constant FACTORY = 0x4e59b44847b379578588920cA78FbF26c0B4956C;
    bytes private constant FACTORY_CODE =
        hex"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3";

    function test_realProofOfTheGridCircuit() public {
        _replay("fixtures/grid.json");
    }

    function test_realProofOfThePortfolioCircuit() public {
        _replay("fixtures/portfolio.json");
    }

    function _replay(string memory path) private {
        if (!vm.isFile(path)) {
            vm.skip(true, "no fixture: run tools/check, after scripts/setup");
            return;
        }
        string memory json = vm.readFile(path);
        vm.warp(vm.parseJsonUint(json, ".time"));
        vm.etch(FACTORY, FACTORY_CODE);
        bytes[] memory creations = vm.parseJsonBytesArray(json, ".creations");
        for (uint256 i = 0; i < creations.length; ++i) {
            (bool made,) = FACTORY.call(abi.encodePacked(bytes32(0), creations[i]));
            assertTrue(made, "creation");
        }
        address[] memory senders = vm.parseJsonAddressArray(json, ".senders");
        address[] memory targets = vm.parseJsonAddressArray(json, ".targets");
        bytes[] memory data = vm.parseJsonBytesArray(json, ".data");
        bytes[] memory refusals = vm.parseJsonBytesArray(json, ".refusals");
        assertTrue(data.length > 10, "calls");
        for (uint256 i = 0; i < data.length; ++i) {
            vm.prank(senders[i]);
            (bool ok, bytes memory reason) = targets[i].call(data[i]);
            assertTrue(ok == (refusals[i].length == 0), "accepted or refused");
            if (!ok) assertTrue(bytes4(reason) == bytes4(refusals[i]), "refused by this rule");
        }
        IMarginRegistry registry = IMarginRegistry(vm.parseJsonAddress(json, ".registry"));
        assertTrue(registry.standing(vm.parseJsonAddress(json, ".trader"), Purpose.Initial).proven, "proven");
    }
}
