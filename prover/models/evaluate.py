"""A draft's figures of a book in floating point: the model before any rounding to integers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prover.models.draft import Draft, Floats
from verifier.tiers import Tier


@dataclass(frozen=True)
class DraftFigures:
    """Figures of one book, money (not USD)."""

    equity: float
    requirement: float
    rows: Floats
    """R: result of each tail row, weights included."""


def evaluate_draft(draft: Draft, tier: Tier, lots: Sequence[float]) -> DraftFigures:
    """Return the figures of a book of N lots: docs/statement.md, part 4, for the best helper values."""
    g, i = tier.groups, tier.slots
    x = np.array(lots, dtype=np.float64)
    short = np.maximum(-x, 0.0)
    pairs = np.maximum(-x.reshape(-1, 2).sum(axis=1), 0.0)
    equity = float(
        (np.where(x > 0, draft.long_value, draft.short_value) * x).sum() - (draft.naked_charge * pairs).sum()
    )
    y = np.einsum("gsi,gi->gs", draft.risk, x.reshape(g, i))
    mark = (draft.value * x).reshape(g, i).sum(axis=1)
    short_cells = np.maximum(-(y + draft.shift), 0.0)
    pnl = draft.gain * y - (draft.loss - draft.gain) * short_cells - draft.mark_weight * mark[:, None]
    z = draft.offset * draft.gain[0] + pnl.sum(axis=0)
    if tier.skew_rows:
        z[-tier.skew_rows :] = -np.abs(pnl[:, -tier.skew_rows :]).sum(axis=0)
    rows = list(z)
    if tier.envelope:
        fall = np.maximum(
            -np.minimum((draft.up * x).reshape(g, i).sum(axis=1), (draft.down * x).reshape(g, i).sum(axis=1)), 0.0
        )
        rows.append(-float((draft.envelope_weight * fall).sum()))
    nets = np.abs((draft.floor_net * x).sum(axis=1)).sum()
    rows.append(-float((draft.floor_linear * x).sum() + (draft.floor_short * short).sum() + nets))
    losses = -np.array(rows)
    tails = sum(_tail(draft, k, losses) for k in (0, 1) if draft.tau[k])
    spread = float(draft.multiplier[0]) * float(np.linalg.norm(draft.loading @ x))
    roll = (draft.roll * x).reshape(g, i).sum(axis=1)
    rolled = float((draft.roll_long * np.maximum(roll, 0.0) + draft.roll_short * np.maximum(-roll, 0.0)).sum())
    rolled += float(draft.roll_net[0] * abs(roll.sum()))
    levels = _levels(draft, y + draft.shift, short.reshape(g, i))
    return DraftFigures(equity, max(0.0, tails + levels + rolled + spread), np.array(rows))


def _tail(draft: Draft, k: int, losses: Floats) -> float:
    """Return a tail's cost at its best t, which is one of its losses; waivers go to the largest."""
    chosen = (draft.weight > 0) & (draft.member == k)
    order = np.argsort(-losses[chosen])[int(draft.waivers[k]) :]
    loss, weight = losses[chosen][order], draft.weight[chosen][order] / draft.tail_scale
    above = np.maximum(loss[None, :] - loss[:, None], 0.0)
    return float((loss + above @ weight).min())


def _levels(draft: Draft, y: Floats, short: Floats) -> float:
    """Return the sum of the levels of the covered free groups; where the prover may pick, the cheaper of the two."""
    losses = np.maximum(-y.min(axis=1), 0.0)
    floors = (draft.group_floor.reshape(short.shape) * short).sum(axis=1)
    levels = np.where(draft.pick > 0, np.minimum(losses, floors), np.maximum(losses, floors))
    return float((levels * draft.cover * draft.free).sum())
