"""Fields of small files: every wrong one is named."""

import pytest

from prover.fields import Fields
from verifier.errors import BadInput

GOOD = {"name": "ab", "count": 3, "kind": "x", "truth": False, "texts": {"a": "b"}}


def read(data):
    fields = Fields(data, tuple(GOOD))
    return {
        "name": fields.text("name", "[a-z]{2}", "two letters"),
        "count": fields.integer("count", 8),
        "kind": fields.choice("kind", ["x", 1]),
        "truth": fields.truth("truth"),
        "texts": fields.texts("texts"),
    }


def test_reads_what_fits():
    assert read(GOOD) == GOOD
    assert read(GOOD | {"count": 255, "kind": 1})["kind"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "abc"),
        ("name", "ab\n"),
        ("name", 5),
        ("count", 256),
        ("count", -1),
        ("count", True),
        ("count", 3.0),
        ("kind", True),
        ("kind", "y"),
        ("kind", [1]),
        ("truth", 0),
        ("texts", {"a": 1}),
        ("texts", ["a"]),
    ],
)
def test_names_the_field_that_is_wrong(name, value):
    with pytest.raises(BadInput, match=f"field {name}"):
        read(GOOD | {name: value})


def test_names_what_is_missing_or_unknown():
    with pytest.raises(BadInput, match="field count is missing"):
        read({key: value for key, value in GOOD.items() if key != "count"})
    with pytest.raises(BadInput, match="field more is unknown"):
        read(GOOD | {"more": 1})
    with pytest.raises(BadInput, match="object"):
        read([])
