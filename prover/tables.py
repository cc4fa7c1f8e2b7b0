"""Stored proving keys: circuit, plan, key and tables of the key's points in one file that is mapped, not read.

A key's points are fixed, so multiples of them are computed once and kept beside the key. The file is bound to the
key's SHA-256 and to the processor's arithmetic; it is made on first use, and again where it is damaged or of another
key. Its large part is not hashed on each opening: a proof made with damaged tables fails the prover's own
verification and is never given out, and then the file is compared and made again (`repaired`).
"""

import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from prover import _core
from verifier.errors import UsageError

MEMORY_VARIABLE = "ZKMARGIN_TABLE_MEMORY"
MEBIBYTE = 1 << 20
MOST_MEBIBYTES = 1 << 16

Make = Callable[[Path, int], None]
"""Stores the key in a new file, with tables of at most so many bytes."""


def budget() -> int:
    """Return the bytes that a key's tables may take: $ZKMARGIN_TABLE_MEMORY MiB (0: none), or the core's default."""
    text = os.environ.get(MEMORY_VARIABLE)
    if text is None:
        return _core.DEFAULT_BUDGET
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and int(text) <= MOST_MEBIBYTES):
        raise UsageError(f"{MEMORY_VARIABLE} must be a number of MiB from 0 (no tables) to {MOST_MEBIBYTES}")
    return int(text) * MEBIBYTE


def check_kernels() -> None:
    """Refuse an arithmetic in $ZKMARGIN_KERNELS that this processor does not have."""
    try:
        _core.kernels()
    except _core.FormatError as error:
        raise UsageError(str(error)) from None


def stored_path(folder: Path, size: int) -> Path:
    """Return where a key with tables of `size` bytes is stored."""
    return folder / f"tables-{size // MEBIBYTE}.keys"


def opened(folder: Path, zkey_hash: bytes, size: int, make: Make) -> "_core.ProvingKey | None":
    """Return the stored key, made first where there is none that fits; None where the folder takes no file."""
    path = stored_path(folder, size)
    found = _open(path, zkey_hash)
    if found is not None:
        return found
    try:
        with (folder / ".tables.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _open(path, zkey_hash) or _made(path, zkey_hash, size, make)
    except OSError:
        return None


def repaired(folder: Path, key: "_core.ProvingKey", size: int) -> bool:
    """Forget a stored key whose tables are damaged; False where they are whole, so that something else is wrong."""
    if key.tables_are_whole():
        return False
    stored_path(folder, size).unlink(missing_ok=True)
    return True


def _open(path: Path, zkey_hash: bytes) -> "_core.ProvingKey | None":
    if not path.is_file():
        return None
    try:
        return _core.ProvingKey.open(path, zkey_hash)
    except _core.FormatError:
        return None


def _made(path: Path, zkey_hash: bytes, size: int, make: Make) -> "_core.ProvingKey | None":
    handle, name = tempfile.mkstemp(prefix=".tables-", dir=path.parent)
    os.close(handle)
    new = Path(name)
    try:
        make(new, size)
        found = _open(new, zkey_hash)
        if found is not None:
            new.replace(path)
        return found
    finally:
        new.unlink(missing_ok=True)


__all__ = ["MEMORY_VARIABLE", "budget", "opened", "repaired", "stored_path"]
