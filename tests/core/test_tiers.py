"""The real tiers: every wire is determined, and our witness, proof and key are what snarkjs takes."""

import json
import struct
from functools import cache
from pathlib import Path
from random import Random

import pytest

from prover import _core
from prover.inputs import circuit_inputs
from tests.builders import random_positions, random_program
from tests.circuits.harness import ALL_TIERS, Account, best_account, compiled
from tests.core.toolbox import scalars, section, snarkjs
from verifier.tiers import GRID, PORTFOLIO, Tier

pytestmark = pytest.mark.slow


@cache
def circuit(tier: Tier) -> _core.Circuit:
    return _core.Circuit(compiled(tier.name).r1cs.read_bytes())


def account(tier: Tier, seed: int) -> Account:
    """A random book whose margin is just met by a vault balance, the first that needs one."""
    rng = Random(seed)
    program = random_program(rng, tier, tail="worst")
    positions = [random_positions(rng, program) for _ in range(tier.accounts)]
    book = best_account(program, positions).with_exact_vault()
    return book if book.vault_balance >= 0 else account(tier, seed + 1)


def text(value: object) -> object:
    """Integers as decimal strings: JavaScript would round them."""
    return [text(item) for item in value] if isinstance(value, list) else str(value)


def named_inputs(book: Account) -> dict[str, object]:
    named = circuit_inputs(book.program, book.live, book.positions, book.salts, book.helpers)
    return {name: text(value) for name, value in named.items()}


def theirs(tier: Tier, book: Account, folder: Path) -> bytes:
    """The witness by circom's own calculator and snarkjs."""
    (folder / "input.json").write_text(json.dumps(named_inputs(book)))
    snarkjs("wtns", "calculate", compiled(tier.name).wasm, "input.json", "witness.wtns", cwd=folder)
    return (folder / "witness.wtns").read_bytes()


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_the_inputs_determine_every_wire_of_a_tier(tier: Tier) -> None:
    report = circuit(tier).determinism()
    assert report.undetermined == []
    assert report.n_given + sum(report.solved_by.values()) == report.n_wires


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_every_public_signal_stands_alone_in_a_row_of_a_tiers_key(tier: Tier) -> None:
    """Else a proof of one statement might be turned into one of another (docs/decisions.md, 65)."""
    entries = section(_core.setup(circuit(tier)), 4)
    rows: dict[int, set[int]] = {}
    for side, row, wire, value in struct.iter_unpack("<III32s", entries[4:]):
        assert any(value)
        if side == 0:
            rows.setdefault(row, set()).add(wire)
    alone = {wire for wires in rows.values() if len(wires) == 1 for wire in wires}
    assert alone >= set(range(circuit(tier).n_public_inputs + 1))
    own = max(rows) + 1 - circuit(tier).n_constraints
    assert 1 <= own < circuit(tier).n_public_inputs


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_the_witness_of_a_book_equals_circoms_byte_for_byte(tier: Tier, tmp_path: Path) -> None:
    plan = _core.WitnessPlan.derive(circuit(tier))
    book = account(tier, 3)
    assert plan.solve(scalars(book.inputs)) == theirs(tier, book, tmp_path)


@pytest.mark.parametrize("tier", [GRID, PORTFOLIO], ids=lambda tier: tier.name)
def test_snarkjs_and_we_accept_each_others_proofs_of_a_tier(tier: Tier, tmp_path: Path) -> None:
    zkey = _core.setup(circuit(tier))
    key = _core.ProvingKey(zkey, _core.WitnessPlan.derive(circuit(tier)))
    book = account(tier, 5)
    proof, public = key.prove(scalars(book.inputs))
    theirs(tier, book, tmp_path)
    (tmp_path / "key.zkey").write_bytes(zkey)
    (tmp_path / "key.json").write_text(_core.verification_key_json(zkey))
    (tmp_path / "proof.json").write_text(_core.proof_to_json(proof))
    (tmp_path / "public.json").write_text(_core.public_to_json(public))
    assert "OK!" in snarkjs("groth16", "verify", "key.json", "public.json", "proof.json", cwd=tmp_path)
    snarkjs("groth16", "prove", "key.zkey", "witness.wtns", "theirs.json", "signals.json", cwd=tmp_path)
    assert _core.public_from_json((tmp_path / "signals.json").read_text()) == public
    assert key.verifying_key.verify(public, _core.proof_from_json((tmp_path / "theirs.json").read_text()))
