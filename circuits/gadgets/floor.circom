pragma circom 2.2.0;

include "inner.circom";
include "short.circom";
include "sided.circom";
include "widths.circom";

// Floor(A, N): the row that no scenario can beat: a linear form, a charge on short sides, and a net form.
//
// z = -(sum floor_linear X + sum floor_short short(X) + |sum floor_net X|)
//
// Assumes |floor arrays| < 2^80 (admission), |X| <= A * 2^47 (range checks), negative the sign bit of X. Each sum is at
// most 128 * 2^80 * A * 2^47 = 2^(134 + a), together below 2^138 for A <= 2: no wrap.
template Floor(A, N) {
  signal input floor_linear[N];    // public, money/W per lot, |.| < 2^80
  signal input floor_short[N];     // public, money/W per lot, |.| < 2^80
  signal input floor_net[N];       // public, money/W per lot, |.| < 2^80
  signal input total[N];           // X, lots, |.| <= A * 2^47
  signal input negative[N];        // 1 where X < 0, else 0
  signal output z;                 // money/W, |.| < 2^138
  component sides = Sided(N);
  component net = Inner(N);
  component net_short = Short(floor_net_width(A, N));

  sides.base <== floor_linear;
  for (var i = 0; i < N; i++) {
    sides.tilt[i] <== -floor_short[i];
  }
  sides.value <== total;
  sides.negative <== negative;
  net.coefficient <== floor_net;
  net.value <== total;
  net_short.in <== net.out;
  z <== -(sides.out + net.out + 2 * net_short.out);
}
