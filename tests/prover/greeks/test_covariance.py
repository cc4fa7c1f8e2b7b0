"""The ellipsoid is exact: factors add up to the variance, gammas included, and a rest is never negative."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from prover.models.greeks.covariance import (
    Factors,
    Matrix,
    factorise,
    is_positive_semidefinite,
    variance,
    with_gammas,
)

small = st.integers(-9, 9)
squares = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(small, min_size=n, max_size=n), min_size=1, max_size=n + 1)
)


def gram(rows: list[list[int]]) -> Matrix:
    """Return A'A, positive semidefinite, singular where there are fewer rows than columns."""
    n = len(rows[0])
    return tuple(tuple(Fraction(sum(row[j] * row[k] for row in rows), 7) for k in range(n)) for j in range(n))


def squared(factors: Factors, e: list[Fraction]) -> Fraction:
    """Return the sum of the squared factors."""
    return sum(
        (sum(a * b for a, b in zip(row.entries, e, strict=True)) ** 2 / row.pivot for row in factors.rows), Fraction(0)
    )


@given(squares, st.data())
def test_factors_add_up_to_the_variance_exactly(rows: list[list[int]], data: st.DataObject) -> None:
    matrix = gram(rows)
    e = [Fraction(data.draw(small), 3) for _ in matrix]
    factors = factorise(matrix, len(matrix), [1.0] * len(matrix))
    assert squared(factors, e) == variance(matrix, e)
    assert not any(map(any, factors.rest))
    assert len(factors.rows) == np.linalg.matrix_rank(np.array(matrix, dtype=float))


@given(squares, st.data())
def test_too_few_factors_leave_a_rest_that_is_never_negative(rows: list[list[int]], data: st.DataObject) -> None:
    matrix = gram(rows)
    limit = data.draw(st.integers(0, len(matrix)))
    factors = factorise(matrix, limit, [float(data.draw(st.integers(0, 9))) for _ in matrix])
    e = [Fraction(data.draw(small)) for _ in matrix]
    left = variance(factors.rest, e)
    assert left >= 0
    assert squared(factors, e) + left == variance(matrix, e)


@given(squares, st.data())
def test_gammas_count_half_the_trace_of_the_square(rows: list[list[int]], data: st.DataObject) -> None:
    covariance = gram(rows)
    n = len(covariance)
    d, g = ([Fraction(data.draw(small)) for _ in range(n)] for _ in range(2))
    s = np.array(covariance, dtype=float)
    product = np.diag([float(x) for x in g]) @ s
    expected = float(variance(covariance, d)) + np.trace(product @ product) / 2
    made = variance(with_gammas(covariance, n), [*d, *g])
    assert np.isclose(float(made), expected, rtol=1e-9, atol=1e-9)
    assert is_positive_semidefinite(with_gammas(covariance, n))


def test_the_frobenius_form_is_the_same() -> None:
    """tr((G S)^2) = |S^(1/2) G S^(1/2)|^2: n(n+1)/2 factors of a symmetric matrix; n of them are enough."""
    rng = np.random.default_rng(3)
    a = rng.normal(size=(4, 4))
    values, vectors = np.linalg.eigh(a @ a.T)
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    g = rng.normal(size=4)
    whole = (root @ np.diag(g) @ root) ** 2
    assert np.isclose(whole.sum(), g @ ((root @ root) ** 2) @ g)


def test_what_is_no_covariance_is_seen() -> None:
    one = Fraction(1)
    assert not is_positive_semidefinite(((one, one * 2), (one * 2, one)))
    assert not is_positive_semidefinite(((Fraction(0), one), (one, one)))
    assert not is_positive_semidefinite(((-one,),))
    almost = Fraction(99999, 100000)
    assert is_positive_semidefinite(((one, one), (one, one)))
    assert not is_positive_semidefinite(((one, one, one), (one, one, almost), (one, almost, one)))
