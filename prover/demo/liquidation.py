"""One full default on a local chain, with real proofs: trades, silence, call, auction in tranches, residue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from prover.clearing import acts as trading
from prover.clearing import auction, custody
from prover.clearing.kit import Kit
from prover.clearing.trader import Trader, Venue
from prover.compile import Layout, choose_tier, compile_program
from prover.demo.run import Log
from prover.demo.scenario import moved_snapshot
from prover.models.base import Model, load_model
from prover.native import NativeEngine
from prover.openings import Identity, Opening
from prover.toolchain import build_folder, checkout
from verifier.chain.anvil import Anvil
from verifier.chain.clearing import acts
from verifier.chain.clearing.contracts import CompiledClearing, compile_clearing
from verifier.chain.clearing.deploy import deploy_house
from verifier.chain.clearing.epochs import marks_bytes
from verifier.chain.clearing.house import House, auction_of, book_account, is_healthy, totals
from verifier.chain.clearing.parameters import HouseParties, Parameters
from verifier.chain.connection import Connection, Transaction
from verifier.chain.epochs import publish
from verifier.chain.tokens import token_balance
from verifier.errors import ChainError, ZkMarginError
from verifier.files import read_text
from verifier.program import MarginProgram, Purpose

TOKEN = 10**6
MONEY = 10**12
HOUR = 3600
EPOCH_SECONDS = 4 * HOUR
PUT = "BTC-27MAR26-80000-P"
CALL = "BTC-27MAR26-100000-C"


@dataclass
class Stage:
    """Everything that the acts share."""

    log: Log
    anvil: Anvil
    house: House
    compiled: CompiledClearing
    token: str
    kit: Kit
    model: Model
    layout: Layout
    authority: LocalAccount
    custodians: tuple[LocalAccount, ...]
    work: Path
    gas: dict[str, int] = field(default_factory=dict)
    programs: dict[Purpose, MarginProgram] = field(default_factory=dict)
    epoch: int = 0

    @property
    def connection(self) -> Connection:
        return self.anvil.connection

    @property
    def venue(self) -> Venue:
        programs = self.programs
        return Venue(self.house, self.kit, programs[Purpose.INITIAL], programs[Purpose.MAINTENANCE])

    def paid(self, name: str, sent: Transaction | Sequence[Transaction]) -> None:
        """Note what transactions of a kind cost: the dearest of them."""
        for transaction in [sent] if isinstance(sent, Transaction) else sent:
            self.gas[name] = max(self.gas.get(name, 0), transaction.gas_used)

    def receipts(self, opening: Opening) -> tuple[bytes, ...]:
        """Two of the three custodians sign that they hold an opening."""
        return custody.sign_receipts(self.house, self.custodians[:2], opening, self.layout.listing)

    def trader(self, person: "Person") -> Trader:
        return Trader(self.venue, person.signer, person.identity, person.store)


@dataclass(frozen=True)
class Person:
    """A party with keys and a store of its own."""

    name: str
    signer: LocalAccount
    identity: Identity
    store: Path

    @property
    def address(self) -> str:
        return str(self.signer.address)


def run_liquidation(work: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Play the default; `work` is a private scratch folder. Returns the figures; raises where anything goes wrong."""
    log = Log(say)
    with Anvil() as anvil:
        stage = _open(anvil, work, log)
        people = {name: _person(stage, name) for name in ("Alice", "Bob", "Carol", "Dave")}
        alice, bob, carol, dave = people.values()
        _publish(stage, Decimal(1), timedelta(0))
        _fund(stage, {alice: 9_000, bob: 40_000, carol: 60_000, dave: 60_000})
        _bond(stage, [carol, dave])
        _trade(stage, bob, alice)
        _silence(stage, alice, bob)
        with log.step("disclose", "a custodian passes Alice's opening to the bonded liquidators, encrypted"):
            _disclose(stage, alice, public=False)
        _sales(stage, alice, [(carol, 0), (dave, 600)])
        stage.anvil.advance(900)
        with log.step("disclose", "slow phase: the opening becomes public, anyone may bid"):
            _disclose(stage, alice, public=True)
        _sales(stage, alice, [(bob, 0), (carol, 600)])
        residue = _close(stage, alice)
        return _result(stage, residue)


# ---- setting up ----


def _open(anvil: Anvil, work: Path, log: Log) -> Stage:
    examples = checkout() / "examples"
    model = load_model(examples / "models" / "stress_grid.json")
    listed = [line for line in read_text(examples / "listing.txt").split("\n") if line.startswith(("USD", "BTC"))]
    layout = choose_tier(model, listed)
    with log.step("keys", f"loading the three keys (margin {layout.tier.name}, conservation, valuation)"):
        kit = Kit.load(layout.tier)
    with log.step("contracts", "compiling the contracts"):
        compiled = compile_clearing(kit.keys, build_folder())
    authority: LocalAccount = Account.create()
    custodians = tuple(Account.create() for _ in range(3))
    for account in (authority, *custodians):
        anvil.fund(account.address)
    connection = anvil.connection
    with log.step("deploy", "deploying the clearing house on a local Anvil chain"):
        local = compiled.local_token
        sent = connection.send(authority, None, local.creation_code, local.abi, "deploying the local token")
        token = str(sent.contract_address)
        parties = HouseParties(
            epoch_authority=authority.address,
            step_authority=authority.address,
            custodians=tuple(custodian.address for custodian in custodians),
            threshold=2,
            admin=authority.address,
            guardian=authority.address,
            token=token,
            settlement_unit="USD",
            backstop=authority.address,
        )
        made = deploy_house(
            connection,
            authority,
            kit.keys,
            compiled,
            parties,
            Parameters(),
            layout.listing,
            token_decimals=6,
            development=kit.development,
        )
    stage = Stage(log, anvil, made.house, compiled, token, kit, model, layout, authority, custodians, work)
    stage.gas["deployment, all contracts"] = made.gas_used
    return stage


def _person(stage: Stage, name: str) -> Person:
    signer: LocalAccount = Account.create()
    stage.anvil.fund(signer.address)
    return Person(name, signer, Identity.create(stage.work / f"{name}.identity"), stage.work / f"{name}.store")


def _publish(stage: Stage, factor: Decimal, later: timedelta) -> None:
    """Publish the programs of both purposes on the market moved by a factor."""
    source = checkout() / "examples" / "market" / "options_2026-01-01.csv"
    stage.epoch += 1
    market = moved_snapshot(source, stage.work / f"market{stage.epoch}.csv", factor, later)
    with stage.log.step("publish", f"epoch {stage.epoch}: prices times {factor}; publishing both programs"):
        now = stage.connection.now()
        for purpose in Purpose:
            program = compile_program(stage.model, market, stage.layout, purpose)
            made = publish(
                stage.house.epochs,
                program,
                stage.epoch,
                valid_from=now,
                valid_until=now + EPOCH_SECONDS,
                authority=stage.authority,
                engine=NativeEngine(),
            )
            stage.programs[purpose] = program
            stage.gas["epoch, one purpose"] = made.gas_used
        marks = marks_bytes(stage.programs[Purpose.MAINTENANCE])
        stage.paid("show the marks", acts.prepare_marks(stage.house, stage.authority, stage.epoch, marks))


def _fund(stage: Stage, dollars: dict[Person, int]) -> None:
    with stage.log.step("deposit", "four accounts deposit collateral and lock their escrow"):
        local = stage.compiled.local_token
        for person, amount in dollars.items():
            data = stage.connection.encode(stage.token, local.abi, "mint", person.address, 10**12)
            stage.connection.send(person.signer, stage.token, data, local.abi, "minting")
            stage.paid("deposit", acts.deposit(stage.house, person.signer, person.address, amount * TOKEN))
            acts.deposit_escrow(stage.house, person.signer, person.address, Parameters().escrow)


def _bond(stage: Stage, liquidators: Sequence[Person]) -> None:
    for person in liquidators:
        acts.bond_liquidator(stage.house, person.signer, custody.encryption_key(person.identity))


# ---- the story ----


def _trade(stage: Stage, buyer: Person, seller: Person) -> None:
    """The buyer takes puts from the seller at their marks: the price is cash inside the traded book."""
    positions = _lots(stage, {PUT: Decimal("0.6"), CALL: Decimal("0.1")})
    one, other = stage.trader(buyer), stage.trader(seller)
    with stage.log.step(
        "trade", f"{seller.name} sells options to {buyer.name}: each proves its own side, nobody's book shows"
    ):
        offered = trading.offer(one, seller.address, positions, stage.connection.now() + HOUR)
        ticket = trading.accept(other, offered)
        sides = [trading.side(trader, ticket, stage.receipts) for trader in (one, other)]
        band = trading.trade_band(one, ticket)
        stage.paid("trade", acts.send_trade(stage.house, buyer.signer, ticket.trade, sides[0], sides[1], band))


def _lots(stage: Stage, quantities: dict[str, Decimal]) -> tuple[int, ...]:
    """Return a traded book: instruments at their marks against cash, rounded to a cash lot."""
    listing, marks = stage.layout.listing, stage.programs[Purpose.MAINTENANCE].mark
    out = [0] * len(listing.places)
    value = 0
    for name, quantity in quantities.items():
        place = listing.index(name)
        slot = listing.places[place] if place is not None else None
        if place is None or slot is None:
            raise ChainError(f"{name} is not listed")
        out[place] = int(quantity.scaleb(-slot.lot_exponent))
        value += out[place] * marks[place]
    cash = listing.index(listing.settlement_unit)
    assert cash is not None
    out[cash] = -(value // marks[cash])
    return tuple(out)


def _silence(stage: Stage, silent: Person, other: Person) -> None:
    house, log = stage.house, stage.log
    stage.anvil.advance(HOUR)
    _publish(stage, Decimal("0.93"), timedelta(hours=1))
    with log.step("prove", f"{other.name} proves maintenance margin on the new epoch; {silent.name} is silent: Due"):
        stage.paid("status proof", trading.prove_status(stage.trader(other)))
    _expect_refusal(stage, "a call before the grace is over", lambda: acts.call(house, other.signer, silent.address))
    stage.anvil.advance(20 * 60 + 1)
    with log.step("call", f"anyone calls {silent.name}; the late fee leaves the escrow"):
        stage.paid("call", acts.call(house, other.signer, silent.address))
    _expect_refusal(
        stage, "an escalation before the deadline", lambda: acts.escalate(house, other.signer, silent.address)
    )
    stage.anvil.advance(HOUR + 60)
    stage.connection.request("anvil_mine", [hex(300)])
    with log.step("escalate", "the deadline passes without an answer: anyone escalates, the auction begins"):
        stage.paid("escalate", acts.escalate(house, other.signer, silent.address))


def _disclose(stage: Stage, owner: Person, *, public: bool) -> None:
    """A custodian holds the present opening, by its receipts or by what followed from them."""
    state = book_account(stage.house, owner.address)
    opening = stage.trader(owner).stored(state.commitment) if not public else _held(stage, owner)
    if public:
        data = custody.public_disclosure(opening)
    else:
        data = custody.seal_for(list(custody.bonded_keys(stage.house).values()), opening)
    acts.disclose(stage.house, stage.custodians[0], owner.address, data)


def _held(stage: Stage, owner: Person) -> Opening:
    """What the custodian received with the last receipt: the opening before the first tranche."""
    events = custody.book_events(stage.house, owner.address)
    return stage.trader(owner).stored(events[-1 - (4 - auction_of(stage.house, owner.address).parts)].commitment)


def _sales(stage: Stage, silent: Person, buyers: Sequence[tuple[Person, int]]) -> None:
    for taker, wait in buyers:
        if wait:
            stage.anvil.advance(wait)
        trader = stage.trader(taker)
        if not is_healthy(stage.house, taker.address):
            trading.prove_status(trader)
        identity = taker.identity
        lot = auction.defaulted_book(stage.venue, silent.address, identity)
        with stage.log.step("value", "  revealing the marked value of the book that is left"):
            value, sent = auction.reveal_value(trader, lot)
            stage.paid("reveal the value", sent)
        moved = auction.quote(trader, silent.address)
        title = f"  {taker.name} takes a tranche: proves {{own + tranche}} and pays {moved.payment / TOKEN:.2f} USD"
        if auction_of(stage.house, silent.address).parts == 4:
            low = partial(auction.take, trader, lot, stage.receipts, most_paid=moved.payment // 2)
            _expect_refusal(stage, "a bid below the price", low)
        with stage.log.step("bid", title):
            stage.paid("bid", auction.take(trader, lot, stage.receipts))
        stage.log.say(f"    book worth {value / MONEY:.2f} USD, collateral with it {moved.share / TOKEN:.2f} USD")


def _expect_refusal(stage: Stage, what: str, act: Callable[[], Any]) -> None:
    try:
        act()
    except ZkMarginError as error:
        stage.log.say(f"  {what}: {error}")
        return
    raise AssertionError(f"{what} was accepted")


def _close(stage: Stage, silent: Person) -> int:
    """The silent owner comes back and takes the residue: nothing is owed, so no proof is needed."""
    state = book_account(stage.house, silent.address)
    if state.commitment or auction_of(stage.house, silent.address).parts:
        raise AssertionError("the auction is not over")
    with stage.log.step("withdraw", f"{silent.name} withdraws the residue of {state.balance / TOKEN:.2f} USD"):
        before = token_balance(stage.connection, stage.token, silent.address)
        acts.request_withdrawal(stage.house, silent.signer, silent.address, state.balance)
        stage.paid("withdraw, zero book", trading.execute_withdrawal(stage.trader(silent)))
    return token_balance(stage.connection, stage.token, silent.address) - before


def _result(stage: Stage, residue: int) -> dict[str, Any]:
    sums = totals(stage.house)
    held = token_balance(stage.connection, stage.token, stage.house.address)
    if held + sums.deficit != sums.owed:
        raise AssertionError("tokens and deficit are not what is owed")
    stage.log.say("tokens + deficit = balances + escrows + pending + bonds + fund + booked, to the last unit")
    usd = {name: f"{getattr(sums, name) / TOKEN:.6f}" for name in vars(sums)}
    return {
        "tier": stage.layout.tier.name,
        "residue_usd": f"{residue / TOKEN:.6f}",
        "tokens_usd": f"{held / TOKEN:.6f}",
        "totals_usd": usd,
        "gas": stage.gas,
        "seconds": {name: round(value, 3) for name, value in stage.log.seconds.items()},
    }
