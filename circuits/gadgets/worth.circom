pragma circom 2.2.0;

include "sided.circom";
include "sign.circom";
include "widths.circom";

// Worth(A, N): value of the positions less the charges on short positions and on naked pairs.
//
// out = sum equity X - sum short_charge short(X) - sum_j naked_charge_j short(X_2j + X_2j+1)
//
// A charge on a short position is a price that is higher on that side; the naked charge raises the price of both legs of
// a pair that is short in all. Assumes |equity| < 2^50, 0 <= short_charge, naked_charge < 2^50 (admission),
// |X| <= A * 2^47 (range checks), negative the sign bit of X. A price is below 2^52, |out| < 256 * 2^52 * A * 2^47.
template Worth(A, N) {
  var PAIRS = N \ 2;
  signal input equity[N];              // public, money per lot, |.| < 2^50
  signal input short_charge[N];        // public, money per lot, [0, 2^50)
  signal input naked_charge[PAIRS];    // public, money per lot, [0, 2^50)
  signal input total[N];               // X, lots, |.| <= A * 2^47
  signal input negative[N];            // 1 where X < 0, else 0
  signal output out;                   // money, |.| < 2^108
  signal naked[PAIRS];                 // naked_charge where the pair is short, else 0, money per lot
  component pair[PAIRS];
  component sides = Sided(N);

  for (var j = 0; j < PAIRS; j++) {
    pair[j] = Sign(pair_width(A));
    pair[j].in <== total[2 * j] + total[2 * j + 1];
    naked[j] <== naked_charge[j] * pair[j].negative;
    for (var i = 2 * j; i < 2 * j + 2; i++) {
      sides.base[i] <== equity[i] + naked[j];
    }
  }
  sides.tilt <== short_charge;
  sides.value <== total;
  sides.negative <== negative;
  out <== sides.out;
}

// Charged(N): value of the positions less the charges on short positions, where there are no naked pairs.
//
// out = sum equity X - sum short_charge short(X). Assumes and bounds as Worth, with N <= 2048: |out| < 2^110.
template Charged(N) {
  signal input equity[N];              // public, money per lot, |.| < 2^50
  signal input short_charge[N];        // public, money per lot, [0, 2^50)
  signal input total[N];               // X, lots, |.| <= A * 2^47
  signal input negative[N];            // 1 where X < 0, else 0
  signal output out;                   // money, |.| < 2^110
  component sides = Sided(N);

  sides.base <== equity;
  sides.tilt <== short_charge;
  sides.value <== total;
  sides.negative <== negative;
  out <== sides.out;
}
