// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {FIELD} from "zkmargin/Bn254.sol";
import {ClearingHouse} from "zkmargin/clearing/ClearingHouse.sol";
import {Account, Action, Auction, Modules, Parameters, Phase} from "zkmargin/clearing/Ledger.sol";
import {IBookSteps} from "zkmargin/interfaces/IBookSteps.sol";
import {IBookValuation} from "zkmargin/interfaces/IBookValuation.sol";
import {IClearingHouse} from "zkmargin/interfaces/IClearingHouse.sol";
import {IMarginEpochs} from "zkmargin/interfaces/IMarginEpochs.sol";
import {Purpose} from "zkmargin/interfaces/IRiskEpochs.sol";
import {LocalToken} from "zkmargin/local/LocalToken.sol";
import {Test} from "../Vm.sol";
import {Book, IdealProofs, PLACES, SCALE} from "./IdealProofs.sol";

/// @notice A clearing house with ideal proofs, its parties, and every act of theirs as one function that does what an honest
/// party would do. Contexts, terms and digests are written from docs/clearing.md, not taken from the contract.
abstract contract World is Test {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant TRADERS = 4;
    uint128 internal constant ESCROW = 100e6;
    uint256 internal constant EPOCH = 4 hours;
    uint256 internal constant TIMELOCK = 3 days;

    IdealProofs internal ideal;
    LocalToken internal token;
    ClearingHouse internal house;
    address internal admin = address(0xad);
    address internal guardian = address(0x9a);
    uint256[] internal traderKeys;
    address[] internal traders;
    uint256[3] internal custodianKeys;
    /// @dev Books as their owners know them.
    mapping(address account => Book) internal books;
    uint256 internal salts;

    function build() internal {
        vm.warp(START);
        token = newToken();
        ideal = newProofs();
        for (uint256 i = 0; i <= TRADERS; ++i) {
            traderKeys.push(0x1000 + i);
            traders.push(vm.addr(0x1000 + i));
        }
        house = newHouse(IERC20(address(token)), parameters());
        newEpoch(marksNow(1e9, 2e9, 3e9));
    }

    function newToken() internal virtual returns (LocalToken) {
        return new LocalToken();
    }

    function newHouse(IERC20 token_, Parameters memory p) internal returns (ClearingHouse) {
        address[] memory custodians = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            custodianKeys[i] = 0xc0 + i;
        }
        // ascending addresses, as a quorum signs
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 k = i + 1; k < 3; ++k) {
                if (vm.addr(custodianKeys[k]) < vm.addr(custodianKeys[i])) {
                    (custodianKeys[i], custodianKeys[k]) = (custodianKeys[k], custodianKeys[i]);
                }
            }
            custodians[i] = vm.addr(custodianKeys[i]);
        }
        Modules memory m = modules(token_);
        return new ClearingHouse(m, p, admin, guardian, TIMELOCK, custodians, 2);
    }

    function newProofs() internal virtual returns (IdealProofs) {
        return new IdealProofs();
    }

    function modules(IERC20 token_) internal view virtual returns (Modules memory) {
        (address p, address pool) = (address(ideal), traders[TRADERS]);
        return Modules(token_, IMarginEpochs(p), IBookSteps(p), IBookValuation(p), address(0), pool);
    }

    function parameters() internal pure virtual returns (Parameters memory) {
        return Parameters({
            grace: 20 minutes,
            callTime: 1 hours,
            callBlocks: 300,
            maxOutage: 2 hours,
            fastAuction: 20 minutes,
            slowAuction: 2 hours,
            rescue: 1 hours,
            custodySilence: 24 hours,
            unbonding: 7 days,
            bandBps: 200,
            bufferBps: 12_500,
            escrow: ESCROW,
            lateFee: 20e6,
            callReward: 5e6,
            premium: 40e6,
            liquidatorBond: 1000e6,
            custodySlash: 500e6,
            allegationBond: 0.01 ether,
            refundGasPrice: 50 gwei
        });
    }

    /// @dev Money units per lot; cash is one token unit a lot.
    function marksNow(int256 a, int256 b, int256 c) internal pure returns (int256[PLACES] memory) {
        return [int256(SCALE), a, b, c];
    }

    function newEpoch(int256[PLACES] memory marks) internal {
        ideal.publish(EPOCH, marks);
    }

    function epoch() internal view returns (uint40) {
        return ideal.newestEpoch(Purpose.Maintenance);
    }

    // ---- money ----

    function give(address to, uint256 amount) internal {
        token.mint(to, amount);
        vm.prank(to);
        token.approve(address(house), type(uint256).max);
    }

    function deposit(address account, uint256 amount) internal {
        give(account, amount);
        vm.prank(account);
        house.deposit(account, amount);
    }

    function lockEscrow(address account, uint256 amount) internal {
        give(account, amount);
        vm.prank(account);
        house.depositEscrow(account, amount);
    }

    /// @dev An account that can trade.
    function open(uint256 who, uint256 amount) internal returns (address account) {
        account = traders[who];
        deposit(account, amount);
        lockEscrow(account, ESCROW);
    }

    function bondLiquidator(address who) internal {
        give(who, 1000e6);
        vm.prank(who);
        house.bondLiquidator(bytes32(uint256(1)));
    }

    // ---- openings ----

    function fresh(int256[PLACES] memory x) internal returns (Book memory b) {
        b = Book(x, uint256(keccak256(abi.encode("salt", ++salts))) >> 8);
    }

    function bookOf(address account) public view returns (Book memory) {
        return books[account];
    }

    function plus(int256[PLACES] memory x, int256[PLACES] memory y, int256 sign_)
        internal
        pure
        returns (int256[PLACES] memory z)
    {
        for (uint256 i = 0; i < PLACES; ++i) {
            z[i] = x[i] + sign_ * y[i];
        }
    }

    // ---- contexts, digests, signatures ----

    function contextOf(bytes32 keyHash, Action action, address account, bytes32 terms) internal view returns (uint256) {
        bytes memory words =
            abi.encode(keccak256("zkmargin.clearing.v1"), block.chainid, house, keyHash, uint8(action), account, terms);
        return uint256(keccak256(words)) % FIELD;
    }

    function digestOf(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("zkmargin clearing"),
                keccak256("1"),
                block.chainid,
                address(house)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digestOf(structHash));
        return abi.encodePacked(r, s, v);
    }

    function quorum(bytes32 structHash) internal view returns (bytes[] memory out) {
        out = new bytes[](2);
        (out[0], out[1]) = (sign(custodianKeys[0], structHash), sign(custodianKeys[2], structHash));
    }

    function receipts(address account, uint256 commitment, uint256 sequence) internal view returns (bytes[] memory) {
        return quorum(
            keccak256(
                abi.encode(
                    keccak256("Receipt(address account,uint256 commitment,uint64 sequence)"),
                    account,
                    commitment,
                    sequence
                )
            )
        );
    }

    function keyOf(address account) internal view returns (uint256) {
        for (uint256 i = 0; i <= TRADERS; ++i) {
            if (traders[i] == account) return traderKeys[i];
        }
        revert("no trader");
    }

    // ---- proofs ----

    function marginProof(
        Purpose purpose,
        Action action,
        address account,
        uint256 commitment,
        bytes32 terms,
        uint256 ratio,
        uint256 balance
    ) internal returns (IMarginEpochs.MarginProof memory p) {
        if (commitment == 0) return p;
        uint256 c = contextOf(ideal.verifyingKeyHash(), action, account, terms);
        return ideal.proveMargin(purpose, commitment, c, ratio, balance * SCALE);
    }

    function conservationProof(
        address account,
        uint256 toStep,
        IBookSteps.Update memory u,
        Action action,
        bytes32 terms
    ) internal returns (uint256[8] memory) {
        Account memory a = house.accountOf(account);
        u.oldCommitment = a.commitment;
        uint256 c = contextOf(ideal.conservationKeyHash(), action, account, terms);
        return ideal.proveConservation(a.commitment == 0 ? toStep : a.step, toStep, u, c);
    }

    // ---- trades ----

    bytes32 internal constant TRADE_TYPE = keccak256(
        "Trade(address buyer,address seller,uint256 traded,uint256 buyerOld,uint256 buyerNew,uint256 sellerOld,uint256 sellerNew,uint64 buyerSequence,uint64 sellerSequence,uint40 step,uint256 listingHash,uint40 epoch,uint40 markEpoch,uint64 expiry)"
    );

    /// @dev A trade with everything it needs, not sent yet; `after_` are the books it leaves.
    struct Ticket {
        IClearingHouse.Trade trade;
        IClearingHouse.Side buyer;
        IClearingHouse.Side seller;
        uint256[8] band;
        Book[2] after_;
    }

    function nextBook(address account, int256[PLACES] memory y, int8 sign_) internal returns (Book memory) {
        Account memory a = house.accountOf(account);
        uint40 step = ideal.newestStep();
        IBookSteps.Update memory u = IBookSteps.Update(sign_, 0, false, 0, a.commitment, 0, 0);
        return fresh(ideal.updated(a.commitment == 0 ? step : a.step, step, u, y));
    }

    function ticket(address buyer, address seller, int256[PLACES] memory y) internal returns (Ticket memory k) {
        k.after_ = [nextBook(buyer, y, 1), nextBook(seller, y, -1)];
        Account memory b = house.accountOf(buyer);
        Account memory s = house.accountOf(seller);
        k.trade = IClearingHouse.Trade({
            buyer: buyer,
            seller: seller,
            traded: ideal.commit(fresh(y)),
            buyerOld: b.commitment,
            buyerNew: ideal.commit(k.after_[0]),
            sellerOld: s.commitment,
            sellerNew: ideal.commit(k.after_[1]),
            buyerSequence: b.sequence + 1,
            sellerSequence: s.sequence + 1,
            step: ideal.newestStep(),
            listingHash: ideal.listingAt(0),
            epoch: epoch(),
            markEpoch: epoch(),
            expiry: uint64(block.timestamp + 600)
        });
        complete(k);
    }

    /// @dev Proofs, signatures and receipts for the terms as they stand in the ticket.
    function complete(Ticket memory k) internal {
        bytes32 terms = keccak256(abi.encode(TRADE_TYPE, k.trade));
        uint256 c = contextOf(ideal.valuationKeyHash(), Action.Trade, address(0), terms);
        k.band = ideal.proveBand(k.trade.traded, parameters().bandBps, c);
        k.buyer = side(k.trade.buyer, k.trade.buyerNew, k.trade.buyerSequence, k.trade.traded, 1, terms);
        k.seller = side(k.trade.seller, k.trade.sellerNew, k.trade.sellerSequence, k.trade.traded, -1, terms);
    }

    function side(address account, uint256 next, uint256 sequence, uint256 traded, int8 sign_, bytes32 terms)
        internal
        returns (IClearingHouse.Side memory s)
    {
        uint40 step = ideal.newestStep();
        IBookSteps.Update memory u = IBookSteps.Update(sign_, 0, false, 0, 0, traded, next);
        s.conservation = conservationProof(account, step, u, Action.Trade, terms);
        uint256 balance = house.accountOf(account).balance;
        s.margin = marginProof(Purpose.Initial, Action.Trade, account, next, terms, 10_000, balance);
        s.signature = sign(keyOf(account), terms);
        if (next != 0) s.receipts = receipts(account, next, sequence);
    }

    function send(Ticket memory k) internal {
        house.trade(k.trade, k.buyer, k.seller, k.band);
        books[k.trade.buyer] = k.after_[0];
        books[k.trade.seller] = k.after_[1];
    }

    function trade(address buyer, address seller, int256[PLACES] memory y) internal {
        send(ticket(buyer, seller, y));
    }

    /// @dev y lots of a place against cash at the mark, rounded.
    function atMark(uint256 place, int256 lots) internal view returns (int256[PLACES] memory y) {
        y[place] = lots;
        y[0] = -lots * ideal.marks()[place] / int256(SCALE);
    }

    // ---- cash and steps ----

    function moveCash(address account, int128 amount) internal {
        Account memory a = house.accountOf(account);
        uint40 step = ideal.newestStep();
        IBookSteps.Update memory u = IBookSteps.Update(1, 0, false, amount, a.commitment, 0, 0);
        int256[PLACES] memory none;
        Book memory next = fresh(ideal.updated(a.commitment == 0 ? step : a.step, step, u, none));
        u.newCommitment = ideal.commit(next);
        IClearingHouse.CashMove memory m = IClearingHouse.CashMove(
            amount, u.newCommitment, a.sequence + 1, step, epoch(), uint64(block.timestamp + 600)
        );
        bytes32 terms = keccak256(abi.encode(account, a.commitment, m));
        IClearingHouse.Side memory s;
        s.conservation = conservationProof(account, step, u, Action.Cash, terms);
        uint256 left = uint256(int256(uint256(a.balance)) - amount);
        s.margin = marginProof(Purpose.Initial, Action.Cash, account, u.newCommitment, terms, 10_000, left);
        if (u.newCommitment != 0) s.receipts = receipts(account, u.newCommitment, a.sequence + 1);
        vm.prank(account);
        house.moveCash(m, s);
        books[account] = next;
    }

    function settle(address account) internal {
        Account memory a = house.accountOf(account);
        uint40 step = ideal.newestStep();
        IBookSteps.Update memory u = IBookSteps.Update(1, 0, true, 0, a.commitment, 0, 0);
        int256[PLACES] memory none;
        Book memory next = Book(ideal.updated(a.step, step, u, none), books[account].salt + 1);
        u.newCommitment = ideal.commit(next);
        IClearingHouse.Settlement memory s = IClearingHouse.Settlement(account, u.newCommitment, a.sequence + 1, step);
        bytes32 terms = keccak256(abi.encode(a.commitment, s));
        house.settle(s, conservationProof(account, step, u, Action.Settle, terms));
        books[account] = next;
    }

    // ---- proofs of accounts ----

    function claimOf(address account, uint256 ratio) internal returns (IClearingHouse.Claim memory c) {
        Account memory a = house.accountOf(account);
        (c.account, c.epoch, c.sequence, c.nonce) = (account, epoch(), a.sequence, a.nonce);
        c.deadline = uint64(block.timestamp + 600);
        bytes32 terms = keccak256(
            abi.encode(
                Purpose.Maintenance, c.epoch, uint256(a.sequence), uint256(a.nonce), uint256(c.deadline), a.phase
            )
        );
        uint256 balance = a.balance;
        if (a.phase == Phase.Auction) balance += house.auctionOf(account).proceeds;
        c.margin = marginProof(Purpose.Maintenance, Action.Status, account, a.commitment, terms, ratio, balance);
    }

    function prove(address account, uint256 ratio) internal {
        house.prove(claimOf(account, ratio));
    }

    /// @dev Healthy again, where there is something to prove.
    function heal(address account) internal {
        if (!house.isHealthy(account)) prove(account, 10_000);
    }

    function withdrawalClaim(address account) internal returns (IClearingHouse.Claim memory c) {
        Account memory a = house.accountOf(account);
        (c.account, c.epoch, c.sequence, c.nonce) = (account, epoch(), a.sequence, a.nonce);
        c.deadline = uint64(block.timestamp + 600);
        bytes32 terms = keccak256(
            abi.encode(
                house.withdrawalOf(account).recipient,
                house.withdrawalOf(account).amount,
                house.withdrawalOf(account).afterEpoch,
                Purpose.Initial,
                c.epoch,
                uint256(a.sequence),
                uint256(a.nonce),
                uint256(c.deadline)
            )
        );
        c.margin = marginProof(Purpose.Initial, Action.Withdraw, account, a.commitment, terms, 10_000, a.balance);
    }

    // ---- auctions ----

    function reveal(address account) internal returns (int256 value) {
        Account memory a = house.accountOf(account);
        Auction memory s = house.auctionOf(account);
        (value,) = ideal.equityAndGross(ideal.openingOf(a.commitment).x);
        bytes32 terms = keccak256(abi.encode(s.id, s.parts, a.sequence, epoch()));
        uint256 c = contextOf(ideal.valuationKeyHash(), Action.Value, account, terms);
        house.value(account, epoch(), value, ideal.proveValue(a.commitment, value, c));
    }

    struct Offer {
        IClearingHouse.Bid bid;
        IClearingHouse.BidProofs proofs;
        Book rest;
        Book taken;
    }

    /// @dev A takeover of the next tranche, or of all of them by the backstop. `paid` and `received` move the taker's balance.
    function offer(address account, address taker, Action action) internal returns (Offer memory o) {
        Account memory a = house.accountOf(account);
        Auction memory s = house.auctionOf(account);
        uint8 split = action == Action.Backstop ? 1 : s.parts;
        int256[PLACES] memory y = ideal.tranche(books[account].x, split);
        o.rest = Book(plus(books[account].x, y, -1), books[account].salt + 1);
        o.taken = nextBook(taker, y, 1);
        o.bid = IClearingHouse.Bid({
            account: account,
            auction: s.id,
            parts: s.parts,
            remainder: ideal.commit(o.rest),
            traded: ideal.commit(fresh(y)),
            takerNew: ideal.commit(o.taken),
            takerSequence: house.accountOf(taker).sequence + 1,
            step: ideal.newestStep(),
            epoch: epoch(),
            mostPaid: type(uint96).max,
            expiry: uint64(block.timestamp + 600)
        });
        bytes32 terms = keccak256(abi.encode(taker, a.commitment, a.sequence, house.accountOf(taker).commitment, o.bid));
        IBookSteps.Update memory u = IBookSteps.Update(-1, split, true, 0, 0, o.bid.traded, o.bid.remainder);
        o.proofs.split = conservationProof(account, o.bid.step, u, action, terms);
        u = IBookSteps.Update(1, 0, false, 0, 0, o.bid.traded, o.bid.takerNew);
        o.proofs.conservation = conservationProof(taker, o.bid.step, u, action, terms);
        if (action == Action.Bid) {
            uint256 balance = balanceAfter(account, taker);
            uint256 ratio = s.voluntary ? 20_000 : 10_000;
            o.proofs.margin = marginProof(Purpose.Initial, action, taker, o.bid.takerNew, terms, ratio, balance);
        }
        if (o.bid.takerNew != 0) o.proofs.receipts = receipts(taker, o.bid.takerNew, o.bid.takerSequence);
    }

    /// @dev What the taker's balance will be, by docs/clearing.md, part 8.
    function balanceAfter(address account, address taker) internal view returns (uint256) {
        Account memory a = house.accountOf(account);
        Auction memory s = house.auctionOf(account);
        uint256 share = a.balance / s.parts;
        int256 equity = s.value + int256(a.balance * SCALE);
        uint256 balance = house.accountOf(taker).balance + share;
        bool over = block.timestamp > s.start + 20 minutes + 2 hours;
        if (equity < 0) return balance + uint256(-equity) / (s.parts * SCALE); // the premium comes on top
        if (over) return balance;
        uint256 divisor = 10_000 * s.parts * SCALE;
        uint256 paid = (uint256(equity) * house.auctionPrice(account) + divisor - 1) / divisor;
        return paid > balance ? 0 : balance - paid;
    }

    function bid(address account, address taker) internal {
        Offer memory o = offer(account, taker, Action.Bid);
        vm.prank(taker);
        house.bid(o.bid, o.proofs);
        books[account] = o.rest;
        books[taker] = o.taken;
    }

    function backstop(address account) internal {
        address taker = traders[TRADERS];
        Offer memory o = offer(account, taker, Action.Backstop);
        vm.prank(taker);
        house.backstop(o.bid, o.proofs);
        books[account] = o.rest;
        books[taker] = o.taken;
    }

    /// @dev From silence to the auction.
    function defaults(address account) internal {
        uint256 from = house.callableAt(account);
        if (block.timestamp <= from) vm.warp(from + 1);
        house.call(account);
        vm.warp(house.deadlineOf(account) + 1);
        vm.roll(block.number + 301);
        house.escalate(account);
    }
}
