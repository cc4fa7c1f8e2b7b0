"""Proofs of the clearing house: that a book is conserved, what a book is worth (docs/clearing.md, parts 3 and 4).

What would make a proof impossible is found before proving and said in business terms: a place, an instrument, never a
quantity.
"""

from collections.abc import Sequence

from prover import _core
from prover.artefacts import Artefacts, L
from prover.inputs import Shape
from prover.native import scalars
from prover.proving import ProofBundle
from prover.refusals import proved
from verifier import conservation, valuation
from verifier.books import BookOpening, next_salt
from verifier.circuits import ConservationLayout, PublicLayout, ValuationLayout
from verifier.conservation import Span, Terms, accrued, check_update
from verifier.errors import ArtefactMismatch
from verifier.field import R, to_field
from verifier.groth16.proof import Proof
from verifier.valuation import Marks, Valuation, check_valuation, leg_values


def public_shapes(layout: PublicLayout) -> list[tuple[str, Shape]]:
    """Return name and shape of each public input in the order of the circuit."""
    return [(section.name, section.shape) for section in layout.sections] + [(name, ()) for name in layout.live_names]


def private_shapes(layout: ConservationLayout | ValuationLayout) -> list[tuple[str, Shape]]:
    """Return name and shape of each private input in the order of the circuit."""
    book: list[tuple[str, Shape]] = [("x", (layout.places,))]
    if isinstance(layout, ValuationLayout):
        return [*book, ("salt", ()), ("size", (layout.places,))]
    single = ("salt_old", "salt_traded", "salt_new", "zero_old", "zero_traded", "zero_new", "accrued")
    return [*book, ("y", (layout.places,)), *((name, ()) for name in single)]


def conservation_inputs(
    span: Span, terms: Terms, old: BookOpening, traded: BookOpening, new: BookOpening, context: int
) -> list[int]:
    """Return every input wire in order, public then private, as field elements in [0, R).

    Checks the update first: errors of `verifier.conservation.check_update`.
    """
    update = check_update(span, terms, old, traded, new)
    lots = map(to_field, (*old.positions, *traded.positions))
    zeros = (int(book.salt is None) for book in (old, traded, new))
    cash = to_field(accrued(span, old.positions))
    return [*conservation.public_signals(span, update, context), *lots, *_salts(old, traded, new), *zeros, cash]


def valuation_inputs(marks: Marks, book: BookOpening, claim: Valuation, context: int) -> list[int]:
    """Return every input wire in order, public then private, as field elements in [0, R).

    Checks the claim first: errors of `verifier.valuation.check_valuation`.
    """
    check_valuation(marks, book, claim)
    lots = map(to_field, book.positions)
    sizes = map(abs, leg_values(marks, book.positions))
    return [*valuation.public_signals(marks, claim, context), *lots, book.salt or 0, *sizes]


def prove_conservation(
    artefacts: Artefacts[ConservationLayout],
    span: Span,
    terms: Terms,
    old: BookOpening,
    traded: BookOpening,
    new: BookOpening,
    context: int,
    *,
    key: "_core.ProvingKey | None" = None,
) -> ProofBundle:
    """Prove that `new` is `old` moved along the span with the trade and the cash that the terms name.

    `verifier.conservation.conserve` makes `new`. `key` saves loading it again. Raises WitnessRefused, which names the
    rule, where that is false.
    """
    _check_places(artefacts.layout, len(span.keep))
    inputs = conservation_inputs(span, terms, old, traded, new, context)
    return _prove(artefacts, inputs, key)


def prove_valuation(
    artefacts: Artefacts[ValuationLayout],
    marks: Marks,
    book: BookOpening,
    claim: Valuation,
    context: int,
    *,
    key: "_core.ProvingKey | None" = None,
) -> ProofBundle:
    """Prove a claim that `verifier.valuation.reveal` or `within_band` makes. `key` saves loading it again.

    Raises WitnessRefused, which names the rule, where the claim is false.
    """
    _check_places(artefacts.layout, len(marks.mark))
    inputs = valuation_inputs(marks, book, claim, context)
    return _prove(artefacts, inputs, key)


def _salts(old: BookOpening, traded: BookOpening, new: BookOpening) -> tuple[int, int, int]:
    """Return the salts; the zero book may have any, and takes the one that next_salt asks for."""
    salt_old = old.salt if old.salt is not None else ((new.salt or 0) - 1) % R
    salt_new = new.salt if new.salt is not None else next_salt(salt_old)
    return salt_old, traded.salt or 0, salt_new


def _check_places(layout: ConservationLayout | ValuationLayout, places: int) -> None:
    if layout.places != places:
        raise ArtefactMismatch(
            f"the listing has {places} places, the circuit {layout.name} takes {layout.places}; use the key for as many"
        )


def _prove(artefacts: Artefacts[L], inputs: Sequence[int], key: "_core.ProvingKey | None") -> ProofBundle:
    data = proved(artefacts, scalars(inputs), key)
    return ProofBundle(Proof.from_evm(data, check=False), tuple(inputs[: artefacts.layout.public_count]))
