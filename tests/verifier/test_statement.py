"""Public signals and context: every field counts, nothing outside the field's range gets in."""

from dataclasses import replace
from random import Random

import pytest
from eth_hash.auto import keccak

from tests.builders import random_program
from verifier.admission import admit
from verifier.context import Action, Context
from verifier.errors import AdmissionRefused, BadInput
from verifier.field import R, from_field, to_field
from verifier.program import Purpose, once
from verifier.statement import LiveInputs, prepared_signals, public_signals
from verifier.tiers import GRID, PORTFOLIO, TIERS, VENUE, fold

ADDRESS = "0x" + "ab" * 20
CONTEXT = Context(
    chain_id=31337,
    registry=ADDRESS,
    verifying_key_hash=bytes(range(32)),
    purpose=Purpose.INITIAL,
    action=Action.WITHDRAW,
    account="0x" + "01" * 20,
    recipient="0x" + "02" * 20,
    amount=5,
    epoch=6,
    sequence=7,
    nonce=8,
    deadline=9,
)


@pytest.mark.parametrize("tier", TIERS.values(), ids=lambda tier: tier.name)
def test_prepared_signals_come_first_and_are_reduced(tier):
    program = random_program(Random(1), tier, extreme=True)
    live = LiveInputs(10_000, 3, (4,), 5)
    signals = public_signals(program, live)
    assert len(signals) == tier.public_count
    assert all(0 <= signal < R for signal in signals)
    assert signals[-4:] == (10_000, 3, 4, 5)
    assert signals[0] == program.listing.hash
    decoded = [from_field(signal) for signal in signals[2 : tier.prepared_count]]
    assert decoded == list(fold(tier.sections, program.prepared_values())[2:])
    assert tier.wide or decoded == list(program.prepared_values()[2:])


def test_live_inputs_that_no_proof_may_have_are_refused():
    program = random_program(Random(1), GRID)
    with pytest.raises(AdmissionRefused):
        public_signals(program, LiveInputs(10_001, 3, (4,), 5))


def test_an_entry_beyond_the_field_has_no_signal():
    program = replace(random_program(Random(1), GRID), constant=R)
    with pytest.raises(BadInput, match="does not fit the field"):
        prepared_signals(program)


def test_what_a_function_returns_is_kept_for_its_own_program_only():
    runs = []

    @once
    def constant(program):
        runs.append(program)
        if program.constant < 0:
            raise BadInput("negative")
        return program.constant

    first = replace(random_program(Random(1), GRID), constant=5)
    assert constant(first) == constant(first) == 5
    other = replace(first, constant=6)
    assert constant(other) == 6
    assert runs == [first, other]
    assert first == replace(first) and hash(first) == hash(replace(first))
    refused = replace(first, constant=-1)
    for _ in range(2):
        with pytest.raises(BadInput):
            constant(refused)
    assert prepared_signals(first) != prepared_signals(other)


def test_a_program_that_was_admitted_admits_no_other():
    program = random_program(Random(3), GRID)
    admit(program)
    for _ in range(2):
        with pytest.raises(AdmissionRefused):
            admit(replace(program, unit=0))


@pytest.mark.parametrize("value", [0, 1, -1, R // 2, -(R // 2)])
def test_signed_values_survive_the_field(value: int):
    assert from_field(to_field(value)) == value


@pytest.mark.parametrize("value", [R // 2 + 1, -(R // 2) - 1])
def test_a_value_of_half_the_field_is_ambiguous_and_refused(value: int):
    with pytest.raises(BadInput):
        to_field(value)


@pytest.mark.parametrize("element", [-1, R])
def test_an_element_that_is_not_reduced_is_refused(element: int):
    with pytest.raises(BadInput):
        from_field(element)


def test_the_context_is_the_hash_of_thirteen_words():
    numbers = [5, 6, 7, 8, 9]
    words = [
        keccak(b"zkmargin.context.v1"),
        (31337).to_bytes(32, "big"),
        bytes(12) + b"\xab" * 20,
        bytes(range(32)),
        bytes(32),
        bytes(31) + b"\1",
        bytes(12) + b"\1" * 20,
        bytes(12) + b"\2" * 20,
        *(number.to_bytes(32, "big") for number in numbers),
    ]
    assert CONTEXT.element == int.from_bytes(keccak(b"".join(words)), "big") % R


def test_every_field_changes_the_context():
    changes = [
        {"chain_id": 1},
        {"registry": "0x" + "ac" * 20},
        {"verifying_key_hash": bytes(32)},
        {"purpose": Purpose.MAINTENANCE},
        {"action": Action.STATUS, "recipient": "0x" + "00" * 20, "amount": 0},
        {"account": "0x" + "03" * 20},
        {"recipient": "0x" + "03" * 20},
        {"amount": 6},
        {"epoch": 7},
        {"sequence": 8},
        {"nonce": 9},
        {"deadline": 10},
    ]
    assert len({CONTEXT.element, *(replace(CONTEXT, **change).element for change in changes)}) == 13


def test_the_letter_case_of_an_address_does_not_count():
    assert replace(CONTEXT, registry="0x" + "AB" * 20).element == CONTEXT.element


@pytest.mark.parametrize(
    "change",
    [
        {"verifying_key_hash": b"short"},
        {"amount": -1},
        {"amount": 1 << 256},
        {"epoch": 1 << 64},
        {"nonce": -1},
        {"action": Action.UPDATE},
        {"account": "ab" * 20},
        {"registry": "0x1"},
        {"recipient": "0x" + "zz" * 20},
    ],
)
def test_a_context_that_no_contract_recomputes_is_refused(change: dict):
    with pytest.raises(BadInput):
        _ = replace(CONTEXT, **change).element


def test_the_tiers_counts_are_the_statements():
    assert (GRID.prepared_count, GRID.public_count) == (2990, 2994)
    assert (PORTFOLIO.prepared_count, PORTFOLIO.public_count) == (7130, 7134)
    assert (VENUE.prepared_count, VENUE.public_count) == (24322, 24326)
