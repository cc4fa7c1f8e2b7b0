"""Reading turns whatever a user passes into one sentence; writing is all or nothing."""

import json
import stat
from pathlib import Path

import pytest

from verifier.errors import BadInput
from verifier.files import (
    MAX_TEXT_BYTES,
    read_bytes,
    read_json,
    read_text,
    write_bytes_atomic,
    write_json_atomic,
    write_text_atomic,
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x7fELF\0\0", "binary"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"{", "not valid JSON"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b"[Infinity]", "Infinity is not a number"),
        (b"[1e999]", "too large"),
        (b"[" + b"1" * 5000 + b"]", "digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b'["]",' * 100_000, "nested too deeply"),
        (b'"' + b'\\"[' * 100_000, "not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_used_gives_one_sentence_with_its_name(tmp_path: Path, content: bytes, sentence: str):
    path = tmp_path / "input.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=sentence) as caught:
        read_json(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path):
    with pytest.raises(BadInput, match="no such file"):
        read_text(tmp_path / "absent")
    with pytest.raises(BadInput, match="directory"):
        read_text(tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_text(str(tmp_path / "a\0b"))


def test_a_file_that_is_too_big_is_not_read_to_its_end(tmp_path: Path):
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(MAX_TEXT_BYTES + 1)
    with pytest.raises(BadInput, match="larger than"):
        read_bytes(path)


def test_a_byte_order_mark_is_not_part_of_the_text(tmp_path: Path):
    path = tmp_path / "windows.json"
    path.write_bytes(b"\xef\xbb\xbf[1]")
    assert read_json(path) == [1]


def test_a_private_file_is_readable_by_its_owner_only(tmp_path: Path):
    path = tmp_path / "salt"
    write_text_atomic(path, "secret", private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_text_atomic(tmp_path / "plain", "open")
    assert stat.S_IMODE((tmp_path / "plain").stat().st_mode) & 0o400


def test_what_is_written_is_read_back(tmp_path: Path):
    path = tmp_path / "value.json"
    write_json_atomic(path, {"a": ["1", None]})
    assert read_json(path) == {"a": ["1", None]}
    assert path.read_text().endswith("\n")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "file"
    write_bytes_atomic(path, b"old")

    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("verifier.files.os.fsync", full_disk)
    with pytest.raises(BadInput, match="no space left on device"):
        write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_value_json_cannot_hold_is_our_bug_and_writes_nothing(tmp_path: Path):
    with pytest.raises(ValueError, match="JSON"):
        write_json_atomic(tmp_path / "x", json.loads("NaN"))
    assert not list(tmp_path.iterdir())


def test_a_path_in_a_missing_directory_cannot_be_written(tmp_path: Path):
    with pytest.raises(BadInput, match="cannot be written"):
        write_text_atomic(tmp_path / "no" / "file", "x")
