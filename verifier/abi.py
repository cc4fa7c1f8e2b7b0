"""The contracts' `abi.encode` for what the statement hashes: words, strings, and lists of either.

Whatever else is encoded, eth-abi encodes; to load it takes longer than to make a proof, and who proves needs no more
than this.
"""

from collections.abc import Sequence

Value = int | bytes | str | Sequence[int] | Sequence[str]

WORD = 32


def encode(values: Sequence[Value]) -> bytes:
    """Return `abi.encode` of the values: an integer is one word (two's complement), and so are 32 bytes.

    Integers are in [-2^255, 2^256); an address is its integer; strings are UTF-8. ValueError for anything else.
    """
    heads: list[bytes | None] = []
    tails: list[bytes] = []
    for value in values:
        if isinstance(value, int | bytes):
            heads.append(_word(value))
        else:
            heads.append(None)
            tails.append(_dynamic(value))
    at = WORD * len(heads)
    lengths = iter([len(tail) for tail in tails])
    out = []
    for head in heads:
        out.append(_word(at) if head is None else head)
        at += next(lengths) if head is None else 0
    return b"".join(out + tails)


def _word(value: int | bytes) -> bytes:
    if isinstance(value, bytes) and len(value) == WORD:
        return value
    if isinstance(value, int) and -(1 << 255) <= value < 1 << 256:
        return (value % (1 << 256)).to_bytes(WORD, "big")
    raise ValueError("a word is 32 bytes, or an integer that fits them")


def _dynamic(value: str | Sequence[int] | Sequence[str]) -> bytes:
    """Return a string's or a list's length and content."""
    if isinstance(value, str):
        data = value.encode()
        return _word(len(data)) + data + bytes(-len(data) % WORD)
    return _word(len(value)) + encode(value)
