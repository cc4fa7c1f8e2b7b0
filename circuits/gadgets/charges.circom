pragma circom 2.2.0;

include "inner.circom";
include "short.circom";
include "widths.circom";

// Charges(A, N): charges on short positions, and on naked pairs (both legs of a strike together short).
//
// Assumes 0 <= short_charge, naked_charge < 2^50 (admission), |X| <= A * 2^47 (range checks). The sum is at most
// 128 * 2^50 * A * 2^47 + 64 * 2^50 * A * 2^48 < 2^106.
template Charges(A, N) {
  var PAIRS = N \ 2;
  signal input short_charge[N];        // public, money per lot, [0, 2^50)
  signal input naked_charge[PAIRS];    // public, money per lot, [0, 2^50)
  signal input total[N];               // X, lots, |.| <= A * 2^47
  signal input short[N];               // short(X), lots, [0, A * 2^47]
  signal output out;                   // money, [0, 2^106)
  component shorts = Inner(N);
  component naked = Inner(PAIRS);
  component pair[PAIRS];

  shorts.coefficient <== short_charge;
  shorts.value <== short;
  naked.coefficient <== naked_charge;
  for (var j = 0; j < PAIRS; j++) {
    pair[j] = Short(pair_width(A));
    pair[j].in <== total[2 * j] + total[2 * j + 1];
    naked.value[j] <== pair[j].out;
  }
  out <== shorts.out + naked.out;
}
