"""Compiling: a model's real-valued risk numbers become a margin program's integers, rounded against the trader.

The rounding charge. A book that passes the integers must pass the exact model. Let u be the distance between an
integer of the risk array and the exact number (its rounding plus the pricing's own error). Over a book X, a
scenario's y is off by at most sum_i u_i |X_i|, its pnl by max(|gain|, |gain + extra_loss|) times that, a tail by tau
times the largest of its rows, a free covered group's t_g by the largest u of its rows, the ellipsoid's radius by the
sum of the lots' Euclidean distances (a norm is subadditive). So the requirement may come out too low by at most sum_i
E_i |X_i|, with E_i in money/unit, and equity is lowered by c_i = ratio_max/10^4 * E_i / unit a lot, on long and short
lots alike: a long lot counts floor(long value - c_i), a short lot costs ceil(short value + c_i). Charges, floors on
short lots and weights that only cost are rounded up and need none.
docs/models/rounding.md derives it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from prover.market.snapshot import MarketSnapshot
from prover.models.base import GAIN_SCALE, Model, TierTooSmall, largest_tier, tiers_of
from prover.models.draft import Direction, Draft, Floats, Integers
from verifier.admission import admit
from verifier.admission.places import LONG_ONLY_CHARGE
from verifier.errors import AdmissionRefused, BadInput
from verifier.listing import Listing
from verifier.meaning.tails import TAILS
from verifier.program import MarginProgram, Purpose
from verifier.tiers import RATIO_BANDS, Tier

RATIO_MAX = RATIO_BANDS[-1] / 10_000
"""The largest published band: what the charge must hold for."""
_ULP = 2.0**-12
"""Half of this bounds the float resolution of numbers below 2^39, money per lot; added to every distance."""
_RELATIVE = 2.0**-50
"""Bounds the float errors of a product of few factors."""
_WEIGHT_ULP = 2.0**-19
"""Half of this bounds the float error of a weight times W, which is below 2^34; added to every weight's distance."""
_SHORT = 2.0**-51
"""Bounds the relative float error of a weight times W: for small ones less than the bound above."""
_WEIGHT_LIMIT = 2.0**34 - 2
_MULTIPLIER_LIMIT = 2.0**32 - 2


def valuation_text(snapshot: MarketSnapshot) -> str:
    """Return the valuation time as a program states it: ISO 8601, UTC."""
    return snapshot.valuation_time.isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Layout:
    """A tier with the listing that a model makes of a set of instruments."""

    tier: Tier
    listing: Listing


def choose_tier(model: Model, instruments: Sequence[str], least: Tier | None = None) -> Layout:
    """Return the smallest of the model's tiers that holds the instruments, not smaller than `least`.

    Raises TierTooSmall naming the largest tier where none does. A listing made from one trader's book reveals which
    instruments it holds: a venue lists what all its traders may hold.
    """
    tiers = tiers_of(model)
    if least is not None:
        tiers = tiers[tiers.index(least) :] if least in tiers else (least,)
    refusal: TierTooSmall | None = None
    for tier in tiers:
        try:
            return Layout(tier, model.listing(instruments, tier))
        except TierTooSmall as error:
            refusal = error
    assert refusal is not None
    raise refusal


def compile_program(
    model: Model, snapshot: MarketSnapshot, layout: Layout, purpose: Purpose, *, charge: bool = True
) -> MarginProgram:
    """Return the admitted program of a model on a snapshot.

    `charge=False` leaves the rounding charge out, for the test that shows what it is for. Raises BadInput for an
    instrument that the snapshot cannot value and for numbers that do not fit the tier's bounds.
    """
    draft = model.draft(snapshot, layout.listing, layout.tier, purpose)
    program = round_draft(model.name, valuation_text(snapshot), layout, purpose, draft, charge=charge)
    try:
        admit(program)
    except AdmissionRefused as error:
        raise BadInput(f"{snapshot.source}: the model's numbers do not make a program: {error}") from None
    return program


def round_draft(
    name: str, snapshot_time: str, layout: Layout, purpose: Purpose, draft: Draft, *, charge: bool
) -> MarginProgram:
    """Return the integers of a draft, with the rounding charge of the module's text."""
    tier = layout.tier
    scale = gain_scale(draft)
    unit = scale * draft.tail_scale
    integers = _round(tier, draft, scale)
    charges = _charges(tier, draft, integers, scale) if charge else np.zeros(tier.positions)
    equity = [floor(v - e - c) for v, e, c in zip(draft.long_value, draft.value_error, charges, strict=True)]
    cost = [ceil(v + e + c) for v, e, c in zip(draft.short_value, draft.value_error, charges, strict=True)]
    short_charge = [
        LONG_ONLY_CHARGE if only else short - long
        for only, short, long in zip(draft.long_only, cost, equity, strict=True)
    ]
    arrays: dict[str, object] = {
        "equity": equity,
        "short_charge": short_charge,
        "naked_charge": _up(draft.naked_charge),
        "mark": integers.mark,
        "risk_array": integers.risk,
        "gain": integers.gain,
        "mark_weight": integers.mark_weight,
        "weight": draft.weight,
        "tau": draft.tau,
        "member": draft.member,
        "waivable": draft.waivable,
        "waivers": draft.waivers,
        "offset": [floor(Fraction(o) * int(w)) for o, w in zip(draft.offset.tolist(), integers.gain[0], strict=True)],
        "unit": unit,
        "floor_linear": integers.floor_linear,
        "floor_net": integers.floor_net,
        "floor_short": _up(draft.floor_short * scale),
        "roll": integers.roll,
        "roll_long": _weights_up(draft.roll_long, unit),
        "roll_short": _weights_up(draft.roll_short, unit),
        "roll_net": _weights_up(draft.roll_net, unit)[0],
        "loading": integers.loading,
        "factor_multiplier": _up(draft.multiplier * unit)[0],
    }
    if tier.hinges:
        arrays |= {
            "shift": [[floor(entry * (1 - _RELATIVE * (entry > 0))) for entry in row] for row in draft.shift.tolist()],
            "extra_loss": integers.loss - integers.gain,
            "group_floor": _up(draft.group_floor),
            "cover": draft.cover,
            "free": draft.free,
            "pickable": draft.pick,
        }
    if tier.envelope:
        arrays |= {
            "up": integers.up,
            "down": integers.down,
            "envelope_weight": _weights_up(draft.envelope_weight, scale),
        }
    return MarginProgram.build(
        tier,
        layout.listing,
        purpose,
        model=name,
        valuation_time=snapshot_time,
        arrays=_narrowed(tier, arrays) if tier.wide else arrays,
    )


def _narrowed(tier: Tier, arrays: dict[str, object]) -> dict[str, object]:
    """Return the arrays that a wide tier has; TierTooSmall where a model uses another or weighs groups apart."""
    names = {section.name for section in tier.sections}
    gain = np.asarray(arrays["gain"])
    apart = [name for name, array in arrays.items() if name not in names and np.any(np.asarray(array) != 0)]
    if apart or (gain != gain[0]).any():
        what = apart[0] if apart else "gain of its own for each group"
        raise TierTooSmall(f"the model has numbers of {what}, which tier {tier.name} does not take; {largest_tier()}")
    return {name: array for name, array in arrays.items() if name in names} | {"gain": gain[:1]}


@dataclass(frozen=True)
class _Rounded:
    """Integers of the arrays that round to the nearest or to one side, and how far they are from the exact numbers."""

    risk: Integers
    risk_distance: Floats
    gain: Integers
    loss: Integers
    gain_distance: Floats
    mark_weight: Integers
    mark_weight_distance: Floats
    mark: Integers
    mark_distance: Floats
    up: Integers
    down: Integers
    envelope_distance: Floats
    floor_linear: list[int]
    floor_net: list[list[int]]
    floor_distance: Floats
    """money/W per lot."""
    roll: Integers
    roll_distance: Floats
    loading: Integers
    loading_distance: Floats
    """N: the Euclidean distance of a lot's factor risks from the exact ones."""


def _round(tier: Tier, draft: Draft, scale: int) -> _Rounded:
    risk, risk_distance = _round_risk(draft)
    gain, loss, gain_distance = _round_gains(tier, draft, scale)
    weight = np.rint(draft.mark_weight * scale)
    mark = np.floor(draft.value)
    up, up_distance = _nearest(draft.up, draft.envelope_error)
    down, down_distance = _nearest(draft.down, draft.envelope_error)
    roll, roll_distance = _nearest(draft.roll, draft.roll_error)
    forms = np.vstack([draft.floor_linear, draft.floor_net]) * scale
    gap = np.where(forms != 0, 0.5 + draft.floor_error * scale + np.abs(forms) * _RELATIVE, 0.0)
    loading, gaps = _nearest(draft.loading, draft.loading_error)
    whole = [[int(entry) for entry in row] for row in np.rint(forms)]
    return _Rounded(
        risk=risk,
        risk_distance=risk_distance,
        gain=gain,
        loss=loss,
        gain_distance=gain_distance,
        mark_weight=weight.astype(np.int64),
        mark_weight_distance=_weight_gap(weight, draft.mark_weight, scale),
        mark=mark.astype(np.int64),
        mark_distance=_distance(mark, draft.value, draft.value_error),
        up=up,
        down=down,
        envelope_distance=np.maximum(up_distance, down_distance),
        floor_linear=whole[0],
        floor_net=whole[1:],
        floor_distance=gap.sum(axis=0),
        roll=roll,
        roll_distance=roll_distance,
        loading=loading,
        loading_distance=(np.sqrt((gaps * gaps).sum(axis=0)) + draft.loading_gap) * (1 + 2.0**-40),
    )


def _nearest(values: Floats, error: Floats) -> tuple[Integers, Floats]:
    """Return the nearest integers and their distance; exact integers without error have none."""
    out = np.rint(values)
    return out.astype(np.int64), _distance(out, values, error)


def _distance(out: Floats, values: Floats, error: Floats) -> Floats:
    gap = np.abs(out - values)
    return np.where((gap > 0) | (error > 0), gap + error + _ULP, 0.0)


def _round_risk(draft: Draft) -> tuple[Integers, Floats]:
    """Return the rounded risk array and its distance from the exact numbers, G x S x I."""
    out = np.rint(draft.risk)
    for (g, s), direction in draft.direction.items():
        if direction is Direction.FLOOR:
            out[g, s] = np.floor(draft.risk[g, s] - draft.risk_error[g, s])
        elif direction is Direction.CEIL:
            out[g, s] = np.ceil(draft.risk[g, s] + draft.risk_error[g, s])
    return out.astype(np.int64), _distance(out, draft.risk, draft.risk_error)


def _round_gains(tier: Tier, draft: Draft, scale: int) -> tuple[Integers, Integers, Floats]:
    """Return weights of gains (down) and losses (up), 1/W, and what they may still be wrong by in the trader's favour.

    In a skew row a gain is a loss as well, and a tier without hinges has one weight for both: nearest there.
    """
    gain, loss = draft.gain * scale, draft.loss * scale
    low, high = np.floor(gain + _WEIGHT_ULP / 2), np.ceil(loss - _WEIGHT_ULP / 2)
    distance = _float_gap(np.maximum(np.abs(gain), np.abs(loss)))
    both = slice(tier.scenarios - tier.skew_rows if tier.hinges else 0, None)
    low[:, both], high[:, both] = np.rint(gain[:, both]), np.rint(loss[:, both])
    gap = np.maximum(_weight_gap(low, draft.gain, scale), _weight_gap(high, draft.loss, scale))
    distance[:, both] = gap[:, both]
    return low.astype(np.int64), high.astype(np.int64), distance


def _weight_gap(out: Floats, weights: Floats, scale: int) -> Floats:
    return np.where(weights != 0, np.abs(out - weights * scale) + _float_gap(weights * scale), 0.0)


def _float_gap(weights: Floats) -> Floats:
    """Return what bounds the float error of weights that are multiplied by W."""
    return np.minimum(np.abs(weights) * _SHORT, _WEIGHT_ULP)


def _up(values: Floats) -> list[int]:
    """Round up upper bounds of what costs the trader."""
    return [ceil(value * (1 + _RELATIVE)) if value else 0 for value in values.tolist()]


def _weights_up(weights: Floats, scale: int) -> list[int]:
    """Round up weights that only cost the trader; one that is exact up to float error keeps its value."""
    return [ceil(weight * scale - _WEIGHT_ULP / 2) for weight in weights.tolist()]


def gain_scale(draft: Draft) -> int:
    """Return W: the model's own, or the largest power of ten up to GAIN_SCALE with every weight inside its bound."""
    if draft.gain_scale is not None:
        return draft.gain_scale
    weights = (draft.gain, draft.loss, draft.loss - draft.gain, draft.mark_weight, draft.envelope_weight)
    largest = max(float(np.abs(part).max(initial=0.0)) for part in (*weights, draft.roll_long, draft.roll_short))
    scale, multiplier = GAIN_SCALE, float(draft.multiplier[0])
    while scale > 1 and (
        largest * scale >= _WEIGHT_LIMIT or multiplier * scale * draft.tail_scale >= _MULTIPLIER_LIMIT
    ):
        scale //= 10
    return scale


def _charges(tier: Tier, draft: Draft, whole: _Rounded, scale: int) -> Floats:
    """Return c_i for each place, money per lot."""
    g, i = tier.groups, tier.slots

    def by_group(array: Floats) -> Floats:
        return array.reshape(g, 1, i)

    slope = np.maximum(np.abs(whole.gain), np.abs(whole.loss)).astype(np.float64)[:, :, None]
    size = np.abs(draft.risk) + whole.risk_distance
    mark_size = by_group(np.abs(draft.value) + whole.mark_distance)
    rows = slope * whole.risk_distance + whole.gain_distance[:, :, None] * size
    rows = rows + np.abs(whole.mark_weight)[:, :, None] * by_group(whole.mark_distance)
    rows = rows + whole.mark_weight_distance[:, :, None] * mark_size
    away = np.zeros((tier.tail_rows, g, i))
    away[: tier.scenarios] = rows.transpose(1, 0, 2)
    if tier.envelope_row is not None:
        weight = np.array(_weights_up(draft.envelope_weight, scale), dtype=np.float64)[:, None]
        moves = np.maximum(np.abs(draft.up), np.abs(draft.down)) + whole.envelope_distance
        ulps = _WEIGHT_ULP * (weight > 0) * moves.reshape(g, i)
        away[tier.envelope_row] = weight * whole.envelope_distance.reshape(g, i) + ulps
    away[tier.floor_row] = whole.floor_distance.reshape(g, i)
    worst = np.zeros((g, i))
    for k in TAILS:
        tail = (draft.weight > 0) & (draft.member == k)
        worst = worst + (away * tail[:, None, None]).max(axis=0)
    free = (draft.cover * draft.free)[:, None]
    group = scale * whole.risk_distance.max(axis=1) * free
    unit = scale * draft.tail_scale
    rates = np.maximum(_weights_up(draft.roll_long, unit), _weights_up(draft.roll_short, unit)).astype(np.float64)[
        :, None
    ]
    rates = rates + abs(_weights_up(draft.roll_net, unit)[0])
    rolled = rates * whole.roll_distance.reshape(g, i) + _WEIGHT_ULP * (rates > 0) * np.abs(draft.roll).reshape(g, i)
    low = (worst + group) / scale + rolled / unit
    low = low.reshape(tier.positions) + _up(draft.multiplier * unit)[0] * whole.loading_distance / unit
    charge: Floats = RATIO_MAX * low * (1 + 2.0**-40)
    return charge
