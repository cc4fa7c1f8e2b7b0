"""No position, salt or opening reaches standard output, standard error, a log, an error or a file in the clear.

Canaries are quantities that occur nowhere else. Everything that a full run says and writes is searched for them, in
decimals, in lots and in hexadecimal. That the search finds what is there is shown by planting leaks.
"""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from prover.openings import Identity, load_opening
from tests.e2e.devnet import MARKET, ROOT, TRADER, devnet, done
from verifier.chain.connection import Connection

QUANTITIES = {
    "USD": "91827.364551",
    "BTC": "2.718283",
    "BTC-27MAR26-100000-C": "-1.618034",
    "BTC-27MAR26-80000-P": "-0.577216",
    "ETH-30JAN26-3000-P": "3.141593",
    "ETH-27MAR26-3400-C": "-4.669202",
}
TRACE = """
import http.client, logging, runpy, sys
logging.basicConfig(level=logging.DEBUG, filename=sys.argv[1])
http.client.HTTPConnection.debuglevel = 1
sys.argv = ["zkmargin", *sys.argv[2:]]
runpy.run_module("prover.cli.main", run_name="__main__")
"""


def needles(secrets: list[int | str]) -> list[str]:
    """Return every form in which a secret would be recognised."""
    out = set()
    for secret in secrets:
        if isinstance(secret, str):
            out |= {secret, secret.lstrip("-")}
            continue
        size = abs(secret)
        out |= {str(size), f"{size:x}", f"{size + (1 << 47):x}", str(size + (1 << 47))}
    return sorted(needle for needle in out if len(needle) >= 6)


def leaks(text: str, secrets: list[int | str]) -> list[str]:
    """Return the secrets that stand in a text."""
    plain = text.lower()
    return [needle for needle in needles(secrets) if re.search(rf"(?<![0-9a-f]){re.escape(needle)}(?![0-9])", plain)]


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Return every file below a folder as text, compiled and encrypted ones included."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes().decode("latin-1")


def logged(log: Path, *arguments: object) -> str:
    """Run a verb with every library's debug log in a file; return all that it said."""
    command = [sys.executable, "-c", TRACE, str(log), *(str(a) for a in arguments)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return run.stdout + run.stderr


def test_a_full_run_leaks_no_canary(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    book = private / "book.json"
    book.write_text(json.dumps({"positions": QUANTITIES}))
    public = tmp_path / "public"
    public.mkdir()
    said = []
    with devnet(public) as net:
        opening = net.open_account(1, book, trader=TRADER)
        owner = Identity.load(public / "desk-identity")
        opened = load_opening(opening, owner)
        identity_secret = (public / "desk-identity").read_text().splitlines()[-1]
        net.prove(TRADER, opening)
        common = ("--program", net.program, "--opening", opening, "--identity", public / "desk-identity")
        request = ("--request", public / "desk-request.json")
        log = tmp_path / "debug.log"
        shown = [
            logged(log, "margin", *MARKET, "--portfolio", book),
            logged(log, "whatif", *MARKET, "--portfolio", book, "--trade", "BTC-30JAN26-90000-C=1"),
        ]
        said += [
            logged(log, "check", *common, *request),
            logged(log, "prove", *common, *request, "--out", public / "again"),
            logged(log, "submit", "--deployment", net.deployment, "--proof", public / "again", "--devnet-account", 3),
            logged(log, "status", "--deployment", net.deployment, "--account", TRADER),
            logged(log, "prove", *common, "--request", public / "none", "--out", public / "x"),
        ]
        # failures that handle the secrets: too fine, too large, not listed, short of margin
        for change in ({"BTC": "2.7182831"}, {"BTC": "271828399999"}, {"BTC-27MAR26-100000": "1.618034"}):
            bad = private / "bad.json"
            bad.write_text(json.dumps({"positions": QUANTITIES | change}))
            common_bad = ("--program", net.program, "--portfolio", bad, "--account", TRADER, "--sequence", 9)
            store = ("--store", public / "store", "--identity", public / "desk-identity")
            said.append(logged(log, "commit", *common_bad, *store))
            said.append(logged(log, "margin", *MARKET, "--portfolio", bad))
        said.append(json.dumps(done("status", "--deployment", net.deployment, "--account", TRADER)))
        said.append(log.read_text())
        chain = "\n".join(blocks(net.rpc))
    secrets: list[int | str] = [*QUANTITIES.values(), *(x for x in opened.positions if x), opened.salt, identity_secret]
    (public / "desk-identity").unlink()
    assert len(needles(secrets)) > 20
    for text in (*said, chain):
        assert leaks(text, secrets) == []
    # The desk's own calculator shows Greeks: of a lone coin balance they are the balance. Nothing else may show.
    own = [secret for secret in secrets if secret not in (QUANTITIES["BTC"], 2_718_283)]
    for text in shown:
        assert leaks(text, own) == []
    for path, text in texts(public):
        assert leaks(text, secrets) == [], path


def blocks(rpc: str) -> list[str]:
    """Return every transaction of a chain as text."""
    web3 = Connection(rpc).web3
    return [web3.to_json(web3.eth.get_block(n, full_transactions=True)) for n in range(web3.eth.block_number + 1)]


@pytest.mark.parametrize("form", ["decimal", "lots", "offset lots", "hexadecimal", "salt"])
def test_the_search_finds_leaks_in_output_log_and_exception(
    form: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    salt = 3**150
    secrets: list[int | str] = ["-1.618034", -1_618_034, salt]
    planted = {
        "decimal": "1.618034",
        "lots": "-1618034",
        "offset lots": str((1 << 47) + 1_618_034),
        "hexadecimal": f"0x{1_618_034:x}",
        "salt": f"{salt:x}",
    }[form]
    print(f"position {planted}")
    logging.getLogger("planted").warning("witness %s", planted)
    with pytest.raises(ValueError, match="bad") as caught:
        raise ValueError(f"bad position {planted}")
    assert leaks(capsys.readouterr().out, secrets)
    assert leaks(caplog.text, secrets)
    assert leaks(str(caught.value), secrets)
    assert leaks("position 1618035, salt 77", secrets) == []
