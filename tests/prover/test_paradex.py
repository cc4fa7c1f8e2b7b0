"""Paradex portfolio margin beside the venue's own package on random books; orders, parameters, refusals."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from prover.compile import choose_tier, compile_program
from prover.market.names import parse_name
from prover.models.base import TierTooSmall, load_parameters
from prover.models.draft import Floats
from prover.models.evaluate import evaluate_draft
from prover.models.paradex import Paradex
from prover.models.paradex.draft import draft_of
from prover.models.paradex.market import ParadexMarket, Product, market_of, place_of
from prover.models.paradex.parameters import ParadexParameters
from tests.prover.market_files import EXAMPLES, real_snapshot
from tests.prover.venues import BTC_OPTIONS, ORDERS, VENUES
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.program import Purpose
from verifier.tiers import GRID, PORTFOLIO

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("ZKMARGIN_BUILD") or ROOT / "build")
PERP = "BTC-USD-PERP"
NAMES = ("USD", "BTC-PERPETUAL", *BTC_OPTIONS, *(name for name in ORDERS if name != "USD#OPEN-LOSS"))
BOOKS = 400


def symbol(name: str) -> str:
    """Return the venue's name of an instrument."""
    return PERP if name.endswith("PERPETUAL") else name.replace("BTC-", "BTC-USD-", 1)


@pytest.fixture(scope="session")
def package() -> Path:
    """The venue's package in a folder of its own, which pip fills once."""
    folder = BUILD / "peers" / "paradex-0.8.2"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
            listed = ROOT / "tests" / "peers" / "paradex.txt"
            subprocess.run([*pip, "--target", f"{scratch}/package", "-r", str(listed)], check=True)
            try:
                Path(scratch, "package").rename(folder)
            except OSError:
                assert folder.exists()  # another worker was quicker
    return folder


def model() -> Paradex:
    made = VENUES["paradex"].model
    assert isinstance(made, Paradex)
    return made


@cache
def market() -> ParadexMarket:
    return market_of(model().parameters, real_snapshot(), list(NAMES))


def plain(value: Any) -> Any:
    """Return decimals as floats, as the package takes them."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return float(value) if isinstance(value, Decimal) else value


def their_book(holdings: Mapping[str, Fraction]) -> dict[str, Any]:
    """Return a book as the package takes it; every order's limit is the mark."""
    p, m = model().parameters, market()
    data, specs = {}, {}
    for name, product in m.products.items():
        data[symbol(name)] = {
            "mark_price": float(product.mark),
            "delta": float(product.delta),
            "mark_iv": float(product.vol),
            "underlying_price": float(m.spot),
            "funding_rate": float(m.funding),
            "interest_rate": float(m.rate),
            "fee_rate": float(p.perpetual_fee if product.strike is None else p.option_fee),
        }
        expiry = parse_name(name).expiry
        specs[symbol(name)] = {"asset_kind": "PERP" if expiry is None else "OPTION"} | (
            {} if expiry is None else {"expiry_at": int(expiry.timestamp())}
        )
    positions, orders = [], []
    for name, quantity in holdings.items():
        what = place_of(name)
        if what.kind == "position":
            side = "BUY" if quantity > 0 else "SELL"
            positions.append({"market": symbol(what.product), "side": side, "size": abs(float(quantity))})
        elif what.kind in ("buy", "sell"):
            mark = float(m.products[what.product].mark)
            orders.append(
                {"market": symbol(what.product), "side": what.kind.upper(), "size": float(quantity), "price": mark}
            )
    return {
        "positions": positions,
        "orders": orders,
        "market_data": data,
        "market_specs": specs,
        "perp": PERP,
        "config": plain(p.config.model_dump()) | {"base_asset": "BTC", "funding_provision_hour": 8.0},
        "now": real_snapshot().valuation_time.timestamp(),
    }


def random_holdings(rng: Random) -> dict[str, Fraction]:
    out = {}
    for name in NAMES:
        if rng.random() < 0.6 or name == "BTC-PERPETUAL":
            lots = rng.randint(-(1 << 26), 1 << 26)
            out[name] = Fraction(abs(lots) if "#" in name else lots, 10**6)
    return out


def ask(package: Path, books: list[dict[str, Any]]) -> list[dict[str, Any]]:
    script = ROOT / "tests" / "peers" / "paradex_peer.py"
    done = subprocess.run(
        [sys.executable, str(script)],
        input=json.dumps(books),
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def test_random_books_have_the_margin_that_the_venues_package_computes(package: Path) -> None:
    rng = Random("paradex")
    books = [random_holdings(rng) for _ in range(BOOKS)]
    answers = ask(package, [their_book(book) for book in books])
    names = {product: symbol(name) for name, product in market().products.items()}
    layout = choose_tier(model(), NAMES)
    worst = dict.fromkeys(Purpose, 0.0)
    for book, answer in zip(books, answers, strict=True):

        def prices(product: Product, given: Any = answer["prices"]) -> tuple[Floats, float]:
            return np.array(given[names[product]]), 1e-9

        value = float(sum(q * Fraction(market().products[n].mark) for n, q in book.items() if n in market().products))
        value += float(book.get("USD", 0))
        for purpose, key in ((Purpose.INITIAL, "IMR"), (Purpose.MAINTENANCE, "MMR")):
            draft = draft_of(model().parameters.config, market(), layout.listing, layout.tier, purpose, prices)
            lots = [float(book.get(slot.instrument, 0) * 10**6) if slot else 0.0 for slot in layout.listing.places]
            ours = evaluate_draft(draft, layout.tier, lots)
            margin = (ours.equity - ours.requirement) * 1e-12
            gap = abs(margin - (value - answer[key])) / max(abs(value), answer[key], 1.0)
            worst[purpose] = max(worst[purpose], gap)
    assert max(worst.values()) < 1e-9, worst


def test_our_prices_are_the_packages_but_for_its_approximate_normal_distribution(package: Path) -> None:
    answer = ask(package, [their_book({"BTC-PERPETUAL": Fraction(1)})])[0]
    layout = choose_tier(model(), NAMES)
    draft = draft_of(model().parameters.config, market(), layout.listing, layout.tier, Purpose.INITIAL)
    for place, slot in enumerate(layout.listing.places):
        if slot is None or slot.instrument not in market().products:
            continue
        g, i = divmod(place, layout.tier.slots)
        theirs = np.array(answer["prices"][symbol(slot.instrument)]) - float(market().products[slot.instrument].mark)
        weights = np.array([float(s.weight) for s in model().parameters.config.scenarios])
        gap = np.abs(draft.risk[g, : len(theirs), i] * 1e-6 - theirs * weights)
        assert gap.max() < 2e-7 * float(market().spot)


def test_positions_take_the_grid_tier_and_orders_one_with_two_net_forms() -> None:
    assert choose_tier(model(), VENUES["paradex"].names).tier is GRID
    assert choose_tier(model(), VENUES["paradex-orders"].names).tier is PORTFOLIO
    with pytest.raises(TierTooSmall, match="open orders do not fit tier grid"):
        model().listing(NAMES, GRID)


def test_what_is_ordered_is_listed_as_a_position_too() -> None:
    layout = choose_tier(model(), ["USD", "BTC-PERPETUAL#BUY"])
    assert layout.listing.index("BTC-PERPETUAL") is not None
    for purpose in Purpose:
        compile_program(model(), real_snapshot(), layout, purpose)


def test_another_underlying_or_a_coin_is_refused() -> None:
    for name in ("ETH-27MAR26-4000-C", "BTC", "BTC-27MAR26"):
        with pytest.raises(BadInput, match="options and the perpetual of BTC"):
            compile_program(model(), real_snapshot(), choose_tier(model(), [name]), Purpose.INITIAL)


def test_a_hedge_that_costs_more_than_none_is_refused() -> None:
    document = read_json(EXAMPLES / "models" / "paradex_btc.json")
    del document["model"]
    document["config"]["hedged_margin_factor"] = "0.05"
    with pytest.raises(BadInput, match="unhedged factor is below"):
        load_parameters(ParadexParameters, document, "rules.json")


def test_an_option_that_expires_in_minutes_counts_less() -> None:
    whole = model()
    short = Product(
        Decimal(100), Decimal("0.5"), Decimal(0), Decimal(90_000), is_call=True, vol=Decimal(1), seconds=900
    )
    one = ParadexMarket(market().spot, Decimal(0), Decimal(0), Decimal(0), {BTC_OPTIONS[0]: short})
    layout = choose_tier(whole, [BTC_OPTIONS[0], "USD"])
    half = draft_of(whole.parameters.config, one, layout.listing, layout.tier, Purpose.INITIAL)
    place = layout.listing.index(BTC_OPTIONS[0])
    assert place is not None
    up = next(k for k, s in enumerate(whole.parameters.config.scenarios) if s.spot_shock == Decimal("0.16"))
    loss = half.risk[0, up, place] * 1e-6
    full = float(market().spot) * 1.16 - 90_000 - 100
    assert loss == pytest.approx(full / 2, rel=1e-3)
