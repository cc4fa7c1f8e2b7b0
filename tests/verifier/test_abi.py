"""The statement's own encoder against eth-abi."""

import eth_abi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.abi import encode
from verifier.context import check_address
from verifier.errors import BadInput

KINDS = {
    "uint256": st.integers(0, 2**256 - 1),
    "int256": st.integers(-(2**255), 2**255 - 1),
    "bytes32": st.binary(min_size=32, max_size=32),
    "string": st.text(max_size=80),
    "string[]": st.lists(st.text(max_size=40), max_size=5),
    "int256[]": st.lists(st.integers(-(2**255), 2**255 - 1), max_size=5),
}


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=6).flatmap(
    lambda types: st.tuples(st.just(types), st.tuples(*(KINDS[kind] for kind in types)))
))  # fmt: skip
def test_encodes_as_eth_abi(case):
    types, values = case
    assert encode(values) == eth_abi.encode(types, values)


@pytest.mark.parametrize("value", [1 << 256, -(1 << 255) - 1, b"short", bytes(33)])
def test_what_is_no_word_is_refused(value):
    with pytest.raises(ValueError, match="word"):
        encode([value])


def test_checksums_of_addresses():
    good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # an example of EIP-55
    for text in (good, good.lower(), "0x" + good[2:].upper()):
        check_address(text)
    for place in (2, 4, 41):
        wrong = good[:place] + good[place].swapcase() + good[place + 1 :]
        if wrong != good:
            with pytest.raises(BadInput, match="EIP-55"):
                check_address(wrong)
