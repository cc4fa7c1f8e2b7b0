"""What the tests of all venue models share: which there are, on which instruments, and two ways to judge a book."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random

from prover.compile import Layout, choose_tier, compile_program
from prover.models.base import Figures, Model, load_model
from prover.models.evaluate import evaluate_draft
from tests.prover.market_files import EXAMPLES, real_snapshot
from verifier.meaning import evaluate
from verifier.program import MarginProgram, Purpose

BTC_OPTIONS = (
    "BTC-30JAN26-90000-C",
    "BTC-30JAN26-85000-P",
    "BTC-30JAN26-100000-C",
    "BTC-27MAR26-100000-C",
    "BTC-27MAR26-80000-P",
    "BTC-27MAR26-90000-C",
)


@dataclass(frozen=True)
class Venue:
    """A model's example parameters with instruments that it margins; short balances are collateral's."""

    file: str
    names: tuple[str, ...]
    long_only: tuple[str, ...]
    needs_charge: bool = True
    """Random books show what the charge is for; False: where nearly all is exact or rounded against the trader."""
    cash_moves: bool = False
    """Cash itself has a margin, since figures are in coins."""

    books: int = 60
    """Random books a test: fewer where exact arithmetic takes long."""
    tolerance: float = 1e-9
    """Of floating point against exact arithmetic; the weights of a shortfall are parts of T, rounded up."""

    @property
    def model(self) -> Model:
        return load_model(EXAMPLES / "models" / self.file)


ETH_OPTIONS = ("ETH-30JAN26-3000-C", "ETH-30JAN26-2800-P", "ETH-27MAR26-4000-C", "ETH-27MAR26-2500-P")
PERPETUALS = ("USD", "BTC-PERPETUAL", "ETH-PERPETUAL", "BTC-27MAR26")
BTC_BOOK = ("USD", "BTC", "BTC-PERPETUAL", *BTC_OPTIONS)
BOTH = (*BTC_BOOK, "ETH", "ETH-PERPETUAL", *ETH_OPTIONS)
ORDERS = (
    "USD#OPEN-LOSS",
    "BTC-PERPETUAL#BUY",
    "BTC-PERPETUAL#SELL",
    *(f"{name}#{side}" for name in BTC_OPTIONS[:2] for side in ("BUY", "SELL")),
)
CHARGE = "BTC#CHARGE"
VENUES = {
    "derive-pmrm": Venue("derive_pmrm_btc.json", BTC_BOOK, ("BTC",)),
    "deribit": Venue(
        "deribit_btc.json", (*BTC_BOOK, "BTC#CHARGE"), ("BTC#CHARGE",), needs_charge=False, cash_moves=True
    ),
    "span": Venue("span_btc.json", BTC_BOOK, ()),
    "brackets": Venue("brackets.json", PERPETUALS, (), needs_charge=False),
    "paradex": Venue("paradex_btc.json", ("USD", "BTC-PERPETUAL", *BTC_OPTIONS), ()),
    "paradex-orders": Venue(
        "paradex_btc.json", ("USD", "BTC-PERPETUAL", *BTC_OPTIONS, *ORDERS), ORDERS, needs_charge=False
    ),
    "greeks": Venue("greeks.json", (*BOTH, "BTC-27MAR26"), (), needs_charge=False),  # pairs do: tests/prover/greeks
    "derive-srm": Venue("derive_srm.json", BOTH, ("BTC", "ETH"), needs_charge=False),
    "history-es": Venue("history_es.json", BOTH, (), needs_charge=False, books=12, tolerance=2e-8),
    "history-var": Venue("history_var.json", BOTH, (), needs_charge=False, books=12),
    "history-concentrated": Venue("history_concentrated.json", BOTH, (), needs_charge=False, books=12, tolerance=2e-8),
}


@dataclass(frozen=True, eq=False)
class Judge:
    """A venue's program of one purpose, and the model in exact arithmetic and in floating point."""

    name: str
    venue: Venue
    model: Model
    layout: Layout
    program: MarginProgram
    purpose: Purpose

    def book(self, rng: Random, bits: int) -> dict[str, int]:
        """Return lots by name: a random part of the instruments, up to 2^bits lots each."""
        out = {}
        for name in self.venue.names:
            if rng.random() < 0.7:
                lots = rng.randint(-(1 << bits), 1 << bits)
                out[name] = abs(lots) if name in self.venue.long_only else lots
        return out

    def positions(self, book: dict[str, int]) -> list[int]:
        places = self.program.listing.places
        return [book.get(slot.instrument, 0) if slot else 0 for slot in places]

    def integer_headroom(self, book: dict[str, int], ratio: int) -> Fraction:
        """Equity less ratio times requirement by the integers, USD."""
        meaning = evaluate(self.program, self.positions(book), ratio_bps=ratio)
        assert not meaning.cover_violations
        return Fraction(meaning.surplus, 10_000 * self.program.unit) * self.money

    def exact_headroom(self, book: dict[str, int], ratio: int) -> tuple[Fraction, Fraction]:
        """Return (headroom, size) by the exact model, USD; size is max(|equity|, requirement, 1)."""
        figures = self.exact_figures(tuple(book.get(name, 0) for name in self.venue.names))
        size = max(abs(figures.equity), figures.requirement, Fraction(1))
        return figures.equity - Fraction(ratio, 10_000) * figures.requirement, size

    @cache  # noqa: B019  judges live as long as the tests
    def exact_figures(self, lots: tuple[int, ...]) -> Figures:
        """Return the exact model's figures of lots, one a name."""
        holdings = {name: Fraction(count, 10**6) for name, count in zip(self.venue.names, lots, strict=True)}
        return self.model.figures(real_snapshot(), holdings, self.purpose)

    def float_margin(self, book: dict[str, int]) -> float:
        """Equity less requirement by the draft in floating point, USD."""
        draft = self.model.draft(real_snapshot(), self.layout.listing, self.layout.tier, self.purpose)
        figures = evaluate_draft(draft, self.layout.tier, [float(lots) for lots in self.positions(book)])
        return (figures.equity - figures.requirement) * float(self.money)

    @property
    def money(self) -> Fraction:
        return Fraction(10) ** self.program.listing.money_exponent


@cache
def judge(name: str, purpose: Purpose, charge: bool = True) -> Judge:
    """Return a venue's judge on the example market."""
    venue = VENUES[name]
    model = venue.model
    layout = choose_tier(model, venue.names)
    program = compile_program(model, real_snapshot(), layout, purpose, charge=charge)
    return Judge(name, venue, model, layout, program, purpose)
