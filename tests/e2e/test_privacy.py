"""Two very different books with equal public figures look the same to whoever watches the chain."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.devnet import Devnet, devnet, done
from verifier.chain.connection import Connection

SMALL_LONG = "instrument,quantity\nUSD,30000\nBTC-30JAN26-90000-C,0.5\n"
LARGE_MIXED = (
    "instrument,quantity\nUSD,900000.123456\nBTC,3\nETH,40\nBTC-30JAN26-90000-C,-4\nBTC-30JAN26-85000-P,9\n"
    "BTC-27MAR26-100000-C,-6.5\nBTC-27MAR26-80000-P,-3\nETH-30JAN26-3000-P,70\nETH-27MAR26-3400-C,-110\n"
)
TRADERS = {
    1: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    2: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
}


@dataclass(frozen=True)
class Seen:
    """What a transaction shows, apart from the random-looking bytes themselves."""

    to: str
    calldata_length: int
    selector: str
    gas_less_calldata: int
    events: tuple[tuple[str, int, int], ...]
    """(kind, topics, data length)."""


def seen(connection: Connection, transaction: str) -> Seen:
    sent: Any = connection.web3.eth.get_transaction(transaction)
    receipt: Any = connection.web3.eth.get_transaction_receipt(transaction)
    data = bytes(sent["input"])
    calldata = sum(16 if byte else 4 for byte in data)
    events = tuple((log["topics"][0].hex(), len(log["topics"]), len(log["data"])) for log in receipt["logs"])
    return Seen(sent["to"], len(data), data[:4].hex(), receipt["gasUsed"] - calldata, events)


def submissions(net: Devnet, book: Path, number: int) -> tuple[str, ...]:
    """Open an account, prove and submit twice (first and repeated status); return the transactions."""
    trader, name = TRADERS[number], f"trader{number}"
    opening = net.open_account(number, book, trader=trader, name=name)
    sent = []
    for _ in range(2):
        proof = net.prove(trader, opening, name=name)
        sent.append(done("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 5))
    return tuple(entry["transaction"] for entry in sent)


def test_books_of_one_tier_cannot_be_told_apart(tmp_path: Path) -> None:
    for number, text in ((1, SMALL_LONG), (2, LARGE_MIXED)):
        (tmp_path / f"book{number}.csv").write_text(text)
    with devnet(tmp_path) as net:
        connection = Connection(net.rpc)
        mine, other = (
            [seen(connection, sent) for sent in submissions(net, tmp_path / f"book{number}.csv", number)]
            for number in (1, 2)
        )
        assert mine == other
        assert seen(connection, net.attested[1]) == seen(connection, net.attested[2])


def test_a_proof_has_the_size_of_every_other(tmp_path: Path) -> None:
    """Public signals differ only in commitment and context; the proof has 256 bytes whatever the book."""
    (tmp_path / "book.csv").write_text(SMALL_LONG)
    with devnet(tmp_path) as net:
        opening = net.open_account(1, tmp_path / "book.csv", trader=TRADERS[1])
        assert opening.stat().st_size > 0
        proof = net.prove(TRADERS[1], opening)
        sent = done("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 5)
        assert seen(Connection(net.rpc), sent["transaction"]).calldata_length == 4 + 32 * 17
