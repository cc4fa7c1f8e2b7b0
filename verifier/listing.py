"""The listing: which instrument stands in which slot, in which lots, settled in which unit.

The listing hash opens every commitment's sponge, so that a commitment only opens under the listing it was
made for: without it a position in slot 7 would become another asset when the listing changes.
"""

from dataclasses import dataclass
from functools import cached_property

from eth_abi.abi import encode
from eth_hash.auto import keccak

from verifier.field import R
from verifier.tiers import POSITION_BITS


@dataclass(frozen=True)
class Slot:
    """A listed instrument: its exchange name and the size of one lot, 10**lot_exponent contracts or coins."""

    instrument: str
    lot_exponent: int


@dataclass(frozen=True)
class Listing:
    """groups x slots places; `places[g * slots + i]` is a Slot or None; money is in 10**money_exponent of the
    unit."""

    groups: int
    slots: int
    money_exponent: int
    settlement_unit: str
    places: tuple[Slot | None, ...]

    @cached_property
    def hash(self) -> int:
        """keccak256(abi.encode(...)) mod R, in [0, R)."""
        names = [place.instrument if place else "" for place in self.places]
        lots = [place.lot_exponent if place else 0 for place in self.places]
        data = encode(
            ["string", "uint256", "uint256", "uint256", "int256", "string", "string[]", "int256[]"],
            [
                "zkmargin.listing.v1",
                self.groups,
                self.slots,
                POSITION_BITS,
                self.money_exponent,
                self.settlement_unit,
                names,
                lots,
            ],
        )
        return int.from_bytes(keccak(data), "big") % R

    def index(self, instrument: str) -> int | None:
        """Return the place of an instrument, or None where it is not listed."""
        for place, slot in enumerate(self.places):
            if slot is not None and slot.instrument == instrument:
                return place
        return None
