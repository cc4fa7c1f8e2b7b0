"""Tiers: the shapes that circuits are compiled for, and the layout of a program's prepared public inputs.

A tier fixes how many groups, slots and scenarios a margin program has and which units of the statement it
holds. `Tier.sections` lists the arrays of the program in the order of the public signals, with shape, width
in bytes and bound: circuits, contracts, encoding and admission all read the layout from here (docs/statement.md,
part 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod


def digit_limit(width: int) -> int:
    """Return the largest v such that v and -v both have `width` base-256 digits in [-128, 127]."""
    return 127 * ((1 << 8 * width) - 1) // 255


POSITION_BITS = 48
Y_BITS = 92
RATIO_BANDS = (10_000, 12_500, 15_000, 20_000)
"""The published values of ratio_bps; free choice would let repeated proofs bisect the margin."""
VAULT_BITS = 90
SALT_BITS = 253
"""Of a salt that is drawn; any element of the field opens a commitment."""
ROW_BITS = 97
"""A wide tier's row, a sum over all places, is at most 2^ROW_BITS in magnitude."""
PAIR_SHIFT = ROW_BITS + 1
"""A pair of entries is one signal: low + 2^PAIR_SHIFT * high, and so is the pair of their rows' sums."""


@dataclass(frozen=True)
class Section:
    """One array of a program: `low <= value < high` for each entry, `width` bytes in the epoch encoding."""

    name: str
    shape: tuple[int, ...]
    width: int
    low: int
    high: int
    paired: bool = False
    """Rows s and s + S/2 of an array G x S x I (S even) are one row of signals."""

    @property
    def count(self) -> int:
        return prod(self.shape)

    @property
    def signal_shape(self) -> tuple[int, ...]:
        """Shape of the signals that the entries stand in: half of the rows where they are paired."""
        if not self.paired:
            return self.shape
        groups, rows, slots = self.shape
        return groups, rows // 2, slots

    def terms(self) -> list[tuple[int, int]]:
        """Return for each entry in row-major order (its signal in the section, the factor that it enters it with)."""
        if not self.paired:
            return [(entry, 1) for entry in range(self.count)]
        groups, rows, slots = self.shape
        half = rows // 2
        return [
            ((g * half + s % half) * slots + i, 1 << PAIR_SHIFT * (s // half))
            for g in range(groups)
            for s in range(rows)
            for i in range(slots)
        ]


def signal_terms(sections: Sequence[Section]) -> list[tuple[int, int]]:
    """Return for each prepared value in order (the index of its signal, the factor that it enters it with)."""
    out: list[tuple[int, int]] = []
    first = 0
    for section in sections:
        out += [(first + signal, factor) for signal, factor in section.terms()]
        first += prod(section.signal_shape)
    return out


def fold(sections: Sequence[Section], values: Sequence[int]) -> tuple[int, ...]:
    """Return the prepared signals, signed integers, of the prepared values: the sum of each signal's terms."""
    out = [0] * sum(prod(section.signal_shape) for section in sections)
    for (signal, factor), value in zip(signal_terms(sections), values, strict=True):
        out[signal] += factor * value
    return tuple(out)


@dataclass(frozen=True)
class Tier:
    """A compiled shape.

    groups x slots positions; `scenarios` rows of the risk array, the last `skew_rows` of which count -|pnl|
    of each group; `hinges`: cells have extra_loss, shift, cover and group floors; `envelope`: the up/down row
    exists; `factors` rows of the ellipsoid; `accounts` commitments in one proof; `domain_log2`: the proof's
    domain. `wide`: rows are sums over all places, two rows a signal, with one gain for all groups; no mark weights,
    naked pairs, roll or ellipsoid (nor hinges and envelope).
    """

    name: str
    accounts: int
    groups: int
    slots: int
    scenarios: int
    skew_rows: int
    hinges: bool
    envelope: bool
    factors: int
    domain_log2: int
    wide: bool = False

    @property
    def positions(self) -> int:
        """N: slots of all groups."""
        return self.groups * self.slots

    @property
    def tail_rows(self) -> int:
        """Rows that enter a tail: scenarios, then the envelope row where there is one, then the floor row."""
        return self.scenarios + int(self.envelope) + 1

    @property
    def nets(self) -> int:
        """Net forms of the floor row: two in tiers with hinges."""
        return 1 + int(self.hinges)

    @property
    def envelope_row(self) -> int | None:
        return self.scenarios if self.envelope else None

    @property
    def floor_row(self) -> int:
        return self.tail_rows - 1

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The prepared inputs in the order of the public signals; runs of equal width stand together."""
        g, i, s, n, k = self.groups, self.slots, self.scenarios, self.positions, self.factors
        log_n, log_i, log_a = (n - 1).bit_length(), (i - 1).bit_length(), (self.accounts - 1).bit_length()

        def signed(name: str, shape: tuple[int, ...], width: int, bits: int) -> Section:
            limit = min((1 << bits) - 1, digit_limit(width))
            return Section(name, shape, width, -limit, limit + 1)

        def unsigned(name: str, shape: tuple[int, ...], width: int, bits: int) -> Section:
            return Section(name, shape, width, 0, min((1 << bits) - 1, digit_limit(width)) + 1)

        array_bits = min(39, (ROW_BITS - log_n if self.wide else Y_BITS - log_i) - 47 - log_a)
        out = [
            unsigned("listing_hash", (), 32, 254),
            unsigned("blind", (), 32, 254),
            unsigned("constant", (), 19, 150),
            signed("offset", (s,), 19, 127),
        ]
        if self.hinges:
            out.append(signed("shift", (g, s), 12, Y_BITS - 2))
        out += [signed(f"floor_{part}", (n,), 12, 73) for part in ("linear", "short")]
        out += [
            signed("floor_net", (self.nets, n), 12, 73),
            signed("equity", (n,), 7, 50),
            unsigned("short_charge", (n,), 7, 50),
        ]
        if not self.wide:
            out.append(unsigned("naked_charge", (n // 2,), 7, 50))
        risk = signed("risk_array", (g, s, i), 5, array_bits)
        out += [replace(risk, paired=self.wide), signed("mark", (n,), 5, array_bits)]
        if self.envelope:
            out += [signed("up", (n,), 5, array_bits), signed("down", (n,), 5, array_bits)]
        if self.hinges:
            out.append(unsigned("group_floor", (n,), 5, array_bits))
        if not self.wide:
            roll_bits = min(39, Y_BITS - 47 - log_n - log_a)
            loading_bits = min(39, Y_BITS - 48 - log_n - log_a - ((k - 1).bit_length() + 1) // 2)
            out += [
                signed("roll", (n,), 5, roll_bits),
                signed("loading", (k, n), 5, loading_bits),
            ]
        out.append(signed("gain", (1 if self.wide else g, s), 5, 34))
        if not self.wide:
            out.append(signed("mark_weight", (g, s), 5, 34))
        if self.hinges:
            out.append(signed("extra_loss", (g, s), 5, 34))
        if self.envelope:
            out.append(unsigned("envelope_weight", (g,), 5, 34))
        if not self.wide:
            out += [
                unsigned("roll_long", (g,), 5, 34),
                unsigned("roll_short", (g,), 5, 34),
                signed("roll_net", (), 5, 34),
                unsigned("factor_multiplier", (), 5, 32),
            ]
        out += [
            unsigned("tau", (2,), 5, 32),
            unsigned("weight", (self.tail_rows,), 5, 32),
            Section("unit", (), 5, 1, 1 << 32),
            unsigned("waivers", (2,), 5, 10),
            unsigned("member", (self.tail_rows,), 5, 1),
            unsigned("waivable", (s,), 5, 1),
        ]
        if self.hinges:
            out += [unsigned(name, (g,), 5, 1) for name in ("cover", "free", "pickable")]
        return tuple(out)

    @property
    def prepared_count(self) -> int:
        """How many public signals belong to the program; the live ones follow."""
        return sum(prod(section.signal_shape) for section in self.sections)

    @property
    def live_names(self) -> tuple[str, ...]:
        """The live signals in order, as the circuit names them."""
        return ("ratio_bps", "vault_balance", *(f"commitment[{a}]" for a in range(self.accounts)), "context")

    @property
    def public_count(self) -> int:
        return self.prepared_count + len(self.live_names)


GRID = Tier("grid", 1, 1, 64, 32, 0, hinges=False, envelope=False, factors=4, domain_log2=14)
PORTFOLIO = Tier("portfolio", 1, 8, 16, 31, 2, hinges=True, envelope=True, factors=4, domain_log2=16)
MATRIX = Tier("matrix", 1, 8, 16, 36, 0, hinges=True, envelope=False, factors=4, domain_log2=16)
STANDARD = Tier("standard", 1, 12, 16, 22, 0, hinges=True, envelope=False, factors=1, domain_log2=16)
BOOK = Tier("book", 1, 8, 32, 31, 2, hinges=True, envelope=True, factors=4, domain_log2=17)
GREEKS = Tier("greeks", 1, 1, 64, 8, 0, hinges=False, envelope=False, factors=16, domain_log2=14)
HISTORY = Tier("history", 1, 1, 64, 440, 0, hinges=False, envelope=False, factors=1, domain_log2=17)
VENUE = Tier("venue", 1, 16, 84, 24, 0, hinges=False, envelope=False, factors=0, domain_log2=17, wide=True)
GENERAL = (GRID, PORTFOLIO, MATRIX, STANDARD, BOOK)
"""For any model, smallest first. The others are for the models that name them."""
TIERS = {tier.name: tier for tier in (*GENERAL, GREEKS, HISTORY, VENUE)}
