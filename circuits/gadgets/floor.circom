pragma circom 2.2.0;

include "inner.circom";
include "short.circom";
include "sided.circom";
include "widths.circom";

// Floor(A, N, M): the row that no scenario can beat: a linear form, a charge on short sides, and M net forms.
//
// z = -(sum floor_linear X + sum floor_short short(X) + sum_m |sum floor_net_m X|)
//
// Assumes |floor arrays| < 2^73 (admission), |X| <= A * 2^47 (range checks), negative the sign bit of X, M <= 2. Each sum
// is at most 256 * 2^73 * A * 2^47 = 2^(128 + a), together at most 2^(130 + a) for four of them: no wrap.
template Floor(A, N, M) {
  signal input floor_linear[N];     // public, money/W per lot, |.| < 2^73
  signal input floor_short[N];      // public, money/W per lot, |.| < 2^73
  signal input floor_net[M][N];     // public, money/W per lot, |.| < 2^73
  signal input total[N];            // X, lots, |.| <= A * 2^47
  signal input negative[N];         // 1 where X < 0, else 0
  signal output z;                  // money/W, |.| <= 2^131
  component sides = Sided(N);
  component net[M];
  component net_short[M];

  sides.base <== floor_linear;
  for (var i = 0; i < N; i++) {
    sides.tilt[i] <== -floor_short[i];
  }
  sides.value <== total;
  sides.negative <== negative;
  var sizes = 0;
  for (var m = 0; m < M; m++) {
    net[m] = Inner(N);
    net[m].coefficient <== floor_net[m];
    net[m].value <== total;
    net_short[m] = Short(floor_net_width(A, N));
    net_short[m].in <== net[m].out;
    sizes += net[m].out + 2 * net_short[m].out;
  }
  z <== -(sides.out + sizes);
}
