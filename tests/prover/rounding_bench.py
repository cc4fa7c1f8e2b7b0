"""Two ways to judge many books: the program's integers and the model in exact arithmetic, both without rounding errors.

Books are rows of an object array of Python integers (lots). The integer side follows docs/statement.md for the arrays
that a stress grid uses; test_rounding.py compares it with verifier.meaning. The exact side takes the model's exact
numbers (mpmath, 2^-240 USD) as integers scaled by SCALE and follows `StressGrid.figures_from`; the test compares these
as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from prover.compile import Layout, compile_program, round_draft, valuation_text
from prover.models.base import LOT_EXPONENT, MONEY_EXPONENT
from prover.models.draft import Draft
from prover.models.stress_grid import StressGrid
from tests.prover.market_files import real_snapshot, stress_grid
from verifier.program import MarginProgram, Purpose
from verifier.tiers import Tier

SCALE = 10**40
"""Exact money is held in 1/SCALE of a money unit: the rest that is cut off is 1e-40 of 1e-12 USD a lot."""
BPS = 10_000
Alter = Callable[[Draft], Draft]
"""A change to a draft that a test makes, to show what the unchanged one is for."""
Ints = np.ndarray[Any, np.dtype[Any]]


def ints(values: Any) -> Ints:
    """Return an object array of Python integers."""
    return np.array(values, dtype=object)


@dataclass(frozen=True)
class Verdicts:
    """Per book. `equity`, `requirement` in money (integer side) or money*SCALE (exact side)."""

    equity: Ints
    requirement: Ints
    """Times `unit` on the integer side."""
    rows_hold: Ints
    """Isolated rows; true elsewhere."""


@dataclass(frozen=True)
class Gains:
    """Of one underlying's places: by how much the integers differ from the exact numbers, money a lot times SCALE.

    long, short (N'): what a long and a short lot count too much in equity; risk (N' x S): what a long lot's P&L counts
    too much; pnl (N' x S): the exact P&L.
    """

    places: list[int]
    long: Ints
    short: Ints
    risk: Ints
    pnl: Ints


class Bench:
    """A model, a listing and a purpose, ready to judge books."""

    def __init__(
        self,
        model: StressGrid,
        names: tuple[str, ...],
        tier: Tier,
        purpose: Purpose,
        *,
        charge: bool = True,
        alter: Alter | None = None,
    ) -> None:
        self.model, self.tier, self.purpose = model, tier, purpose
        self.snapshot = real_snapshot()
        self.layout = Layout(tier, model.listing(names, tier))
        self.program: MarginProgram = compile_program(model, self.snapshot, self.layout, purpose, charge=charge)
        if alter is not None:
            draft = alter(model.draft(self.snapshot, self.layout.listing, tier, purpose))
            self.program = round_draft(
                model.name, valuation_text(self.snapshot), self.layout, purpose, draft, charge=charge
            )
        self.isolated = model.parameters.mode == "isolated"
        self.names = {p: slot.instrument for p, slot in enumerate(self.layout.listing.places) if slot is not None}
        self.cash = next(p for p, name in self.names.items() if name == "USD")
        self.derivatives = [p for p, name in self.names.items() if "@" not in name and len(name) > 3]
        self.exact = {p: model.exact_numbers(self.snapshot, name, purpose) for p, name in self.names.items()}
        n, s = tier.positions, len(model.scenarios)
        self.long, self.short, self.least = (ints([0] * n) for _ in range(3))
        self.pnl = ints([[0] * s] * n)
        for p, numbers in self.exact.items():
            # Cut off against the model: an exact figure is never made better than it is by more than 1/SCALE a lot.
            self.long[p], self.short[p] = _scaled(numbers.long), _scaled(numbers.short)
            self.least[p] = _scaled(numbers.minimum)
            if numbers.pnl:
                self.pnl[p] = [_scaled(v) for v in numbers.pnl]
        self.groups = [
            [p for p in self.derivatives if self.exact[p].underlying == u]
            for u in sorted({self.exact[p].underlying for p in self.derivatives})
        ]
        self.arrays = {
            name: ints(getattr(self.program, name))
            for name in ("equity", "short_charge", "floor_short", "risk_array", "gain")
        }

    def by_program(self, books: Ints) -> Verdicts:
        """Judge B x N books by the integers."""
        program, tier, a = self.program, self.tier, self.arrays
        short = np.maximum(-books, 0)
        equity = books @ a["equity"] - short @ a["short_charge"]
        y = [
            books[:, g * tier.slots : (g + 1) * tier.slots] @ a["risk_array"][g].T for g in range(tier.groups)
        ]  # each B x S
        requirement = ints([0] * len(books))
        hold = np.ones(len(books), dtype=bool)
        if any(program.weight):
            z = sum(
                a["gain"][g] * y[g] - (ints(program.extra_loss[g]) * np.maximum(-y[g], 0) if tier.hinges else 0)
                for g in range(tier.groups)
            )
            losses = np.concatenate([-z, (short @ a["floor_short"])[:, None]], axis=1)
            used = [s for s in range(tier.scenarios) if program.weight[s]] + [tier.scenarios]
            requirement = requirement + losses[:, used].max(axis=1)
        for g in range(tier.groups):
            if not tier.hinges or not program.cover[g]:
                continue
            need = np.maximum((-y[g]).max(axis=1), 0)
            if program.free[g]:
                part = slice(g * tier.slots, (g + 1) * tier.slots)
                need = np.maximum(need, short[:, part] @ ints(program.group_floor)[part])
                requirement = requirement + program.unit * need
            else:
                hold &= need == 0
        return Verdicts(equity, requirement, hold)

    def by_model(self, books: Ints) -> Verdicts:
        """Judge B x N books by the exact model."""
        equity = np.where(books > 0, books * self.long, books * self.short).sum(axis=1)
        short = np.maximum(-books, 0)
        hold = np.ones(len(books), dtype=bool)
        if self.isolated:
            places = {name: p for p, name in self.names.items()}
            requirement = ints([0] * len(books))
            for p in self.derivatives:
                x, aside = books[:, p], books[:, places[f"USD@{self.names[p]}"]]
                loss = np.maximum((-x[:, None] * self.pnl[p]).max(axis=1), short[:, p] * self.least[p])
                own = np.maximum(loss, 0)
                hold &= (aside * SCALE * 10**6 + x * self.long[p] >= own) & (aside >= 0)
                requirement = requirement + own
            return Verdicts(equity, requirement, hold)
        parts = [books[:, part] @ self.pnl[part] for part in self.groups]
        floors = [short[:, part] @ self.least[part] for part in self.groups]
        if self.model.parameters.mode == "cross":
            zero = ints([0] * len(books))
            total = sum(
                (np.maximum(np.maximum((-p).max(axis=1), f), 0) for p, f in zip(parts, floors, strict=True)), zero
            )
            return Verdicts(equity, total, hold)
        share = Fraction(self.model.parameters.cross_offset) if len(parts) > 1 else Fraction(1)
        totals = sum((np.where(p > 0, p * share.numerator, p * share.denominator) for p in parts), ints(0))
        worst = np.maximum((-totals).max(axis=1), share.denominator * sum(floors, ints(0)))
        return Verdicts(equity * share.denominator, worst, hold)

    def passes_program(self, books: Ints, ratio: int) -> Ints:
        """Return whether the integers accept each book at a ratio."""
        v = self.by_program(books)
        return v.rows_hold & (BPS * self.program.unit * v.equity >= ratio * v.requirement)

    def passes_model(self, books: Ints, ratio: int) -> Ints:
        """Return whether the exact model accepts each book; isolated margin asks of equity that it is not negative."""
        v = self.by_model(books)
        return v.rows_hold & (BPS * v.equity >= (0 if self.isolated else ratio) * v.requirement)

    def at_the_boundary(self, books: Ints, ratio: int) -> Ints:
        """Return the books with the least cash (isolated: the least collateral and cash) that the integers accept."""
        books = books.copy()
        if self.isolated:
            places = {name: p for p, name in self.names.items()}
            for p in self.derivatives:
                g, i = divmod(p, self.tier.slots)
                worth = books[:, p][:, None] * ints([self.arrays["risk_array"][g][s][i] for s in (2 * i, 2 * i + 1)])
                need = np.maximum((-worth).max(axis=1), 0)
                books[:, places[f"USD@{self.names[p]}"]] = -(-need // 10**6)
        books[:, self.cash] = 0
        v = self.by_program(books)
        surplus = BPS * self.program.unit * v.equity - ratio * v.requirement
        books[:, self.cash] = -(surplus // (BPS * self.program.unit * 10**6))
        return books

    def rounding_gains(self) -> list[Gains]:
        """Return, for each underlying, what rounding gives and takes."""
        out = []
        for places in self.groups:
            equity, a = self.arrays["equity"][places], self.arrays
            rows = [a["risk_array"][p // self.tier.slots][:, p % self.tier.slots] for p in places]
            risk = ints([row[: len(self.model.scenarios)] for row in rows])
            out.append(
                Gains(
                    places,
                    long=equity * SCALE - self.long[places],
                    short=self.short[places] - (equity + a["short_charge"][places]) * SCALE,
                    risk=risk * SCALE - self.pnl[places],
                    pnl=self.pnl[places],
                )
            )
        return out

    def least_gap(self, books: Ints, ratio: int) -> int:
        """Return the least (model's headroom - integers' headroom) of the books, in 1/(BPS*unit*SCALE*share) money.

        Headroom is equity less ratio times requirement. Not negative means: whatever cash or vault balance is added, a
        book that the integers accept is one that the model accepts.
        """
        p, m, unit = self.by_program(books), self.by_model(books), self.program.unit
        share = Fraction(self.model.parameters.cross_offset).denominator if self.shared() else 1
        exact = (BPS * m.equity - (0 if self.isolated else ratio) * m.requirement) * unit
        integers = (BPS * unit * p.equity - ratio * p.requirement) * SCALE * share
        return int((exact - integers).min())

    def excess(self, books: Ints, ratio: int) -> Ints:
        """Return how much more equity the integers ask than the model, over max(|equity|, requirement, 1 USD)."""
        p, m = self.by_program(books), self.by_model(books)
        share = Fraction(self.model.parameters.cross_offset).denominator if self.shared() else 1
        need = Fraction(ratio, BPS)
        out = []
        for pe, pr, me, mr in zip(p.equity, p.requirement, m.equity, m.requirement, strict=True):
            exact_equity, exact_due = Fraction(me, SCALE * share), Fraction(mr, SCALE * share)
            headroom = pe - need * Fraction(pr, self.program.unit)
            size = max(abs(exact_equity), exact_due, Fraction(10) ** -MONEY_EXPONENT)
            out.append(float((exact_equity - need * exact_due - headroom) / size))
        return np.array(out)

    def shared(self) -> bool:
        return self.model.parameters.mode == "portfolio" and len(self.groups) > 1


def _scaled(value: Fraction) -> int:
    """Return USD a contract as money a lot times SCALE."""
    scaled = value * Fraction(10) ** (LOT_EXPONENT - MONEY_EXPONENT) * SCALE
    return round(scaled)


def bench(
    mode: str, names: tuple[str, ...], tier: Tier, purpose: Purpose, *, charge: bool = True, **changes: Any
) -> Bench:
    """Return a bench of the example's model in a mode."""
    return Bench(stress_grid(mode=mode, **changes), names, tier, purpose, charge=charge)
