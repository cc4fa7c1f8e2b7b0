"""keccak256, as the contracts have it."""

from Crypto.Hash import keccak as _keccak


def keccak(data: bytes) -> bytes:
    """Return the 32 bytes of keccak256."""
    return _keccak.new(digest_bits=256, data=data).digest()
