"""The one place where files are read and written.

Reading turns everything that can be wrong with a file from outside (missing, a directory, empty, binary, too
big, not UTF-8, malformed JSON, repeated keys, NaN) into one sentence that names the file. Writing is atomic:
a temporary file in the same directory, flushed to the disk, then renamed, so that nobody ever sees half a
file. A private file is readable by its owner only, from its first byte on.
"""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from verifier.errors import BadInput

MAX_TEXT_BYTES = 64 << 20
"""Largest text file that is read: the largest program file is a few megabytes."""

MAX_JSON_DIGITS = 400
"""Longest integer literal that JSON may hold: a field element has 77 digits."""

MAX_JSON_DEPTH = 32
"""Deepest nesting that JSON may have.

Checked before parsing: the parser recurses in C and can crash the process.
"""

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)

PathLike = str | Path


def read_bytes(path: PathLike, *, limit: int = MAX_TEXT_BYTES) -> bytes:
    """Return a file's bytes.

    Raises BadInput where it cannot be read, is empty or holds more than `limit` bytes.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise BadInput(f"{path}: this is a directory, a file is needed") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read ({_reason(error)})") from None
    if not data:
        raise BadInput(f"{path}: the file is empty")
    if len(data) > limit:
        raise BadInput(f"{path}: the file is larger than {limit} bytes, which nothing that belongs here is")
    return data


def read_text(path: PathLike) -> str:
    """Return a UTF-8 text file without a byte-order mark.

    Raises BadInput for a file that is binary or not UTF-8.
    """
    data = read_bytes(path)
    if b"\0" in data:
        raise BadInput(f"{path}: this is a binary file, a text file is needed")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text (byte {error.start})") from None
    if not text.strip():
        raise BadInput(f"{path}: the file is empty")
    return text


def read_json(path: PathLike) -> Any:
    """Return a JSON file's value.

    Refuses malformed JSON, repeated keys, NaN, infinities and absurdly long numbers.
    """
    return parse_json(read_text(path), str(path))


def parse_json(text: str, name: str) -> Any:
    """Return the value of a JSON text; `name` says in error messages where the text is from."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) != len(pairs):
            keys = [key for key, _ in pairs]
            double = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{name}: the key {double[:60]!r} stands twice in one object")
        return out

    def no_constant(literal: str) -> NoReturn:
        raise BadInput(f"{name}: {literal} is not a number that can be used")

    def short_int(literal: str) -> int:
        if len(literal) > MAX_JSON_DIGITS:
            raise BadInput(f"{name}: a number has more than {MAX_JSON_DIGITS} digits")
        return int(literal)

    def finite_float(literal: str) -> float:
        value = float(literal)
        if value in (float("inf"), float("-inf")):
            raise BadInput(f"{name}: a number is too large to be used")
        return value

    if _depth(text) > MAX_JSON_DEPTH:
        raise BadInput(f"{name}: the JSON is nested too deeply")
    try:
        return json.loads(
            text,
            object_pairs_hook=unique,
            parse_constant=no_constant,
            parse_int=short_int,
            parse_float=finite_float,
        )
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}: not valid JSON ({error.msg}, line {error.lineno} column {error.colno})") from None


def _depth(text: str) -> int:
    """Return how deep brackets outside strings nest, at most."""
    depth = deepest = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def write_bytes_atomic(path: PathLike, data: bytes, private: bool = False) -> None:
    """Write a file all or not at all.

    `private` gives it mode 0600. Raises BadInput where the disk refuses.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600 if private else 0o666 & ~_umask())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        temporary = None
        _sync_directory(path.parent)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be written ({_reason(error)})") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text_atomic(path: PathLike, text: str, private: bool = False) -> None:
    """Write a UTF-8 text file all or not at all."""
    write_bytes_atomic(path, text.encode("utf-8"), private)


def write_json_atomic(path: PathLike, value: Any, private: bool = False) -> None:
    """Write a value as indented JSON with a final newline, all or not at all.

    NaN and infinities raise ValueError.
    """
    write_text_atomic(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n", private)


def check_writable(path: PathLike, *, folder: bool = False) -> None:
    """Refuse a file (or a folder, which may be missing) that cannot be written later, and leave nothing behind.

    For what is asked before money or time is spent on its content.
    """
    path = Path(path)
    if folder and (path.exists() and not path.is_dir()):
        raise BadInput(f"{path}: this is a file, a folder is needed")
    if not folder and path.is_dir():
        raise BadInput(f"{path}: this is a directory, a file is needed")
    place = path if folder else path.parent
    while folder and not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".zkmargin."):
            pass
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """Return the operating system's reason without the path, which the message names already."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_directory(directory: Path) -> None:
    """Make a rename durable; a file system that cannot sync a directory loses nothing but the durability."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
