"""What the clearing house wants of an epoch beside its program: the marks, in digit planes."""

from verifier.encoding import encode_chunk
from verifier.program import MarginProgram

MARK_BYTES = 5


def marks_bytes(program: MarginProgram) -> bytes:
    """Return the program's section `mark` as it stands in its chunk: five planes of one byte a place."""
    return encode_chunk(program.mark, MARK_BYTES)
