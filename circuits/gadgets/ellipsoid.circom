pragma circom 2.2.0;

include "bits.circom";
include "inner.circom";
include "widths.circom";

// Ellipsoid(K, N): a radius r that no factor risk exceeds: r >= 0 and r^2 >= sum_k f_k^2.
//
// Assumes |loading| below its bound (admission) and |X| <= A * 2^47: |f_k| <= 2^(91 - log2(K)/2), the sum of squares
// at most 2^182. With 0 <= r < 2^92 the difference lies in (-2^183, 2^184): far from the field's order. It is checked to
// be in [0, 2^92): the smallest r leaves less than 2 r, and a larger one would only cost the prover. The loadings are
// bounded integers, so no square is negative in disguise.
template Ellipsoid(K, N) {
  signal input loading[K][N];     // public, money per lot
  signal input total[N];          // X, lots, |.| <= A * 2^47
  signal input radius;            // private r, money, checked to be in [0, 2^92)
  signal radius_square;           // r^2, money^2, [0, 2^184)
  signal square[K];               // f_k^2, money^2, [0, 2^182]
  component factor[K];            // f_k = sum_i loading X, money, |.| < 2^91
  component radius_range = Range(radius_bits());
  component gap = Range(radius_gap_bits());

  radius_range.in <== radius;
  radius_square <== radius * radius;
  var sum = 0;
  for (var k = 0; k < K; k++) {
    factor[k] = Inner(N);
    factor[k].coefficient <== loading[k];
    factor[k].value <== total;
    square[k] <== factor[k].out * factor[k].out;
    sum += square[k];
  }
  gap.in <== radius_square - sum;
}
