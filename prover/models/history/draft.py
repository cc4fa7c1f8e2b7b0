"""Historical margin as risk numbers: every instrument revalued on every day's factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import ceil

import numpy as np

from prover.market import black76
from prover.market.names import Instrument, Kind
from prover.market.snapshot import YEAR_SECONDS, MarketSnapshot
from prover.models.base import MONEY_PER_LOT
from prover.models.draft import Draft, Floats
from prover.models.history.measures import waived_rows
from prover.models.history.parameters import Concentration, HistoryParameters
from prover.models.history.scenarios import Row
from verifier.tiers import Tier

_WEIGHT_BITS = 32
DELTA_ERROR = 2.0**-46
"""|computed - exact| of a delta: n(d1) |d1| is below 1/4, the roundings of d1 are a few units in the last place."""


@dataclass(frozen=True)
class Scales:
    """W and T of a parameter set: gains of a blend are whole in 1/W, tail weights are parts of T."""

    gain: int
    tail: int


def scales_of(p: HistoryParameters) -> Scales:
    """Return W, the denominator of a blend's weight, and the largest power of ten T with W * T < 2^32."""
    gain = Fraction(p.stress.weight).denominator if p.stress is not None and p.stress.method == "blend" else 1
    tail = 1
    while gain * tail * 10 < 1 << _WEIGHT_BITS:
        tail *= 10
    return Scales(gain, tail)


def weight_of(p: HistoryParameters, row: Row, confidence: Fraction, tail: int) -> int:
    """Return a row's weight, 1/T: T for value at risk, else T times its probability over 1 - a, rounded up.

    No weight exceeds T: one row that carries more than the whole tail is the shortfall itself.
    """
    if p.measure == "value-at-risk":
        return tail
    return min(tail, ceil(tail * row.probability / (1 - confidence)))


def fill(
    draft: Draft,
    tier: Tier,
    snapshot: MarketSnapshot,
    p: HistoryParameters,
    rows: Sequence[Row],
    confidence: Fraction,
    instruments: Mapping[int, Instrument],
) -> None:
    """Write risk array, gains and tails of the derivatives at their places into a draft of one group."""
    scales = scales_of(p)
    draft.tau[0] = scales.tail
    share = Fraction(p.stress.weight) if p.stress is not None and p.stress.method == "blend" else Fraction(0)
    for s, row in enumerate(rows):
        draft.weight[s] = weight_of(p, row, confidence, scales.tail)
        draft.member[s] = int(row.stressed)
        draft.gain[0, s] = draft.loss[0, s] = float(share if row.stressed else 1 - share)
    if p.measure == "value-at-risk":
        draft.waivable[: len(rows)] = 1
        for k in (0, 1):
            draft.waivers[k] = waived_rows(sum(int(row.stressed) == k for row in rows), confidence)
    if any(row.stressed for row in rows):
        draft.tau[1] = scales.tail
    if instruments:
        _revalue(draft, snapshot, rows, instruments)
    if p.concentration:
        _concentrate(draft, tier, snapshot, p.concentration, len(rows), scales, instruments)


def _revalue(
    draft: Draft, snapshot: MarketSnapshot, rows: Sequence[Row], instruments: Mapping[int, Instrument]
) -> None:
    places, held = list(instruments), list(instruments.values())
    forward = np.array([float(snapshot.forward(i)) for i in held])
    option = np.array([i.kind is Kind.OPTION for i in held], dtype=np.bool_)
    strike = np.array([float(i.strike or 1) for i in held])
    vol = np.array([float(snapshot.volatility(i)) if i.kind is Kind.OPTION else 0.0 for i in held])
    years = np.array([snapshot.seconds_to_expiry(i) / YEAR_SECONDS for i in held])
    is_call = np.array([i.is_call for i in held], dtype=np.bool_)
    table: dict[str, Floats] = {u: np.array([float(row.factors[u]) for row in rows]) for u in rows[0].factors}
    moved = forward * np.stack([table[i.underlying] for i in held], axis=1)
    now = np.where(option, black76.price(forward, strike, vol, years, is_call), forward)
    then = np.where(option, black76.price(moved, strike, vol, years, is_call), moved)
    size = np.maximum(forward, moved.max(axis=0)) + np.where(option, strike, 0.0)
    error = size * np.maximum(1.0, vol * np.sqrt(years)) * black76.PRICE_ERROR * MONEY_PER_LOT
    draft.value[places] = draft.long_value[places] = draft.short_value[places] = now * MONEY_PER_LOT
    draft.value_error[places] = error
    draft.risk[0, : len(rows), places] = ((then - now) * MONEY_PER_LOT).T
    draft.risk_error[0, : len(rows), places] = 2 * error[:, None]


def concentration_rows(names: Sequence[str]) -> tuple[tuple[str, Mapping[str, int]], ...]:
    """Return (label, underlying -> 1 long, -1 short or 0) of the rows whose worst is the sum of the add-ons."""
    out = []
    for signs in product((0, 1, -1), repeat=len(names)):
        sides = dict(zip(names, signs, strict=True))
        said = ", ".join(f"{name} {'long' if sign > 0 else 'short'}" for name, sign in sides.items() if sign)
        out.append((f"concentration: {said or 'none'}", sides))
    return tuple(out)


def _concentrate(
    draft: Draft,
    tier: Tier,
    snapshot: MarketSnapshot,
    limits: Mapping[str, Concentration],
    first: int,
    scales: Scales,
    instruments: Mapping[int, Instrument],
) -> None:
    """Write the rows of the second tail, whose worst is sum over underlyings of rate * max(0, |delta| - threshold)."""
    del tier
    draft.tau[1] = scales.tail
    deltas = {place: _delta(snapshot, instrument) for place, instrument in instruments.items()}
    for s, (_, sides) in enumerate(concentration_rows(sorted(limits)), start=first):
        draft.weight[s], draft.member[s] = scales.tail, 1
        draft.gain[0, s] = draft.loss[0, s] = 1.0
        free = Fraction(0)
        for name, sign in sides.items():
            if not sign:
                continue
            price = Fraction(limits[name].rate) * Fraction(snapshot.index_price(name))
            free += price * Fraction(limits[name].threshold_coins)
            each = float(price * MONEY_PER_LOT)
            for place, instrument in instruments.items():
                if instrument.underlying == name:
                    draft.risk[0, s, place] = -sign * each * deltas[place]
                    draft.risk_error[0, s, place] = each * DELTA_ERROR
        draft.offset[s] = float(free * 10**12) * (1 - 2.0**-50)  # below the exact number in spite of float rounding


def _delta(snapshot: MarketSnapshot, instrument: Instrument) -> float:
    if instrument.kind is not Kind.OPTION:
        return 1.0
    one = black76.greeks(
        np.array(float(snapshot.forward(instrument))),
        np.array(float(instrument.strike or 1)),
        np.array(float(snapshot.volatility(instrument))),
        np.array(snapshot.seconds_to_expiry(instrument) / YEAR_SECONDS),
        np.array(instrument.is_call),
    )
    return float(one.delta)
