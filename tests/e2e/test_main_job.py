"""The main job by its verbs, for both tiers."""

import json
from pathlib import Path

import pytest

from tests.e2e.devnet import EXAMPLES, MARKET, TRADER, devnet, done, zkmargin

BTC_LISTING = "USD\nBTC\nBTC-27MAR26-100000-C\nBTC-27MAR26-80000-P\nBTC-30JAN26-90000-C\n"
BTC_BOOK = "instrument,quantity\nUSD,90000\nBTC,1\nBTC-27MAR26-100000-C,-2\nBTC-27MAR26-80000-P,-1\n"


@pytest.mark.slow
@pytest.mark.parametrize(("tier", "listed"), [("grid", "btc"), ("portfolio", "btc"), ("portfolio", "all")])
def test_the_verbs_lead_from_a_snapshot_to_a_proven_account(tier: str, listed: str, tmp_path: Path) -> None:
    listing, book = EXAMPLES / "listing.txt", EXAMPLES / "portfolios" / "desk.csv"
    if listed == "btc":  # one underlying fits the grid tier; --tier pads it to the larger one
        listing, book = tmp_path / "listing.txt", tmp_path / "book.csv"
        listing.write_text(BTC_LISTING)
        book.write_text(BTC_BOOK)
        assert done("margin", *MARKET, "--portfolio", book)["tier"] == "grid"
        assert done("margin", *MARKET, "--portfolio", book, "--tier", tier)["tier"] == tier
    with devnet(tmp_path, tier, listing) as net:
        opening = net.open_account(1, book, trader=TRADER)
        proof = net.prove(TRADER, opening)
        files = ("--proof", proof / "proof.json", "--public", proof / "public.json")
        verdict = done("verify", "--program", net.program, *files, "--request", proof / "request.json")
        assert verdict["engines"] == {"reference": True, "native": True}
        sent = done("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 3)
        assert sent["gas"] <= 262_000
        status = done("status", "--deployment", net.deployment, "--account", TRADER)
        assert [row["proven"] for row in status["standing"]] == [True, False]
        again = zkmargin("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 3)
        assert again.code == 5
        assert "NonceMismatch" in again.sentence


def test_other_refusals_of_one_proof(tmp_path: Path) -> None:
    with devnet(tmp_path, "grid", _write(tmp_path / "l.txt", BTC_LISTING)) as net:
        book = _write(tmp_path / "book.csv", BTC_BOOK)
        opening = net.open_account(1, book, trader=TRADER)
        proof = net.prove(TRADER, opening)
        # another tier's key, another program, a changed public signal, a changed proof
        other = tmp_path / "mm.json"
        done("epoch", "compile", *MARKET, "--instruments", tmp_path / "l.txt", "--purpose", "mm", "--out", other)
        files = ("--proof", proof / "proof.json", "--public", proof / "public.json")
        run = zkmargin("verify", "--program", other, *files)
        assert run.code == 4 and "of another program" in run.sentence
        padded = tmp_path / "padded.json"
        done("epoch", "compile", *MARKET, "--instruments", tmp_path / "l.txt", "--tier", "portfolio", "--out", padded)
        run = zkmargin("verify", "--program", padded, *files)
        assert run.code == 4 and "of another circuit" in run.sentence
        public = tmp_path / "public.json"
        signals = json.loads((proof / "public.json").read_text())
        public.write_text(json.dumps([*signals[:-1], str(int(signals[-1]) ^ 1)]))
        run = zkmargin("verify", "--program", net.program, "--proof", proof / "proof.json", "--public", public)
        assert run.code == 1 and "not valid" in run.sentence
        # a request of one registry is not a request of another chain's
        run = zkmargin("status", "--deployment", net.deployment, "--account", TRADER, "--rpc", "http://127.0.0.1:1")
        assert run.code == 5
        assert "cannot be reached" in run.sentence
        # short of margin: a sentence and exit 1, from check and from prove, and no file
        short = tmp_path / "short.csv"
        short.write_text("instrument,quantity\nUSD,1\nBTC-27MAR26-100000-C,-9\n")
        made = done(
            *("commit", "--program", net.program, "--portfolio", short, "--account", TRADER, "--sequence", 1),
            *("--store", tmp_path / "s2", "--identity", tmp_path / "other-identity", "--new-identity"),
        )
        common = ("--program", net.program, "--opening", made["opening"], "--identity", tmp_path / "other-identity")
        request = ("--request", tmp_path / "desk-request.json")
        for verb in (("check",), ("prove", "--out", tmp_path / "none")):
            run = zkmargin(verb[0], *common, *request, *verb[1:])
            assert run.code == 1 and "margin is not met" in run.sentence
        assert not (tmp_path / "none").exists()


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
