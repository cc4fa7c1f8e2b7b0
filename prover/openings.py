"""Openings: what opens a commitment (positions and salt), encrypted at rest to the owner's identity.

An identity is an age X25519 key in a file that only its owner can read; daily use needs no passphrase. Openings are
age files encrypted to it, one for each commitment, named by the commitment. Salts are a keyed PRF of (account,
sequence, listing): never stored apart, never reused, and none can be derived from a disclosed one.

Nothing in this module puts a position, a salt or an identity into a log, a repr or an error.
"""

import hashlib
import hmac
import json
import stat
from dataclasses import dataclass, field
from pathlib import Path

from pyrage import DecryptError, IdentityError, decrypt, encrypt, x25519  # type: ignore[import-untyped]

from verifier.commitment import commit
from verifier.errors import ArtefactMismatch, BadInput
from verifier.files import read_bytes, read_text, write_bytes_atomic, write_text_atomic
from verifier.listing import Listing
from verifier.tiers import SALT_BITS

_FORMAT = "zkmargin-opening"
_VERSION = 1


@dataclass(frozen=True)
class Opening:
    """A commitment with what opens it. `positions` are lots, one for each place of the listing; repr hides secrets."""

    account: str
    sequence: int
    listing_hash: int
    commitment: int
    positions: tuple[int, ...] = field(repr=False)
    salt: int = field(repr=False)


class Identity:
    """An X25519 age identity: decrypts openings and keys the salts."""

    def __init__(self, secret: x25519.Identity) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return f"Identity({self.recipient})"

    @property
    def recipient(self) -> str:
        """The public half, "age1...": whoever has it can encrypt to the owner, and nothing else."""
        return str(self._secret.to_public())

    @classmethod
    def create(cls, path: Path) -> "Identity":
        """Make a new identity and write it to `path`, mode 600; refuses to overwrite a file."""
        if path.exists():
            raise BadInput(f"{path} exists already; an identity is never overwritten, choose another path")
        secret = x25519.Identity.generate()
        write_text_atomic(path, f"# zkmargin identity, keep secret\n{secret}\n", private=True)
        return cls(secret)

    @classmethod
    def load(cls, path: Path) -> "Identity":
        """Read an identity file; refuses one that others can read."""
        lines = [line for line in read_text(path).splitlines() if line and not line.startswith("#")]
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadInput(f"{path} can be read by others; run `chmod 600` on it")
        try:
            return cls(x25519.Identity.from_str(lines[0].strip()))
        except (IndexError, IdentityError):
            raise BadInput(
                f"{path} is not an age X25519 identity; make one with `zkmargin commit --new-identity`"
            ) from None

    def salt(self, account: str, sequence: int, listing_hash: int) -> int:
        """Return the salt in [0, 2^253) of one account, sequence and listing (HMAC-SHA512, keyed by the identity)."""
        key = hashlib.sha256(b"zkmargin.salt-key.v1" + str(self._secret).encode()).digest()
        message = f"zkmargin.salt.v1|{account.lower()}|{sequence}|{listing_hash}".encode()
        return int.from_bytes(hmac.digest(key, message, "sha512"), "big") >> (512 - SALT_BITS)

    def seal(self, data: bytes) -> bytes:
        """Encrypt to this identity."""
        sealed: bytes = encrypt(data, [self._secret.to_public()])
        return sealed

    def unseal(self, data: bytes, source: Path) -> bytes:
        """Decrypt; raises ArtefactMismatch naming `source` where the data are not for this identity or damaged."""
        try:
            plain: bytes = decrypt(data, [self._secret])
        except DecryptError:
            raise ArtefactMismatch(
                f"{source} cannot be decrypted with this identity, or it is damaged; give the identity it was made with"
            ) from None
        return plain


def open_commitment(
    identity: Identity, listing: Listing, positions: tuple[int, ...], account: str, sequence: int
) -> Opening:
    """Commit to `positions` under `listing` with the salt of (account, sequence, listing)."""
    salt = identity.salt(account, sequence, listing.hash)
    return Opening(account, sequence, listing.hash, commit(listing, positions, salt), tuple(positions), salt)


def opening_path(store: Path, commitment: int) -> Path:
    """Where a store keeps the opening of a commitment."""
    return store / f"{commitment:064x}.age"


def save_opening(store: Path, identity: Identity, opening: Opening) -> Path:
    """Write an opening into the store folder (mode 700, file mode 600), atomically.

    Refuses a second opening of the same account, sequence and listing with other positions: it would reuse a salt.
    """
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker = store / f"{opening.account.lower()}-{opening.sequence}-{opening.listing_hash:064x}"
    if marker.exists() and read_text(marker).strip() != f"{opening.commitment:064x}":
        raise BadInput(
            f"account {opening.account} has another commitment with sequence {opening.sequence} already; "
            "a salt is never reused, take the next sequence"
        )
    path = write_opening(store, identity, opening)
    write_text_atomic(marker, f"{opening.commitment:064x}\n", private=True)
    return path


def write_opening(store: Path, identity: Identity, opening: Opening) -> Path:
    """Write an opening whose salt is its own into the store folder (mode 700, file mode 600), atomically."""
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = opening_path(store, opening.commitment)
    write_bytes_atomic(path, identity.seal(opening_bytes(opening)), private=True)
    return path


def opening_bytes(opening: Opening) -> bytes:
    """Return an opening as text: a secret, to be encrypted to whoever may read it."""
    payload = {
        "format": _FORMAT,
        "version": _VERSION,
        "account": opening.account,
        "sequence": opening.sequence,
        "listing_hash": str(opening.listing_hash),
        "commitment": str(opening.commitment),
        "positions": [str(x) for x in opening.positions],
        "salt": str(opening.salt),
    }
    return json.dumps(payload).encode()


def load_opening(path: Path, identity: Identity) -> Opening:
    """Read one opening and check that it opens the commitment it names."""
    return parse_opening(identity.unseal(read_bytes(path), path), path)


def parse_opening(data: bytes, path: Path) -> Opening:
    """Read an opening's text; `path` names where it came from."""
    try:
        raw = json.loads(data)
        if raw["format"] != _FORMAT or raw["version"] != _VERSION:
            raise ArtefactMismatch(f"{path} is not an opening of this version; make it again with `zkmargin commit`")
        return Opening(
            str(raw["account"]),
            int(raw["sequence"]),
            int(raw["listing_hash"]),
            int(raw["commitment"]),
            tuple(int(x) for x in raw["positions"]),
            int(raw["salt"]),
        )
    except (ValueError, KeyError, TypeError):
        raise ArtefactMismatch(f"{path} is damaged; make the commitment again with `zkmargin commit`") from None
