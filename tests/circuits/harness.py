"""Compiled test circuits, accounts that stand before them, and lies: cheating witnesses made from honest
ones."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path

from prover.circom import OPTIMISED, ROOT, Circuit, compile_circuit, named_source
from prover.inputs import flat_inputs
from tests.builders import TINY
from tests.circuits.propagate import Solution, solve, solve_again
from tests.circuits.r1cs import R1cs, by_wire, read_r1cs, read_sym
from verifier.circuits import CIRCUITS
from verifier.commitment import commit
from verifier.field import R, from_field
from verifier.meaning import Helpers, check_helper_values, evaluate
from verifier.program import MarginProgram
from verifier.statement import LiveInputs
from verifier.tiers import TIERS, Tier

SMALL = replace(TINY, name="small")
PAIR = replace(TINY, name="pair", accounts=2)
FLAT = Tier("flat", 1, 1, 8, 5, 0, hinges=False, envelope=False, factors=2, domain_log2=13)
WIDE = Tier("wide", 1, 2, 4, 6, 0, hinges=False, envelope=False, factors=0, domain_log2=12, wide=True)
ALL_TIERS = (SMALL, PAIR, FLAT, WIDE, *TIERS.values())
CONTEXT = 77
SALT = 1 << 200


def tree() -> Path:
    """Return the checkout whose circuits are tested: another one while scripts/circuits/mutate.py runs."""
    return Path(os.environ.get("ZKMARGIN_CIRCUIT_TREE", ROOT))


def source_of(name: str) -> Path:
    """Return the file of one of the product's circuits, or of one that only the tests have."""
    return tree() / (named_source(name) if name in CIRCUITS else f"tests/circuits/tiers/{name}.circom")


@cache
def compiled(name: str, level: str = OPTIMISED) -> Circuit:
    return compile_circuit(source_of(name), tree=tree(), level=level)


@dataclass(frozen=True)
class System:
    """A compiled circuit with its constraints and symbols."""

    circuit: Circuit

    @cached_property
    def r1cs(self) -> R1cs:
        return read_r1cs(self.circuit.r1cs)

    @cached_property
    def symbols(self) -> dict[str, int]:
        return read_sym(self.circuit.sym)

    def violated_by(self, values: Mapping[str, int]) -> list[int]:
        """Return the rows that values by signal name break."""
        return self.r1cs.violated(by_wire(dict(values), self.symbols, self.r1cs.wires))


@cache
def system(name: str, level: str = OPTIMISED) -> System:
    return System(compiled(name, level))


@dataclass(frozen=True)
class Account:
    """What a prover brings: a program, positions of each account, helper values, a vault balance."""

    program: MarginProgram
    positions: tuple[tuple[int, ...], ...]
    helpers: Helpers
    vault_balance: int
    ratio_bps: int = 10_000

    @cached_property
    def salts(self) -> list[int]:
        return [SALT + k for k in range(len(self.positions))]

    @cached_property
    def live(self) -> LiveInputs:
        commitments = tuple(
            commit(self.program.listing, lots, salt) for lots, salt in zip(self.positions, self.salts, strict=True)
        )
        return LiveInputs(self.ratio_bps, self.vault_balance, commitments, CONTEXT)

    @cached_property
    def inputs(self) -> list[int]:
        return flat_inputs(self.program, self.live, self.positions, self.salts, self.helpers)

    def with_exact_vault(self, *, short_by: int = 0) -> "Account":
        """Return the account with the least vault balance that meets the margin, less `short_by`."""
        meaning = check_helper_values(self.program, self.positions, self.helpers, ratio_bps=self.ratio_bps)
        vault = -(meaning.surplus // (10_000 * self.program.unit)) - short_by
        return replace(self, vault_balance=vault)


def best_account(
    program: MarginProgram,
    positions: Sequence[Sequence[int]],
    ratio_bps: int = 10_000,
    vault_balance: int = 0,
) -> Account:
    """Return an account with the helper values that `evaluate` finds."""
    meaning = evaluate(program, positions, ratio_bps=ratio_bps, vault_balance=vault_balance)
    return Account(program, tuple(map(tuple, positions)), meaning.helpers, vault_balance, ratio_bps)


def propagated(of: System, inputs: Sequence[int]) -> Solution:
    """Return what propagation makes of the input wires."""
    return solve(of.r1cs, dict(zip(of.r1cs.inputs, inputs, strict=True)))


def accepts(of: System, inputs: Sequence[int]) -> bool:
    """Return whether the honest way of computing ends in a witness that every row takes."""
    solution = propagated(of, inputs)
    if solution.unknown:
        assert solution.impossible, "a wire is reached by no rule, and no range is exceeded"
        return False
    return not of.r1cs.violated([value for value in solution.values if value is not None])


@dataclass(frozen=True, eq=False)
class Honest:
    """The witness of an account that is accepted, equal to itself only."""

    system: System
    solution: Solution

    @cached_property
    def values(self) -> dict[str, int]:
        """Signal name to its value as a signed integer."""
        return {name: from_field(self.solution.values[wire] or 0) for name, wire in self.system.symbols.items()}

    @cached_property
    def source(self) -> dict[str, int]:
        """Signal name to the row that defines it."""
        rows = self.solution.source
        return {name: rows[wire] for name, wire in self.system.symbols.items() if wire in rows}

    def __getitem__(self, name: str) -> int:
        return self.values[name]

    def rows_with(self, *signals: str) -> frozenset[int]:
        """Return the rows in which all these signals stand."""
        wires = (self.system.symbols[name] for name in signals)
        return frozenset.intersection(*(frozenset(self.system.r1cs.rows_of[wire]) for wire in wires))

    def boolean_row(self, signal: str) -> frozenset[int]:
        """Return the row signal * signal = signal."""
        wire = self.system.symbols[signal]
        return frozenset(n for n in self.rows_with(signal) if self.system.r1cs.rows[n].wires == {wire})


@lru_cache(maxsize=8)
def wires_of(honest: Honest, of: System) -> list[int]:
    """Return an honest witness as wires of a system of the same circuit, simplified or not."""
    return by_wire(honest.values, of.symbols, of.r1cs.wires)


@dataclass(frozen=True)
class Lie:
    """A change to an honest witness. Everything that is not named here follows from the rows that are left.

    signals: new values by name, inputs among them; None: an input that follows like the rest. rows: the
    rows that the lie breaks, besides those that define the inner signals it names.
    """

    signals: Mapping[str, int | None]
    rows: frozenset[int] = field(default=frozenset())


def is_commitment(name: str) -> bool:
    """Return whether a signal is a public commitment."""
    return name.startswith("commitment[") or name in ("commitment", "old", "traded", "new")


def honest_witness(inputs: Sequence[int], of: System) -> Honest:
    """Return the witness of accepted inputs; commitments are computed, so that rows are their source."""
    given = dict(zip(of.r1cs.inputs, inputs, strict=True))
    follow = {wire for name, wire in of.symbols.items() if is_commitment(name)}
    solution = solve(of.r1cs, {wire: value for wire, value in given.items() if wire not in follow})
    assert all(solution.values[wire] == given[wire] for wire in follow)
    assert not solution.unknown, "the account is not accepted"
    assert not of.r1cs.violated([value or 0 for value in solution.values])
    return Honest(of, solution)


@dataclass(frozen=True)
class Forgery:
    """A cheating witness: what differs from an honest one, by signal name, in [0, R)."""

    honest: Honest
    changed: dict[str, int]

    @cached_property
    def values(self) -> dict[str, int]:
        """Signal name to its value in [0, R)."""
        return {name: value % R for name, value in self.honest.values.items()} | self.changed

    def refused_by(self, of: System) -> bool:
        """Return whether it breaks a row in which a changed value stands, for a system of the same circuit,
        simplified or not."""
        witness = list(wires_of(self.honest, of))
        wires = {of.symbols[name]: value for name, value in self.changed.items() if name in of.symbols}
        for wire, value in wires.items():
            witness[wire] = value
        return bool(of.r1cs.violated(witness, among=wires))


def forge(of: System, inputs: Sequence[int], honest: Honest, lie: Lie) -> Forgery | None:
    """Return the whole witness that follows from a lie; None where the rows that are left already exclude
    it."""
    assert of is honest.system
    symbols, first_inner = of.symbols, of.r1cs.inputs.stop
    given = dict(zip(of.r1cs.inputs, inputs, strict=True))
    broken = set(lie.rows)
    for name, value in lie.signals.items():
        if value is None:
            del given[symbols[name]]
            continue
        given[symbols[name]] = value % R
        if symbols[name] >= first_inner:
            broken.add(honest.source[name])
    solution = solve_again(of.r1cs, honest.solution, given, without=broken)
    if solution.unknown:
        return None
    witness = [value or 0 for value in solution.values]
    changed = {wire for wire, value in enumerate(honest.solution.values) if value != witness[wire]}
    if not set(of.r1cs.violated(witness, among=changed)) <= broken:
        return None
    return Forgery(honest, {name: witness[wire] for name, wire in symbols.items() if wire in changed})
