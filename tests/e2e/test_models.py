"""Every venue model, proven once on a real book through the contract; all models side by side."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.devnet import EXAMPLES, MARKET, TRADER, devnet, done
from tests.prover.venues import VENUES

OPTIONS = {"BTC-27MAR26-100000-C": -2, "BTC-27MAR26-80000-P": -1, "BTC-30JAN26-90000-C": 3}
BOOKS: dict[str, tuple[str, dict[str, object]]] = {
    "derive-pmrm": ("portfolio", {"USD": 60_000, "BTC": 1, **OPTIONS}),
    "derive-srm": ("standard", {"USD": 150_000, "BTC": 1, "ETH-PERPETUAL": "-2.5", **OPTIONS}),
    "deribit": ("matrix", {"USD": 1_000, "BTC": 2, "BTC#CHARGE": "0.06", "BTC-PERPETUAL": "0.5", **OPTIONS}),
    "paradex": ("grid", {"USD": 90_000, "BTC-PERPETUAL": "0.5", **OPTIONS}),
    "paradex-orders": ("portfolio", {"USD": 90_000, "BTC-PERPETUAL#BUY": 1, "USD#OPEN-LOSS": 12, **OPTIONS}),
    "greeks": ("greeks", {"USD": 60_000, "BTC": 1, "ETH-PERPETUAL": "-2.5", "BTC-27MAR26": "0.5", **OPTIONS}),
    "span": ("book", {"USD": 90_000, "BTC": 1, **OPTIONS}),
    "history-es": ("history", {"USD": 90_000, "BTC": 1, "ETH-PERPETUAL": 10, **OPTIONS}),
    "brackets": ("standard", {"USD": 70_000, "BTC-PERPETUAL": "1.5", "ETH-PERPETUAL": -10}),
}


def book_file(folder: Path, name: str) -> Path:
    path = folder / "book.csv"
    path.write_text("\n".join(["instrument,quantity", *(f"{n},{q}" for n, q in BOOKS[name][1].items()), ""]))
    return path


VARIANTS = {"history-var", "history-concentrated"}
"""Other parameters of a model that is proven already."""


def test_every_venue_has_a_book() -> None:
    assert set(BOOKS) == set(VENUES) - VARIANTS


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_a_real_book_is_proven_through_the_contract(name: str, tmp_path: Path) -> None:
    venue, (tier, _) = VENUES[name], BOOKS[name]
    listing, book = tmp_path / "listing.txt", book_file(tmp_path, name)
    listing.write_text("\n".join(venue.names) + "\n")
    with devnet(tmp_path, tier, listing, venue.file) as net:
        opening = net.open_account(1, book, trader=TRADER)
        proof = net.prove(TRADER, opening)
        sent = done("submit", "--deployment", net.deployment, "--proof", proof, "--devnet-account", 3)
        assert sent["gas"] <= 262_000
        status = done("status", "--deployment", net.deployment, "--account", TRADER)
        assert [row["proven"] for row in status["standing"]] == [True, False]


def test_compare_shows_a_book_under_every_model_and_architecture(tmp_path: Path) -> None:
    files = sorted((EXAMPLES / "models").glob("*.json"))
    models = [part for path in files for part in ("--model", path)]
    book = book_file(tmp_path, "derive-pmrm")
    rows = done("compare", *MARKET[:2], "--portfolio", book, *models)["comparison"]
    assert len(rows) == 3 * len(files)
    figures = {(row["model"], row["architecture"]): row for row in rows}
    for model in ("derive_pmrm_btc", "derive_srm", "deribit_btc", "paradex_btc", "span_btc", "stress_grid"):
        whole, alone = (figures[model, kind] for kind in ("portfolio", "isolated"))
        if model == "paradex_btc":  # it takes no coins as collateral and says so
            assert "options and the perpetual of BTC" in whole["refusal"]
            continue
        assert whole["refusal"] == "-"
        assert Decimal(whole["initial_margin_usd"]) >= Decimal(whole["maintenance_margin_usd"]) > 0
        assert Decimal(alone["initial_margin_usd"]) >= Decimal(whole["initial_margin_usd"]) * Decimal("0.999999")
    assert "perpetuals and futures" in figures["brackets", "cross"]["refusal"]
