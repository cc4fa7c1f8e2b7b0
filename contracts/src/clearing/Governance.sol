// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ledger, Parameters} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";

/// @notice What admin and guardian can do, and how late: parameters of calls and auctions to come, and a pause that ends.
/// Neither can move a token, a book or a status.
abstract contract Governance {
    uint256 public constant LONGEST_PAUSE = 1 days;
    uint256 public constant BETWEEN_PAUSES = 7 days;

    event ParametersScheduled(Parameters parameters, uint256 readyAt);
    event ParametersEnacted(uint32 indexed version);
    event PausedUntil(uint256 until);

    address public immutable admin;
    address public immutable guardian;
    /// @notice Seconds from a change's announcement to its effect; longer than the longest exit.
    uint256 public immutable timelock;

    bytes32 private _scheduledHash;
    uint256 public scheduledFor;
    uint256 public pausedAt;

    Ledger internal _ledger;

    constructor(address admin_, address guardian_, uint256 timelock_, Parameters memory p) {
        (admin, guardian, timelock) = (admin_, guardian_, timelock_);
        _check(p, timelock_);
        _ledger.version = 1;
        _ledger.parameters[1] = p;
        emit ParametersEnacted(1);
    }

    modifier whenNotPaused() {
        if (pausedAt != 0 && block.timestamp < pausedAt + LONGEST_PAUSE) {
            revert IClearingHouse.Paused(pausedAt + LONGEST_PAUSE);
        }
        _;
    }

    /// @notice Announces other parameters. Running calls and auctions keep the ones that they began with.
    function scheduleParameters(Parameters calldata p) external {
        if (msg.sender != admin) revert IClearingHouse.NotAdmin(msg.sender);
        _check(p, timelock);
        _scheduledHash = keccak256(abi.encode(p));
        scheduledFor = block.timestamp + timelock;
        emit ParametersScheduled(p, scheduledFor);
    }

    /// @notice Puts announced parameters into force after the timelock. Anyone.
    function enactParameters(Parameters calldata p) external {
        if (scheduledFor == 0 || keccak256(abi.encode(p)) != _scheduledHash) revert IClearingHouse.NothingOpen();
        if (block.timestamp < scheduledFor) revert IClearingHouse.TooEarly(scheduledFor);
        scheduledFor = 0;
        uint32 version = ++_ledger.version;
        _ledger.parameters[version] = p;
        emit ParametersEnacted(version);
    }

    /// @notice Stops trades, cash moves and withdrawals for a day at most; proofs, deposits, steps, calls, auctions and exits go on.
    function pause() external {
        if (msg.sender != guardian) revert IClearingHouse.NotAdmin(msg.sender);
        if (pausedAt != 0 && block.timestamp < pausedAt + BETWEEN_PAUSES) {
            revert IClearingHouse.TooEarly(pausedAt + BETWEEN_PAUSES);
        }
        pausedAt = block.timestamp;
        emit PausedUntil(block.timestamp + LONGEST_PAUSE);
    }

    /// @dev docs/clearing.md, 10. The premium stays below what a defaulter loses, so that nobody defaults for it.
    function _check(Parameters memory p, uint256 timelock_) private pure {
        uint256 longestExit = uint256(p.custodySilence) + p.grace + p.callTime + p.maxOutage + p.fastAuction
            + p.slowAuction + p.rescue + LONGEST_PAUSE;
        bool times = p.grace >= 1 minutes && p.callTime >= 10 minutes && p.callBlocks >= 1
            && uint256(p.callBlocks) * 12 <= 2 * uint256(p.callTime) && p.fastAuction >= 1 minutes
            && p.slowAuction >= 1 minutes && p.rescue >= 1 minutes && p.custodySilence >= 1 hours
            && p.unbonding >= uint256(p.fastAuction) + p.slowAuction + p.rescue && timelock_ > longestExit;
        bool money = p.callReward <= p.lateFee && p.lateFee <= p.escrow / 4 && p.premium <= p.escrow / 2
            && p.escrow < 1 << 80 && p.escrow > 0 && p.liquidatorBond > 0 && p.liquidatorBond < 1 << 80
            && p.custodySlash < 1 << 80 && p.allegationBond > 0 && p.refundGasPrice <= 1000 gwei;
        bool bands = p.bandBps > 0 && p.bandBps <= 1000
            && (p.bufferBps == 12_500 || p.bufferBps == 15_000 || p.bufferBps == 20_000);
        if (!times || !money || !bands) revert IClearingHouse.ParametersRefused();
    }
}
