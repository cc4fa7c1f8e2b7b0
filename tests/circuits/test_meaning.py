"""The circuits against the integer meaning: the same figures, and the same verdict to the last unit."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from prover.circom import PLAIN
from prover.inputs import circuit_inputs, named_inputs
from tests.builders import any_isolated, random_positions, random_program
from tests.circuits.conftest import WitnessServer
from tests.circuits.harness import (
    ALL_TIERS,
    FLAT,
    PAIR,
    SMALL,
    WIDE,
    Account,
    System,
    accepts,
    best_account,
    honest_witness,
    propagated,
    system,
)
from tests.circuits.widths import FLOOR_CAP, OFFSET_CAP
from verifier.field import R
from verifier.meaning import Meaning, check_helper_values
from verifier.program import MarginProgram
from verifier.tiers import GRID, PORTFOLIO, Tier

LITTLE = (SMALL, PAIR, FLAT, WIDE)
CASES = {tier.name: 12 if tier in LITTLE else 3 for tier in ALL_TIERS}


def _accounts(tier: Tier, count: int, seed: str) -> Iterator[Account]:
    """Yield accounts whose margin is met to the last unit."""
    rng = Random(f"{tier.name}/{seed}")
    while count:
        program = random_program(rng, tier)
        positions = _split(rng, tier, random_positions(rng, program))
        ratio = 10_000 if any_isolated(program) else rng.choice([10_000, 12_500, 15_000, 20_000])
        account = best_account(program, positions, ratio)
        meaning = _meaning(account)
        if meaning is None:
            continue
        account = account.with_exact_vault()
        if 0 < account.vault_balance < 1 << 90:
            count -= 1
            yield account


def _split(rng: Random, tier: Tier, total: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return positions of the tier's accounts that sum to `total`."""
    out = [total]
    for _ in range(tier.accounts - 1):
        part = tuple(rng.randint(-(1 << 24), 1 << 24) if lots else 0 for lots in total)
        out = [*out[:-1], part, tuple(lots - taken for lots, taken in zip(out[-1], part, strict=True))]
    return out


def _meaning(account: Account) -> Meaning | None:
    try:
        return check_helper_values(
            account.program,
            account.positions,
            account.helpers,
            ratio_bps=account.ratio_bps,
            vault_balance=account.vault_balance,
        )
    except Exception as refused:
        assert type(refused).__name__ == "WitnessRefused"
        return None


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_met_to_the_last_unit_is_accepted_and_one_unit_short_is_refused(tier: Tier) -> None:
    circuit = system(tier.name)
    for account in _accounts(tier, CASES[tier.name], "exact"):
        assert accepts(circuit, account.inputs)
        assert not accepts(circuit, replace(account, vault_balance=account.vault_balance - 1).inputs)


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_circoms_own_witness_is_the_same(tier: Tier, server: WitnessServer) -> None:
    circuit = system(tier.name)
    for account in _accounts(tier, 2, "wasm"):
        named = circuit_inputs(account.program, account.live, account.positions, account.salts, account.helpers)
        witness = server.witness(circuit.circuit.wasm, named)
        assert witness == propagated(circuit, account.inputs).values
        short = replace(account, vault_balance=account.vault_balance - 1)
        assert server.witness(circuit.circuit.wasm, named_inputs(tier, short.inputs)) is None


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_every_figure_of_the_meaning_stands_in_the_witness(tier: Tier) -> None:
    circuit = system(tier.name, PLAIN)
    for account in _accounts(tier, 3 if tier in LITTLE else 1, "figures"):
        meaning = _meaning(account)
        assert meaning is not None
        values = honest_witness(account.inputs, circuit).values
        measures = meaning.measures
        groups, scenarios = range(tier.groups), range(tier.scenarios)
        if tier.wide:
            rows = [sum(pnl[s] for pnl in meaning.pnl) for s in scenarios]
            assert [values[f"pairs.gained[{s}]"] for s in scenarios] == rows
        else:
            assert [[values[f"cells.y[{g}][{s}]"] for s in scenarios] for g in groups] == [*map(list, measures.y)]
            assert values["rolls.out"] == measures.roll
            assert values["radius_charge"] == meaning.ellipsoid
        if tier.hinges:
            hinges = [[values[f"cells.hinge[{g}][{s}]"] for s in scenarios] for g in groups]
            assert hinges == [*map(list, meaning.hinge)]
            assert values["group_levels"] == meaning.group_charge
        assert [values[f"tail.z[{row}]"] for row in range(tier.tail_rows)] == list(meaning.z)
        assert values["tail.out"] == sum(meaning.tails)
        assert values["claim.equity"] == measures.equity
        assert values["claim.requirement"] == meaning.requirement
        assert values["claim.margin.in"] == meaning.surplus


def test_the_empty_book_needs_nothing() -> None:
    rng = Random("empty")
    for tier in LITTLE:
        program = replace(random_program(rng, tier, cover="none"), constant=0, offset=(0,) * tier.scenarios)
        if tier.hinges:
            program = replace(program, shift=((0,) * tier.scenarios,) * tier.groups)
        account = best_account(program, [(0,) * tier.positions] * tier.accounts)
        assert accepts(system(tier.name), account.inputs)


def _capped(program: MarginProgram) -> MarginProgram:
    """Return the program with offsets and floor arrays cut to what rows can hold (see widths.circom)."""
    arrays = {
        "offset": OFFSET_CAP,
        "floor_linear": FLOOR_CAP,
        "floor_short": FLOOR_CAP,
    }
    changes: dict[str, Any] = {
        name: tuple(max(-limit + 1, min(limit - 1, value)) for value in getattr(program, name))
        for name, limit in arrays.items()
    }
    changes["floor_net"] = tuple(
        tuple(max(1 - FLOOR_CAP, min(FLOOR_CAP - 1, value)) for value in form) for form in program.floor_net
    )
    return replace(program, **changes)


@pytest.mark.parametrize("tier", ALL_TIERS, ids=lambda tier: tier.name)
def test_widest_books_under_the_widest_programs_stay_in_every_range_but_the_claims(tier: Tier) -> None:
    rng = Random(f"{tier.name}/widest")
    circuit: System = system(tier.name, PLAIN)
    for _ in range(20 if tier in LITTLE else 2):
        program = _capped(random_program(rng, tier, extreme=True, cover="none", fill=1.0))
        positions = [random_positions(rng, program, edge=True) for _ in range(tier.accounts)]
        solution = propagated(circuit, best_account(program, positions).inputs)
        assert {_owner(circuit, row) for row in solution.impossible} <= {"claim.margin", "claim.not_negative"}


def _owner(circuit: System, row: int) -> str:
    """Return the component whose bits a row sums."""
    wires = circuit.r1cs.rows[row].wires
    name = next(name for name, wire in circuit.symbols.items() if wire in wires and ".bits.out[" in name)
    return name.split(".bits.out[")[0]


@pytest.mark.parametrize("tier", (GRID, PORTFOLIO), ids=lambda tier: tier.name)
def test_a_position_beyond_the_range_is_refused(tier: Tier) -> None:
    circuit = system(tier.name)
    account = next(_accounts(tier, 1, "range"))
    for value in (1 << 47, -(1 << 47) - 1, R // 2, 1 << 200):
        inputs = list(account.inputs)
        inputs[tier.public_count] = value % R
        assert propagated(circuit, inputs).impossible
