"""What every margin model is: typed parameters, a layout, a draft of real-valued risk numbers, exact figures.

A model does three things. `listing` says which instruments stand where in a tier. `draft` gives the risk numbers of
one lot as floating point with error bounds; `prover.compile` turns a draft into integers and adds the rounding charge,
the same way for all models. `figures` computes equity and requirement of a book exactly, from the snapshot's decimals:
the second opinion that the integers are tested against.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from prover.market.snapshot import MarketSnapshot
from prover.models.draft import Draft
from verifier.errors import BadInput
from verifier.files import read_json
from verifier.listing import Listing
from verifier.program import Purpose
from verifier.tiers import GENERAL, Tier

LOT_EXPONENT = -6
"""One lot is 1e-6 of a contract, a coin or a dollar."""
MONEY_EXPONENT = -12
"""One money unit is 1e-12 USD."""
SETTLEMENT_UNIT = "USD"
MONEY_PER_LOT = 10 ** (LOT_EXPONENT - MONEY_EXPONENT)
"""Money units a lot of something that is worth one USD a contract: USD a contract times this is money per lot."""
GAIN_SCALE = 10**9
"""W: a gain weight of one, where no weight is so large that it must be less."""


class Parameters(BaseModel):
    """Base of parameter files: every field is required, none may be unknown, decimals are strings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


P = TypeVar("P", bound=Parameters)


def load_parameters(kind: type[P], document: Any, name: str) -> P:
    """Return the parameters in `document`; raises BadInput naming the first field that is wrong."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(f"{name}: field {place}: {first['msg'][:120].lower()}; see docs/models") from None


@dataclass(frozen=True)
class Figures:
    """Exact USD figures of one book. `met`: whether the model accepts it at ratio one."""

    equity: Fraction
    requirement: Fraction
    met: bool
    worst: str
    """Label of the worst scenario, or the rule that decides."""


class Model(Protocol):
    """A margin model with its parameters."""

    name: str

    def row_labels(self, tier: Tier) -> tuple[str, ...]:
        """Return what each scenario row of a tier is, for people; empty for padding."""

    def listing(self, instruments: Sequence[str], tier: Tier) -> Listing:
        """Return which instrument stands where; raises TierTooSmall where they do not fit."""

    def draft(self, snapshot: MarketSnapshot, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers; raises BadInput for an instrument that the snapshot cannot value."""

    def figures(self, snapshot: MarketSnapshot, holdings: Mapping[str, Fraction], purpose: Purpose) -> Figures:
        """Return the exact figures of a book given as quantities by listing name."""


def tiers_of(model: Model) -> tuple[Tier, ...]:
    """Return the tiers that a model may be compiled for, smallest first: its own `tiers`, or the general ones."""
    own: tuple[Tier, ...] = getattr(model, "tiers", GENERAL)
    return own


class VectorCase(Protocol):
    """A published case of a model: a book with its own market and parameters."""

    model: str
    name: str
    holdings: Mapping[str, Fraction]
    """Quantities by listing name."""
    expected: Mapping[Purpose, Decimal]
    """Margin (equity less requirement) that the venue publishes, USD."""

    def listing(self, tier: Tier) -> Listing:
        """Return the layout of what is held; raises TierTooSmall."""

    def draft(self, listing: Listing, tier: Tier, purpose: Purpose) -> Draft:
        """Return the risk numbers of the layout."""

    def figures(self, purpose: Purpose) -> Figures:
        """Return the exact figures, USD."""


class TierTooSmall(BadInput):
    """A book or model that does not fit a tier; a larger one may do."""


def largest_tier() -> str:
    """Return which tier has the most places, for errors."""
    tier = max(GENERAL, key=lambda t: t.positions)
    return f"the largest tier is {tier.name} ({tier.groups} groups of {tier.slots})"


def registry() -> dict[str, type[Any]]:
    """Return the models by name: every module of this package that has a MODEL. A new model is a new file."""
    modules = (import_module(f"{__package__}.{found.name}") for found in iter_modules([str(Path(__file__).parent)]))
    models = (module.MODEL for module in modules if hasattr(module, "MODEL"))
    return {model.name: model for model in models}


def load_model(path: Path) -> Model:
    """Read a parameter file: its field `model` names the model, the others are its parameters."""
    document = read_json(path)
    models = registry()
    name = document.get("model") if isinstance(document, dict) else None
    if not isinstance(name, str) or name not in models:
        raise BadInput(f"{path}: field model names none of {', '.join(models)}")
    rest = {key: value for key, value in document.items() if key != "model"}
    model: Model = models[name].load(rest, str(path))
    return model
