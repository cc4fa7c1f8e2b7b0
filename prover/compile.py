"""Compiling: a model's real-valued risk numbers become a margin program's integers, rounded against the trader.

The rounding charge. A book that passes the integers must pass the exact model. Let u be the distance between an
integer of the risk array and the exact number (its rounding plus the pricing's own error). Over a book X, a
scenario's y is off by at most sum_i u_i |X_i|, its pnl by max(|gain|, |gain + extra_loss|) times that, a tail by tau
times the largest of its rows, a free covered group's t_g by the largest u of its rows. So the requirement may come
out too low by at most sum_i E_i |X_i|, with E_i in money/unit, and equity is lowered by c_i = ratio_max/10^4 * E_i /
unit a lot, on long and short lots alike: a long lot counts floor(long value - c_i), a short lot costs ceil(short
value + c_i). Floors and group floors are rounded up and need no charge. docs/models/rounding.md derives it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from prover.market.snapshot import MarketSnapshot
from prover.models.base import Direction, Draft, Floats, Integers, Model, TierTooSmall
from verifier.admission import admit
from verifier.admission.places import LONG_ONLY_CHARGE
from verifier.errors import AdmissionRefused, BadInput
from verifier.listing import Listing
from verifier.program import MarginProgram, Purpose
from verifier.tiers import RATIO_BANDS, TIERS, Tier

RATIO_MAX = RATIO_BANDS[-1] / 10_000
"""The largest published band: what the charge must hold for."""
_ULP = 2.0**-12
"""Half of this bounds the float resolution of numbers below 2^39, money per lot; added to every distance."""


@dataclass(frozen=True)
class Layout:
    """A tier with the listing that a model makes of a set of instruments."""

    tier: Tier
    listing: Listing


def choose_tier(model: Model, instruments: Sequence[str], least: Tier | None = None) -> Layout:
    """Return the smallest tier that holds the instruments and the model, not smaller than `least`.

    Raises TierTooSmall naming the largest tier where none does. A listing made from one trader's book reveals which
    instruments it holds: a venue lists what all its traders may hold.
    """
    tiers = list(TIERS.values())
    if least is not None:
        tiers = tiers[tiers.index(least) :]
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
    program = round_draft(model.name, snapshot, layout, purpose, draft, charge=charge)
    try:
        admit(program)
    except AdmissionRefused as error:
        raise BadInput(f"{snapshot.source}: the model's numbers do not make a program: {error}") from None
    return program


def round_draft(
    name: str, snapshot: MarketSnapshot, layout: Layout, purpose: Purpose, draft: Draft, *, charge: bool
) -> MarginProgram:
    """Return the integers of a draft, with the rounding charge of the module's text."""
    tier = layout.tier
    risk, distance = _round_risk(draft)
    charges = _charges(tier, draft, distance) if charge else np.zeros(tier.positions)
    equity = [floor(v - e - c) for v, e, c in zip(draft.long_value, draft.value_error, charges, strict=True)]
    cost = [ceil(v + e + c) for v, e, c in zip(draft.short_value, draft.value_error, charges, strict=True)]
    short_charge = [
        LONG_ONLY_CHARGE if only else short - long
        for only, short, long in zip(draft.long_only, cost, equity, strict=True)
    ]
    arrays: dict[str, object] = {
        "equity": equity,
        "short_charge": short_charge,
        "mark": [floor(value) for value in draft.value],
        "risk_array": risk,
        "gain": draft.gain,
        "weight": draft.weight,
        "tau": (draft.tau, 0),
        "unit": draft.unit,
        "floor_short": [ceil(value) for value in draft.floor_short],
    }
    if tier.hinges:
        arrays |= {
            "extra_loss": draft.extra_loss,
            "group_floor": [ceil(value) for value in draft.group_floor],
            "cover": draft.cover,
            "free": draft.free,
        }
    return MarginProgram.build(
        tier,
        layout.listing,
        purpose,
        model=name,
        valuation_time=snapshot.valuation_time.isoformat().replace("+00:00", "Z"),
        arrays=arrays,
    )


def _round_risk(draft: Draft) -> tuple[Integers, Floats]:
    """Return the rounded risk array and its distance from the exact numbers, G x S x I."""
    out = np.rint(draft.risk)
    for (g, s), direction in draft.direction.items():
        if direction is Direction.FLOOR:
            out[g, s] = np.floor(draft.risk[g, s] - draft.risk_error[g, s])
        elif direction is Direction.CEIL:
            out[g, s] = np.ceil(draft.risk[g, s] + draft.risk_error[g, s])
    gap = np.abs(out - draft.risk)
    moved = (gap > 0) | (draft.risk_error > 0)
    return out.astype(np.int64), np.where(moved, gap + draft.risk_error + _ULP, 0.0)


def _charges(tier: Tier, draft: Draft, distance: Floats) -> Floats:
    """Return c_i for each place, money per lot."""
    slope = np.maximum(np.abs(draft.gain), np.abs(draft.gain + draft.extra_loss)).astype(np.float64)
    in_use = draft.weight[: tier.scenarios] > 0
    tail = draft.tau * (slope[:, :, None] * distance * in_use[None, :, None]).max(axis=1)
    free = np.array(draft.cover) * np.array(draft.free)
    group = draft.unit * distance.max(axis=1) * free[:, None]
    low = (tail + group).reshape(tier.positions)
    charge: Floats = RATIO_MAX * low / draft.unit * (1 + 2.0**-40)
    return charge
