"""Circuits: the public signals of each compiled circuit, in order.

Every circuit has *prepared* signals, the same for many proofs, so that a contract computes their point once
(docs/statement.md, part 6), and then *live* ones, which belong to one proof. A tier of the margin circuit
(`verifier.tiers`) is such a layout. So are the two circuits of the clearing house, one of each for a number of
places (docs/clearing.md, parts 3 and 4).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

from verifier.tiers import TIERS, Section, digit_limit

ACCRUAL_BITS = 63
"""A span's accruals are differences of two sums below 2^62."""
MARK_BITS = 39


class PublicLayout(Protocol):
    """The public signals of one compiled circuit."""

    @property
    def name(self) -> str:
        """Of the circuit's file and of the folder of its keys."""

    @property
    def domain_log2(self) -> int:
        """The proof's domain holds 2^domain_log2 constraints, public signals and the constant one."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """The prepared signals, in order."""

    @property
    def live_names(self) -> tuple[str, ...]:
        """The live signals that follow, in order, as the circuit names them."""

    @property
    def prepared_count(self) -> int:
        """How many signals are prepared."""

    @property
    def public_count(self) -> int:
        """How many signals there are in all."""


@dataclass(frozen=True)
class ConservationLayout:
    """A book moves along a span and takes in a trade; `places`: N of docs/clearing.md, part 3."""

    live_names: ClassVar[tuple[str, ...]] = (
        "sign",
        "parts",
        "next_salt",
        "amount",
        "old",
        "traded",
        "new",
        "context",
    )
    places: int
    domain_log2: int

    @property
    def name(self) -> str:
        return f"conservation{self.places}"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """What the span says; runs of equal width stand together."""
        n = (self.places,)
        return (
            _element("listing_old"),
            _element("listing_new"),
            Section("keep", n, 1, 0, 2),
            Section("cash", n, 1, 0, 2),
            _signed("accrual", n, 9, ACCRUAL_BITS),
        )

    @property
    def prepared_count(self) -> int:
        return sum(section.count for section in self.sections)

    @property
    def public_count(self) -> int:
        return self.prepared_count + len(self.live_names)


@dataclass(frozen=True)
class ValuationLayout:
    """A book at an epoch's marks: its value, or a band that holds it; `places`: N of docs/clearing.md, part 4."""

    live_names: ClassVar[tuple[str, ...]] = ("revealed", "band_bps", "value", "commitment", "context")
    places: int
    domain_log2: int

    @property
    def name(self) -> str:
        return f"valuation{self.places}"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The epoch's marks, as the margin program has them in its section `mark`."""
        return (_element("listing_hash"), _signed("mark", (self.places,), 5, MARK_BITS))

    @property
    def prepared_count(self) -> int:
        return sum(section.count for section in self.sections)

    @property
    def public_count(self) -> int:
        return self.prepared_count + len(self.live_names)


def _element(name: str) -> Section:
    """Return the section of one field element."""
    return Section(name, (), 32, 0, 1 << 254)


def _signed(name: str, shape: tuple[int, ...], width: int, bits: int) -> Section:
    limit = min((1 << bits) - 1, digit_limit(width))
    return Section(name, shape, width, -limit, limit + 1)


CONSERVATION64 = ConservationLayout(64, domain_log2=14)
CONSERVATION128 = ConservationLayout(128, domain_log2=15)
VALUATION64 = ValuationLayout(64, domain_log2=12)
VALUATION128 = ValuationLayout(128, domain_log2=13)
CLEARING: dict[str, ConservationLayout | ValuationLayout] = {
    layout.name: layout for layout in (CONSERVATION64, VALUATION64, CONSERVATION128, VALUATION128)
}
"""Circuits of the clearing house: 64 places for the tier grid, 128 for portfolio and matrix."""
CIRCUITS: dict[str, PublicLayout] = {**TIERS, **CLEARING}
"""Every circuit of the product."""
