// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuctionMath} from "zkmargin/clearing/AuctionMath.sol";
import {Test} from "../Vm.sol";

/// @notice What test/halmos shows for every input of a narrow range, here at random over the widest.
contract AuctionMathTest is Test {
    function testFuzz_priceFalls(uint32 elapsed, uint16 fast, uint16 slow) public pure {
        if (fast == 0 || slow == 0) return;
        uint256 most = uint256(fast) + slow + 2;
        uint256 at = elapsed % most;
        uint256 price = AuctionMath.price(at, fast, slow);
        assertTrue(AuctionMath.price(at + 1, fast, slow) <= price, "price rises");
        assertTrue(at < fast ? price <= 9800 && price >= 8000 : price <= 8000, "price outside its phase");
        assertTrue(at < uint256(fast) + slow || price == 0, "price after the end");
    }

    function testFuzz_paymentIsThePriceRoundedUp(uint96 equity, uint16 bps, uint8 split, uint64 scale) public pure {
        if (scale == 0) return;
        (uint256 parts, uint256 price) = (1 + split % 4, bps % 9801);
        uint256 divisor = 10_000 * parts * scale;
        uint256 paid = AuctionMath.payment(equity, price, parts, scale) * divisor;
        uint256 due = uint256(equity) * price;
        assertTrue(paid >= due && paid - due < divisor, "not the price rounded up");
    }

    function testFuzz_sharesAreTheBalance(uint96 balance) public pure {
        uint256 left = balance;
        for (uint256 parts = 4; parts != 0; --parts) {
            uint256 share = AuctionMath.share(left, parts);
            assertTrue(share >= balance / 4 && share - balance / 4 <= 1, "shares differ");
            left -= share;
        }
        assertEq(left, 0, "balance left");
    }

    function testFuzz_deficitSharesStayBelowTheDeficit(uint128 shortfall, uint64 scale) public pure {
        if (scale == 0) return;
        uint256 left = shortfall;
        uint256 paid;
        for (uint256 parts = 4; parts != 0; --parts) {
            uint256 share = AuctionMath.deficitShare(left, parts, scale);
            paid += share * scale;
            left -= share * scale;
        }
        assertTrue(paid <= shortfall && shortfall - paid < scale, "more than the deficit");
    }

    function testFuzz_premiumsStayBelowTheParameter(uint80 most, uint32 elapsed, uint32 rescue) public pure {
        if (rescue == 0) return;
        assertTrue(4 * AuctionMath.premium(most, elapsed, rescue, 1) <= most, "a tranche above a quarter");
        assertTrue(AuctionMath.premium(most, elapsed, rescue, 4) <= most, "all above the parameter");
    }

    function testFuzz_haircutsShareTheDeficit(uint96 amount, uint96 held, uint96 deficit) public pure {
        if (amount > uint256(held) + deficit) return;
        uint256 paid = AuctionMath.afterHaircut(amount, held, deficit);
        assertTrue(paid <= amount && paid <= held && amount - paid <= deficit, "haircut outside its bounds");
        assertTrue(deficit != 0 || paid == amount, "haircut without a deficit");
    }
}
