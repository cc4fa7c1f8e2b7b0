"""Covariance as an ellipsoid: a few linear factors whose squares add up to a book's variance, exactly.

Delta-gamma-vega profit and loss of a book with exposures d to risk factors of covariance S, and price gammas g:
P = d'R + sum_u g_u R_u^2 / 2. For normal R its variance is d'Sd + tr((G S)^2)/2, G = diag(g) (Britten-Jones and
Schaefer, "Non-linear value at risk", European Finance Review 2 (1999)). tr((G S)^2) = sum_uv g_u g_v S_uv^2 =
g'(S o S)g, and the entrywise square of a covariance is positive semidefinite (Schur). So e = (d, g) has the variance
e'Be, B = diag(S, (S o S)/2), and each gamma costs one factor: n underlyings need n of them, not n(n+1)/2.

B is eliminated in exact fractions with pivots: e'Be = sum_k (c_k e)^2 + e'Re. Where more factors are needed than a tier
has, the rest R is positive semidefinite, and sqrt(a + b) <= sqrt(a) + sqrt(b): a lot's own part of it is charged
without netting. Leaving small eigenvalues out instead would be in the trader's favour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.errors import BadInput

Matrix = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Row:
    """One factor: entries[j] / sqrt(pivot) for each exposure j."""

    pivot: Fraction
    entries: tuple[Fraction, ...]


@dataclass(frozen=True)
class Factors:
    """e'Be = sum over rows (entries.e)^2 / pivot + e' rest e."""

    rows: tuple[Row, ...]
    rest: Matrix
    """All zero where the rows hold everything."""


class NotSemidefinite(BadInput):
    """A matrix that is no covariance."""


def with_gammas(covariance: Matrix, underlyings: int) -> Matrix:
    """Return B of the module's text: the gammas of the first `underlyings` factors stand after all exposures."""
    count, size = len(covariance), len(covariance) + underlyings
    out = [[Fraction(0)] * size for _ in range(size)]
    for j in range(count):
        out[j][:count] = covariance[j]
    for u in range(underlyings):
        out[count + u][count:] = [covariance[u][v] ** 2 / 2 for v in range(underlyings)]
    return tuple(map(tuple, out))


def factorise(matrix: Matrix, limit: int, importance: Sequence[float]) -> Factors:
    """Eliminate a positive semidefinite matrix with at most `limit` pivots; raises NotSemidefinite.

    importance: mean square exposure to each entry; what is left of the most important ones is eliminated first.
    """
    rest, rows = [list(row) for row in matrix], list[Row]()
    left = list(range(len(rest)))
    while True:
        _check(rest, left)
        left = [j for j in left if rest[j][j] > 0]
        if not left or len(rows) == limit:
            return Factors(tuple(rows), tuple(map(tuple, rest)))
        p = max(left, key=lambda j: float(rest[j][j]) * importance[j])
        row = Row(rest[p][p], tuple(rest[p]))
        rows.append(row)
        for j in left:
            share = row.entries[j] / row.pivot
            for k in left:
                rest[j][k] -= share * row.entries[k]


def _check(rest: list[list[Fraction]], left: list[int]) -> None:
    """Refuse a negative diagonal, and entries beside a zero on it."""
    for j in left:
        if rest[j][j] < 0 or (rest[j][j] == 0 and any(rest[j][k] for k in left)):
            raise NotSemidefinite("the matrix is not positive semidefinite, so it is no covariance")


def is_positive_semidefinite(matrix: Matrix) -> bool:
    """Return whether a symmetric matrix has no negative eigenvalue, exactly."""
    try:
        factorise(matrix, len(matrix), [1.0] * len(matrix))
    except NotSemidefinite:
        return False
    return True


def variance(matrix: Matrix, exposures: Sequence[Fraction]) -> Fraction:
    """Return e'Be."""
    used = [(j, e) for j, e in enumerate(exposures) if e]
    return sum((e * f * matrix[j][k] for j, e in used for k, f in used), Fraction(0))
