"""Witness plans against circom's own calculator, and what is said about wrong inputs."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover import _core
from tests.core.conftest import INPUTS, Proven, snarkjs_witness
from tests.core.system import r1cs
from tests.core.toolbox import Compiled, compiled, integers, scalars
from verifier.field import R

NAMES = sorted(INPUTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_witness_equals_circoms_byte_for_byte(name: str, proven: Callable[[str], Proven]) -> None:
    case = proven(name)
    plan = _core.WitnessPlan.derive(case.circuit)
    assert plan.complete
    assert plan.solve(case.inputs) == case.wtns
    case.circuit.check(case.wtns)


@pytest.mark.parametrize("optimise", ["--O0", "--O1"])
@pytest.mark.parametrize("name", NAMES)
def test_less_optimised_circuits_are_solved_too(
    name: str, optimise: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = compiled(name, tmp_path_factory.mktemp(name), optimise)
    circuit = source.circuit()
    assert circuit.determinism().passed
    wtns = snarkjs_witness(source, INPUTS[name])
    start = 1 + circuit.n_outputs
    inputs = _core.read_wtns(wtns)[32 * start : 32 * (start + circuit.n_public_inputs + circuit.n_private_inputs)]
    assert _core.WitnessPlan.derive(circuit).solve(inputs) == wtns


@pytest.mark.parametrize("name", NAMES)
def test_the_inputs_determine_every_wire(name: str, proven: Callable[[str], Proven]) -> None:
    report = proven(name).circuit.determinism()
    assert report.passed
    assert report.undetermined == []
    assert report.n_given + sum(report.solved_by.values()) == report.n_wires


def test_folded_linear_layers_are_solved_by_elimination(proven: Callable[[str], Proven]) -> None:
    assert proven("mixing").circuit.determinism().solved_by["elimination"] > 0


def test_bits_are_recognised_when_the_compiler_folded_one(proven: Callable[[str], Proven]) -> None:
    report = proven("comparator").circuit.determinism()
    assert report.solved_by["bits"] > 4 * 40


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_plan_solves_the_same(name: str, proven: Callable[[str], Proven]) -> None:
    case = proven(name)
    stored = _core.WitnessPlan.derive(case.circuit).to_bytes()
    assert stored == _core.WitnessPlan.derive(case.circuit).to_bytes()
    plan = _core.WitnessPlan.load(stored, case.circuit)
    assert plan.to_bytes() == stored
    assert plan.solve(case.inputs) == case.wtns


def test_a_plan_of_another_circuit_is_refused(proven: Callable[[str], Proven]) -> None:
    stored = _core.WitnessPlan.derive(proven("product").circuit).to_bytes()
    with pytest.raises(_core.FormatError, match="another circuit"):
        _core.WitnessPlan.load(stored, proven("mixing").circuit)
    with pytest.raises(_core.FormatError, match="not of this circuit"):
        _core.ProvingKey(proven("product").zkey, _core.WitnessPlan.derive(proven("mixing").circuit))


def test_a_plan_of_a_circuit_of_the_same_sizes_is_refused() -> None:
    square, twice = (_core.Circuit(r1cs([({1: 1}, {1: factor}, {2: 1})], wires=3, private=1)) for factor in (1, 2))
    plan = _core.WitnessPlan.derive(square)
    _core.ProvingKey(_core.setup(square), plan)
    with pytest.raises(_core.FormatError, match="not of this circuit"):
        _core.ProvingKey(_core.setup(twice), plan)


@settings(max_examples=60, deadline=None)
@given(x=st.lists(st.integers(-(1 << 40) + 1, (1 << 40) - 1), min_size=4, max_size=4))
def test_short_is_exact_for_any_values_in_range(x: list[int], proven: Callable[[str], Proven]) -> None:
    case = proven("comparator")
    plan = _core.WitnessPlan.derive(case.circuit)
    total = sum(max(0, -value) for value in x)
    values = integers(_core.read_wtns(plan.solve(scalars([total + 3, *x]))))
    assert values[1] == total


def test_a_value_out_of_range_violates_a_constraint_that_is_named(proven: Callable[[str], Proven]) -> None:
    case = proven("comparator")
    secret = 123456789123456789
    with pytest.raises(_core.WitnessError) as caught:
        case.key.prove(scalars([1 << 41, secret, 0, 0, 0]))
    assert isinstance(caught.value.constraint, int)
    assert 0 <= caught.value.constraint < case.circuit.n_constraints
    assert str(secret) not in str(caught.value)


def test_the_first_violated_constraint_is_named(proven: Callable[[str], Proven]) -> None:
    case = proven("mixing")
    values = integers(_core.read_wtns(case.wtns))
    values[-1] += 1
    values[-2] += 1
    with pytest.raises(_core.WitnessError, match="is not satisfied") as caught:
        case.circuit.check(_core.write_wtns(scalars(values)))
    assert isinstance(caught.value.constraint, int)


@pytest.mark.parametrize("inputs", [b"", scalars([1]), scalars([1] * 6), scalars([1] * 4) + bytes(31)])
def test_a_wrong_number_of_inputs_is_refused(inputs: bytes, proven: Callable[[str], Proven]) -> None:
    plan = _core.WitnessPlan.derive(proven("comparator").circuit)
    with pytest.raises(_core.FormatError):
        plan.solve(inputs)


def test_an_input_that_is_not_below_the_modulus_is_refused(proven: Callable[[str], Proven]) -> None:
    plan = _core.WitnessPlan.derive(proven("product").circuit)
    with pytest.raises(_core.FormatError, match="scalar 1 is not below"):
        plan.solve(scalars([1]) + R.to_bytes(32, "big") + scalars([1]))


def test_symbols_give_each_inputs_place(proven: Callable[[str], Proven]) -> None:
    case = proven("comparator")
    places = case.circuit.sym_inputs(case.source.sym)
    assert places == {"limit": 0, "x[0]": 1, "x[1]": 2, "x[2]": 3, "x[3]": 4}


def test_division_is_solved_like_circom_does(compile_circuit: Callable[[str], Compiled]) -> None:
    source = compile_circuit("division")
    inputs: dict[str, object] = {"over": 6, "under": 3, "unit": 5}
    wtns = snarkjs_witness(source, inputs)
    plan = _core.WitnessPlan.derive(source.circuit())
    assert plan.solve(scalars([6, 3, 5])) == wtns
    assert json.loads(_core.public_to_json(_core.read_wtns(wtns)[64:96])) == ["2"]
