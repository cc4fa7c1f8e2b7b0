// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClearingHouse} from "zkmargin/clearing/ClearingHouse.sol";
import {Account, Auction, Phase, Totals} from "zkmargin/clearing/Ledger.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {LocalToken} from "zkmargin/local/LocalToken.sol";
import {Test} from "../Vm.sol";
import {Handler} from "./Handler.sol";
import {IdealProofs, PLACES} from "./IdealProofs.sol";

/// @notice docs/invariants.md under random calls: the lines that speak of every state are checked after each of them. The
/// other lines (7, 8, 14 to 17) are about single calls and have tests of the same number in Lines.t.sol.
contract InvariantsTest is Test {
    Handler private _handler;
    ClearingHouse private _house;
    IdealProofs private _ideal;
    LocalToken private _token;
    address[] private _all;

    function setUp() public {
        _handler = new Handler();
        _house = ClearingHouse(_handler.theHouse());
        _ideal = IdealProofs(_handler.theIdeal());
        _token = LocalToken(_handler.theToken());
        _all = _handler.parties();
        _all.push(address(_handler));
    }

    function targetContracts() external view returns (address[] memory out) {
        out = new address[](1);
        out[0] = address(_handler);
    }

    function invariant_everyLine() external view {
        line01_tokensAndDeficitAreWhatIsOwed();
        line02_positionsSumToZero();
        line03_healthyMeansProven();
        line04_commitmentsServeOnce();
        line05_booksAreTheirOwners();
        line06_withdrawalsHaveMargin();
        line09_auctionsFreeze();
        line10_tranchesSellOnce();
        line11_coalitionsNeverGain();
        line12_theFundPaysProvenDeficits();
        line13_negativeEquityIsRecorded();
    }

    function line01_tokensAndDeficitAreWhatIsOwed() internal view {
        Totals memory t = _house.totals();
        int256 owed = int256(uint256(t.balances) + t.escrows + t.pending + t.bonds + t.fund) + t.booked;
        int256 held = int256(_token.balanceOf(address(_house)) + t.deficit);
        assertTrue(held == owed, "1: tokens + deficit");
        (uint256 balances, uint256 escrows, uint256 pending) = (0, 0, 0);
        for (uint256 i = 0; i < _all.length; ++i) {
            Account memory a = _house.accountOf(_all[i]);
            balances += a.balance;
            escrows += a.escrow;
            pending += _house.withdrawalOf(_all[i]).amount + _house.auctionOf(_all[i]).proceeds;
        }
        assertEq(t.balances, balances, "1: balances");
        assertEq(t.escrows, escrows, "1: escrows");
        assertEq(t.pending, pending, "1: pending");
    }

    function line02_positionsSumToZero() internal view {
        int256[PLACES] memory sum;
        uint256 settled = 0;
        uint256 step = type(uint256).max;
        bool sameStep = true;
        for (uint256 i = 0; i < _all.length; ++i) {
            Account memory a = _house.accountOf(_all[i]);
            if (a.commitment != 0) {
                if (step != type(uint256).max && a.step != step) sameStep = false;
                step = a.step;
            }
            settled += a.sequence;
            int256[PLACES] memory x = _ideal.openingOf(a.commitment).x;
            for (uint256 k = 0; k < PLACES; ++k) {
                sum[k] += x[k];
            }
        }
        for (uint256 k = 1; k < PLACES; ++k) {
            assertTrue(sum[k] == 0, "2: an instrument does not sum to zero");
        }
        // accruals cancel where all books stand at one step; each update may lose less than one lot
        if (sameStep) {
            int256 lost = _house.totals().booked - sum[0];
            assertTrue(lost >= 0 && lost <= int256(settled), "2: cash");
        }
    }

    function line03_healthyMeansProven() internal view {
        uint40 newest = _ideal.newestEpoch(Purpose.Maintenance);
        for (uint256 i = 0; i < _all.length; ++i) {
            Account memory a = _house.accountOf(_all[i]);
            if (!_house.isHealthy(_all[i]) || a.commitment == 0) continue;
            assertTrue(a.phase == Phase.Open, "3: phase");
            assertEq(a.provenSequence, a.sequence, "3: sequence");
            assertEq(a.provenEpoch, newest, "3: epoch");
        }
    }

    function line04_commitmentsServeOnce() internal view {
        assertEq(_handler.reuses(), 0, "4: a commitment was stored twice");
        for (uint256 i = 0; i < _all.length; ++i) {
            uint256 c = _house.accountOf(_all[i]).commitment;
            if (c != 0) assertTrue(_house.isConsumed(c), "4: stored and not consumed");
        }
    }

    function line05_booksAreTheirOwners() internal view {
        for (uint256 i = 0; i < _all.length; ++i) {
            uint256 c = _house.accountOf(_all[i]).commitment;
            bytes32 onChain = keccak256(abi.encode(_ideal.openingOf(c).x));
            assertTrue(onChain == keccak256(abi.encode(_handler.bookOf(_all[i]).x)), "5: conservation");
        }
    }

    function line06_withdrawalsHaveMargin() internal view {
        assertEq(_handler.badWithdrawals(), 0, "6: a token left without margin");
    }

    function line09_auctionsFreeze() internal view {
        for (uint256 i = 0; i < _all.length; ++i) {
            if (_house.accountOf(_all[i]).phase != Phase.Auction) continue;
            Auction memory s = _house.auctionOf(_all[i]);
            assertTrue(s.parts >= 1 && s.parts <= 4, "9: tranches");
            assertEq(_house.withdrawalOf(_all[i]).amount, 0, "9: a withdrawal is pending in an auction");
            assertTrue(_house.accountOf(_all[i]).commitment != 0, "9: the book is gone");
        }
    }

    function line10_tranchesSellOnce() internal view {
        assertEq(_handler.badSales(), 0, "10");
    }

    function line11_coalitionsNeverGain() internal view {
        assertEq(_handler.badCoalition(), 0, "11");
    }

    function line12_theFundPaysProvenDeficits() internal view {
        assertEq(_handler.badFund(), 0, "12");
    }

    function line13_negativeEquityIsRecorded() internal view {
        assertEq(_handler.badValue(), 0, "13");
    }
}
