"""The width functions of circuits/gadgets/widths.circom and clearing_widths.circom, read from the source."""

import re
from collections.abc import Callable

from tests.circuits.harness import tree

OFFSET_CAP = 1 << 127
"""|offset| that a row holds for certain, money/W; larger ones are refused, they do not wrap."""
FLOOR_CAP = 1 << 73
"""|floor arrays| that a row holds for certain, money/W per lot."""

_FUNCTION = re.compile(r"function (\w+)\(([\w, ]*)\) \{ return ([^;]+); \}")


def width_functions() -> dict[str, Callable[..., int]]:
    """Return each one-line function by name."""
    gadgets = tree() / "circuits" / "gadgets"
    text = "".join((gadgets / name).read_text() for name in ("widths.circom", "clearing_widths.circom"))
    scope: dict[str, Callable[..., int]] = {"ceil_log2": lambda n: (n - 1).bit_length()}
    for name, arguments, body in _FUNCTION.findall(text):
        assert re.fullmatch(r"[\w\s+*(),>?:]+", body)
        python = re.sub(r"\(([^()?]+)\?([^():]+):([^()]+)\)", r"(\2 if \1 else \3)", body)
        scope[name] = eval(f"lambda {arguments}: {python}", scope)
    return {name: scope[name] for name, _, _ in _FUNCTION.findall(text)}
