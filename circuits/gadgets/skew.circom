pragma circom 2.2.0;

include "short.circom";
include "widths.circom";

// Skew(G): a row in which every group loses, whatever its sign: sum of |pnl|.
//
// Assumes |pnl| < 2^129 (Scenarios says why); the sum of 8 stays below 2^132.
template Skew(G) {
  signal input pnl[G];      // money/W, |.| < 2^129
  signal output loss;       // sum of |pnl|, money/W, [0, 2^132)
  component negative[G];

  var sum = 0;
  for (var g = 0; g < G; g++) {
    negative[g] = Short(pnl_width());
    negative[g].in <== pnl[g];
    sum += pnl[g] + 2 * negative[g].out;
  }
  loss <== sum;
}
