"""The demo: what it reports, and that others find its artefacts to be what it says."""

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from prover.toolchain import node, node_script
from tests.e2e.devnet import zkmargin

FORGED = ("tampered_proof", "higher_ratio", "more_vault_balance", "input_plus_r", "another_account")


def snarkjs_accepts(key: Path, folder: Path) -> bool:
    """Verify a kept proof with snarkjs, as a stranger would."""
    cli = str(node_script("circuits", "snarkjs/build/cli.cjs"))
    files = [str(key), str(folder / "public.json"), str(folder / "proof.json")]
    done = subprocess.run([node(), cli, "groth16", "verify", *files], capture_output=True, text=True, check=False)
    return done.returncode == 0 and "OK!" in done.stdout


@pytest.mark.slow
def test_the_demo_shows_the_main_job_and_its_refusals(tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    run = zkmargin("demo", "--json", "--keep", keep)
    assert run.code == 0, run.err
    assert run.err.splitlines()[-1].startswith("all verdicts are as they must be")
    result = run.json()
    assert Decimal(result["equity_usd"]) > Decimal(result["initial_margin_usd"]) > 0
    assert Decimal(result["initial_margin_usd"]) > Decimal(result["maintenance_margin_usd"])
    assert result["submit_gas"] <= 262_000
    assert result["batch_gas_per_account"] <= 95_000
    assert result["gas"]["publish_epoch"] <= 22_000_000
    assert {"market", "compile", "prove", "submit"} <= set(result["seconds"])
    assert set(result["verdicts"]) == {"good", "replayed", *FORGED}
    for case, verdicts in result["verdicts"].items():
        for verdict in verdicts.values():
            assert (verdict == "accepted") is (case == "good")
    assert "margin is not met" in result["under_margined"]["prover"]
    assert result["under_margined"]["circuit"] == "refused"
    # what is kept
    for name in ("verification_key.json", "program.json", "snapshot.csv", "receipts.json", "addresses.json"):
        assert (keep / name).stat().st_size > 0
    receipts = json.loads((keep / "receipts.json").read_text())
    assert [receipt["status"] for receipt in receipts["submit"]] == ["0x1"]
    assert int(receipts["submit"][0]["gasUsed"], 16) == result["submit_gas"]
    assert snarkjs_accepts(keep / "verification_key.json", keep / "good")
    for name in FORGED:
        assert not snarkjs_accepts(keep / "verification_key.json", keep / name), name
    verify = ("--key", keep / "verification_key.json", "--program", keep / "program.json")
    for name in ("good", *FORGED):
        files = ("--proof", keep / name / "proof.json", "--public", keep / name / "public.json")
        again = zkmargin("verify", *verify, *files)
        assert (again.code == 0) is (name == "good"), again.err
        if name != "good":
            assert again.code == 1
            assert again.sentence
