"""A blinded program's point hides it by construction: every program has a blind that gives that point.

Only who knows the trapdoor of the key can compute it; that it exists is what hiding means.
"""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prover.hidden import blinded
from prover.native import NativeEngine
from tests.builders import random_program
from tests.chain.trapdoor import Trapdoor
from verifier.admission import admit
from verifier.chain.bilateral import hiding_point
from verifier.errors import ArtefactMismatch, BadInput
from verifier.field import R
from verifier.groth16 import ReferenceEngine
from verifier.program import MarginProgram
from verifier.statement import LiveInputs, prepared_signals
from verifier.tiers import GRID, PORTFOLIO

TRAPDOOR = Trapdoor("hiding", GRID)
BLIND = [section.name for section in GRID.sections for _ in range(section.count)].index("blind")


def program_of(seed: int) -> MarginProgram:
    return random_program(Random(seed), GRID)


def exponent(program: MarginProgram) -> int:
    """Return the scalar of the program's point: what only who made the key can know."""
    values = (1, *prepared_signals(program))
    return sum(v * ic for v, ic in zip(values, TRAPDOOR.ic[: len(values)], strict=True)) % R


def with_the_point_of(other: MarginProgram, program: MarginProgram) -> MarginProgram:
    """Return `other` under the blind that gives it the point of `program`."""
    bare = replace(other, blind=0)
    return replace(other, blind=(exponent(program) - exponent(bare)) * pow(TRAPDOOR.ic[1 + BLIND], -1, R) % R)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_any_two_programs_have_blinds_that_give_one_point(first: int, second: int) -> None:
    one, other = blinded(program_of(first)), program_of(second + 2**33)
    twin = with_the_point_of(other, one)
    admit(one)
    admit(twin)
    assert replace(twin, blind=0) != replace(one, blind=0)
    for engine in (ReferenceEngine(), NativeEngine()):
        assert hiding_point(TRAPDOOR.key, GRID, one, engine) == hiding_point(TRAPDOOR.key, GRID, twin, engine)


def test_a_proof_says_nothing_that_the_point_does_not() -> None:
    """What verifies for one program verifies for its twin: the verifier has only the point."""
    one = blinded(program_of(1))
    twin = with_the_point_of(program_of(2), one)
    live = LiveInputs(10_000, 0, (77,), 88)
    proof = TRAPDOOR.prove_program(one, live.signals())
    for program in (one, twin):
        assert ReferenceEngine().verify(TRAPDOOR.key, (*prepared_signals(program), *live.signals()), proof)


def test_blinds_are_fresh_and_change_nothing_else() -> None:
    program = program_of(3)
    blinds = {blinded(program).blind for _ in range(20)}
    assert len(blinds) == 20
    assert all(1 <= blind < R for blind in blinds)
    assert replace(blinded(program), blind=program.blind) == program


def test_a_point_that_hides_nothing_is_not_made() -> None:
    program = replace(program_of(4), blind=0)
    with pytest.raises(BadInput, match="has no blind"):
        hiding_point(TRAPDOOR.key, GRID, program)
    with pytest.raises(ArtefactMismatch, match="of tier grid"):
        hiding_point(TRAPDOOR.key, PORTFOLIO, program)
