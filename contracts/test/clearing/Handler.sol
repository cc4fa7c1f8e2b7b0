// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account, Action, Auction, Phase} from "zkmargin/clearing/Ledger.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {Vm} from "../Vm.sol";
import {PLACES, SCALE} from "./IdealProofs.sol";
import {World} from "./World.sol";

/// @notice What random parties do: each function is one act with bounded inputs. Acts that the rules refuse revert and change
/// nothing. Beside the acts it keeps what the invariants compare with: who was paid, what left, when a silence began.
contract Handler is World {
    uint256 public acts;
    /// @dev Breaches of lines 6, 10, 11, 12 and 13, counted as they happen.
    uint256 public badWithdrawals;
    uint256 public badSales;
    uint256 public badCoalition;
    uint256 public badFund;
    uint256 public badValue;
    uint256 public fundPaid;
    uint256 public sales;
    mapping(uint256 commitment => address) public usedBy;
    uint256 public reuses;

    constructor() {
        build();
        for (uint256 i = 0; i < TRADERS; ++i) {
            open(i, 20_000e6);
            give(traders[i], 1e15);
        }
        deposit(traders[TRADERS], 50_000e6);
        lockEscrow(traders[TRADERS], ESCROW);
        bondLiquidator(traders[2]);
        bondLiquidator(traders[3]);
        give(address(this), 1e15);
        token.approve(address(house), type(uint256).max);
        house.depositFund(500e6);
        house.bondCustodians(2000e6);
    }

    function parties() public view returns (address[] memory) {
        return traders;
    }

    function theHouse() external view returns (address) {
        return address(house);
    }

    function theIdeal() external view returns (address) {
        return address(ideal);
    }

    function theToken() external view returns (address) {
        return address(token);
    }

    function who(uint256 seed) internal view returns (address) {
        return traders[seed % (TRADERS + 1)];
    }

    function between(uint256 seed, int256 low, int256 high) internal pure returns (int256) {
        return low + int256(seed % uint256(high - low + 1));
    }

    function used(address account, uint256 commitment) internal {
        if (commitment == 0) return;
        if (usedBy[commitment] != address(0)) ++reuses;
        usedBy[commitment] = account;
    }

    modifier counted() {
        _;
        ++acts;
    }

    // ---- the world ----

    function passTime(uint32 seed) external counted {
        vm.warp(block.timestamp + seed % 3000);
        vm.roll(block.number + seed % 400);
    }

    function publishEpoch(uint8 a, uint8 b, uint8 c) external counted {
        int256[PLACES] memory m = ideal.marks();
        // each mark moves by up to 15 %, and stays within [1e8, 1e10]
        newEpoch(marksNow(moved(m[1], a), moved(m[2], b), moved(m[3], c)));
    }

    function moved(int256 mark, uint8 seed) internal pure returns (int256) {
        int256 next = mark * (100 + between(seed, -15, 15)) / 100;
        return next < 1e8 ? int256(1e8) : next > 1e10 ? int256(1e10) : next;
    }

    function addStep(int32 a, int32 b, int32 c) external counted {
        ideal.accrue([int256(0), a, b, c]);
    }

    // ---- traders ----

    function depositSome(uint256 seed, uint96 amount) external counted {
        address account = who(seed);
        vm.prank(account);
        house.deposit(account, 1 + amount % 5000e6);
    }

    function topUpEscrow(uint256 seed) external counted {
        address account = who(seed);
        vm.prank(account);
        house.depositEscrow(account, ESCROW);
    }

    function doTrade(uint256 seed, uint256 place, uint256 lots) external counted {
        (address a, address b) = (who(seed), who(seed / 8 + seed % 8 + 1));
        for (uint256 i = 0; i < 2; ++i) {
            address account = i == 0 ? a : b;
            Account memory s = house.accountOf(account);
            if (s.commitment != 0 && s.step < ideal.newestStep()) settle(account);
            if (!house.isHealthy(account)) prove(account, 10_000);
        }
        int256[PLACES] memory y = atMark(1 + place % 3, between(lots, -8_000_000, 8_000_000));
        y[0] += y[0] * between(lots >> 40, -2, 2) / 100; // inside the band
        Ticket memory k = ticket(a, b, y);
        send(k);
        used(a, k.trade.buyerNew);
        used(b, k.trade.sellerNew);
        used(address(this), k.trade.traded);
    }

    function doMoveCash(uint256 seed, uint256 amount) external counted {
        address account = who(seed);
        // forge-lint: disable-next-line(unsafe-typecast)
        moveCash(account, int128(between(amount, -4000e6, 4000e6)));
        used(account, house.accountOf(account).commitment);
    }

    function doSettle(uint256 seed) external counted {
        settle(who(seed));
        used(who(seed), house.accountOf(who(seed)).commitment);
    }

    function doProve(uint256 seed, uint8 band) external counted {
        address account = who(seed);
        Account memory a = house.accountOf(account);
        if (a.step < ideal.newestStep()) settle(account);
        if (a.phase != Phase.Open && a.escrow < ESCROW) lockEscrow(account, ESCROW - a.escrow);
        prove(account, band % 3 == 0 || a.phase != Phase.Open ? 12_500 : 10_000);
    }

    function doRequest(uint256 seed, uint96 amount) external counted {
        address account = who(seed);
        vm.prank(account);
        house.requestWithdrawal(account, 1 + amount % 10_000e6);
    }

    function doCancel(uint256 seed) external counted {
        vm.prank(who(seed));
        house.cancelWithdrawal();
    }

    function doExecute(uint256 seed) external counted {
        address account = who(seed);
        uint40 after_ = house.withdrawalOf(account).afterEpoch;
        Account memory a = house.accountOf(account);
        if (a.commitment != 0 && a.step < ideal.newestStep()) settle(account);
        heal(account);
        house.executeWithdrawal(withdrawalClaim(account));
        a = house.accountOf(account);
        bool margin = ideal.holds(ideal.openingOf(a.commitment).x, a.balance * SCALE, Purpose.Initial, 10_000);
        if (a.commitment != 0 && (epoch() <= after_ || !margin)) ++badWithdrawals;
    }

    function doReleaseEscrow(uint256 seed) external counted {
        vm.prank(who(seed));
        house.releaseEscrow();
    }

    // ---- calls and auctions ----

    function doCall(uint256 seed, uint256 by) external counted {
        vm.prank(who(by));
        house.call(who(seed));
    }

    function doAllege(uint256 seed) external counted {
        address custodian = vm.addr(custodianKeys[seed % 3]);
        vm.deal(custodian, 1 ether);
        vm.prank(custodian);
        house.allege{value: 0.01 ether}(who(seed >> 8));
    }

    function doEscalate(uint256 seed) external counted {
        house.escalate(who(seed));
    }

    function doDefault(uint256 seed) external counted {
        address account = who(seed);
        if (house.accountOf(account).phase == Phase.Open && !house.isHealthy(account)) house.call(account);
        uint256 until = house.deadlineOf(account);
        if (block.timestamp <= until) vm.warp(until + 1);
        vm.roll(block.number + 301);
        house.escalate(account);
    }

    function doReveal(uint256 seed) external counted {
        revealFor(who(seed));
    }

    function revealFor(address account) internal {
        if (house.accountOf(account).step < ideal.newestStep()) settle(account);
        int256 value = reveal(account);
        int256 equity = value + int256(house.accountOf(account).balance * SCALE);
        if (equity < 0 && house.auctionOf(account).insolventSince == 0) ++badValue;
    }

    function doBid(uint256 seed, uint256 by) external counted {
        (address account, address taker) = (who(seed), who(by));
        Account memory t = house.accountOf(taker);
        if (t.commitment != 0 && t.step < ideal.newestStep()) settle(taker);
        if (!house.isHealthy(taker)) prove(taker, 10_000);
        revealFor(account);
        take(account, taker, Action.Bid);
    }

    function doBackstop(uint256 seed) external counted {
        address pool = traders[TRADERS];
        Account memory t = house.accountOf(pool);
        if (t.commitment != 0 && t.step < ideal.newestStep()) settle(pool);
        revealFor(who(seed));
        take(who(seed), pool, Action.Backstop);
    }

    /// @dev A sale, and what lines 10 to 12 say of it.
    function take(address account, address taker, Action action) internal {
        Auction memory s = house.auctionOf(account);
        Account memory a = house.accountOf(account);
        int256 wealth = wealthOf(account) + wealthOf(taker);
        int256 equity = s.value + int256(a.balance * SCALE);
        vm.recordLogs();
        if (action == Action.Bid) bid(account, taker);
        else backstop(account);
        (uint256 deficit, uint256 premium) = paidByFund(vm.getRecordedLogs());
        uint256 tranches = action == Action.Bid ? 1 : s.parts;
        uint256 proven = equity < 0 ? uint256(-equity) / SCALE : 0;
        if (deficit * s.parts > proven * tranches + s.parts) ++badFund;
        if (premium > a.escrow || premium > parameters().premium) ++badFund;
        // together no richer than by what the fund owed them, but for one token unit of rounding
        if (wealthOf(account) + wealthOf(taker) > wealth + int256((deficit + 1) * SCALE)) ++badCoalition;
        if (house.auctionOf(account).parts != s.parts - tranches) ++badSales;
        fundPaid += deficit;
        ++sales;
        used(account, house.accountOf(account).commitment);
        used(taker, house.accountOf(taker).commitment);
    }

    function paidByFund(Vm.Log[] memory logs) internal pure returns (uint256 deficit, uint256 premium) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IClearingHouse.FundPaid.selector) {
                (deficit, premium) = abi.decode(logs[i].data, (uint256, uint256));
            }
        }
    }

    /// @notice Marked wealth in money units: book, balance, escrow, pending, tokens outside.
    function wealthOf(address account) public view returns (int256 out) {
        Account memory a = house.accountOf(account);
        (int256 value,) = ideal.equityAndGross(ideal.openingOf(a.commitment).x);
        uint256 money = uint256(a.balance) + a.escrow + house.withdrawalOf(account).amount
            + house.auctionOf(account).proceeds + token.balanceOf(account);
        out = value + int256(money * SCALE);
    }
}
