"""The chain's verbs tried with wrong input, against one local chain."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.devnet import TRADER, Devnet, Run, devnet, done, zkmargin
from verifier.chain.connection import Connection

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


def prove(desk: Desk, name: str, *arguments: object) -> Path:
    """Request and prove with the registered opening; return the proof's folder."""
    request, proof = desk.request(name, *arguments), desk.net.folder / f"{name}-proof"
    done("prove", *desk.private, "--request", request, "--out", proof)
    return proof


def test_a_proof_of_another_opening_says_so(desk: Desk, tmp_path: Path) -> None:
    made = done(
        *("commit", "--program", desk.net.program, "--portfolio", desk.book, "--account", TRADER, "--sequence", 1),
        *("--store", tmp_path / "store", "--identity", tmp_path / "identity", "--new-identity"),
    )
    files = ("--program", desk.net.program, "--opening", made["opening"], "--identity", tmp_path / "identity")
    done("prove", *files, "--request", desk.request("other"), "--out", tmp_path / "proof")
    sent = desk.verb("submit", "--proof", tmp_path / "proof", "--devnet-account", 3)
    refused(sent, 5, "InvalidProof", "the opening is not the registered commitment", "commit the book")


def test_a_proof_file_is_not_its_folder(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text("{}")
    sent = desk.verb("submit", "--proof", tmp_path / "proof.json", "--devnet-account", 3)
    refused(sent, 3, "is a file; give the folder", str(tmp_path))


def test_a_proven_withdrawal_is_executed_by_the_account_alone(desk: Desk) -> None:
    stranger = "0x" + "22" * 20
    done("submit", "--deployment", desk.net.deployment, "--proof", prove(desk, "first"), "--devnet-account", 3)
    withdrawal = ("--action", "withdraw", "--recipient", stranger, "--amount", 400_000_000, "--vault", 600)
    proof = prove(desk, "withdrawal", *withdrawal)
    refused(desk.verb("submit", "--proof", proof, "--devnet-account", 3), 4, "only the account itself", TRADER)
    refused(desk.verb("submit", "--proof", proof, "--proof", proof, "--devnet-account", 1), 3, "action withdraw")
    sent = done("submit", "--deployment", desk.net.deployment, "--proof", proof, "--devnet-account", 1)
    assert sent["action"] == "withdraw"
    status = done("status", "--deployment", desk.net.deployment, "--account", TRADER)
    assert status["vault_balance_token_units"] == "600000000"
    assert status["standing"][0]["proven"] is True
    moved = done("withdraw", "--deployment", desk.net.deployment, "--amount", 100, "--devnet-account", 1)
    assert moved["vault_balance_token_units"] == "500000000"
    status = done("status", "--deployment", desk.net.deployment, "--account", TRADER)
    assert status["standing"][0]["proven"] is False
    refused(desk.verb("withdraw", "--amount", 501, "--devnet-account", 1), 5, "holds less in the vault")
    for recipient in ("0x5", "0x" + "00" * 20):
        run = desk.verb("withdraw", "--amount", 1, "--recipient", recipient, "--devnet-account", 1)
        refused(run, 3, "--recipient")


def test_an_update_goes_in_with_its_attestation_and_keeps_the_status(desk: Desk, tmp_path: Path) -> None:
    """Account 2, so that account 1 keeps its sequence."""
    account = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
    book, identity = tmp_path / "book.csv", tmp_path / "identity"
    openings = []
    for sequence, text in ((1, BOOK), (2, BOOK.replace("90000", "95000"))):
        book.write_text(text)
        made = done(
            *("commit", "--program", desk.net.program, "--portfolio", book, "--account", account),
            *("--sequence", sequence, "--store", tmp_path / "store", "--identity", identity),
            *(("--new-identity",) if sequence == 1 else ()),
        )
        openings.append(made["opening"])

    def attest(opening: str, *more: object) -> Run:
        files = ("--program", desk.net.program, "--opening", opening, "--identity", identity)
        return desk.verb("attest", *files, "--custodian-devnet-account", 0, "--trader-devnet-account", 2, *more)

    def proof(name: str, opening: str, *arguments: object) -> Path:
        wanted, out = tmp_path / f"{name}.json", tmp_path / name
        done("request", "--deployment", desk.net.deployment, "--account", account, *arguments, "--out", wanted)
        files = ("--program", desk.net.program, "--opening", opening, "--identity", identity)
        done("prove", *files, "--request", wanted, "--out", out)
        return out

    assert attest(openings[0]).code == 0
    first = proof("status", openings[0])
    done("submit", "--deployment", desk.net.deployment, "--proof", first, "--devnet-account", 3)
    update = proof("update", openings[1], "--action", "update")
    refused(desk.verb("submit", "--proof", update, "--devnet-account", 2), 2, "attest --proof")
    refused(attest(openings[1], "--proof", first), 4, "another commitment")
    assert attest(openings[1], "--proof", update).code == 0
    status = done("status", "--deployment", desk.net.deployment, "--account", account)
    assert (status["sequence"], status["standing"][0]["proven"]) == (2, True)


def test_a_request_is_refused_where_the_contract_would_refuse_its_proof(desk: Desk, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "request.json")
    nobody = "0x" + "33" * 20
    refused(desk.verb("request", "--account", nobody, *out), 5, "has no commitment on chain", "attest")
    account = ("--account", TRADER)
    refused(desk.verb("request", *account, "--vault", 1001, *out), 3, "--vault", "holds less")
    refused(desk.verb("request", *account, "--vault", "1e40", *out), 3, "--vault", "holds less")
    withdraw = (*account, "--action", "withdraw")
    refused(desk.verb("request", *withdraw, "--amount", 5, *out), 2, "--recipient and --amount")
    refused(desk.verb("request", *withdraw, "--recipient", nobody, *out), 2, "--recipient and --amount")
    paid = (*withdraw, "--recipient", nobody, "--amount")
    refused(desk.verb("request", *paid, 10**12, *out), 3, "--amount", "holds less")
    refused(desk.verb("request", *paid, 10**6, "--vault", 1000, *out), 3, "--vault", "after the withdrawal")
    refused(desk.verb("request", *account, "--amount", 5, *out), 2, "--action withdraw")
    assert not (tmp_path / "request.json").exists()


def test_an_output_that_cannot_be_written_costs_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    connection = Connection(desk.net.rpc)
    blocks = connection.web3.eth.block_number
    for out in ("/proc/d.json", tmp_path / "none" / "d.json", tmp_path):
        run = zkmargin("deploy", "--tier", "grid", "--rpc", desk.net.rpc, "--devnet-account", 0, "--out", out)
        refused(run, 3, str(out))
    assert connection.web3.eth.block_number == blocks
    request = desk.request("written")
    for out in ("/proc/proof", tmp_path / "file", tmp_path / "file" / "proof"):
        run = zkmargin("prove", *desk.private, "--request", request, "--out", out)
        refused(run, 3, str(out))
        assert "proving" not in run.err
    for keep in ("/proc/keep", tmp_path / "file"):
        run = zkmargin("demo", "--keep", keep)
        refused(run, 3, str(keep))
        assert "reading the market" not in run.err
    assert (tmp_path / "file").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_proof_that_is_not_valid_is_exit_1_and_json_says_so(desk: Desk, tmp_path: Path) -> None:
    good = prove(desk, "verified")
    other = desk.request("verified-other", "--ratio", 12500)
    proof, signals = (json.loads((good / name).read_text()) for name in ("proof.json", "public.json"))
    off_curve = proof | {"pi_a": [proof["pi_a"][0], str(int(proof["pi_a"][1]) + 1), "1"]}
    cases = {
        "swapped": (proof | {"pi_a": proof["pi_c"]}, signals, ()),
        "off the curve": (off_curve, signals, ()),
        "no point": (proof | {"pi_b": "x"}, signals, ()),
        "a signal out of the field": (proof, [*signals[:-1], str(1 << 254)], ()),
        "another context": (proof, [*signals[:-1], "5"], ()),
        "another request": (proof, signals, ("--request", other)),
    }
    for name, (points, values, more) in cases.items():
        (tmp_path / "proof.json").write_text(json.dumps(points))
        (tmp_path / "public.json").write_text(json.dumps(values))
        files = ("--proof", tmp_path / "proof.json", "--public", tmp_path / "public.json")
        run = zkmargin("verify", "--program", desk.net.program, *files, *more, "--json")
        assert run.code == 1, name
        verdict = run.json()
        assert verdict["valid"] is False
        assert verdict["reason"] in run.sentence
        refused(zkmargin("verify", "--program", desk.net.program, *files, *more), 1)
    (tmp_path / "proof.json").write_text("{")
    refused(zkmargin("verify", "--program", desk.net.program, *files), 3, "not valid JSON")


def deploy(desk: Desk, *arguments: object, account: int = 0, **environment: str) -> Run:
    """Run `deploy` on the desk's chain."""
    out = desk.net.folder / "second.json"
    run = zkmargin(
        *("deploy", "--tier", "grid", "--rpc", desk.net.rpc, "--devnet-account", account, "--out", out, *arguments),
        **environment,
    )
    assert out.exists() is (run.code == 0)
    return run


def test_a_deployment_is_refused_before_any_transaction(desk: Desk, tmp_path: Path) -> None:
    connection = Connection(desk.net.rpc)
    blocks = connection.web3.eth.block_number
    for name in ("--custodian", "--epoch-authority", "--token"):
        for address in ("0x12", "0x" + "00" * 20, TRADER[:-1] + "9"):
            refused(deploy(desk, name, address), 3, name)
    refused(deploy(desk, "--token", "0x" + "11" * 20), 3, "--token: there is no contract at")
    refused(deploy(desk, account=50), 5, "has not the coins that its gas costs; fund it")
    (tmp_path / "bin").mkdir()
    refused(deploy(desk, PATH=str(tmp_path / "bin")), 6, "Node.js 20 or later is missing")
    assert connection.web3.eth.block_number == blocks


@pytest.mark.parametrize("account", ["0x12", "me", TRADER[:-1] + "9"])
def test_an_account_that_is_none_is_refused(desk: Desk, account: str, tmp_path: Path) -> None:
    refused(desk.verb("status", "--account", account), 3, "--account")
    refused(desk.verb("request", "--account", account, "--out", tmp_path / "request.json"), 3, "--account")


def test_a_deposit_without_tokens_or_coins_says_what_to_do(desk: Desk) -> None:
    refused(desk.verb("deposit", "--amount", 5, "--devnet-account", 4), 5, "holds less of the token", "--mint")
    refused(desk.verb("deposit", "--amount", 5, "--mint", "--devnet-account", 50), 5, "coins", "fund it")
