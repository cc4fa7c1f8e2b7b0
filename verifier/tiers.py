"""Tiers: the shapes that circuits are compiled for, and the layout of a program's prepared public inputs.

A tier fixes how many groups, slots and scenarios a margin program has and which units of the statement it
holds. `Tier.sections` lists the arrays of the program in the order of the public signals, with shape, width
in bytes and
bound: circuits, contracts, encoding and admission all read the layout from here (docs/statement.md, part 3).
"""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Section:
    """One array of a program: `low <= value < high` for each entry, `width` bytes in the epoch encoding."""

    name: str
    shape: tuple[int, ...]
    width: int
    low: int
    high: int

    @property
    def count(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class Tier:
    """A compiled shape.

    groups x slots positions; `scenarios` rows of the risk array, the last `skew_rows` of which count -|pnl|
    of each group; `hinges`: cells have extra_loss, shift, cover and group floors; `envelope`: the up/down row
    exists; `factors` rows of the ellipsoid; `accounts` commitments in one proof; `domain_log2`: the proof's
    domain.
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
        log_k = (k - 1).bit_length()

        def signed(name: str, shape: tuple[int, ...], width: int, bits: int) -> Section:
            limit = min((1 << bits) - 1, digit_limit(width))
            return Section(name, shape, width, -limit, limit + 1)

        def unsigned(name: str, shape: tuple[int, ...], width: int, bits: int) -> Section:
            return Section(name, shape, width, 0, min((1 << bits) - 1, digit_limit(width)) + 1)

        array_bits = min(39, Y_BITS - 47 - log_i - log_a)
        roll_bits = min(39, Y_BITS - 47 - log_n - log_a)
        loading_bits = min(39, Y_BITS - 48 - log_n - log_a - (log_k + 1) // 2)
        out = [
            unsigned("listing_hash", (), 32, 254),
            unsigned("blind", (), 32, 254),
            unsigned("constant", (), 19, 150),
            signed("offset", (s,), 19, 127),
        ]
        if self.hinges:
            out.append(signed("shift", (g, s), 12, Y_BITS - 2))
        out += [signed(f"floor_{part}", (n,), 12, 73) for part in ("linear", "short")]
        out.append(signed("floor_net", (self.nets, n), 12, 73))
        out += [
            signed("equity", (n,), 7, 50),
            unsigned("short_charge", (n,), 7, 50),
            unsigned("naked_charge", (n // 2,), 7, 50),
            signed("risk_array", (g, s, i), 5, array_bits),
            signed("mark", (n,), 5, array_bits),
        ]
        if self.envelope:
            out += [signed("up", (n,), 5, array_bits), signed("down", (n,), 5, array_bits)]
        if self.hinges:
            out.append(unsigned("group_floor", (n,), 5, array_bits))
        out += [
            signed("roll", (n,), 5, roll_bits),
            signed("loading", (k, n), 5, loading_bits),
            signed("gain", (g, s), 5, 34),
            signed("mark_weight", (g, s), 5, 34),
        ]
        if self.hinges:
            out.append(signed("extra_loss", (g, s), 5, 34))
        if self.envelope:
            out.append(unsigned("envelope_weight", (g,), 5, 34))
        out += [
            unsigned("roll_long", (g,), 5, 34),
            unsigned("roll_short", (g,), 5, 34),
            signed("roll_net", (), 5, 34),
            unsigned("factor_multiplier", (), 5, 32),
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
        return sum(section.count for section in self.sections)

    @property
    def live_names(self) -> tuple[str, ...]:
        """The live signals in order, as the circuit names them."""
        return ("ratio_bps", "vault_balance", *(f"commitment[{a}]" for a in range(self.accounts)), "context")

    @property
    def public_count(self) -> int:
        return self.prepared_count + len(self.live_names)


GRID = Tier("grid", 1, 1, 64, 32, 0, hinges=False, envelope=False, factors=4, domain_log2=14)
GREEKS = Tier("greeks", 1, 1, 64, 8, 0, hinges=False, envelope=False, factors=16, domain_log2=14)
PORTFOLIO = Tier("portfolio", 1, 8, 16, 31, 2, hinges=True, envelope=True, factors=4, domain_log2=16)
MATRIX = Tier("matrix", 1, 8, 16, 36, 0, hinges=True, envelope=False, factors=4, domain_log2=16)
STANDARD = Tier("standard", 1, 12, 16, 22, 0, hinges=True, envelope=False, factors=1, domain_log2=16)
BOOK = Tier("book", 1, 8, 32, 31, 2, hinges=True, envelope=True, factors=4, domain_log2=17)
TIERS = {tier.name: tier for tier in (GRID, GREEKS, PORTFOLIO, MATRIX, STANDARD, BOOK)}
"""In the order that they are tried: by domain, grid before greeks."""
