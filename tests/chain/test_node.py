"""Anvil as a child process, deployment guards, and what the client says when things are missing."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.chain.conftest import BUILD
from tests.chain.generate import sources
from tests.chain.scenes import TrapdoorProver, new_account
from tests.children import start
from verifier.chain.anvil import Anvil
from verifier.chain.artefacts import CompiledRegistry, compile_registry
from verifier.chain.bilateral import compile_bilateral
from verifier.chain.connection import Connection
from verifier.chain.deploy import Parties, check_development, deploy, deploy_local_token
from verifier.chain.errors import SENTENCES, error_selectors
from verifier.errors import ArtefactMismatch, ChainError, MissingTool


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_anvil_ends_with_its_block() -> None:
    with Anvil() as anvil:
        process_id = anvil.process_id
        assert process_id is not None
        assert is_running(process_id)
        assert anvil.connection.is_local
    assert not is_running(process_id)


def test_anvil_ends_with_an_exception() -> None:
    anvil = Anvil()
    process_id = None
    with pytest.raises(KeyboardInterrupt), anvil:
        process_id = anvil.process_id
        raise KeyboardInterrupt
    assert process_id is not None
    assert not is_running(process_id)
    with pytest.raises(ChainError):
        _ = anvil.connection


def test_anvil_ends_with_ctrl_c() -> None:
    program = (
        "import sys, time\nfrom verifier.chain.anvil import Anvil\n"
        "with Anvil() as anvil:\n    print(anvil.process_id, flush=True)\n    time.sleep(60)\n"
    )
    child = start([sys.executable, "-c", program])
    assert child.stdout is not None
    process_id = int(child.stdout.readline())
    child.send_signal(signal.SIGINT)
    child.wait(20)
    for _ in range(50):
        if not is_running(process_id):
            break
        time.sleep(0.1)
    assert not is_running(process_id)


def test_two_chains_run_side_by_side() -> None:
    with Anvil() as one, Anvil(chain_id=1337) as two:
        assert one.connection.url != two.connection.url
        assert two.connection.chain_id == 1337


def test_missing_programs_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grid_prover: TrapdoorProver
) -> None:
    monkeypatch.setenv("ZKMARGIN_ANVIL", str(tmp_path / "anvil"))
    with pytest.raises(MissingTool, match="anvil"), Anvil():
        pass
    monkeypatch.setenv("ZKMARGIN_FORGE", str(tmp_path / "forge"))
    with pytest.raises(MissingTool, match="forge"):
        compile_registry(grid_prover.key, grid_prover.tier, tmp_path)
    monkeypatch.delenv("ZKMARGIN_FORGE")
    monkeypatch.setenv("ZKMARGIN_ROOT", str(tmp_path))
    with pytest.raises(MissingTool, match="checkout"):
        compile_registry(grid_prover.key, grid_prover.tier, tmp_path)


def test_a_program_that_is_no_anvil_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "anvil"
    script.write_text("#!/bin/sh\necho no such option\n")
    script.chmod(0o755)
    with pytest.raises(ChainError, match="no such option"), Anvil(binary=script):
        pass


def test_a_node_that_is_not_there() -> None:
    with pytest.raises(ChainError, match=r"127\.0\.0\.1:9"):
        Connection("http://127.0.0.1:9/secret-access-key")
    with pytest.raises(ChainError) as refused:
        Connection("http://127.0.0.1:9/secret-access-key")
    assert "secret" not in str(refused.value)


def test_development_keys_stay_on_local_chains(grid_prover: TrapdoorProver, grid_compiled: CompiledRegistry) -> None:
    with Anvil(chain_id=10) as anvil:
        anvil.fund(new_account(1).address)
        address = new_account(1).address
        parties = Parties(address, address, address, "USD")
        arguments = anvil.connection, new_account(1), grid_prover.key, grid_prover.tier, grid_compiled, parties
        assert not anvil.connection.is_local
        with pytest.raises(ArtefactMismatch, match="development key"):
            deploy(*arguments, development=True)
        with pytest.raises(ChainError, match="local"):
            deploy_local_token(anvil.connection, new_account(1), grid_compiled)
        check_development(anvil.connection, development=False)


def test_a_local_chain_id_at_a_distance_is_not_local() -> None:
    connection = object.__new__(Connection)
    connection.chain_id = 31337
    for url, local in (
        ("http://127.0.0.1:1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("https://example.org", False),
        ("http://10.0.0.1", False),
    ):
        connection.url = url
        assert connection.is_local is local
    connection.chain_id, connection.url = 1, "http://127.0.0.1:1"
    assert not connection.is_local


def test_compiling_again_is_quick_and_damage_is_noticed(grid_prover: TrapdoorProver) -> None:
    first = compile_registry(grid_prover.key, grid_prover.tier, BUILD)
    start = time.monotonic()
    assert compile_registry(grid_prover.key, grid_prover.tier, BUILD) == first
    assert time.monotonic() - start < 3
    assert len(first.registry.runtime_code) <= 24_576


def test_every_named_rule_of_the_contracts_has_a_sentence(
    grid_prover: TrapdoorProver, grid_compiled: CompiledRegistry
) -> None:
    bilateral = compile_bilateral(grid_prover.key, grid_prover.tier, BUILD)
    abi = (*grid_compiled.registry.abi, *grid_compiled.reader.abi, *bilateral.abi)
    ours = {name for name, _ in error_selectors(abi).values()}
    library = {"ECDSAInvalidSignature", "InvalidShortString", "StringTooLong", "SafeERC20FailedOperation"}
    assert ours - library <= set(SENTENCES)


def test_the_committed_test_registries_are_the_generators(grid_prover: TrapdoorProver) -> None:
    for path, text in sources().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m tests.chain.generate"


def test_the_gas_page_shows_the_committed_figures() -> None:
    root = Path(__file__).resolve().parents[2]
    page = (root / "docs" / "gas.md").read_text(encoding="utf-8")
    figures = [
        json.loads((root / "contracts" / "snapshots" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("grid", "portfolio", "clearing")
    ]
    for what, grid in figures[0].items():
        assert f"| {what} | {int(grid):,} | {int(figures[1][what]):,} |" in page
    for what, gas in figures[2].items():
        assert f"| {what} | {int(gas):,} |" in page
