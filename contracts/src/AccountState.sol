// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice An account's state in one slot: nonce (32 bits) | sequence (32) | for each purpose: epoch (40), ratio (16),
/// time of the proof (40).
type AccountState is uint256;

using {nonce, sequence, epochOf, ratioOf, sinceOf, withProof, withSequence, cleared} for AccountState global;

uint256 constant COUNTER_LIMIT = 1 << 32;
uint256 constant STATUS_BITS = 96;
uint256 constant STATUS_MASK = (1 << 96) - 1;

function nonce(AccountState state) pure returns (uint256) {
    return AccountState.unwrap(state) & (COUNTER_LIMIT - 1);
}

function sequence(AccountState state) pure returns (uint256) {
    return (AccountState.unwrap(state) >> 32) & (COUNTER_LIMIT - 1);
}

function epochOf(AccountState state, Purpose purpose) pure returns (uint40) {
    // forge-lint: disable-next-line(unsafe-typecast)
    return uint40(AccountState.unwrap(state) >> shiftOf(purpose));
}

function ratioOf(AccountState state, Purpose purpose) pure returns (uint16) {
    // forge-lint: disable-next-line(unsafe-typecast)
    return uint16(AccountState.unwrap(state) >> (shiftOf(purpose) + 40));
}

function sinceOf(AccountState state, Purpose purpose) pure returns (uint40) {
    // forge-lint: disable-next-line(unsafe-typecast)
    return uint40(AccountState.unwrap(state) >> (shiftOf(purpose) + 56));
}

/// @dev After an accepted proof: the purpose's status, and the next nonce. epoch < 2^40, ratioBps < 2^16.
function withProof(AccountState state, Purpose purpose, uint256 epoch, uint256 ratioBps, uint256 time)
    pure
    returns (AccountState)
{
    uint256 shift = shiftOf(purpose);
    uint256 mask = STATUS_MASK << shift;
    uint256 word = AccountState.unwrap(state) & ~mask;
    // forge-lint: disable-next-line(unsafe-typecast)
    word |= (epoch | (ratioBps << 40) | (uint256(uint40(time)) << 56)) << shift;
    return AccountState.wrap(word + 1);
}

/// @dev After a new commitment: its number, and no status. number < 2^32.
function withSequence(AccountState state, uint256 number) pure returns (AccountState) {
    return AccountState.wrap(nonce(state) | (number << 32));
}

/// @dev The counters alone.
function cleared(AccountState state) pure returns (AccountState) {
    return AccountState.wrap(AccountState.unwrap(state) & ((1 << 64) - 1));
}

function shiftOf(Purpose purpose) pure returns (uint256) {
    return 64 + STATUS_BITS * uint256(purpose);
}
