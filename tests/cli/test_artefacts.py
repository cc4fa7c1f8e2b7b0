"""`setup`, `info` and `doctor` know every circuit, tiers and those of the clearing house."""

import json

import pytest

from tests.e2e.devnet import zkmargin
from verifier.circuits import CIRCUITS, CLEARING
from verifier.tiers import TIERS


def test_info_describes_every_circuit() -> None:
    said = json.loads(zkmargin("info", "--json").out)
    assert [row["tier"] for row in said["tiers"]] == list(TIERS)
    assert [row["circuit"] for row in said["circuits"]] == list(CLEARING)
    for row in said["circuits"]:
        layout = CLEARING[row["circuit"]]
        assert (row["places"], row["public_signals"]) == (layout.places, layout.public_count)
        assert row["domain"] == f"2^{layout.domain_log2}"


@pytest.mark.parametrize("name", ["grid", "conservation64", "valuation128"])
def test_one_circuit_is_described_alone(name: str) -> None:
    said = json.loads(zkmargin("info", "--tier", name, "--json").out)
    assert [row.get("tier", row.get("circuit")) for row in (*said["tiers"], *said["circuits"])] == [name]


def test_a_current_key_is_not_made_again() -> None:
    before = json.loads(zkmargin("info", "--tier", "valuation64", "--json").out)["circuits"][0]
    made = json.loads(zkmargin("setup", "--tier", "valuation64", "--json").out)["tiers"]
    assert [(row["tier"], row["verifying_key_hash"]) for row in made] == [("valuation64", before["verifying_key_hash"])]


def test_doctor_shows_the_keys_of_every_circuit() -> None:
    keys = json.loads(zkmargin("doctor", "--json").out)["keys"]
    assert [row["tier"] for row in keys] == list(CIRCUITS)
