"""What a machine does to a program: a full disk, Ctrl-C, another chain than expected."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.children import start
from tests.e2e.devnet import EXAMPLES, MARKET, ROOT, zkmargin
from verifier.chain.anvil import Anvil

BOOK = EXAMPLES / "portfolios" / "desk.csv"


def children_named(name: str, ancestor: int) -> list[int]:
    """Return the processes of a name below an ancestor."""
    out = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            comm = (entry / "comm").read_text().strip()
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if comm == name and parent == ancestor:
            out.append(int(entry.name))
    return out


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        (disk / "im.json").write_text("kept")
        (disk / "fill").write_bytes(bytes(50_000))
        run = zkmargin("epoch", "compile", *MARKET, "--portfolio", BOOK, "--out", disk / "im.json")
        assert run.code == 3
        assert "no space left" in run.sentence
        assert (disk / "im.json").read_text() == "kept"
        assert sorted(path.name for path in disk.iterdir()) == ["fill", "im.json"]
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_and_no_file(stop: signal.Signals, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    command = [sys.executable, "-m", "prover.cli.main", "demo", "--keep", str(keep)]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    running = start(command, cwd=ROOT, env=surroundings)
    deadline = time.monotonic() + 60
    while not (anvil := children_named("anvil", running.pid)):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(stop)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert "error: interrupted" in said
    assert not keep.exists()
    assert not list(tmp_path.glob("zkmargin-demo-*"))
    assert not [pid for pid in anvil if Path(f"/proc/{pid}").exists()]


def test_a_development_key_is_refused_on_a_chain_that_is_not_local(tmp_path: Path) -> None:
    with Anvil(chain_id=1) as anvil:
        out = tmp_path / "deployment.json"
        run = zkmargin("deploy", "--tier", "grid", "--rpc", anvil.connection.url, "--devnet-account", 0, "--out", out)
        assert run.code == 4
        assert "development key" in run.sentence
        assert not out.exists()


def test_a_port_that_is_not_a_node(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split("port ")[1].split(" ")[0]
        run = zkmargin(
            *("deploy", "--tier", "grid", "--rpc", f"http://127.0.0.1:{port}", "--devnet-account", 0),
            *("--out", tmp_path / "d.json"),
        )
        assert run.code == 5
        assert run.sentence
    finally:
        server.terminate()
        server.wait()
