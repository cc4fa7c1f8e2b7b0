"""Openings: encrypted at rest, readable by the owner only, salts never reused."""

import random
import stat
from pathlib import Path

import pytest

from prover.openings import Identity, load_opening, open_commitment, opening_path, save_opening
from tests.builders import random_listing
from verifier.commitment import commit
from verifier.errors import ArtefactMismatch, BadInput
from verifier.tiers import GRID

ACCOUNT = "0x" + "1f" * 20
LISTING = random_listing(random.Random(5), GRID, fill=1.0)
POSITIONS = (123_456_789_012, -987_654_321_098, *[0] * 62)


@pytest.fixture
def owner(tmp_path: Path) -> Identity:
    return Identity.create(tmp_path / "identity.txt")


def test_an_opening_comes_back_as_it_was_saved(tmp_path: Path, owner: Identity) -> None:
    opening = open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1)
    path = save_opening(tmp_path / "store", owner, opening)
    assert load_opening(path, Identity.load(tmp_path / "identity.txt")) == opening
    assert opening.commitment == commit(LISTING, POSITIONS, opening.salt)


def test_files_are_readable_by_the_owner_only(tmp_path: Path, owner: Identity) -> None:
    path = save_opening(tmp_path / "store", owner, open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1))
    for file in (tmp_path / "identity.txt", path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


def test_nothing_of_the_book_stands_in_the_store_in_the_clear(tmp_path: Path, owner: Identity) -> None:
    opening = open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1)
    save_opening(tmp_path / "store", owner, opening)
    secrets = [str(opening.salt), str(POSITIONS[0]), str(-POSITIONS[1])]
    for file in (tmp_path / "store").iterdir():
        text = file.read_bytes().decode("latin-1")
        assert not [secret for secret in secrets if secret in text or secret in file.name]


def test_repr_shows_no_secret(owner: Identity) -> None:
    opening = open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1)
    assert str(opening.salt) not in repr(opening)
    assert str(POSITIONS[0]) not in repr(opening)
    assert "SECRET" not in repr(owner)


def test_salts_differ_by_account_sequence_listing_and_owner(tmp_path: Path, owner: Identity) -> None:
    other = Identity.create(tmp_path / "other.txt")
    salts = {
        owner.salt(ACCOUNT, 1, 5),
        owner.salt(ACCOUNT, 2, 5),
        owner.salt("0x" + "2f" * 20, 1, 5),
        owner.salt(ACCOUNT, 1, 6),
        other.salt(ACCOUNT, 1, 5),
    }
    assert len(salts) == 5
    assert all(0 <= salt < 1 << 253 for salt in salts)


def test_a_salt_is_not_used_for_two_books(tmp_path: Path, owner: Identity) -> None:
    save_opening(tmp_path / "store", owner, open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1))
    second = open_commitment(owner, LISTING, (1, *[0] * 63), ACCOUNT, 1)
    with pytest.raises(BadInput, match="take the next sequence"):
        save_opening(tmp_path / "store", owner, second)
    assert not opening_path(tmp_path / "store", second.commitment).exists()


def test_another_identity_cannot_open(tmp_path: Path, owner: Identity) -> None:
    path = save_opening(tmp_path / "store", owner, open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1))
    with pytest.raises(ArtefactMismatch, match="cannot be decrypted"):
        load_opening(path, Identity.create(tmp_path / "other.txt"))


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_damaged_opening_is_one_sentence(tmp_path: Path, owner: Identity, cut: int) -> None:
    path = save_opening(tmp_path / "store", owner, open_commitment(owner, LISTING, POSITIONS, ACCOUNT, 1))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ArtefactMismatch, match="damaged"):
        load_opening(path, owner)


def test_an_identity_that_others_can_read_is_refused(tmp_path: Path, owner: Identity) -> None:
    (tmp_path / "identity.txt").chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        Identity.load(tmp_path / "identity.txt")


def test_an_identity_is_never_overwritten(tmp_path: Path, owner: Identity) -> None:
    before = (tmp_path / "identity.txt").read_bytes()
    with pytest.raises(BadInput, match="never overwritten"):
        Identity.create(tmp_path / "identity.txt")
    assert (tmp_path / "identity.txt").read_bytes() == before


def test_a_file_that_is_no_identity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "id.txt"
    path.write_text("AGE-SECRET-KEY-1NONSENSE\n")
    path.chmod(0o600)
    with pytest.raises(BadInput, match="not an age X25519 identity") as caught:
        Identity.load(path)
    assert "NONSENSE" not in str(caught.value)
