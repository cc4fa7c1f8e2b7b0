"""Value at risk and expected shortfall of a discrete distribution, exactly.

Losses are positive, gains negative. With n equally likely losses and confidence a, value at risk is the loss that at
most floor((1 - a) n) of them exceed. Expected shortfall is the mean of the worst share 1 - a of the probability, the
loss at its edge counted in part (Acerbi and Tasche, "On the coherence of expected shortfall", 2002), which equals
min over t of t + E[max(0, L - t)] / (1 - a) (Rockafellar and Uryasev, "Conditional
value-at-risk for general loss distributions", 2002): the form that the program has.
"""

from collections.abc import Sequence
from fractions import Fraction


def waived_rows(count: int, confidence: Fraction) -> int:
    """Return how many of `count` equally likely losses value at risk leaves out."""
    return int((1 - confidence) * count)


def value_at_risk(losses: Sequence[Fraction], confidence: Fraction) -> Fraction:
    """Return the largest loss once floor((1 - a) n) of the largest are left out."""
    return sorted(losses, reverse=True)[waived_rows(len(losses), confidence)]


def expected_shortfall(losses: Sequence[Fraction], odds: Sequence[Fraction], confidence: Fraction) -> Fraction:
    """Return the mean of the worst share 1 - a of the probability; the probabilities add up to one."""
    left = share = 1 - confidence
    total = Fraction(0)
    for loss, chance in sorted(zip(losses, odds, strict=True), reverse=True):
        part = min(chance, left)
        total += part * loss
        left -= part
        if not left:
            break
    return total / share
