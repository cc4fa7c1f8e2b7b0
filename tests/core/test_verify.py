"""The verification engine: what it accepts, what it calls invalid, what it refuses as malformed."""

import json
from collections.abc import Callable

import pytest
from py_ecc.optimized_bn128 import FQ2, G1, G2, add, b2, field_modulus, is_on_curve, multiply, neg, normalize

from prover import _core
from tests.core.conftest import Proven
from tests.core.toolbox import integers, scalars
from verifier.field import R

Q = field_modulus


def g1(scalar: int) -> bytes:
    """A multiple of the generator, by py_ecc."""
    if scalar % R == 0:
        return bytes(64)
    x, y = normalize(multiply(G1, scalar % R))
    return int(x).to_bytes(32, "big") + int(y).to_bytes(32, "big")


def g2(scalar: int) -> bytes:
    x, y = normalize(multiply(G2, scalar))
    words = (x.coeffs[1], x.coeffs[0], y.coeffs[1], y.coeffs[0])
    return b"".join(int(word).to_bytes(32, "big") for word in words)


def negated(point: bytes) -> bytes:
    y = int.from_bytes(point[32:], "big")
    return point[:32] + (Q - y).to_bytes(32, "big")


def g2_outside_the_subgroup() -> bytes:
    """A point of the twist's curve whose order is not r."""
    for real in range(1, 100):
        x = FQ2([real, 0])
        square = x * x * x + b2
        root = square ** ((Q * Q + 15) // 32)
        for power in range(16):
            y = root * (FQ2([9, 1]) ** ((Q * Q - 1) // 32 * power)) if power else root
            if y * y == square:
                assert is_on_curve((x, y, FQ2.one()), b2)
                words = (x.coeffs[1], x.coeffs[0], y.coeffs[1], y.coeffs[0])
                return b"".join(int(word).to_bytes(32, "big") for word in words)
    raise AssertionError("no point found")


@pytest.fixture
def case(proven: Callable[[str], Proven]) -> tuple[_core.VerifyingKey, bytes, bytes]:
    made = proven("product")
    proof, public = made.key.prove(made.inputs)
    return made.key.verifying_key, public, proof


Case = tuple[_core.VerifyingKey, bytes, bytes]


def test_a_proof_verifies_only_for_its_own_signals(case: Case) -> None:
    key, public, proof = case
    assert key.verify(public, proof)
    values = integers(public)
    for index in range(len(values)):
        changed = [*values[:index], values[index] + 1, *values[index + 1 :]]
        assert not key.verify(scalars(changed), proof)


def test_changed_points_that_stay_on_the_curve_are_invalid(case: Case) -> None:
    key, public, proof = case
    a, b, c = proof[:64], proof[64:192], proof[192:]
    assert not key.verify(public, negated(a) + b + c)
    assert not key.verify(public, a + b + negated(c))
    assert not key.verify(public, c + b + a)
    assert not key.verify(public, a + key.gamma2 + c)
    assert not key.verify(public, _core.g1_add(a, g1(1)) + b + c)


def test_negating_a_and_b_together_verifies_so_proof_bytes_are_no_identity(case: Case) -> None:
    key, public, proof = case
    b = proof[64:192]
    minus_b = b[:64] + b"".join(((Q - int.from_bytes(b[i : i + 32], "big")) % Q).to_bytes(32, "big") for i in (64, 96))
    assert key.verify(public, negated(proof[:64]) + minus_b + proof[192:])


@pytest.mark.parametrize("place", range(8))
def test_a_coordinate_plus_the_modulus_is_malformed(place: int, case: Case) -> None:
    key, public, proof = case
    word = int.from_bytes(proof[32 * place : 32 * place + 32], "big") + Q
    if word >= 1 << 256:
        pytest.skip("does not fit into 32 bytes")
    with pytest.raises(_core.FormatError, match="not below the modulus"):
        key.verify(public, proof[: 32 * place] + word.to_bytes(32, "big") + proof[32 * place + 32 :])


@pytest.mark.parametrize("place", range(8))
def test_a_point_off_the_curve_is_malformed(place: int, case: Case) -> None:
    key, public, proof = case
    word = (int.from_bytes(proof[32 * place : 32 * place + 32], "big") + 1) % Q
    with pytest.raises(_core.FormatError, match="not on the curve"):
        key.verify(public, proof[: 32 * place] + word.to_bytes(32, "big") + proof[32 * place + 32 :])


def test_a_point_outside_the_subgroup_is_malformed(case: Case) -> None:
    key, public, proof = case
    outside = g2_outside_the_subgroup()
    with pytest.raises(_core.FormatError, match="not in the subgroup"):
        key.verify(public, proof[:64] + outside + proof[192:])
    with pytest.raises(_core.FormatError, match="not in the subgroup"):
        _core.VerifyingKey(key.alpha1, outside, key.gamma2, key.delta2, key.ic)


@pytest.mark.parametrize("part", [slice(0, 64), slice(64, 192), slice(192, 256)])
def test_infinity_is_malformed(part: slice, case: Case) -> None:
    key, public, proof = case
    changed = bytearray(proof)
    changed[part] = bytes(part.stop - part.start)
    with pytest.raises(_core.FormatError, match="infinity"):
        key.verify(public, bytes(changed))


def test_wrong_lengths_and_counts_are_malformed(case: Case) -> None:
    key, public, proof = case
    for wrong in (proof[:-1], proof + b"\0", b""):
        with pytest.raises(_core.FormatError, match="256 bytes"):
            key.verify(public, wrong)
    for signals in (public[:-32], public + bytes(32), b""):
        with pytest.raises(_core.FormatError, match="number of public inputs"):
            key.verify(signals, proof)
    with pytest.raises(_core.FormatError, match="multiple of 32"):
        key.verify(public[:-1], proof)


def test_a_signal_plus_the_order_is_malformed(case: Case) -> None:
    key, public, proof = case
    values = integers(public)
    shifted = (values[0] + R).to_bytes(32, "big") + public[32:]
    with pytest.raises(_core.FormatError, match="scalar 0 is not below"):
        key.verify(shifted, proof)


def test_prepared_and_full_verification_agree_for_every_prefix(case: Case) -> None:
    key, public, proof = case
    for held in range(key.n_public + 1):
        point = key.prepare(public[: 32 * held])
        assert key.verify_prepared(point, public[32 * held :], proof)
        assert not key.verify_prepared(_core.g1_add(point, g1(1)), public[32 * held :], proof)
    assert key.prepare(b"") == key.ic[:64]
    one = scalars([1])
    assert key.prepare(public) == _core.msm_g1(key.ic, one + public)
    for refused in (
        lambda: key.prepare(public + one),
        lambda: key.verify_prepared(g1(1), public + one, proof),
    ):
        with pytest.raises(_core.FormatError, match="more public inputs"):
            refused()
    with pytest.raises(_core.FormatError, match="prepared point is at infinity"):
        key.verify_prepared(bytes(64), public, proof)
    with pytest.raises(_core.FormatError, match="prepared point is not on the curve"):
        key.verify_prepared(bytes(63) + b"\1", public, proof)


def test_a_chosen_prepared_point_forges_which_is_why_it_must_be_recomputed() -> None:
    # The attack needs the key's public points only; known multiples are just easier to write.
    alpha, beta, gamma, delta = 11, 13, 17, 19
    u, v = 23, 29
    key = _core.VerifyingKey(g1(alpha), g2(beta), g2(gamma), g2(delta), g1(1) + g1(2))
    proof = g1(alpha) + g2(beta + v * gamma + u * delta) + g1(u * alpha)
    assert key.verify_prepared(g1(v * alpha), b"", proof)


def test_signals_whose_sum_is_at_infinity_are_judged_like_any_other() -> None:
    alpha, beta, gamma, delta, u = 11, 13, 17, 19, 23
    key = _core.VerifyingKey(g1(alpha), g2(beta), g2(gamma), g2(delta), g1(1) + g1(2))
    signals = scalars([-pow(2, -1, R)])
    assert key.prepare(signals) == bytes(64)
    assert key.verify(signals, g1(alpha) + g2(beta + u * delta) + g1(u * alpha))
    assert not key.verify(scalars([1]), g1(alpha) + g2(beta + u * delta) + g1(u * alpha))


def test_keys_that_prove_nothing_are_refused(case: Case) -> None:
    key = case[0]
    alpha, beta, gamma, delta, ic = key.alpha1, key.beta2, key.gamma2, key.delta2, key.ic
    assert _core.VerifyingKey(alpha, beta, gamma, delta, ic).n_public == key.n_public
    other = g2(5)
    refused: list[tuple[tuple[bytes, bytes, bytes, bytes, bytes], str]] = [
        ((alpha, beta, other, other, ic), "no second phase"),
        ((alpha, beta, other, g2(1), ic), "no second phase"),
        ((bytes(64), beta, gamma, delta, ic), "infinity"),
        ((alpha, bytes(128), gamma, delta, ic), "infinity"),
        ((alpha, beta, bytes(128), delta, ic), "infinity"),
        ((alpha, beta, gamma, bytes(128), ic), "infinity"),
        ((alpha, beta, gamma, delta, ic[:-64] + bytes(64)), "infinity"),
        ((alpha, beta, gamma, delta, ic[:-64] + ic[:64]), "equal or opposite IC"),
        ((alpha, beta, gamma, delta, ic[:-64] + negated(ic[:64])), "equal or opposite IC"),
        ((alpha, beta, gamma, delta, b""), "no IC"),
        ((alpha, beta, gamma, delta, ic[:-1]), "multiple of 64"),
        ((alpha[:-1], beta, gamma, delta, ic), "64 bytes"),
        ((alpha, beta[:-1], gamma, delta, ic), "128 bytes"),
    ]
    for arguments, reason in refused:
        with pytest.raises(_core.FormatError, match=reason):
            _core.VerifyingKey(*arguments)


@pytest.mark.parametrize("point", ["pi_a", "pi_b", "pi_c"])
def test_a_proof_in_json_has_no_point_at_infinity(case: Case, point: str) -> None:
    document = json.loads(_core.proof_to_json(case[2]))
    document[point] = [["0", "0"], ["0", "0"], ["1", "0"]] if point == "pi_b" else ["0", "0", "1"]
    with pytest.raises(_core.FormatError, match=f"{point} is at infinity"):
        _core.proof_from_json(json.dumps(document))


@pytest.mark.parametrize("values", [[0], [1], [R - 1], [2, R - 2, 0], [3, 1 << 70, R - (1 << 70), R // 2, 1, 0, 255]])
def test_sums_of_points_agree_with_py_ecc(values: list[int]) -> None:
    points = b"".join(g1(3 * i + 1) for i in range(len(values)))
    total = sum(value * (3 * i + 1) for i, value in enumerate(values))
    assert _core.msm_g1(points, scalars(values)) == g1(total)


def test_point_addition_covers_doubling_inverses_and_infinity() -> None:
    assert _core.g1_add(g1(5), g1(5)) == g1(10)
    assert _core.g1_add(g1(5), negated(g1(5))) == bytes(64)
    assert _core.g1_add(bytes(64), g1(5)) == g1(5)
    assert normalize(add(G1, neg(G1))) is not None
    with pytest.raises(_core.FormatError):
        _core.msm_g1(g1(1), b"")
