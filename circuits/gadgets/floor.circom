pragma circom 2.2.0;

include "inner.circom";
include "short.circom";
include "widths.circom";

// Floor(A, N): the row that no scenario can beat: a linear form, a charge on short sides, and a net form.
//
// Assumes |floor arrays| < 2^80 (admission), |X|, short(X) <= A * 2^47 (range checks). Each of the three sums is at
// most 128 * 2^80 * A * 2^47 = 2^(134 + a), together below 2^137 for A <= 2.
template Floor(A, N) {
  signal input floor_linear[N];    // public, money/W per lot, |.| < 2^80
  signal input floor_short[N];     // public, money/W per lot, |.| < 2^80
  signal input floor_net[N];       // public, money/W per lot, |.| < 2^80
  signal input total[N];           // X, lots, |.| <= A * 2^47
  signal input short[N];           // short(X), lots, [0, A * 2^47]
  signal output z;                 // money/W, |.| < 2^137
  component linear = Inner(N);
  component shorts = Inner(N);
  component net = Inner(N);
  component negative = Short(floor_net_width(A));

  linear.coefficient <== floor_linear;
  linear.value <== total;
  shorts.coefficient <== floor_short;
  shorts.value <== short;
  net.coefficient <== floor_net;
  net.value <== total;
  negative.in <== net.out;
  z <== -(linear.out + shorts.out + net.out + 2 * negative.out);
}
