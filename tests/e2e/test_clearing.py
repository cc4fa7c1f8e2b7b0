"""The clearing house by its verbs: trades between hidden books, steps, withdrawals, a default, an exit."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from prover.openings import Identity
from tests.e2e.devnet import MARKET, done, zkmargin
from verifier.chain.anvil import Anvil
from verifier.chain.clearing.pricing import price_bps

LISTING = "USD\nBTC\nBTC-27MAR26-100000-C\nBTC-27MAR26-80000-P\nBTC-30JAN26-90000-C\n"
BUY = "instrument,quantity\nBTC-27MAR26-80000-P,0.5\nBTC-27MAR26-100000-C,0.25\n"
ALICE, BOB, CAROL, KEEPER = 1, 2, 3, 4
CUSTODIANS = (5, 6, 7)
ADDRESSES = {
    0: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    1: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    2: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    3: "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    4: "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
    5: "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
    6: "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
    7: "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
}


class Desk:
    """Runs verbs of one clearing house; files are in `folder`."""

    def __init__(self, folder: Path, anvil: Anvil) -> None:
        self.folder, self.anvil = folder, anvil
        self.deployment = folder / "house.json"
        self.epochs = 0

    def at(self, number: int) -> tuple[object, ...]:
        return ("--deployment", self.deployment, "--devnet-account", number)

    @property
    def programs(self) -> tuple[object, ...]:
        return ("--initial", self.folder / "im.json", "--maintenance", self.folder / "mm.json")

    def own(self, number: int) -> tuple[object, ...]:
        return ("--store", self.folder / f"store{number}", "--identity", self.folder / f"identity{number}")

    @property
    def custodians(self) -> tuple[object, ...]:
        return tuple(part for number in CUSTODIANS[:2] for part in ("--custodian-devnet-account", number))

    def compile(self, listing: str = LISTING) -> None:
        (self.folder / "listing.txt").write_text(listing)
        for purpose in ("im", "mm"):
            out = self.folder / f"{purpose}.json"
            listed = ("--instruments", self.folder / "listing.txt", "--purpose", purpose)
            done("epoch", "compile", *MARKET, *listed, "--out", out)

    def deploy(self) -> None:
        custodians = (part for number in CUSTODIANS for part in ("--custodian", ADDRESSES[number]))
        done(
            *("house", "deploy", "--program", self.folder / "mm.json", "--rpc", self.anvil.connection.url),
            *("--devnet-account", 0, *custodians, "--threshold", 2, "--out", self.deployment),
        )

    def publish(self) -> None:
        self.epochs += 1
        done("house", "epoch", *self.at(0), *self.programs, "--number", self.epochs, "--valid-for", 4 * 3600)

    def open(self, number: int, amount: int) -> None:
        done("house", "deposit", *self.at(number), "--amount", amount, "--mint")
        done("house", "deposit", *self.at(number), "--amount", 100, "--to", "escrow", "--mint")
        made = self.folder / f"identity{number}"
        run = zkmargin(
            *("commit", "--program", self.folder / "mm.json", "--portfolio", self.folder / "none.csv"),
            *("--account", ADDRESSES[number], "--sequence", 1, "--store", self.folder / f"spare{number}"),
            *("--identity", made, "--new-identity"),
        )
        assert run.code == 0, run.err

    def account(self, number: int) -> dict:
        status = done("house", "status", "--deployment", self.deployment, "--account", ADDRESSES[number])
        return status["account"]

    def trade(self, buyer: int, seller: int, what: Path, *, signed: bool = False) -> None:
        ticket, agreed = self.folder / "ticket.json", self.folder / "agreed.json"
        done(
            *("trade", "offer", *self.at(buyer), *self.programs, *self.own(buyer)),
            *("--seller", ADDRESSES[seller], "--trade", what, "--out", ticket),
        )
        accepted = done(
            *("trade", "accept", *self.at(seller), *self.programs, *self.own(seller)),
            *("--ticket", ticket, "--out", agreed),
        )
        sides = []
        for number in (buyer, seller):
            side = self.folder / f"side{number}.json"
            receipts = self.custodians
            if signed and number == seller:
                receipts = self.receipts(number, Path(accepted["new_opening"]))
            done(
                *("trade", "sign", *self.at(number), *self.programs, *self.own(number), *receipts),
                *("--ticket", agreed, "--out", side),
            )
            sides += ["--side", side]
        done("trade", "submit", *self.at(KEEPER), "--ticket", agreed, *sides)

    def receipts(self, number: int, opening: Path) -> tuple[object, ...]:
        """Share an opening with two custodians, who sign receipts as files."""
        out: tuple[object, ...] = ()
        for custodian in CUSTODIANS[:2]:
            identity, shared = self.folder / f"custodian{custodian}", self.folder / f"shared{custodian}.age"
            made = self.folder / f"receipt{custodian}.json"
            recipient = _recipient(identity)
            done(
                *("house", "share", "--opening", opening, "--identity", self.folder / f"identity{number}"),
                *("--to", recipient, "--out", shared),
            )
            done(
                *("house", "receipt", *self.at(custodian), "--program", self.folder / "mm.json"),
                *("--opening", shared, "--identity", identity, "--out", made),
            )
            out += ("--receipt", made)
        return out


def _recipient(identity: Path) -> str:
    made = Identity.load(identity) if identity.exists() else Identity.create(identity)
    return made.recipient


@pytest.mark.slow
def test_the_verbs_lead_from_an_empty_house_to_a_closed_default(tmp_path: Path) -> None:  # noqa: PLR0915
    (tmp_path / "none.csv").write_text("instrument,quantity\nUSD,1\n")
    (tmp_path / "buy.csv").write_text(BUY)
    with Anvil() as anvil:
        desk = Desk(tmp_path, anvil)
        desk.compile()
        desk.deploy()
        desk.publish()
        for number, amount in ((ALICE, 9_000), (BOB, 40_000), (CAROL, 60_000)):
            desk.open(number, amount)
        done("house", "bond", *desk.at(CAROL), "--identity", tmp_path / "identity3", "--mint")

        # a trade at the marks between two hidden books, one side with receipts as files
        desk.trade(BOB, ALICE, tmp_path / "buy.csv", signed=True)
        assert desk.account(ALICE)["state"] == desk.account(BOB)["state"] == "healthy"
        for path in tmp_path.glob("side*.json"):
            assert "positions" not in path.read_text() and "salt" not in path.read_text()
        assert oct((tmp_path / "ticket.json").stat().st_mode & 0o777) == "0o600"

        # cash, a step, a status, a withdrawal on a later epoch
        done("house", "cash", *desk.at(BOB), *desk.programs, *desk.own(BOB), *desk.custodians, "--amount", 1000)
        (tmp_path / "funding.csv").write_text("instrument,amount\nBTC-27MAR26-80000-P,-12.5\n")
        done("house", "accrue", *desk.at(0), *desk.programs, "--accruals", tmp_path / "funding.csv")
        refused = zkmargin("house", "prove", *desk.at(BOB), *desk.programs, *desk.own(BOB))
        assert refused.code == 5 and "StepMismatch" in refused.sentence
        for number in (ALICE, BOB):
            done("settle", *desk.at(number), *desk.programs, *desk.own(number))
        done("withdraw", *desk.at(BOB), "--amount", 500)
        early = zkmargin("withdraw", *desk.at(BOB), "--execute", *desk.programs, *desk.own(BOB))
        assert early.code == 5 and "EpochMismatch" in early.sentence
        anvil.advance(3600)
        desk.publish()
        done("house", "prove", *desk.at(BOB), *desk.programs, *desk.own(BOB))
        done("withdraw", *desk.at(BOB), "--execute", *desk.programs, *desk.own(BOB))
        assert desk.account(BOB)["state"] == "healthy"
        assert desk.account(ALICE)["state"] == "due"

        # silence: call, deadline, auction
        silent = ("--account", ADDRESSES[ALICE])
        assert zkmargin("call", *desk.at(KEEPER), *silent).code == 5
        anvil.advance(20 * 60 + 5)
        done("call", *desk.at(KEEPER), *silent)
        assert zkmargin("escalate", *desk.at(KEEPER), *silent).code == 5
        anvil.advance(3700)
        anvil.connection.request("anvil_mine", [hex(301)])
        done("escalate", *desk.at(KEEPER), *silent)
        assert desk.account(ALICE)["state"] == "auction"
        book = desk.account(ALICE)["book"]

        # disclosure to the bonded liquidator, whose bids prove {own + tranche}
        opening = tmp_path / "store1" / f"{int(book, 16):064x}.age"
        done("disclose", *desk.at(CUSTODIANS[0]), *silent, "--opening", opening, "--identity", tmp_path / "identity1")
        bid = ("bid", *desk.at(CAROL), *desk.programs, *desk.own(CAROL), *silent)
        quoted = done(*bid, "--quote")
        assert float(quoted["payment_usd"]) > 0
        low = zkmargin(*bid, *desk.custodians, "--most", "1")
        assert low.code == 5 and "PriceAboveLimit" in low.sentence
        assert desk.account(ALICE)["tranches_left"] == 4
        deficit = zkmargin("deficit", *desk.at(CAROL), *desk.programs, *desk.own(CAROL), *silent)
        assert deficit.code == 1 and "no deficit" in deficit.sentence
        for left in (3, 2, 1, 0):
            assert done(*bid, *desk.custodians)["tranches_left"] == left
        closed = desk.account(ALICE)
        assert closed["state"] == "open, zero book" and closed["book"] == "zero"

        # the residue, without a proof
        done("withdraw", *desk.at(ALICE), "--amount", closed["balance_usd"])
        done("withdraw", *desk.at(ALICE), "--execute", *desk.programs, *desk.own(ALICE))

        # a transfer between two own accounts, and an exit that custodians answer
        (tmp_path / "move.csv").write_text("instrument,quantity\nBTC-27MAR26-80000-P,0.1\n")
        for money in (("--amount", 20_000), ("--amount", 100, "--to", "escrow")):
            done("house", "deposit", *desk.at(KEEPER), *money, "--mint")
        moved = done(
            *("transfer", *desk.at(BOB), "--to-devnet-account", KEEPER, *desk.programs, *desk.own(BOB)),
            *("--to-store", tmp_path / "store4", *desk.custodians, "--trade", tmp_path / "move.csv"),
        )
        assert moved["receiver"] == ADDRESSES[KEEPER]
        assert desk.account(KEEPER)["state"] == "healthy"
        # another listing: the call expires into cash at its settlement price, everything else keeps its place
        old, prices = tmp_path / "old.json", tmp_path / "prices.csv"
        (tmp_path / "mm.json").rename(old)
        desk.compile(LISTING.replace("BTC-27MAR26-100000-C", "BTC-27MAR26-110000-C"))
        prices.write_text("instrument,amount\nBTC-27MAR26-100000-C,1234.5\n")
        present = ("--present", old, "--next", tmp_path / "mm.json")
        assert done("house", "relist", *desk.at(0), *present, "--prices", prices)["settled"] == ["BTC-27MAR26-100000-C"]
        desk.publish()
        stale = zkmargin("house", "prove", *desk.at(BOB), *desk.programs, *desk.own(BOB))
        assert stale.code in (4, 5), stale.err
        done("settle", *desk.at(BOB), *desk.programs, *desk.own(BOB), "--old-program", old)
        done("house", "prove", *desk.at(BOB), *desk.programs, *desk.own(BOB))

        done("exit", *desk.at(BOB), "--demand")
        answers = ("--custodian-devnet-account", CUSTODIANS[0], "--custodian-devnet-account", CUSTODIANS[1])
        done("house", "acknowledge", "--deployment", desk.deployment, *answers, "--account", ADDRESSES[BOB])
        left = zkmargin("exit", *desk.at(BOB))
        assert left.code == 5 and "NothingOpen" in left.sentence
        sums = json.loads(zkmargin("house", "status", "--deployment", desk.deployment, "--json").out)["totals_usd"]
        assert float(sums["fund"]) == pytest.approx(95)


def test_prices_fall_from_98_percent_to_nothing() -> None:
    prices = [price_bps(second, 1200, 7200) for second in range(8500)]
    assert prices[0] == 9800 and prices[1200] == 8000 and prices[8400] == 0
    assert all(one >= other for one, other in pairwise(prices))
