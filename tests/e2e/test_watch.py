"""Watching a book on a live chain: a fresh proof is due, is made, is accepted, and is due no more."""

import json
from pathlib import Path

import pytest

from tests.e2e.devnet import EXAMPLES, MARKET, TRADER, devnet, done, zkmargin


@pytest.mark.slow
def test_a_due_proof_is_made_and_accepted(tmp_path: Path) -> None:
    desk = EXAMPLES / "portfolios" / "desk.csv"
    with devnet(tmp_path) as net:
        net.open_account(1, desk, trader=TRADER)
        watch = (
            *("watch", *MARKET, "--portfolio", desk, "--count", 1, "--threshold", "200000"),
            *("--deployment", net.deployment, "--account", TRADER, "--vault", "1000"),
        )
        openings = ("--store", tmp_path / "desk-openings", "--identity", tmp_path / "desk-identity")
        run = zkmargin(*watch, "--programs", tmp_path, *openings, "--out", tmp_path / "proofs")
        assert run.code == 0, run.err
        line = json.loads(run.out)
        assert line["due"] == [{"purpose": "initial", "epoch": 1}]
        assert [one["now"] for one in line["crossed"]] == ["below", "below"]
        (proof,) = line["made"]
        done("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 3)
        again = zkmargin(*watch)
        assert again.code == 0, again.err
        assert json.loads(again.out)["due"] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "one of --snapshot and --stream"),
        (("--stream", "tcp://127.0.0.1:1", "--account", TRADER), "go together"),
        (("--stream", "tcp://127.0.0.1:1", "--programs", "."), "also needs"),
        (("--stream", "tcp://127.0.0.1:1", "--threshold", "much"), "no amount"),
        (("--stream", "tcp://127.0.0.1:1"), "nothing answers"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: tuple[str, ...], said: str) -> None:
    model, book = EXAMPLES / "models" / "stress_grid.json", EXAMPLES / "portfolios" / "desk.csv"
    assert said in zkmargin("watch", "--model", model, "--portfolio", book, *options).sentence
