// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarginRegistry} from "zkmargin/interfaces/IMarginRegistry.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Programs, TierShape} from "./Programs.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {Trapdoor} from "./Trapdoor.sol";

/// @notice The limits of gas, whole transactions, and the committed figures (snapshots/).
abstract contract GasTest is RegistryTest {
    uint256 private constant TRANSACTION_CAP = 16_700_000;

    function epochLimit() internal pure virtual returns (uint256);

    function record(string memory what) internal returns (uint256 used) {
        used = lastGas();
        vm.snapshotValue(shape().name, what, used);
    }

    function test_epoch() public {
        _epochGas("epoch, realistic program", Programs.realistic(shape(), 1, listingHash), 1, epochLimit());
        // the next one overwrites slots instead of filling them
        _epochGas("epoch, realistic program, again", Programs.realistic(shape(), 2, listingHash), 2, epochLimit());
        _epochGas("epoch, dearest program", Programs.densest(shape(), 3, listingHash), 3, 2 * epochLimit());
        (uint256 x, uint256 y) = Trapdoor.g1(Programs.total(Programs.densest(shape(), 3, listingHash)));
        uint256 point = registry.epoch(Purpose.Initial, 3).point;
        assertEq(point, x | (y << 255), "prepared point");
    }

    function _epochGas(string memory what, int256[] memory values, uint256 number, uint256 limit)
        private
        returns (uint256 sum)
    {
        bytes[] memory parts = Programs.chunks(shape(), values);
        open(Purpose.Initial, number, Programs.hashOf(parts));
        sum = lastGas();
        for (uint256 i = 0; i < parts.length; ++i) {
            append(Purpose.Initial, number, parts[i]);
            assertTrue(lastGas() < TRANSACTION_CAP, "transaction cap");
            sum += lastGas();
        }
        vm.snapshotValue(shape().name, what, sum);
        assertTrue(sum <= limit, what);
    }

    function test_submit() public {
        publish(Purpose.Initial, 1);
        attest(TRADER_KEY, 0xc0ffee);
        fund(trader, 1_000_000e6);
        submit(provenClaim(trader, 10_000, 0));
        record("submit, first of an account");
        submit(provenClaim(trader, 12_500, 0));
        assertTrue(record("submit, no vault balance") <= 252_000, "single without vault");
        submit(provenClaim(trader, 12_500, 123_456e12));
        assertTrue(record("submit, vault balance") <= 262_000, "single with vault");
    }

    function test_submitBatch() public {
        int256[] memory values = Programs.realistic(shape(), 1, listingHash);
        uint256 epochGas = _epochGas("epoch, realistic program", values, 1, epochLimit());
        total[Purpose.Initial] = Programs.total(values);
        uint256[5] memory sizes = [uint256(1), 4, 16, 32, 64];
        uint256[] memory keys = ascendingKeys(64);
        for (uint256 i = 0; i < keys.length; ++i) {
            fund(attest(keys[i], 0xc0ffee + i), 1e12);
        }
        for (uint256 i = 0; i < sizes.length; ++i) {
            _batch(keys, sizes[i]);
            _batch(keys, sizes[i]);
            uint256 each = lastGas() / sizes[i];
            vm.snapshotValue(shape().name, string.concat("batch of ", _decimal(sizes[i]), ", an account"), each);
            if (sizes[i] >= 16) assertTrue(each <= 95_000, "batch");
            if (sizes[i] == 16) _amortised(epochGas, each);
        }
    }

    function _amortised(uint256 epochGas, uint256 each) private {
        string memory name = shape().name;
        vm.snapshotValue(name, "amortised, 10 accounts an epoch, batches of 16", epochGas / 10 + each);
        vm.snapshotValue(name, "amortised, 100 accounts an epoch, batches of 16", epochGas / 100 + each);
        vm.snapshotValue(name, "amortised, 1000 accounts an epoch, batches of 16", epochGas / 1000 + each);
    }

    function _batch(uint256[] memory keys, uint256 count) private {
        IMarginRegistry.Claim[] memory claims = new IMarginRegistry.Claim[](count);
        for (uint256 i = 0; i < count; ++i) {
            claims[i] = provenClaim(vm.addr(keys[i]), 10_000, 1e18);
        }
        registry.submitBatch(Purpose.Initial, 1, pointY(Purpose.Initial), claims);
    }

    function ascendingKeys(uint256 count) internal pure returns (uint256[] memory keys) {
        keys = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            keys[i] = 0x1000 + i;
            for (uint256 k = i; k > 0 && vm.addr(keys[k]) < vm.addr(keys[k - 1]); --k) {
                (keys[k], keys[k - 1]) = (keys[k - 1], keys[k]);
            }
        }
    }

    function test_parts() public {
        publish(Purpose.Initial, 1);
        attest(TRADER_KEY, 0xc0ffee);
        record("commitment, first of an account");
        attest(TRADER_KEY, 0xc0fffe);
        record("commitment, update");
        fund(trader, 1e12);
        fund(trader, 1e12);
        record("deposit, again");
        vm.prank(trader);
        registry.withdraw(address(0xbeef), 1e6);
        record("withdrawal without proof");
    }

    function _decimal(uint256 value) private pure returns (string memory) {
        bytes memory digits = value > 9 ? new bytes(2) : new bytes(1);
        for (uint256 i = digits.length; i > 0; --i) {
            digits[i - 1] = bytes1(uint8(48 + value % 10));
            value /= 10;
        }
        return string(digits);
    }
}

contract GridGasTest is GasTest {
    function epochLimit() internal pure override returns (uint256) {
        return 9_000_000;
    }
}

contract PortfolioGasTest is GasTest {
    function shape() internal pure override returns (TierShape memory) {
        return Programs.portfolio();
    }

    function epochLimit() internal pure override returns (uint256) {
        return 22_000_000;
    }
}
