"""Market snapshots: bad quotes are left out with a reason, and that is an error only for who needs them."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from prover.market.files import load_snapshot
from prover.market.names import parse_name
from tests.prover.market_files import CALL, TIME, csv_text, real_snapshot, row, snapshot_of
from verifier.errors import BadInput

OTHER = "BTC-27MAR26-90000-P"

BAD_QUOTES = [
    ("missing", {"mark_iv": ""}),
    ("missing", {"forward": ""}),
    ("missing", {"forward": "0"}),
    ("missing", {"index_price": ""}),
    ("missing", {"bid_coin": "", "ask_coin": ""}),
    ("crossed", {"bid_coin": "0.04"}),
    ("stale", {"timestamp": "2026-01-01T08:00:00Z"}),
    ("stale", {"timestamp": "2026-01-01T09:10:01Z"}),
    ("negative", {"mark_iv": "-0.4"}),
    ("negative", {"forward": "-88000"}),
    ("negative", {"bid_coin": "-1"}),
    ("negative", {"mark_price_coin": "-0.0001"}),
    ("absurd", {"mark_iv": "10.5"}),
    ("absurd", {"mark_price_coin": "1.01"}),
    ("absurd: its volatility is zero", {"mark_iv": "0"}),
    ("absurd: its mark and its volatility disagree", {"mark_price_coin": "0.9"}),
    ("absurd: its mark and its volatility disagree", {"mark_price_coin": "0.065"}),
    ("absurd", {"forward": "96000"}),
    ("absurd", {"forward": "NaN"}),
    ("absurd", {"mark_iv": "sNaN"}),
    ("absurd", {"mark_iv": "Infinity"}),
    ("absurd", {"bid_coin": "-inf"}),
    ("absurd", {"confidence": "1.5"}),
    ("absurd", {"confidence": "0"}),
    ("absurdly long", {"forward": "8" * 41}),
    ("absurdly long", {"forward": "1e300"}),
    ("not a number", {"forward": "88,000".replace(",", " ")}),
    ("not a number", {"mark_iv": "high"}),
    ("is no time", {"timestamp": "yesterday"}),
    ("no time zone", {"timestamp": "2026-01-01T09:00:00"}),
]


@pytest.mark.parametrize(("reason", "changes"), BAD_QUOTES)
def test_a_bad_quote_is_left_out_with_its_reason(tmp_path: Path, reason: str, changes: dict[str, str]) -> None:
    others = [row(f"BTC-27MAR26-{strike}-P") for strike in (80000, 85000, 90000)]
    market = snapshot_of(tmp_path, row(**changes), *others)
    assert reason in market.exclusions[CALL].reason
    assert len(market.quotes) == 3
    assert market.require(OTHER).instrument.name == OTHER
    with pytest.raises(BadInput, match=f"{CALL} cannot be valued: ") as caught:
        market.require(CALL)
    assert reason in str(caught.value)


@pytest.mark.parametrize("name", ["BTC-27MAR26--100000-C", "BTC-27MAR26-0-C", "BTC-30FEB26-100000-C", "junk"])
def test_a_row_with_a_name_that_is_none_is_left_out(tmp_path: Path, name: str) -> None:
    market = snapshot_of(tmp_path, row(name), row())
    assert list(market.quotes) == [CALL]
    assert name in market.exclusions


def test_an_expired_instrument_is_left_out_and_one_that_expires_now_is_not(tmp_path: Path) -> None:
    market = snapshot_of(tmp_path, row("BTC-31DEC25-90000-C"), row())
    assert "expired" in market.exclusions["BTC-31DEC25-90000-C"].reason
    text = csv_text([row("BTC-1JAN26-90000-C")], head="# valuation_time=2026-01-01T08:00:00Z\n# confidence=1\n")
    (tmp_path / "now.csv").write_text(text)
    now = load_snapshot(tmp_path / "now.csv")
    assert now.seconds_to_expiry(parse_name("BTC-1JAN26-90000-C")) == 0


@pytest.mark.parametrize("changes", [{"forward": "43000"}, {"forward": "180000"}, {"index_price": "1"}])
def test_a_lone_forward_is_held_against_its_index(tmp_path: Path, changes: dict[str, str]) -> None:
    """A median of one says nothing about it."""
    market = snapshot_of(tmp_path, row(**changes), row("ETH-27MAR26-100000-C"))
    assert "a factor of more than 2 apart" in market.exclusions[CALL].reason
    assert (len(market.quotes), "BTC" in market.index) == (1, False)


def test_a_put_may_not_be_marked_above_its_strike(tmp_path: Path) -> None:
    market = snapshot_of(tmp_path, row("BTC-27MAR26-44000-P", mark_price_coin="0.51"), row())
    assert "above what the option can ever pay" in market.exclusions["BTC-27MAR26-44000-P"].reason


def test_quotes_of_one_side_without_mark_or_time_are_used(tmp_path: Path) -> None:
    market = snapshot_of(
        tmp_path, row(bid_coin="", mark_price_coin=""), row(OTHER, timestamp="2026-01-01T10:00:00+01:00")
    )
    assert set(market.quotes) == {CALL, OTHER}


def test_the_forward_of_an_expiry_is_the_median_of_its_usable_quotes(tmp_path: Path) -> None:
    forwards = {"80000-P": "87000", "90000-P": "88000", "100000-C": "88500", "120000-C": "99999"}
    rows = [row(f"BTC-27MAR26-{name}", forward=forward) for name, forward in forwards.items()]
    market = snapshot_of(tmp_path, *rows)
    assert list(market.exclusions) == ["BTC-27MAR26-120000-C"]
    assert market.forward(parse_name(CALL)) == Decimal(88000)


def test_the_index_is_the_median_and_serves_what_does_not_expire(tmp_path: Path) -> None:
    market = snapshot_of(tmp_path, row(), row(OTHER, index_price="87810"), row("BTC-27MAR26", mark_iv=""))
    assert market.index_price("BTC") == Decimal(87800)
    assert market.forward(parse_name("BTC-PERPETUAL")) == Decimal(87800)
    with pytest.raises(BadInput, match="no price of SOL"):
        market.index_price("SOL")


def test_an_instrument_that_is_not_quoted_gets_the_nearest_names(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"did you mean {CALL}"):
        snapshot_of(tmp_path, row()).require("BTC-27MAR26-10000-C")


@pytest.mark.parametrize("field", ["valuation_time", "confidence"])
def test_time_and_confidence_are_asked_for_never_guessed(tmp_path: Path, field: str) -> None:
    given = {"valuation_time": TIME, "confidence": "0.95"}
    path = tmp_path / "bare.csv"
    path.write_text(csv_text([row()], head=""))
    market = load_snapshot(path, **given)
    assert market.confidence == Decimal("0.95")
    assert market.valuation_time == datetime(2026, 1, 1, 9, 10, tzinfo=UTC)
    del given[field]
    with pytest.raises(
        BadInput, match=f"{field} is not given; put it into the file or give --{field.replace('_', '-')}"
    ):
        load_snapshot(path, **given)


def test_what_the_file_says_is_not_overruled(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="differs from the one given beside it"):
        snapshot_of(tmp_path, row(), confidence="0.5")
    assert snapshot_of(tmp_path, row(), confidence="1").confidence == 1


@pytest.mark.parametrize("confidence", ["", "0", "-1", "1.01", "NaN", "Infinity", "much", "1" * 50])
def test_a_confidence_outside_its_range_is_refused(tmp_path: Path, confidence: str) -> None:
    path = tmp_path / "bare.csv"
    path.write_text(csv_text([row()], head=f"# valuation_time={TIME}\n# confidence={confidence}\n"))
    with pytest.raises(BadInput, match="confidence") as caught:
        load_snapshot(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "time", ["", "now", "2026-01-01", "2026-01-01T09:10:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_valuation_time_that_is_none_or_has_no_zone_is_refused(tmp_path: Path, time: str) -> None:
    path = tmp_path / "bare.csv"
    path.write_text(csv_text([row()], head=f"# valuation_time={time}\n# confidence=1\n"))
    with pytest.raises(BadInput, match="valuation_time"):
        load_snapshot(path)


def test_json_and_csv_of_the_same_quotes_are_the_same_market(tmp_path: Path) -> None:
    rows = [row(), row(OTHER, bid_coin=""), row("BTC-27MAR26", mark_iv="")]
    quotes = [{key: value for key, value in entry.items() if value} for entry in rows]
    path = tmp_path / "snapshot.json"
    path.write_text(json.dumps({"valuation_time": TIME, "confidence": "1", "quotes": quotes}))
    from_json, from_csv = load_snapshot(path), snapshot_of(tmp_path, *rows)
    assert from_json.quotes == from_csv.quotes
    assert (from_json.forwards, from_json.index) == (from_csv.forwards, from_csv.index)


def test_a_binary_float_in_json_is_no_decimal(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    quotes = [row() | {"forward": 88000.1}, row(OTHER) | {"forward": 88000}]
    path.write_text(json.dumps({"valuation_time": TIME, "confidence": 1, "quotes": quotes}))
    market = load_snapshot(path)
    assert "written as a string" in market.exclusions[CALL].reason
    assert OTHER in market.quotes


@pytest.mark.parametrize("again", [row(), row(mark_iv="-1"), row(forward="x")])
def test_an_instrument_quoted_twice_is_refused(tmp_path: Path, again: dict[str, str]) -> None:
    with pytest.raises(BadInput, match=f"{CALL} is quoted twice"):
        snapshot_of(tmp_path, row(), again)


FILES = [
    (b"", "the file is empty"),
    (b" \n\n", "the file is empty"),
    (b"\x00\x01\x02", "binary file"),
    (b"\xff\xfe\xfa", "not UTF-8"),
    (b"instrument,forward\n", "no column index_price"),
    (b"hello\n", "no column instrument"),
    (b"instrument,forward,index_price,mark_iv,forward\n", "stands twice in the header"),
    (b"instrument,forward,index_price,mark_iv\nBTC,1\n", "row 2: it has not as many fields"),
    (b"# a\ninstrument,forward,index_price,mark_iv\nBTC,1,2,3,4\n", "row 3: it has not as many fields"),
    (b'instrument,forward,index_price,mark_iv\n"BTC,1,2,3\n', "not a CSV file"),
    (b"instrument,forward,index_price,mark_iv\n,1,2,3\n", "row 2: field instrument is missing"),
    (b"{", "not valid JSON"),
    (b"[]", "quotes is not a list"),
    (b'{"quotes": 3}', "quotes is not a list"),
    (b'{"quotes": [3]}', "quote 1 is not an object"),
    (b'{"quotes": [], "quote": []}', "field 'quote' is not known"),
    (b'{"quotes": [{"forward": NaN}]}', "NaN is not a number"),
    (b'{"quotes": [{"forward": "1"}]}', "row 1: field instrument is missing"),
]


@pytest.mark.parametrize(("data", "reason"), FILES)
def test_a_file_that_is_no_snapshot_is_refused_by_name(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(data)
    with pytest.raises(BadInput) as caught:
        load_snapshot(path, valuation_time=TIME, confidence="1")
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_wrong_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        load_snapshot(tmp_path / "absent.csv")
    with pytest.raises(BadInput, match="directory"):
        load_snapshot(tmp_path)


def test_the_real_market_is_read_whole() -> None:
    market = real_snapshot()
    assert len(market.quotes) + len(market.exclusions) == 352
    assert {entry.reason.partition(":")[0] for entry in market.exclusions.values()} <= {"missing", "crossed"}
    assert set(market.index) == {"BTC", "ETH"}
    assert len(market.forwards) >= 4
