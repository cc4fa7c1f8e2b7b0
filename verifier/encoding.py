"""The epoch encoding: a program's prepared values as the bytes that a contract reads, and their hash.

docs/statement.md, part 6. Signed base-256 digits, so that each array needs only its own width and a contract
adds curve points instead of decoding integers; digit planes, so that it can sweep one power of 256 at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from verifier.circuits import PublicLayout
from verifier.errors import ArtefactMismatch, BadInput
from verifier.keccak import keccak
from verifier.program import MarginProgram

CHUNK_ENTRIES = 2048
"""Most entries of one chunk: about what one transaction's gas allows."""
PROGRAM_TAG = b"zkmargin.program.v1"


@dataclass(frozen=True)
class Span:
    """Where a chunk stands: `count` prepared inputs of `width` bytes from the 0-based index `first` on."""

    first: int
    count: int
    width: int


@dataclass(frozen=True)
class Chunk:
    """A chunk's place and its bytes: `width` digit planes, top plane first, each of `count` bytes."""

    span: Span
    data: bytes


def digits(value: int, width: int) -> tuple[int, ...]:
    """Return the unique d_0..d_{width-1} in [-128, 127] with value = sum d_k 256^k.

    Refuses a value that has none.
    """
    shifted = value + _bias(width)
    if not 0 <= shifted < 1 << 8 * width:
        raise BadInput(f"an integer does not fit {width} signed base-256 digits; the program's bounds exclude it")
    return tuple(byte - 128 for byte in shifted.to_bytes(width, "little"))


def spans(layout: PublicLayout) -> tuple[Span, ...]:
    """Return where the chunks of a circuit's prepared inputs stand, in order: they cover all of them."""
    out: list[Span] = []
    first = 0
    for width, sections in groupby(layout.sections, key=lambda section: section.width):
        left = sum(section.count for section in sections)
        while left:
            count = min(left, CHUNK_ENTRIES)
            out.append(Span(first, count, width))
            first, left = first + count, left - count
    return tuple(out)


def encode_chunk(values: Sequence[int], width: int) -> bytes:
    """Return the digit planes of `values`, top plane first; refuses a value that does not fit (BadInput)."""
    columns = [digits(value, width) for value in values]
    return bytes(column[k] % 256 for k in reversed(range(width)) for column in columns)


def decode_chunk(data: bytes, width: int) -> tuple[int, ...]:
    """Return the signed values of a chunk's bytes.

    Raises ArtefactMismatch unless they fill `width` equal planes.
    """
    count, rest = divmod(len(data), width)
    if rest or not count:
        raise ArtefactMismatch(f"a chunk of {len(data)} bytes does not hold {width} equal digit planes")
    planes = [data[k * count : (k + 1) * count] for k in range(width)]
    values = [0] * count
    for plane in planes:
        values = [256 * value + (byte ^ 128) - 128 for value, byte in zip(values, plane, strict=True)]
    return tuple(values)


def chunks(program: MarginProgram) -> Iterator[Chunk]:
    """Yield a program's chunks in order; refuses a value outside its width (BadInput)."""
    values = program.prepared_values()
    for span in spans(program.tier):
        data = encode_chunk(values[span.first : span.first + span.count], span.width)
        yield Chunk(span, data)


def chain_hash(parts: Sequence[bytes]) -> bytes:
    """Return h_last of h_0 = keccak256(tag), h_{j+1} = keccak256(h_j || chunk_j): 32 bytes."""
    state = keccak(PROGRAM_TAG)
    for part in parts:
        state = keccak(state + part)
    return state


def program_hash(program: MarginProgram) -> bytes:
    """Return the 32 bytes that an epoch is published under: they bind every prepared input."""
    return chain_hash([chunk.data for chunk in chunks(program)])


def _bias(width: int) -> int:
    """Return 128 in every digit: adding it makes the signed digits plain bytes."""
    return 128 * ((1 << 8 * width) - 1) // 255
