"""The under-constraint check: what is not unique must be reported, and only unique wires may be called so."""

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover import _core, artefacts, circom
from tests.core.system import Row, boolean, linear, r1cs, satisfied
from tests.core.toolbox import Compiled, integers, scalars
from verifier.circuits import VALUATION64
from verifier.errors import ArtefactMismatch
from verifier.field import R


def report(rows: list[Row], *, wires: int, private: int = 1) -> _core.Determinism:
    return _core.Circuit(r1cs(rows, wires=wires, private=private)).determinism()


def decomposition(bits: int, *, wire: int = 1, first: int = 2) -> list[Row]:
    """wire = sum of 2^i * bit_i with boolean bits."""
    form = {wire: -1} | {first + i: 1 << i for i in range(bits)}
    return [*(boolean(first + i) for i in range(bits)), linear(form)]


def test_a_free_choice_is_reported(compile_circuit: Callable[[str], Compiled]) -> None:
    circuit = compile_circuit("free").circuit()
    found = circuit.determinism()
    assert not found.passed
    assert found.undetermined != []
    plan = _core.WitnessPlan.derive(circuit)
    assert not plan.complete
    with pytest.raises(_core.WitnessError, match="do not follow") as caught:
        plan.solve(scalars([1]))
    assert caught.value.constraint is None


@pytest.mark.parametrize("name", ["free", "division", "wide"])
def test_no_key_is_made_for_a_circuit_that_its_inputs_do_not_determine(
    name: str, compile_circuit: Callable[[str], Compiled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = compile_circuit(name)
    assert _core.WitnessPlan.derive(source.circuit()).determined is False
    for ending in ("r1cs", "sym"):
        shutil.copyfile(source.folder / f"{name}.{ending}", tmp_path / f"valuation64.{ending}")
    compiled = circom.Circuit("valuation64", tmp_path)
    compiled.stamp.write_text("of another circuit")
    monkeypatch.setenv("ZKMARGIN_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(artefacts, "compile_named", lambda *_, **__: compiled)
    with pytest.raises(ArtefactMismatch, match="wires that its inputs do not determine"):
        artefacts.build(VALUATION64)
    assert list((tmp_path / "build" / "tiers").iterdir()) == []


def test_254_bits_from_the_compiler_are_reported(compile_circuit: Callable[[str], Compiled]) -> None:
    assert len(compile_circuit("wide").circuit().determinism().undetermined) >= 253


@pytest.mark.parametrize(("bits", "unique"), [(1, True), (64, True), (253, True), (254, False), (300, False)])
def test_a_decomposition_is_unique_up_to_253_bits(bits: int, unique: bool) -> None:
    found = report(decomposition(bits), wires=2 + bits)
    assert found.passed is unique
    assert found.undetermined == ([] if unique else list(range(2, 2 + bits)))


def test_254_bits_indeed_have_two_readings() -> None:
    rows = decomposition(254)
    for integer in (5, 5 + R):
        assert satisfied(rows, [1, 5, *(integer >> i & 1 for i in range(254))])


def test_a_missing_boolean_row_is_reported() -> None:
    rows = decomposition(8)
    assert report(rows, wires=10).passed
    for missing in range(8):
        assert not report(rows[:missing] + rows[missing + 1 :], wires=10).passed


@pytest.mark.parametrize("form", [{1: -1, 2: 1, 3: 1}, {1: -1, 2: 1, 3: 3}, {1: -1, 2: 1, 3: -1}])
def test_coefficients_that_are_not_distinct_powers_of_two_are_reported(form: dict[int, int]) -> None:
    assert not report([boolean(2), boolean(3), linear(form)], wires=4).passed


def test_a_spread_of_254_with_few_bits_is_reported() -> None:
    assert report([boolean(2), boolean(3), linear({1: -1, 2: 1, 3: 1 << 252})], wires=4).passed
    assert not report([boolean(2), boolean(3), linear({1: -1, 2: 1, 3: 1 << 253})], wires=4).passed


@pytest.mark.parametrize("factor", [1, 7, R - 3, pow(8, -1, R)])
def test_a_folded_bit_is_recognised_under_any_factor(factor: int) -> None:
    # The lowest bit is x - 2*b1 - 4*b2, and its boolean row stands for it.
    bit = {1: 1, 2: -2, 3: -4}
    scaled = {wire: value * factor for wire, value in bit.items()}
    less_one = {0: -factor} | scaled
    opposite = {wire: -value for wire, value in less_one.items()}
    says: list[Row] = [
        (scaled, less_one, {}),
        (scaled, scaled, {wire: value * factor for wire, value in scaled.items()}),
        (bit, scaled, scaled),
        (opposite, opposite, {wire: value * factor for wire, value in opposite.items()}),
        (less_one, opposite, {wire: value * factor for wire, value in less_one.items()}),
        # (L + 1) (L + 1) = 3 L + 1
        ({0: 1} | bit, {0: factor} | scaled, {0: factor} | {wire: 3 * value for wire, value in scaled.items()}),
    ]
    for row in says:
        rows = [boolean(2), boolean(3), row]
        assert report(rows, wires=4).passed
        plan = _core.WitnessPlan.derive(_core.Circuit(r1cs(rows, wires=4, private=1)))
        for x in range(8):
            assert integers(_core.read_wtns(plan.solve(scalars([x])))) == [1, x, x >> 1 & 1, x >> 2 & 1]
        with pytest.raises(_core.WitnessError):
            plan.solve(scalars([8]))


def test_a_square_that_is_not_its_root_is_no_bit() -> None:
    for square in ({}, {0: 1}, {0: 1, 2: 1}):
        assert report([({2: 1}, {2: 1}, square), linear({1: -1, 2: 1, 3: 2}), boolean(3)], wires=4).undetermined == [
            2,
            3,
        ]


def test_a_two_valued_row_whose_values_do_not_fit_the_bits_is_reported() -> None:
    # x - 2*b1 - 4*b2 is 0 or 2: x = 2 has two readings.
    form = {1: 1, 2: -2, 3: -4}
    assert not report([boolean(2), boolean(3), (form, {0: -2} | form, {})], wires=4).passed


def test_a_square_does_not_determine_its_root() -> None:
    assert report([({2: 1}, {2: 1}, {1: 1})], wires=3).undetermined == [2]


def test_a_product_of_unknowns_determines_neither() -> None:
    assert report([({2: 1}, {3: 1}, {1: 1})], wires=4).undetermined == [2, 3]


def test_a_quotient_is_determined_only_if_its_product_is_a_constant_other_than_zero() -> None:
    assert report([({2: 1}, {1: 1}, {0: 4})], wires=3).solved_by == {"inverse": 1}
    assert report([({2: 1}, {1: 1}, {})], wires=3).undetermined == [2]
    assert report([({3: 1}, {1: 1}, {2: 1})], wires=4, private=2).undetermined == [3]
    assert report([({2: 1}, {1: 1}, {0: 4, 2: 1})], wires=3).undetermined == [2]


def test_the_compilers_division_is_reported(compile_circuit: Callable[[str], Compiled]) -> None:
    found = compile_circuit("division").circuit().determinism()
    assert found.solved_by == {"inverse": 1}
    assert len(found.undetermined) == 1


def test_a_wire_that_no_row_names_is_reported() -> None:
    assert report([linear({2: 1, 1: -1})], wires=4).undetermined == [3]


def test_a_singular_linear_system_is_reported() -> None:
    full: list[Row] = [({1: 1}, {1: 1}, {2: 1, 3: 2}), ({1: 1}, {1: 2}, {2: 3, 3: 4})]
    assert report(full, wires=4).solved_by == {"elimination": 2}
    singular: list[Row] = [full[0], ({1: 1}, {1: 2}, {2: 3, 3: 6})]
    assert report(singular, wires=4).undetermined == [2, 3]


def test_repeated_and_cancelling_terms_are_merged_before_judging() -> None:
    class Repeated(dict[int, int]):
        """Items that name wire 2 twice with opposite signs."""

        def __len__(self) -> int:
            return 3

        def items(self):  # type: ignore[no-untyped-def]
            return [(2, 1), (1, 1), (2, -1)]

    assert report([linear(Repeated())], wires=3).undetermined == [2]


small = st.sampled_from([0, 1, 2, 3, 4, -1, -2])
form = st.dictionaries(st.integers(0, 5), small, max_size=4)
row = st.one_of(
    st.integers(2, 5).map(boolean),
    st.integers(2, 5).map(boolean),
    form.map(linear),
    st.tuples(form, form, form),
)


@settings(max_examples=400, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=9))
def test_no_determined_wire_ever_has_two_values(rows: list[Row]) -> None:
    undetermined = set(report(rows, wires=6).undetermined)
    if undetermined == {2, 3, 4, 5}:
        return
    for given_value in (0, 1, 2, 3, -1):
        seen: dict[int, int] = {}
        for inner in itertools.product((0, 1, 2, -1), repeat=4):
            values = [1, given_value, *inner]
            if not satisfied(rows, values):
                continue
            for wire in {2, 3, 4, 5} - undetermined:
                assert seen.setdefault(wire, values[wire]) == values[wire]


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=9), value=st.integers(0, 5))
def test_a_passing_system_is_solved_or_refused_never_wrong(rows: list[Row], value: int) -> None:
    circuit = _core.Circuit(r1cs(rows, wires=6, private=1))
    if not circuit.determinism().passed:
        return
    try:
        solved = integers(_core.read_wtns(_core.WitnessPlan.derive(circuit).solve(scalars([value]))))
    except _core.WitnessError:
        for inner in itertools.product((0, 1, 2, -1), repeat=4):
            assert not satisfied(rows, [1, value, *inner])
    else:
        assert satisfied(rows, solved)
