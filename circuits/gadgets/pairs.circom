pragma circom 2.2.0;

include "bits.circom";
include "inner.circom";
include "widths.circom";

// Pairs(G, I, S): sums of each scenario's risk numbers times the positions, two scenarios a coefficient.
//
// A coefficient is low + 2^98 * high, the risk numbers of scenarios s and s + S/2, so that one product serves both and
// the sum over all places is y_s + 2^98 * y_{s + S/2}. Assumes |low|, |high| <= B39 (admission, which reads the two
// apart), |X| <= A * 2^47 (range checks), N * A <= 2^11: then |y| <= 2^97, and the sum is below 2^197 in magnitude.
// Shifted by 2^97 each, the two fill 98 bits each: one decomposition of 196 bits parts them in one way only.
// Then |gained| < 2^34 * 2^97. The weights stand here so that the bits enter no other linear row: each row of the
// compiled circuit adds one wire, or the bits of one number.
template Pairs(G, I, S) {
  var HALF = S \ 2;
  var ROW = row_width();
  assert(S % 2 == 0);
  signal input risk_array[G][HALF][I];    // public, pairs of money per lot, |.| <= B39 each
  signal input total[G * I];              // X, lots, |.| <= A * 2^47
  signal input gain[S];                   // public, 1/W, |.| < 2^34
  signal output gained[S];                // gain * y, money/W, |.| < 2^131
  component sum[HALF];                    // y_s + 2^98 * y_{s + S/2}, |.| < 2^197
  component bits[HALF];

  for (var s = 0; s < HALF; s++) {
    sum[s] = Inner(G * I);
    for (var g = 0; g < G; g++) {
      for (var i = 0; i < I; i++) {
        sum[s].coefficient[g * I + i] <== risk_array[g][s][i];
      }
    }
    sum[s].value <== total;
    bits[s] = Bits(2 * (ROW + 1));
    bits[s].in <== sum[s].out + (1 << ROW) + (1 << (2 * ROW + 1));
    var low = 0;
    var high = 0;
    for (var b = 0; b <= ROW; b++) {
      low += bits[s].out[b] * (1 << b);
      high += bits[s].out[ROW + 1 + b] * (1 << b);
    }
    gained[s] <== (low - (1 << ROW)) * gain[s];
    gained[s + HALF] <== (high - (1 << ROW)) * gain[s + HALF];
  }
}
