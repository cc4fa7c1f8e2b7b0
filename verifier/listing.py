"""The listing: which instrument stands in which slot, in which lots, settled in which unit.

The listing hash opens every commitment's sponge, so that a commitment only opens under the listing it was
made for: without it a position in slot 7 would become another asset when the listing changes.
"""

from dataclasses import dataclass
from functools import cached_property

from verifier.abi import encode
from verifier.errors import BadInput
from verifier.field import R
from verifier.keccak import keccak
from verifier.tiers import POSITION_BITS

MAX_NAME = 200
MAX_EXPONENT = 100


@dataclass(frozen=True)
class Slot:
    """A listed instrument: its exchange name and the size of one lot, 10**lot_exponent contracts or coins."""

    instrument: str
    lot_exponent: int


@dataclass(frozen=True)
class Listing:
    """groups x slots places: `places[g * slots + i]` is a Slot or None.

    One money unit is 10**money_exponent of the settlement unit.
    """

    groups: int
    slots: int
    money_exponent: int
    settlement_unit: str
    places: tuple[Slot | None, ...]

    def __post_init__(self) -> None:
        """Refuse what could not be hashed or printed (BadInput); admission has the rules on meaning."""
        count = self.groups * self.slots
        if len(self.places) != count:
            raise BadInput(f"a listing of {self.groups}x{self.slots} needs {count} places, not {len(self.places)}")
        names = [self.settlement_unit, *(slot.instrument for slot in self.places if slot)]
        if not all(name.isprintable() and len(name) <= MAX_NAME for name in names):
            raise BadInput(f"a listing's names must be printable and of at most {MAX_NAME} characters")
        exponents = [self.money_exponent, *(slot.lot_exponent for slot in self.places if slot)]
        if not all(abs(exponent) <= MAX_EXPONENT for exponent in exponents):
            raise BadInput(f"a listing's powers of ten must be between -{MAX_EXPONENT} and {MAX_EXPONENT}")

    @cached_property
    def hash(self) -> int:
        """keccak256(abi.encode(...)) mod R, in [0, R)."""
        names = [place.instrument if place else "" for place in self.places]
        lots = [place.lot_exponent if place else 0 for place in self.places]
        tag, unit = "zkmargin.listing.v1", self.settlement_unit
        data = encode([tag, self.groups, self.slots, POSITION_BITS, self.money_exponent, unit, names, lots])
        return int.from_bytes(keccak(data), "big") % R

    def index(self, instrument: str) -> int | None:
        """Return the place of an instrument, or None where it is not listed."""
        for place, slot in enumerate(self.places):
            if slot is not None and slot.instrument == instrument:
                return place
        return None
