// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A rollup's sequencer uptime feed, as Chainlink publishes it: answer 0 is up, 1 is down, since `startedAt`.
interface ISequencerUptime {
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
