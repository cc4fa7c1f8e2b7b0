// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionMath} from "zkmargin/clearing/AuctionMath.sol";

/// @notice Properties of the auction's arithmetic for every input in the stated ranges, by symbolic execution (`scripts/analyse`).
/// Divisors are the default parameters, since a division by an unknown is beyond the solver; fuzz tests vary them.
contract AuctionMathCheck {
    uint256 private constant FAST = 20 minutes;
    uint256 private constant SLOW = 2 hours;
    uint256 private constant RESCUE = 1 hours;
    uint256 private constant SCALE = 1e6;
    uint256 private constant TOTAL = 250;

    function check_priceStaysInItsPhase(uint24 elapsed) external pure {
        uint256 price = AuctionMath.price(elapsed, FAST, SLOW);
        if (elapsed < FAST) assert(price <= 9800 && price >= 8000);
        else if (elapsed < FAST + SLOW) assert(price <= 8000 && price != 0);
        else assert(price == 0);
    }

    function check_priceFalls(uint24 elapsed) external pure {
        assert(AuctionMath.price(uint256(elapsed) + 1, FAST, SLOW) <= AuctionMath.price(elapsed, FAST, SLOW));
    }

    function check_paymentIsThePriceRoundedUp(uint32 equity, uint16 priceBps) external pure {
        if (priceBps > 9800) return;
        for (uint256 parts = 1; parts <= 4; ++parts) {
            uint256 divisor = 10_000 * parts * SCALE;
            uint256 paid = AuctionMath.payment(equity, priceBps, parts, SCALE) * divisor;
            uint256 due = uint256(equity) * priceBps;
            assert(paid >= due && paid - due < divisor);
        }
    }

    function check_paymentDoesNotWrap(uint96 equity, uint16 priceBps, uint128 scale) external pure {
        if (equity >= 1 << 93 || priceBps > 9800 || scale == 0) return;
        AuctionMath.payment(equity, priceBps, 4, scale); // reverts if it wraps
    }

    function check_sharesAreTheBalance(uint32 balance) external pure {
        uint256 left = balance;
        uint256 first;
        for (uint256 parts = 4; parts != 0; --parts) {
            uint256 share = AuctionMath.share(left, parts);
            if (parts == 4) first = share;
            assert(share >= first && share - first <= 1);
            left -= share;
        }
        assert(left == 0);
    }

    /// @dev One tranche takes no more than is left; so all of them together take no more than the deficit, and the last
    /// leaves less than a token unit.
    function check_aDeficitShareStaysBelowTheDeficit(uint24 left) external pure {
        for (uint256 parts = 4; parts != 0; --parts) {
            uint256 paid = AuctionMath.deficitShare(left, parts, SCALE) * parts * SCALE;
            assert(paid <= left && left - paid < parts * SCALE);
        }
    }

    function check_premiumIsAtMostAQuarterATranche(uint24 most, uint16 elapsed) external pure {
        uint256 one = AuctionMath.premium(most, elapsed, RESCUE, 1);
        if (elapsed >= RESCUE) assert(one == most / 4);
        else assert(4 * one <= most);
    }

    function check_premiumOfAllTranchesIsAtMostTheParameter(uint24 most, uint16 elapsed) external pure {
        assert(AuctionMath.premium(most, elapsed, RESCUE, 4) <= most);
    }

    function check_haircutsShareTheDeficit(uint8 amount, uint8 held) external pure {
        if (held > TOTAL || amount > TOTAL) return;
        uint256 deficit = TOTAL - held;
        uint256 paid = AuctionMath.afterHaircut(amount, held, deficit);
        assert(paid <= amount && paid <= held && amount - paid <= deficit);
        if (deficit == 0) assert(paid == amount);
    }
}
