"""Portfolio files: read as written, refused where they are wrong, never rounded, quantities never shown."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from prover.portfolio import load_portfolio, parse_quantity, positions_for
from tests.prover.market_files import EXAMPLES, stress_grid
from verifier.errors import BadInput
from verifier.listing import Listing
from verifier.tiers import GRID, PORTFOLIO

CALL, PUT = "BTC-27MAR26-100000-C", "BTC-27MAR26-80000-P"


def listing(*names: str) -> Listing:
    return stress_grid().listing(names or (CALL, PUT, "BTC"), GRID)


def written(folder: Path, text: str) -> Path:
    path = folder / "book"
    path.write_text(text)
    return path


def test_csv_and_json_of_one_book_are_the_same(tmp_path: Path) -> None:
    csv = load_portfolio(written(tmp_path, f"instrument,quantity\nUSD,-10.5\n{CALL},-1.25\n{PUT},0.000001\n"))
    document = {"positions": {"USD": "-10.5", CALL: "-1.25", PUT: "0.000001"}}
    other = load_portfolio(written(tmp_path, json.dumps(document)))
    assert csv == other
    assert csv.holdings() == {"USD": Fraction(-21, 2), CALL: Fraction(-5, 4), PUT: Fraction(1, 10**6)}
    lots = dict(zip([s.instrument if s else "" for s in listing().places], positions_for(csv, listing()), strict=True))
    assert (lots["USD"], lots[CALL], lots[PUT], lots["BTC"]) == (-10_500_000, -1_250_000, 1, 0)


def test_isolated_collateral_stands_in_a_place_of_its_own(tmp_path: Path) -> None:
    csv = load_portfolio(written(tmp_path, f"instrument,quantity,isolated_collateral\nUSD,5,\n{CALL},-1,900.5\n"))
    document = {"positions": {"USD": "5", CALL: "-1"}, "isolated_collateral": {CALL: "900.5"}}
    assert csv == load_portfolio(written(tmp_path, json.dumps(document)))
    assert csv.holdings()[f"USD@{CALL}"] == Fraction(1801, 2)
    layout = stress_grid(mode="isolated").listing(csv.instruments, PORTFOLIO)
    place = layout.index(f"USD@{CALL}")
    assert place is not None
    assert positions_for(csv, layout)[place] == 900_500_000


def test_comments_and_blank_lines_do_not_shift_the_row_numbers(tmp_path: Path) -> None:
    text = f"# my book\n\ninstrument,quantity\n# calls\n{CALL},1\n\n{PUT},oops\n"
    with pytest.raises(BadInput, match="row 7"):
        load_portfolio(written(tmp_path, text))


def test_a_typo_gets_the_nearest_names(tmp_path: Path) -> None:
    book = load_portfolio(written(tmp_path, "instrument,quantity\nBTC-27MAR26-10000-C,98765.4321\n"))
    with pytest.raises(BadInput, match=f"did you mean {CALL}") as caught:
        positions_for(book, listing())
    assert "98765" not in str(caught.value)


def test_isolated_collateral_needs_a_program_of_isolated_margin(tmp_path: Path) -> None:
    book = load_portfolio(written(tmp_path, f"instrument,quantity,isolated_collateral\n{CALL},-1,900.5\n"))
    with pytest.raises(BadInput, match=f"no isolated collateral of {CALL}"):
        positions_for(book, listing())


def test_what_is_not_listed_may_stand_there_with_zero(tmp_path: Path) -> None:
    book = load_portfolio(written(tmp_path, "instrument,quantity\nETH-27MAR26-3000-P,0.0\n"))
    assert not any(positions_for(book, listing()))


@pytest.mark.parametrize("quantity", ["0.0000001", "1.2345678", "-7.00000050", "1e-7"])
def test_a_quantity_finer_than_a_lot_is_refused_not_rounded(tmp_path: Path, quantity: str) -> None:
    book = load_portfolio(written(tmp_path, f"instrument,quantity\n{CALL},{quantity}\n"))
    with pytest.raises(
        BadInput, match=f"{CALL}: the quantity is no whole number of lots .1e-6.; .* never rounded"
    ) as e:
        positions_for(book, listing())
    assert quantity not in str(e.value)


def test_the_range_ends_where_the_circuit_ends(tmp_path: Path) -> None:
    def lots(quantity: str) -> tuple[int, ...]:
        return positions_for(load_portfolio(written(tmp_path, f"instrument,quantity\n{CALL},{quantity}\n")), listing())

    place = listing().index(CALL)
    assert lots("140737488.355327")[place or 0] == 2**47 - 1
    assert lots("-140737488.355328")[place or 0] == -(2**47)
    for quantity in ("140737488.355328", "-140737488.355329", "1e19"):
        with pytest.raises(BadInput, match=f"position {place}, {CALL}, exceeds the tier's largest size") as caught:
            lots(quantity)
        assert quantity.strip("-") not in str(caught.value)


BAD_QUANTITIES = ["", "NaN", "sNaN", "inf", "-Infinity", "ten", "1,5", "0x10", "1e20", "1e-20", "9" * 41, "1e999999999"]


@pytest.mark.parametrize("quantity", BAD_QUANTITIES)
def test_a_quantity_that_is_no_number_is_refused_with_its_instrument(tmp_path: Path, quantity: str) -> None:
    document = {"positions": {"USD": "1", CALL: quantity}}
    with pytest.raises(BadInput, match=CALL) as caught:
        load_portfolio(written(tmp_path, json.dumps(document)))
    message = str(caught.value)
    assert "quantity is" in message
    assert not quantity or quantity not in message


@pytest.mark.parametrize("quantity", [1, 1.5, None, True, ["1"], {"a": "1"}])
def test_json_quantities_are_strings(quantity: object) -> None:
    with pytest.raises(BadInput, match="decimal written as a string"):
        parse_quantity(quantity, "here")


BAD_FILES = [
    ("", "empty"),
    ("instrument\nUSD\n", "no column quantity"),
    ("quantity\n1\n", "no column instrument"),
    ("instrument,quantity,price\nUSD,1,1\n", "column 'price' is not known"),
    ("instrument,quantity,quantity\nUSD,1,2\n", "stands twice in the header"),
    ("instrument,quantity\n", "no row"),
    ("instrument,quantity\nUSD\n", "row 2: it has not as many fields"),
    ("instrument,quantity\nUSD,1,1\n", "row 2: it has not as many fields"),
    ("instrument,quantity\nUSD,1\nUSD,2\n", "row 3: USD stands twice"),
    ("instrument,quantity\n,1\n", "row 2: field instrument is missing"),
    ("instrument,quantity\nbitcoin,1\n", "row 2: 'bitcoin' is no instrument name"),
    ('instrument,quantity\n"USD,1\n', "not a CSV file"),
    ("instrument,quantity,isolated_collateral\nUSD,1,1\n", "belongs to a position, not to a balance"),
    (f"instrument,quantity,isolated_collateral\n{CALL},1,-1\n", "not below zero"),
    (f"instrument,quantity,isolated_collateral\n{CALL},1,NaN\n", "not a finite number"),
    ("{}", "positions is not an object"),
    ("[1]", "positions is not an object"),
    ('{"positions": {}}', "positions is empty"),
    ('{"positions": {"USD": "1", "USD": "2"}}', "stands twice"),
    ('{"positions": {"USD": NaN}}', "NaN is not a number"),
    ('{"positions": {"USD": "1"}, "cash": "1"}', "field 'cash' is not known"),
    ('{"positions": {"USD": "1"}, "isolated_collateral": 1}', "isolated_collateral is not an object"),
    (f'{{"positions": {{"USD": "1"}}, "isolated_collateral": {{"{CALL}": "1"}}}}', "no position of this portfolio"),
]


@pytest.mark.parametrize(("text", "reason"), BAD_FILES)
def test_a_file_that_is_no_portfolio_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        load_portfolio(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_binary_file_and_a_wrong_path_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"instrument,quantity\nUSD,\x00\n")
    with pytest.raises(BadInput, match="binary file"):
        load_portfolio(tmp_path / "binary")
    with pytest.raises(BadInput, match="no such file"):
        load_portfolio(tmp_path / "absent")


def test_a_portfolio_does_not_print_its_quantities(tmp_path: Path) -> None:
    book = load_portfolio(written(tmp_path, f"instrument,quantity,isolated_collateral\n{CALL},77.25,4321\n"))
    assert "77.25" not in repr(book)
    assert "4321" not in repr(book)


def test_trades_change_a_copy(tmp_path: Path) -> None:
    book = load_portfolio(written(tmp_path, f"instrument,quantity\n{CALL},1\n"))
    after = book.changed({CALL: Decimal("-0.5"), "USD": Decimal(7)})
    assert after.quantities == {CALL: Decimal("0.5"), "USD": Decimal(7)}
    assert book.quantities == {CALL: Decimal(1)}


@pytest.mark.parametrize("name", ["desk.csv", "short_of_margin.json"])
def test_the_examples_can_be_read(name: str) -> None:
    assert load_portfolio(EXAMPLES / "portfolios" / name).quantities
