"""A private model by its verbs: blind, publish, sign, register, prove, submit; and what does not match."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.devnet import MARKET, TRADER, Run, done, zkmargin
from verifier.chain.anvil import Anvil
from verifier.program_file import load_program

VENUE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
LISTING = "USD\nBTC\nBTC-27MAR26-100000-C\nBTC-27MAR26-80000-P\nBTC-30JAN26-90000-C\n"
BOOK = "instrument,quantity\nUSD,90000\nBTC,1\nBTC-27MAR26-100000-C,-2\nBTC-27MAR26-80000-P,-1\n"


@dataclass(frozen=True)
class Pair:
    """A venue (account 0) and a trader (account 1) with a registry between them; files in `folder`."""

    anvil: Anvil
    folder: Path

    @property
    def deployment(self) -> Path:
        return self.folder / "bilateral.json"

    def verb(self, name: str, *arguments: object) -> Run:
        return zkmargin("private", name, "--deployment", self.deployment, *arguments)

    def done(self, name: str, *arguments: object) -> dict[str, object]:
        made: dict[str, object] = done("private", name, "--deployment", self.deployment, *arguments)
        return made

    def hidden(self, name: str, plain: Path) -> Path:
        """Blind a program; return its file."""
        out = self.folder / f"{name}.json"
        done("private", "blind", "--program", plain, "--out", out)
        return out

    def committed(self, program: Path, sequence: int) -> tuple[Path, Path]:
        """Commit to the book, have it signed and register it; return opening and identity."""
        identity = self.folder / "identity"
        new = () if identity.exists() else ("--new-identity",)
        (self.folder / "book.csv").write_text(BOOK)
        made = done(
            *("commit", "--program", program, "--portfolio", self.folder / "book.csv", "--account", TRADER),
            *("--sequence", sequence, "--store", self.folder / "openings", "--identity", identity, *new),
        )
        signature = self.folder / f"signature-{sequence}.json"
        book = ("--program", program, "--opening", made["opening"], "--identity", identity)
        self.done("sign", *book, "--out", signature, "--devnet-account", 0)
        self.done("register", "--signature", signature, "--devnet-account", 1)
        return Path(made["opening"]), identity


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled program; its numbers are what the venue keeps to itself."""
    folder = tmp_path_factory.mktemp("private")
    (folder / "listing.txt").write_text(LISTING)
    done("epoch", "compile", *MARKET, "--instruments", folder / "listing.txt", "--out", folder / "plain.json")
    return folder / "plain.json"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with Anvil() as anvil:
        parties = ("--venue", VENUE, "--trader", TRADER, "--devnet-account", 5)
        out = ("--out", tmp_path / "bilateral.json")
        done("private", "deploy", "--tier", "grid", "--rpc", anvil.connection.url, *parties, *out)
        yield Pair(anvil, tmp_path)


@pytest.mark.slow
def test_a_trader_proves_under_a_model_that_nobody_else_learns(pair: Pair, plain: Path) -> None:
    hidden = pair.hidden("hidden", plain)
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o600
    pair.done("publish", "--program", hidden, "--number", 1, "--devnet-account", 0)
    assert pair.done("check", "--program", hidden)["matches"] is True
    opening, identity = pair.committed(hidden, 1)
    request, proof = pair.folder / "request.json", pair.folder / "proof"
    pair.done("request", "--program", hidden, "--out", request)
    common = ("--program", hidden, "--opening", opening, "--identity", identity, "--request", request)
    done("prove", *common, "--out", proof)
    stranger = pair.verb("submit", "--proof", proof, "--devnet-account", 3)
    assert stranger.code == 5 and "NotAParty" in stranger.sentence
    sent = pair.done("submit", "--proof", proof, "--devnet-account", 1)
    assert isinstance(sent["gas"], int) and sent["gas"] <= 270_000
    status = pair.done("status")
    assert status["venue"] == VENUE and status["trader"] == TRADER
    standing = status["standing"]
    assert isinstance(standing, list)
    assert [row["proven"] for row in standing] == [True, False]
    again = pair.verb("submit", "--proof", proof, "--devnet-account", 1)
    assert again.code == 5 and "NonceMismatch" in again.sentence
    _nothing_of_the_program_is_on_chain(pair, hidden)
    _a_new_book_clears_the_status(pair, hidden)


def _nothing_of_the_program_is_on_chain(pair: Pair, hidden: Path) -> None:
    """Look for the blind, the listing's hash and every large number of the program in all calldata ever sent."""
    connection = pair.anvil.connection
    sent = b""
    for number in range(int(connection.request("eth_blockNumber", []), 16) + 1):
        for transaction in connection.request("eth_getBlockByNumber", [hex(number), True])["transactions"]:
            sent += bytes.fromhex(str(transaction["input"]).removeprefix("0x"))
    program = load_program(hidden)
    large = {value for value in program.prepared_values() if abs(value) > 1 << 20}
    assert len(large) > 50
    for value in large:
        shortest = abs(value).to_bytes((abs(value).bit_length() + 7) // 8, "big")
        assert len(shortest) < 4 or shortest not in sent


def _a_new_book_clears_the_status(pair: Pair, hidden: Path) -> None:
    pair.committed(hidden, 2)
    standing = pair.done("status")["standing"]
    assert isinstance(standing, list)
    assert [row["proven"] for row in standing] == [False, False]


@pytest.mark.slow
def test_a_program_that_does_not_match_the_point_is_told(pair: Pair, plain: Path) -> None:
    hidden, given = pair.hidden("hidden", plain), pair.hidden("given", plain)
    run = pair.verb("check", "--program", hidden)
    assert run.code == 5 and "has not published an epoch" in run.sentence
    pair.done("publish", "--program", hidden, "--number", 1, "--devnet-account", 0)
    opening, identity = pair.committed(hidden, 1)
    out = pair.folder / "request.json"
    for verb in (("check",), ("request", "--out", out)):
        run = pair.verb(verb[0], "--program", given, *verb[1:])  # the same numbers under another blind
        assert run.code == 4 and "its point is another" in run.sentence
    assert not out.exists()
    # a request that the trader makes all the same leads to a proof that the contract refuses
    pair.done("request", "--program", hidden, "--out", out)
    common = ("--program", given, "--opening", opening, "--identity", identity, "--request", out)
    done("prove", *common, "--out", pair.folder / "proof")
    run = pair.verb("submit", "--proof", pair.folder / "proof", "--devnet-account", 1)
    assert run.code == 5 and "InvalidProof" in run.sentence


@pytest.mark.slow
def test_what_does_not_belong_is_refused_in_one_sentence(pair: Pair, plain: Path) -> None:
    publish = ("publish", "--number", 1, "--devnet-account", 0, "--program")
    run = pair.verb(*publish, plain)
    assert run.code == 3 and "has no blind" in run.sentence
    hidden = pair.hidden("hidden", plain)
    run = pair.verb("publish", "--number", 1, "--devnet-account", 1, "--program", hidden)
    assert run.code == 5 and "NotAParty" in run.sentence
    pair.done(*publish, hidden)
    run = pair.verb(*publish, hidden)
    assert run.code == 5 and "NumberNotAscending" in run.sentence
    run = pair.verb("request", "--program", hidden, "--out", pair.folder / "request.json")
    assert run.code == 5 and "no commitment" in run.sentence
    opening, identity = pair.committed(hidden, 1)
    book = ("--program", hidden, "--opening", opening, "--identity", identity, "--out", pair.folder / "s.json")
    run = pair.verb("sign", *book, "--devnet-account", 0)
    assert run.code == 4 and "--sequence 2" in run.sentence
    run = pair.verb("sign", *book, "--devnet-account", 1)
    assert run.code == 4 and "not the venue's" in run.sentence
    assert not (pair.folder / "s.json").exists()
    run = zkmargin("status", "--deployment", pair.deployment, "--account", TRADER)
    assert run.code == 3 and "zkmargin deploy" in run.sentence
    parties = ("--venue", VENUE, "--trader", VENUE, "--devnet-account", 5, "--out", pair.folder / "d.json")
    run = zkmargin("private", "deploy", "--tier", "grid", "--rpc", pair.anvil.connection.url, *parties)
    assert run.code == 2 and "two parties" in run.sentence
    signed = pair.folder / "signature-1.json"
    signed.write_text(signed.read_text().replace('"sequence"', '"sequel"'))
    run = pair.verb("register", "--signature", signed, "--devnet-account", 1)
    assert run.code == 3 and "field" in run.sentence
