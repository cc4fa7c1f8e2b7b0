"""From openings to proofs of the clearing house, with the circuits' real keys."""

import random
from dataclasses import replace

import pytest

from prover import artefacts
from prover.books import conservation_inputs, prove_conservation, prove_valuation, valuation_inputs
from prover.proving import ProofBundle
from tests.books import Case, random_case, random_listing, random_marks, random_positions
from tests.circuits.clearing.harness import narrowest_band
from verifier.books import BookOpening
from verifier.circuits import CLEARING, CONSERVATION64, CONSERVATION128, VALUATION64, VALUATION128, PublicLayout
from verifier.conservation import Span, Terms, check_update, public_signals
from verifier.errors import ArtefactMismatch, BadInput, ClaimFalse
from verifier.field import R
from verifier.groth16 import Engine, prepared_sum, verify_prepared
from verifier.valuation import Marks, reveal, value_of, within_band

WIDEST_SALT = R - 1


def proven(case: Case, context: int = 77) -> ProofBundle:
    layout = CONSERVATION64 if len(case.span.keep) == 64 else CONSERVATION128
    kit = artefacts.load(layout)
    return prove_conservation(kit, case.span, case.terms, case.old, case.traded, case.new, context)


def holds_for_every_engine(layout: PublicLayout, bundle: ProofBundle, engines: dict[str, Engine]) -> None:
    """The proof holds, and for no other value of any live signal."""
    key = artefacts.load(layout).verifying_key()
    for engine in engines.values():
        assert engine.verify(key, bundle.signals, bundle.proof)
    for place in range(layout.prepared_count, layout.public_count):
        other = tuple((value + (k == place)) % R for k, value in enumerate(bundle.signals))
        assert not engines["native"].verify(key, other, bundle.proof)


@pytest.mark.parametrize("layout", [CONSERVATION64, CONSERVATION128], ids=lambda layout: layout.name)
@pytest.mark.parametrize("edge", [False, True])
def test_an_update_is_proven_and_bound_to_its_signals(layout, edge: bool, engines: dict[str, Engine]) -> None:
    case = random_case(random.Random(7), layout.places, edge=edge)
    bundle = proven(case)
    update = check_update(case.span, case.terms, case.old, case.traded, case.new)
    assert bundle.signals == public_signals(case.span, update, 77)
    holds_for_every_engine(layout, bundle, engines)


@pytest.mark.parametrize("layout", [VALUATION64, VALUATION128], ids=lambda layout: layout.name)
@pytest.mark.parametrize("edge", [False, True])
def test_a_value_and_a_band_are_proven(layout, edge: bool, engines: dict[str, Engine]) -> None:
    rng = random.Random(8)
    listing = random_listing(rng, layout.places)
    marks = random_marks(rng, listing, edge=edge)
    book = BookOpening(random_positions(rng, listing, edge=edge), WIDEST_SALT)
    kit = artefacts.load(layout)
    shown = prove_valuation(kit, marks, book, reveal(marks, book), 77)
    hidden = prove_valuation(kit, marks, book, within_band(marks, book, narrowest_band(marks, book)), 77)
    for bundle in (shown, hidden):
        holds_for_every_engine(layout, bundle, engines)
    at = layout.prepared_count + layout.live_names.index("value")
    assert (shown.signals[at], hidden.signals[at]) == (value_of(marks, book.positions) % R, 0)


def test_a_proof_holds_against_the_prepared_point_of_its_span() -> None:
    case = random_case(random.Random(16), 64)
    bundle, key = proven(case), artefacts.load(CONSERVATION64).verifying_key()
    point = prepared_sum(key, CONSERVATION64, case.span.prepared_values())
    assert point is not None
    live = bundle.signals[CONSERVATION64.prepared_count :]
    assert verify_prepared(key, point, live, bundle.proof)
    other = (*case.span.prepared_values()[:-1], case.span.accrual[-1] + 1)
    moved = prepared_sum(key, CONSERVATION64, other)
    assert moved is not None
    assert not verify_prepared(key, moved, live, bundle.proof)
    with pytest.raises(ArtefactMismatch, match="prepared values"):
        prepared_sum(key, CONSERVATION64, other[1:])


def test_the_widest_salts_are_inputs_like_any_other(engines: dict[str, Engine]) -> None:
    case = random_case(random.Random(9), 64)
    terms = replace(case.terms, next_salt=True)
    books = [replace(book, salt=salt) for book, salt in ((case.old, R - 1), (case.traded, R - 1), (case.new, 0))]
    inputs = conservation_inputs(case.span, terms, *books, 77)
    assert inputs.count(R - 1) >= 2
    holds_for_every_engine(
        CONSERVATION64, proven(replace(case, terms=terms, old=books[0], traded=books[1], salt=0)), engines
    )
    marks = random_marks(random.Random(9), case.span.listing_old)
    inputs = valuation_inputs(marks, books[0], reveal(marks, books[0]), 77)
    assert WIDEST_SALT in inputs and all(0 <= value < R for value in inputs)


def test_an_auction_is_proven_from_zero_to_zero(engines: dict[str, Engine]) -> None:
    listing = random_listing(random.Random(10), 64)
    span, zero = Span.of_accruals(listing), BookOpening.zero(listing)
    book = BookOpening((7, *(0 for _ in range(62)), -5), 4)
    opened = Case(span, Terms(), zero, book, 9)
    taken = Case(span, Terms(sign=-1, parts=1, next_salt=True), opened.new, replace(book, salt=5), None)
    for case in (opened, taken):
        holds_for_every_engine(CONSERVATION64, proven(case), engines)
    assert taken.new == zero


def test_what_is_false_is_found_before_proving() -> None:
    case = random_case(random.Random(11), 64)
    wrong = replace(case.new, positions=(case.new.positions[0] ^ 1, *case.new.positions[1:]), salt=3)
    kit = artefacts.load(CONSERVATION64)
    with pytest.raises(ClaimFalse, match="the new book is not"):
        prove_conservation(kit, case.span, replace(case.terms, parts=0), case.old, case.traded, wrong, 77)
    marks = random_marks(random.Random(12), case.span.listing_old)
    lone = BookOpening((0, 5, *(0 for _ in range(62))), 3)
    marks = Marks(marks.listing, (1,) * 64)
    claim = replace(reveal(marks, lone), revealed=False, value=0)
    with pytest.raises(ClaimFalse, match="outside the price band"):
        prove_valuation(artefacts.load(VALUATION64), marks, lone, claim, 77)


def test_a_context_outside_the_field_is_refused() -> None:
    with pytest.raises(BadInput, match="context"):
        proven(random_case(random.Random(13), 64), context=R)


def test_a_key_for_another_number_of_places_is_refused() -> None:
    case = random_case(random.Random(14), 64)
    with pytest.raises(ArtefactMismatch, match="64 places"):
        prove_conservation(artefacts.load(CONSERVATION128), case.span, case.terms, case.old, case.traded, case.new, 77)


@pytest.mark.parametrize("layout", CLEARING.values(), ids=list(CLEARING))
def test_artefacts_are_those_of_their_circuit(layout) -> None:
    kit = artefacts.load(layout)
    assert kit.manifest.tier == layout.name
    assert kit.verifying_key().public_count == layout.public_count
    other = VALUATION64 if layout is not VALUATION64 else CONSERVATION64
    with pytest.raises(ArtefactMismatch, match=f"is of circuit {layout.name}"):
        artefacts.load(other, kit.folder)


def test_errors_name_no_quantity() -> None:
    case = random_case(random.Random(15), 64)
    secret = 140_737_488_355_999
    with pytest.raises(BadInput) as caught:
        proven(replace(case, old=BookOpening((secret, *case.old.positions[1:]), 3)))
    assert str(secret) not in str(caught.value) and "place 0" in str(caught.value)
