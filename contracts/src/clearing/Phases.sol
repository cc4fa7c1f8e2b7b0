// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Ledger, MarginCall, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {ISequencerUptime} from "zkmargin/interfaces/ISequencerUptime.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";

/// @notice Which state an account is in, and until when.
library Phases {
    uint256 private constant FEED_GAS = 100_000;

    function parameters(Ledger storage l) internal view returns (Parameters storage) {
        return l.parameters[l.version];
    }

    function requirePhase(Account storage a, Phase phase) internal view {
        if (a.phase != phase) revert IClearingHouse.WrongPhase(a.phase);
    }

    /// @notice Proven on the newest maintenance epoch with the present commitment; a zero book needs no proof.
    function healthy(Ledger storage l, Account storage a) internal view returns (bool) {
        if (a.phase != Phase.Open) return false;
        if (a.commitment == 0) return true;
        return a.provenSequence == a.sequence && a.provenEpoch == l.modules.epochs.newestEpoch(Purpose.Maintenance);
    }

    function requireHealthy(Ledger storage l, address account) internal view {
        Account storage a = l.accounts[account];
        requirePhase(a, Phase.Open);
        if (!healthy(l, a)) revert IClearingHouse.NotHealthy(account);
    }

    /// @notice When a silent account may be called: grace after the data of the first epoch that it left unanswered.
    /// 0: it is healthy. A book that changed without a proof is due since the newest epoch.
    function callableAt(Ledger storage l, Account storage a) internal view returns (uint256) {
        if (a.commitment == 0 || a.phase != Phase.Open || healthy(l, a)) return 0;
        IMarginEpochs epochs = l.modules.epochs;
        uint256 since = epochs.usableAfter(Purpose.Maintenance, a.provenEpoch);
        if (since < a.dueFrom) since = a.dueFrom;
        return since + parameters(l).grace;
    }

    /// @notice A call's deadline, moved by what outages since the call are proven on chain, up to the bound.
    function deadline(Ledger storage l, address account) internal view returns (uint256) {
        MarginCall storage c = l.calls[account];
        Parameters storage p = l.parameters[c.version];
        uint256 outage = l.modules.epochs.status(Purpose.Maintenance).outage - c.outageAt;
        outage += _sequencerOutage(l, c.calledAt);
        // a new listing has no epoch at first, and an old book no proof under it
        IBookSteps steps = l.modules.steps;
        if (steps.listingAt(c.step) != steps.listingAt(steps.newestStep())) outage = p.maxOutage;
        if (outage > p.maxOutage) outage = p.maxOutage;
        return c.calledAt + p.callTime + outage;
    }

    /// @notice Whether a call's deadline has passed, in seconds and in blocks.
    function overdue(Ledger storage l, address account) internal view returns (bool) {
        MarginCall storage c = l.calls[account];
        return
            block.timestamp > deadline(l, account) && block.number >= c.calledBlock + l.parameters[c.version].callBlocks;
    }

    /// @dev A feed that says "down", or "up since" a time after the call, proves an outage that may have lasted since the call.
    function _sequencerOutage(Ledger storage l, uint256 since) private view returns (uint256) {
        address feed = l.modules.sequencerUptime;
        if (feed == address(0)) return 0;
        // a feed that fails moves nothing, and stops nobody
        (bool ok, bytes memory out) =
            feed.staticcall{gas: FEED_GAS}(abi.encodeCall(ISequencerUptime.latestRoundData, ()));
        if (!ok || out.length != 160) return 0;
        (, int256 down, uint256 startedAt,,) = abi.decode(out, (uint256, int256, uint256, uint256, uint256));
        uint256 until = down != 0 || startedAt > block.timestamp ? block.timestamp : startedAt;
        return until > since ? until - since : 0;
    }
}
