"""The chain's verbs tried with wrong input, against one local chain."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.devnet import TRADER, Devnet, Run, devnet, done, zkmargin

LISTING = "USD\nBTC\nBTC-27MAR26-100000-C\nBTC-27MAR26-80000-P\nBTC-30JAN26-90000-C\n"
BOOK = "instrument,quantity\nUSD,90000\nBTC,1\nBTC-27MAR26-100000-C,-2\nBTC-27MAR26-80000-P,-1\n"


@dataclass(frozen=True)
class Desk:
    """A chain with a published epoch, and account 1 with its opening (attested) and 1,000 USD in the vault."""

    net: Devnet
    opening: Path
    book: Path

    @property
    def private(self) -> tuple[object, ...]:
        """The options that name program, opening and identity."""
        return (
            *("--program", self.net.program, "--opening", self.opening),
            *("--identity", self.net.folder / "desk-identity"),
        )

    def verb(self, name: str, *arguments: object) -> Run:
        """Run a verb on the deployment."""
        return zkmargin(name, "--deployment", self.net.deployment, *arguments)

    def request(self, name: str, *arguments: object) -> Path:
        """Make a request of account 1; return its file."""
        out = self.net.folder / f"{name}.json"
        done("request", "--deployment", self.net.deployment, "--account", TRADER, *arguments, "--out", out)
        return out


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    listing, book = folder / "listing.txt", folder / "book.csv"
    listing.write_text(LISTING)
    book.write_text(BOOK)
    with devnet(folder, "grid", listing) as net:
        yield Desk(net, net.open_account(1, book, trader=TRADER), book)


def refused(run: Run, code: int, *words: str) -> None:
    """Demand one sentence with the words, the exit code, and nothing on standard output."""
    assert run.code == code, run.err
    for word in words:
        assert word in run.sentence
    assert run.out == ""


@pytest.mark.parametrize("recipient", ["0x5", "five", "0x" + "00" * 20, TRADER[:-1] + "9"])
def test_a_recipient_that_is_none_is_refused(desk: Desk, recipient: str, tmp_path: Path) -> None:
    out = tmp_path / "request.json"
    withdrawal = ("--action", "withdraw", "--recipient", recipient, "--amount", 100)
    refused(desk.verb("request", "--account", TRADER, *withdrawal, "--out", out), 3, "--recipient")
    assert not out.exists()


def changed(request: Path, out: Path, **fields: object) -> Path:
    """Write a request with some fields changed; return its file."""
    out.write_text(json.dumps(json.loads(request.read_text()) | fields))
    return out


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"purpose": "maintenance"}, 4, "the program is of initial margin"),
        ({"verifying_key_hash": "0x" + "00" * 32}, 4, "another verifying key"),
        ({"account": "0x" + "11" * 20}, 4, "is of account"),
        ({"sequence": 7}, 4, "is of sequence 1"),
        ({"action": "withdraw", "amount": "5"}, 3, "zero address"),
        ({"action": "withdraw", "recipient": TRADER}, 3, "of nothing"),
        ({"action": "withdraw", "recipient": "0x5"}, 3, "field recipient"),
    ],
)
def test_a_request_of_something_else_is_refused_by_check_and_prove(
    desk: Desk, fields: dict[str, object], code: int, words: str, tmp_path: Path
) -> None:
    request = changed(desk.request("plain"), tmp_path / "request.json", **fields)
    refused(zkmargin("check", *desk.private, "--request", request), code, words)
    refused(zkmargin("prove", *desk.private, "--request", request, "--out", tmp_path / "proof"), code, words)
    assert not (tmp_path / "proof").exists()


def test_a_deadline_in_the_past_is_refused_by_check(desk: Desk, tmp_path: Path) -> None:
    request = changed(desk.request("plain"), tmp_path / "request.json", deadline=1)
    refused(zkmargin("check", *desk.private, "--request", request), 3, "deadline has passed")


def test_an_opening_of_another_sequence_or_account_is_not_attested(desk: Desk, tmp_path: Path) -> None:
    made = done(
        *("commit", "--program", desk.net.program, "--portfolio", desk.book, "--account", TRADER, "--sequence", 7),
        *("--store", tmp_path / "store", "--identity", tmp_path / "identity", "--new-identity"),
    )
    files = ("--program", desk.net.program, "--opening", made["opening"], "--identity", tmp_path / "identity")
    for trader, words in ((1, "commit again with --sequence 2"), (2, "another account")):
        signers = ("--custodian-devnet-account", 0, "--trader-devnet-account", trader)
        refused(desk.verb("attest", *files, *signers), 4, words)
