"""The fields of a small JSON file, checked one at a time: an error names the field.

Files that every proof reads are read with these, and larger ones with pydantic, which takes longer to load than a
proof takes to make.
"""

import re
from collections.abc import Collection
from typing import Any

from verifier.errors import BadInput


class Fields:
    """An object's fields: exactly `names`. Every method raises BadInput, which does not name the file."""

    def __init__(self, data: Any, names: Collection[str]) -> None:
        if not isinstance(data, dict):
            raise BadInput("an object is needed")
        missing = [name for name in names if name not in data]
        if missing:
            raise BadInput(f"field {missing[0]} is missing")
        unknown = [name for name in data if name not in names]
        if unknown:
            raise BadInput(f"field {unknown[0][:40]} is unknown")
        self._data = data

    def text(self, name: str, pattern: str, need: str) -> str:
        """Return a string that matches all of `pattern`; `need` says in words what that is."""
        value = self._data[name]
        if not isinstance(value, str) or re.fullmatch(pattern, value, re.ASCII) is None:
            raise BadInput(f"field {name}: {need} is needed")
        return value

    def choice(self, name: str, among: Collection[str | int]) -> Any:
        """Return one of `among`, of the same type."""
        value = self._data[name]
        for possible in among:
            if type(value) is type(possible) and value == possible:
                return value
        raise BadInput(f"field {name}: one of {', '.join(map(repr, among))} is needed")

    def integer(self, name: str, bits: int = 256) -> int:
        """Return an integer from 0 to 2^bits - 1."""
        value = self._data[name]
        if type(value) is not int or not 0 <= value < 1 << bits:
            raise BadInput(f"field {name}: an integer from 0 to 2^{bits} - 1 is needed")
        return value

    def truth(self, name: str) -> bool:
        """Return true or false."""
        value = self._data[name]
        if not isinstance(value, bool):
            raise BadInput(f"field {name}: true or false is needed")
        return value

    def texts(self, name: str) -> dict[str, str]:
        """Return an object whose values are strings."""
        value = self._data[name]
        if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
            raise BadInput(f"field {name}: an object of strings is needed")
        return value
