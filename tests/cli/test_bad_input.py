"""Every verb tried as a new user would: one clear sentence, the right exit code, no traceback, nothing half written."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import click
import pytest

from prover import artefacts
from prover.circom import compile_circuit
from prover.cli.main import cli
from tests.e2e.devnet import EXAMPLES, MARKET, ROOT, TRADER, Run, zkmargin
from verifier.errors import ArtefactMismatch, MissingTool
from verifier.tiers import GRID, PORTFOLIO

SNAPSHOT = EXAMPLES / "market" / "options_2026-01-01.csv"
MODEL = EXAMPLES / "models" / "stress_grid.json"
BOOK = EXAMPLES / "portfolios" / "desk.csv"
HEADER = (
    "# valuation_time=2026-01-01T09:10:00Z\n# confidence=1\ninstrument,forward,index_price,mark_iv,bid_coin,ask_coin\n"
)
GOOD_ROW = "BTC-27MAR26-100000-C,88777,87800,0.41,0.036,0.0365\n"


def refused(run: Run, code: int, *words: str) -> None:
    """Demand one sentence with the words, the exit code, and nothing on standard output."""
    assert run.code == code, run.err
    for word in words:
        assert word in run.sentence
    assert run.out == ""


def margin(tmp_path: Path, **files: str | bytes) -> Run:
    """Run `margin` with some of its files replaced by given contents."""
    given = {"snapshot": SNAPSHOT, "model": MODEL, "portfolio": BOOK}
    for name, content in files.items():
        path = tmp_path / f"{name}.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        given[name] = path
    return zkmargin("margin", *(part for name, path in given.items() for part in (f"--{name}", path)))


@pytest.mark.parametrize("name", ["snapshot", "model", "portfolio"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("the file is empty",)),
        (b"\x00\x01\x02binary", ("binary",)),
        (b"\xff\xfe\xfd", ("not UTF-8",)),
        (b"{", ("not valid JSON",)),
        (b"[" * 3000, ()),
    ],
)
def test_a_file_that_is_none(name: str, content: bytes, words: tuple[str, ...], tmp_path: Path) -> None:
    refused(margin(tmp_path, **{name: content}), 3, f"{name}.txt", *words)


@pytest.mark.parametrize("name", ["snapshot", "model", "portfolio"])
def test_a_wrong_path_and_a_folder(name: str, tmp_path: Path) -> None:
    files = {"snapshot": SNAPSHOT, "model": MODEL, "portfolio": BOOK}
    for path, words in ((tmp_path / "none", "no such file"), (tmp_path, "directory")):
        given = files | {name: path}
        refused(zkmargin("margin", *(part for key, p in given.items() for part in (f"--{key}", p))), 3, words)


@pytest.mark.parametrize(
    ("book", "words"),
    [
        ("instrument,quantity\nBTC-27MAR26-10000-C,1\n", ("portfolio.txt", "not quoted", "did you mean")),
        ("instrument,quantity\nBTC-PERPETUAL,1\nbtc-30jan26-90000-c,1\n", ("did you mean BTC-30JAN26-90000-C?",)),
        ("instrument,quantity\nxrp-30jan26-0d5-p,1\n", ("row 2", "did you mean XRP-30JAN26-0d5-P?")),
        ("instrument,quantity\nBTC-27MAR26-100000-X,1\n", ("is no instrument name",)),
        ("instrument,quantity\nBTC-27MAR26--5-C,1\n", ("is no instrument name",)),
        ("instrument,quantity\nUSD,nan\n", ("USD", "not a finite number")),
        ("instrument,quantity\nUSD,inf\n", ("USD", "not a finite number")),
        ("instrument,quantity\nUSD,1e400\n", ("USD",)),
        ("instrument,quantity\nUSD,12x\n", ("USD", "not a number")),
        ("instrument,quantity\nUSD,１２\n", ("USD", "not a number")),
        ("instrument,quantity\nUSD,1_000\n", ("USD", "not a number")),
        ("instrument,quantity\nBTC-27MAR26-100000-C,0.0000001\n", ("no whole number of lots", "never rounded")),
        ("instrument,quantity\nUSD,1\nBTC-27MAR26-100000-C,150000000\n", ("exceeds the tier's largest size", "C")),
        ("instrument,quantity\nUSD,1\nUSD,2\n", ("stands twice",)),
        ("name,quantity\nUSD,1\n", ("no column instrument",)),
        ('{"positions": {"USD": 1.5}}', ("not a decimal written as a string",)),
        ('{"positions": {"USD": NaN}}', ("NaN",)),
    ],
)
def test_a_bad_portfolio(book: str, words: tuple[str, ...], tmp_path: Path) -> None:
    run = margin(tmp_path, portfolio=book)
    refused(run, 3, *words)
    assert "150000000" not in run.err


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (HEADER.replace("# confidence=1\n", "") + GOOD_ROW, ("confidence is not given", "--confidence")),
        (HEADER.replace("# valuation_time=2026-01-01T09:10:00Z\n", "") + GOOD_ROW, ("valuation_time is not given",)),
        (HEADER + GOOD_ROW.replace("0.41", "nan"), ("cannot be valued", "not a finite number")),
        (HEADER + GOOD_ROW.replace("0.41", "-0.41"), ("cannot be valued", "negative")),
        (HEADER + GOOD_ROW.replace("0.036,", "0.05,"), ("cannot be valued", "crossed")),
        (HEADER.replace("mark_iv", "iv") + GOOD_ROW, ("no column mark_iv",)),
        (HEADER + GOOD_ROW + GOOD_ROW, ("quoted twice",)),
    ],
)
def test_a_bad_snapshot(snapshot: str, words: tuple[str, ...], tmp_path: Path) -> None:
    book = "instrument,quantity\nUSD,1\nBTC-27MAR26-100000-C,1\n"
    refused(margin(tmp_path, snapshot=snapshot, portfolio=book), 3, *words)


def test_a_model_whose_maintenance_asks_for_more_than_initial_is_refused(tmp_path: Path) -> None:
    document = json.loads(MODEL.read_text()) | {"initial_factor": "0.5"}
    refused(margin(tmp_path, model=json.dumps(document)), 3, "maintenance_factor", "above initial_factor")


@pytest.mark.parametrize("field", sorted(json.loads(MODEL.read_text())))
def test_a_model_without_a_field(field: str, tmp_path: Path) -> None:
    document = json.loads(MODEL.read_text())
    del document[field]
    refused(margin(tmp_path, model=json.dumps(document)), 3, f"field {field}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("margn",), ("no verb 'margn'", "did you mean 'margin'")),
        (("margin",), ("--snapshot",)),
        (("margin", "--nonsense"), ("--nonsense",)),
        (("setup", "--tier", "huge"), ("is no tier", "grid, portfolio, matrix")),
        (("whatif", *MARKET, "--portfolio", BOOK, "--trade", "BTC"), ("INSTRUMENT=QUANTITY",)),
        (("epoch", "compile", *MARKET, "--out", "/tmp/none.json"), ("--instruments", "--portfolio")),
    ],
)
def test_a_wrong_call(arguments: tuple[object, ...], words: tuple[str, ...]) -> None:
    refused(zkmargin(*arguments), 2, *words)


def test_scenarios_are_weighted_and_the_worst_is_the_margin() -> None:
    made = zkmargin("margin", *MARKET, "--portfolio", BOOK, "--json").json()
    worst = min(Decimal(row["weighted_pnl_usd"]) for row in made["scenarios"])
    assert abs(worst + Decimal(made["initial_margin_usd"])) <= Decimal("0.00001")
    said = " ".join(zkmargin("margin", "--help").out.split())
    assert "weighted_pnl_usd" in said and "coin balances included" in said


def test_a_margin_that_is_not_met_exits_1_and_prints_the_figures() -> None:
    run = zkmargin("margin", *MARKET, "--portfolio", EXAMPLES / "portfolios" / "short_of_margin.json", "--json")
    assert run.code == 1
    assert json.loads(run.out)["initial_met"] is False
    assert "not met" in run.sentence


def test_a_program_file_that_was_changed(tmp_path: Path) -> None:
    out = tmp_path / "im.json"
    assert zkmargin("epoch", "compile", *MARKET, "--portfolio", BOOK, "--out", out).code == 0
    document = json.loads(out.read_text())
    document["arrays"]["equity"][0] = str(int(document["arrays"]["equity"][0]) + 1)
    out.write_text(json.dumps(document))
    refused(zkmargin("info", "--program", out), 4, "program_hash")


def test_an_epoch_file_is_whole_or_not_there(tmp_path: Path) -> None:
    out = tmp_path / "im.json"
    out.write_text("kept")
    book = tmp_path / "book.csv"
    book.write_text("instrument,quantity\nBTC-27MAR26-1-C,1\n")
    refused(zkmargin("epoch", "compile", *MARKET, "--portfolio", book, "--out", out), 3, "BTC-27MAR26-1-C")
    assert out.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.csv", "im.json"]


@pytest.mark.parametrize("spoil", ["half", "missing", "other tier"])
def test_a_spoiled_key_is_found_before_it_is_used(spoil: str, tmp_path: Path) -> None:
    folder = tmp_path / "build" / "tiers" / "grid"
    shutil.copytree(artefacts.tier_folder(GRID), folder)
    book = tmp_path / "book.csv"
    book.write_text("instrument,quantity\nUSD,9\nBTC-27MAR26-100000-C,1\n")
    program = tmp_path / "im.json"
    assert zkmargin("epoch", "compile", *MARKET, "--portfolio", book, "--out", program).code == 0
    key = folder / "verification_key.json"
    if spoil == "half":
        key.write_bytes(key.read_bytes()[: key.stat().st_size // 2])
    elif spoil == "missing":
        key.unlink()
    else:
        shutil.copyfile(artefacts.tier_folder(PORTFOLIO) / key.name, key)
    files = ("--proof", tmp_path / "proof.json", "--public", tmp_path / "public.json")
    run = zkmargin("verify", "--program", program, *files, ZKMARGIN_BUILD=str(tmp_path / "build"))
    refused(run, 4, "verification_key.json", "zkmargin setup")


def test_missing_artefacts_say_how_to_make_them(tmp_path: Path) -> None:
    refused(zkmargin("info", ZKMARGIN_BUILD=str(tmp_path)), 4, "run `zkmargin setup --tier grid`")


def test_no_node_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    doctor = zkmargin("doctor", "--tier", "grid", PATH=str(empty))
    assert doctor.code == 6
    assert "install Node.js 20 or later" in doctor.sentence
    (tmp_path / "new.circom").write_text("pragma circom 2.2.0;\n")
    monkeypatch.setenv("PATH", str(empty))
    demo = zkmargin("demo", PATH=str(empty))
    refused(demo, 6, "Node.js 20 or later is missing")
    assert "reading the market" not in demo.err
    with pytest.raises(MissingTool, match=r"Node.js 20 or later is missing; install it"):
        compile_circuit(tmp_path / "new.circom", tree=tmp_path)
    assert not (tmp_path / "build" / "circuits" / "new").exists()


def test_a_circuit_that_does_not_compile_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "new.circom").write_text("pragma circom 2.2.0;\ntemplate T() { signal input a; b <== a; }\n")
    with pytest.raises(ArtefactMismatch, match="does not compile"):
        compile_circuit(tmp_path / "new.circom", tree=tmp_path)
    assert not (tmp_path / "build" / "circuits" / "new").exists()


def test_a_command_outside_a_checkout_says_so(tmp_path: Path) -> None:
    refused(zkmargin("setup", ZKMARGIN_ROOT=str(tmp_path)), 6, "is no zkmargin checkout")


def commit(tmp_path: Path, *arguments: object, account: str = TRADER, sequence: int = 1) -> Run:
    """Run `commit` with a program of the example book."""
    program = tmp_path / "im.json"
    if not program.exists():
        assert zkmargin("epoch", "compile", *MARKET, "--portfolio", BOOK, "--out", program).code == 0
    return zkmargin(
        *("commit", "--program", program, "--portfolio", BOOK, "--account", account, "--sequence", sequence),
        *("--identity", tmp_path / "identity", "--new-identity", *arguments),
    )


@pytest.mark.parametrize(
    ("account", "sequence", "code", "words"),
    [
        (TRADER, 0, 2, "--sequence"),
        (TRADER[:-1] + "c", 1, 3, "EIP-55 checksum"),
        (TRADER[:-2] + "c8", 1, 3, "EIP-55 checksum"),
        ("0x" + "00" * 20, 1, 3, "zero address"),
        ("0x1234", 1, 3, "40 hexadecimal digits"),
    ],
)
def test_a_commitment_of_nobody_or_without_a_number_is_refused(
    account: str, sequence: int, code: int, words: str, tmp_path: Path
) -> None:
    run = commit(tmp_path, "--store", tmp_path / "store", account=account, sequence=sequence)
    refused(run, code, words)
    assert not (tmp_path / "identity").exists()


@pytest.mark.parametrize("account", [TRADER, TRADER.lower(), "0x" + TRADER[2:].upper()])
def test_an_account_in_one_case_has_no_checksum_to_break(account: str, tmp_path: Path) -> None:
    assert commit(tmp_path, "--store", tmp_path / "store", account=account).code == 0


@pytest.mark.parametrize("store", ["/proc/store", "file"])
def test_a_store_that_fails_leaves_no_identity(store: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    refused(commit(tmp_path, "--store", tmp_path / store), 3)
    assert not (tmp_path / "identity").exists()
    assert commit(tmp_path, "--store", tmp_path / "store").code == 0
    refused(commit(tmp_path, "--store", tmp_path / "other"), 3, "exists already")
    assert (tmp_path / "identity").exists()


@pytest.mark.parametrize("rpc", ["foo", "http://127.0.0.1:99999", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_an_rpc_that_is_no_address_is_a_usage_error(rpc: str, tmp_path: Path) -> None:
    run = zkmargin("deploy", "--tier", "grid", "--rpc", rpc, "--devnet-account", 0, "--out", tmp_path / "d.json")
    refused(run, 2, "--rpc is not an address")


@pytest.mark.parametrize("model", sorted((EXAMPLES / "models").iterdir()), ids=lambda model: model.stem)
def test_every_model_names_a_balance_that_it_does_not_take(model: Path, tmp_path: Path) -> None:
    (tmp_path / "cash.csv").write_text("instrument,quantity\nUSD,1\n")
    files = ("--snapshot", SNAPSHOT, "--model", model, "--portfolio", tmp_path / "cash.csv")
    refused(zkmargin("whatif", *files, "--trade", "SOL=1"), 3, "SOL")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--confidence", "nan", "--confidence: 'nan' is no number above 0 and at most 1"),
        ("--confidence", "2", "--confidence: '2' is no number above 0 and at most 1"),
        ("--valuation-time", "yesterday", "--valuation-time: 'yesterday' is no time"),
        ("--valuation-time", "2026-01-01T10:00:00", "--valuation-time: '2026-01-01T10:00:00' has no time zone"),
        ("--confidence", "0.5", "differs from the one given beside it"),
    ],
)
def test_a_market_option_that_is_nonsense_says_so(option: str, value: str, words: str) -> None:
    refused(zkmargin("margin", *MARKET, "--portfolio", BOOK, option, value), 3, words)


def test_a_listing_names_the_line_that_is_no_instrument(tmp_path: Path) -> None:
    run = zkmargin("epoch", "compile", *MARKET, "--instruments", BOOK, "--out", tmp_path / "im.json")
    refused(run, 3, "desk.csv: line", "is no instrument name")


def test_files_that_cannot_be_read_are_left_to_their_reader() -> None:
    """click would answer with a usage error."""

    def files(command: click.Command) -> Iterator[click.Path]:
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                found = command.get_command(click.Context(command), name)
                assert found is not None
                yield from files(found)
        yield from (option.type for option in command.params if isinstance(option.type, click.Path))

    found = list(files(cli))
    assert len(found) > 20
    assert not any(option.readable or option.exists for option in found)


def test_a_bare_command_prints_its_help_once() -> None:
    for arguments in ((), ("epoch",)):
        run = zkmargin(*arguments)
        assert (run.code, run.out) == (2, "")
        assert run.err.count("Usage:") == 1
        assert "error:" not in run.err


def test_a_balance_without_a_haircut_is_named_with_its_file(tmp_path: Path) -> None:
    refused(margin(tmp_path, portfolio="instrument,quantity\nUSD,1\nSOL,2\n"), 3, "portfolio.txt: SOL", "haircut")
    run = zkmargin("whatif", *MARKET, "--portfolio", BOOK, "--trade", "SOL=1")
    refused(run, 3, "--trade SOL", "haircut")


def test_a_closed_standard_output_is_one_sentence() -> None:
    shell = f"{sys.executable} -m prover.cli.main info >&-"
    done = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False)
    refused(Run(done.returncode, done.stdout, done.stderr), 3, "standard output is closed")


def test_no_node_is_listening(tmp_path: Path) -> None:
    run = zkmargin(
        *("deploy", "--tier", "grid", "--rpc", "http://127.0.0.1:1", "--devnet-account", 0),
        *("--out", tmp_path / "d.json"),
    )
    refused(run, 5, "cannot be reached")
    assert not (tmp_path / "d.json").exists()
