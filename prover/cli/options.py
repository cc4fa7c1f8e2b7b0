"""Options that several verbs share, so that each has one name, one type and one help text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from prover.market.decimals import plain_decimal
from verifier.circuits import CIRCUITS, PublicLayout
from verifier.context import check_address
from verifier.errors import BadInput
from verifier.program import Purpose
from verifier.tiers import RATIO_BANDS, TIERS, Tier

F = TypeVar("F", bound=Callable[..., Any])


def path_option(name: str, help_text: str, *, required: bool = True) -> Callable[[F], F]:
    """An option that names a file; whether it can be read is found when it is read, in one sentence."""
    return click.option(name, type=click.Path(readable=False, path_type=Path), required=required, help=help_text)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object (decimals as strings).")
program_option = path_option("--program", "Margin program file (made by `epoch compile`).")
opening_option = click.option(
    "--opening",
    "openings",
    type=click.Path(readable=False, path_type=Path),
    multiple=True,
    required=True,
    help="Opening of the account's commitment (made by `commit`).",
)
identity_option = path_option("--identity", "Identity file that the openings are encrypted to.")
ratio_option = click.option(
    "--ratio",
    "ratio_bps",
    type=click.Choice([str(b) for b in RATIO_BANDS]),
    default="10000",
    show_default=True,
    help="Equity over requirement to prove, in basis points: a published band.",
)
rpc_option = click.option(
    "--rpc", default="http://127.0.0.1:8545", show_default=True, help="JSON-RPC address of the chain."
)


class TierChoice(click.ParamType[Tier]):
    """A tier's name."""

    name = "tier"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Tier:
        if isinstance(value, Tier):
            return value
        if value not in TIERS:
            self.fail(f"{value!r} is no tier; take one of {', '.join(TIERS)}", param, ctx)
        return TIERS[value]

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "[" + "|".join(TIERS) + "]"


def tier_option(help_text: str, *, required: bool = False) -> Callable[[F], F]:
    return click.option("--tier", type=TierChoice(), required=required, help=help_text)


class CircuitChoice(click.ParamType[PublicLayout]):
    """The name of a tier, or of another circuit."""

    name = "circuit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PublicLayout:
        if not isinstance(value, str):
            return cast(PublicLayout, value)
        if value not in CIRCUITS:
            self.fail(f"{value!r} is no tier or circuit; take one of {', '.join(CIRCUITS)}", param, ctx)
        return CIRCUITS[value]

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "[" + "|".join(CIRCUITS) + "]"


def circuits_option(help_text: str) -> Callable[[F], F]:
    return click.option("--tier", "layouts", type=CircuitChoice(), multiple=True, help=help_text)


def purpose_of(text: str) -> Purpose:
    """Return the purpose that "im" or "mm" names."""
    return {"im": Purpose.INITIAL, "mm": Purpose.MAINTENANCE}[text]


purpose_option = click.option(
    "--purpose", type=click.Choice(["im", "mm"]), default="im", show_default=True, help="Initial or maintenance margin."
)


def checked_address(text: str, name: str) -> str:
    """Return an address that an option names; refuses what is none, a broken checksum and the zero address."""
    check_address(text, name)
    if int(text, 16) == 0:
        raise BadInput(f"{name} is the zero address, which nobody owns; give another")
    return text


def decimal_money(text: str, exponent: int, name: str) -> int:
    """Return a decimal amount as money units, exactly; refuses what does not fit a unit or is negative."""
    value = plain_decimal(text)
    if value is None:
        raise BadInput(f"{name}: {text[:40]!r} is not a decimal number")
    if not value.is_finite() or value < 0:
        raise BadInput(f"{name}: a finite amount that is not negative is needed")
    if value.adjusted() > 40:
        raise BadInput(f"{name}: the amount is too large")
    scaled = value.scaleb(-exponent)
    if scaled != scaled.to_integral_value():
        raise BadInput(f"{name}: the amount has more decimals than one money unit, 1e{exponent}")
    return int(scaled)
