"""The ellipsoid's rows: factors of the covariance of prices and volatility points, and of the squares of prices.

Loss variance of a book with price deltas d, vegas v and gammas G (one a price: every instrument has one underlying),
for normal changes with covariance S over the horizon: (d, v)' S (d, v) + sum_uv G_u G_v S_uv^2 / 2, which is
(d, v)' S (d, v) + tr((G S)^2) / 2 for a diagonal G (RiskMetrics, Technical Document, 1996; Britten-Jones and Schaefer,
"Non-linear value-at-risk", 1999). Both parts are squares of linear forms of the book: S = L L', and Q with
Q_uv = S_uv^2 / 2, positive semidefinite by Schur's product theorem, Q = M M'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath  # type: ignore[import-untyped]

from verifier.errors import BadInput

_DIGITS = 60
_NEGLIGIBLE = mpmath.mpf(10) ** -50


@dataclass(frozen=True)
class Factors:
    """Columns of L and M as floats, each entry within 2^-52 of itself: row k of the ellipsoid is a column."""

    linear: list[list[float]]
    """linear[k][f]: what one USD of sensitivity to factor f adds to row k."""
    square: list[list[float]]
    """square[k][u]: what one USD of gamma of price u adds to row len(linear) + k."""


def factors_of(covariance: Sequence[Sequence[Fraction]], prices: int) -> Factors:
    """Return the factors of a covariance whose first `prices` rows are prices; BadInput where it is none."""
    squares = [[covariance[u][v] ** 2 / 2 for v in range(prices)] for u in range(prices)]
    return Factors(cholesky(covariance), cholesky(squares))


def cholesky(matrix: Sequence[Sequence[Fraction]]) -> list[list[float]]:
    """Return the columns of L with matrix = L L', in 60 digits, then rounded; BadInput where it is not semidefinite."""
    n = len(matrix)
    with mpmath.workdps(_DIGITS):
        lower = [[mpmath.mpf(0)] * n for _ in range(n)]
        size = max((mpmath.mpf(matrix[k][k].numerator) / matrix[k][k].denominator for k in range(n)), default=0)
        for j in range(n):
            rest = _mpf(matrix[j][j]) - sum((lower[j][k] ** 2 for k in range(j)), mpmath.mpf(0))
            if rest < -size * _NEGLIGIBLE:
                raise BadInput("correlations: they are not those of any factors (the matrix has a negative eigenvalue)")
            lower[j][j] = mpmath.sqrt(max(rest, mpmath.mpf(0)))
            for i in range(j + 1, n):
                above = _mpf(matrix[i][j]) - sum((lower[i][k] * lower[j][k] for k in range(j)), mpmath.mpf(0))
                if lower[j][j] <= mpmath.sqrt(size * _NEGLIGIBLE):
                    if abs(above) > size * mpmath.mpf(10) ** -24:
                        raise BadInput("correlations: they are not those of any factors (a factor without risk moves)")
                    continue
                lower[i][j] = above / lower[j][j]
        return [[float(lower[i][j]) for i in range(n)] for j in range(n)]


def _mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator
