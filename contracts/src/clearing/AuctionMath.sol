// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Parameters} from "zkmargin/clearing/Ledger.sol";

/// @notice The arithmetic of auctions, pure, so that it can be checked for all inputs. Money: |value| < 2^93,
/// balance < 2^90, scale < 2^128: nothing wraps.
library AuctionMath {
    uint256 internal constant BPS = 10_000;
    /// @dev Share of the account's equity that a tranche costs at the start of the fast phase, and of the slow phase.
    uint256 internal constant FIRST_PRICE = 9800;
    uint256 internal constant SLOW_PRICE = 8000;

    /// @notice Price in bps of equity, `elapsed` seconds after the start; 0 from the end of the slow phase on. Falls.
    function price(uint256 elapsed, uint256 fast, uint256 slow) internal pure returns (uint256) {
        if (elapsed < fast) return FIRST_PRICE - (FIRST_PRICE - SLOW_PRICE) * elapsed / fast;
        elapsed -= fast;
        if (elapsed >= slow) return 0;
        return SLOW_PRICE - SLOW_PRICE * elapsed / slow;
    }

    /// @notice The part of the vault balance that goes with one of `parts` equal tranches, rounded down: the rest stays.
    function share(uint256 balance, uint256 parts) internal pure returns (uint256) {
        return balance / parts;
    }

    /// @notice What a taker pays for one of `parts` tranches of an account of positive equity (money units), in token
    /// units, rounded up: the account gets no less than the price.
    function payment(uint256 equity, uint256 priceBps, uint256 parts, uint256 scale) internal pure returns (uint256) {
        uint256 divisor = BPS * parts * scale;
        return (equity * priceBps + divisor - 1) / divisor;
    }

    /// @notice What the fund owes the taker of one of `parts` tranches of an account of negative equity, rounded down:
    /// all tranches together never get more than the proven deficit.
    function deficitShare(uint256 shortfall, uint256 parts, uint256 scale) internal pure returns (uint256) {
        return shortfall / (parts * scale);
    }

    /// @notice The premium for one tranche: grows from 0 to a quarter of the parameter over the rescue time.
    function premium(uint256 most, uint256 elapsed, uint256 rescue, uint256 tranches) internal pure returns (uint256) {
        if (elapsed > rescue) elapsed = rescue;
        return most * tranches * elapsed / (4 * rescue);
    }

    /// @notice What a withdrawal pays while a deficit is open: each bears the same share, rounded down.
    function afterHaircut(uint256 amount, uint256 held, uint256 deficit) internal pure returns (uint256) {
        if (deficit == 0) return amount;
        return amount * held / (held + deficit);
    }

    /// @notice When a tranche's sale is over and nobody has paid: the end of the slow phase.
    function slowEnd(uint256 start, Parameters storage p) internal view returns (uint256) {
        return start + p.fastAuction + p.slowAuction;
    }
}
