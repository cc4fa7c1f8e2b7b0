"""The epoch encoding is a bijection, and the program hash binds every entry."""

from dataclasses import replace
from random import Random

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import random_program
from verifier.encoding import CHUNK_ENTRIES, chunks, decode_chunk, digits, encode_chunk, program_hash, spans
from verifier.errors import ArtefactMismatch, BadInput
from verifier.tiers import GRID, PORTFOLIO, TIERS, digit_limit


@given(st.integers(1, 32).flatmap(lambda w: st.tuples(st.just(w), st.integers(-digit_limit(w), digit_limit(w)))))
def test_digits_are_small_and_sum_to_the_value(case: tuple[int, int]):
    width, value = case
    parts = digits(value, width)
    assert len(parts) == width
    assert all(-128 <= part <= 127 for part in parts)
    assert sum(part * 256**k for k, part in enumerate(parts)) == value


def test_a_value_beyond_its_digits_is_refused():
    assert digits(digit_limit(5), 5) == (127,) * 5
    with pytest.raises(BadInput, match="5 signed"):
        digits(digit_limit(5) + 1, 5)


@given(st.integers(1, 12), st.data())
def test_a_chunk_decodes_to_what_was_encoded(width: int, data: st.DataObject):
    values = data.draw(st.lists(st.integers(-digit_limit(width), digit_limit(width)), min_size=1, max_size=20))
    encoded = encode_chunk(values, width)
    assert len(encoded) == width * len(values)
    assert decode_chunk(encoded, width) == tuple(values)
    assert encode_chunk(decode_chunk(encoded, width), width) == encoded


def test_the_top_plane_stands_first():
    assert encode_chunk([1, 256, -1], 2) == bytes([0, 1, 0, 1, 0, 255])


@pytest.mark.parametrize("data", [b"", b"abc"])
def test_a_chunk_without_equal_planes_is_refused(data: bytes):
    with pytest.raises(ArtefactMismatch, match="planes"):
        decode_chunk(data, 2)


@pytest.mark.parametrize("tier", TIERS.values(), ids=lambda tier: tier.name)
def test_spans_cover_the_prepared_inputs_in_order_with_one_width_each(tier):
    widths = [section.width for section in tier.sections for _ in range(section.count)]
    covered = []
    for span in spans(tier):
        assert 0 < span.count <= CHUNK_ENTRIES
        assert span.first == len(covered)
        covered += [span.width] * span.count
    assert covered == widths
    assert len(covered) == sum(section.count for section in tier.sections)


@pytest.mark.parametrize("tier", [GRID, PORTFOLIO], ids=lambda tier: tier.name)
def test_the_chunks_hold_the_program_and_chain_to_its_hash(tier):
    program = random_program(Random(5), tier, extreme=True)
    values: list[int] = []
    state = keccak(b"zkmargin.program.v1")
    for chunk in chunks(program):
        values += decode_chunk(chunk.data, chunk.span.width)
        state = keccak(state + chunk.data)
    assert tuple(values) == program.prepared_values()
    assert program_hash(program) == state


def test_the_program_hash_binds_entries_and_listing_but_not_the_labels():
    program = random_program(Random(6), GRID)
    changed = replace(program, offset=(program.offset[0] + 1, *program.offset[1:]))
    relisted = replace(program, listing=replace(program.listing, settlement_unit="EUR"))
    assert len({program_hash(p) for p in (program, changed, relisted)}) == 3
    assert program_hash(replace(program, model="another name")) == program_hash(program)
