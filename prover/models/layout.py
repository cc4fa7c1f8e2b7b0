"""Where instruments stand in a tier: groups of names become a listing."""

from collections.abc import Mapping, Sequence

from prover.models.base import LOT_EXPONENT, MONEY_EXPONENT, SETTLEMENT_UNIT, TierTooSmall, largest_tier
from verifier.listing import Listing, Slot
from verifier.tiers import Tier


def lay_out(
    groups: Sequence[Sequence[str]], tier: Tier, *, lots: Mapping[str, int] | None = None, largest: str | None = None
) -> Listing:
    """Return the listing in which each group of names stands in a group of the tier, in the order given.

    lots: exponents of other lots than the usual one, by name. Raises TierTooSmall with `largest`, which says what the
    largest tier holds.
    """
    other, most = lots or {}, largest or largest_tier()
    if len(groups) > tier.groups:
        raise TierTooSmall(f"the book needs {len(groups)} groups, tier {tier.name} has {tier.groups}; {most}")
    places: list[Slot | None] = []
    for group in groups:
        if len(group) > tier.slots:
            raise TierTooSmall(
                f"{group[0]} and what goes with it need {len(group)} places in one group, tier {tier.name} has "
                f"{tier.slots}; {most}"
            )
        places += [Slot(name, other.get(name, LOT_EXPONENT)) for name in group] + [None] * (tier.slots - len(group))
    places += [None] * (tier.positions - len(places))
    return Listing(tier.groups, tier.slots, MONEY_EXPONENT, SETTLEMENT_UNIT, tuple(places))
