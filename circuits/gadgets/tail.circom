pragma circom 2.2.0;

include "bits.circom";
include "short.circom";
include "widths.circom";

// Tail(W, S, R): both tails over R rows, of which the first S are scenarios and may be waived; W is the short width of
// z + t (tail_width, wide_tail_width).
//
// tail = sum_k tau_k t_k + sum_rows weight (1 - waived) max(0, -z - t_member)
//
// Assumes |z| < 2^138; tau, weight < 2^32, waivers < 2^10, member and waivable in {0, 1} (admission); checks waived
// itself. The sign test of a row bounds |z + t| by 2^W, so also the t of every tail that has a row:
// |t| < 2^139. A tail without rows has tau = 0 (admission: tau_k <= the sum of the (rows - waivers) smallest weights),
// and its t cancels: t needs no range check of its own. Products stay below 2^171, the sum below 2^178.
// Given that same rule, no choice of t and waived makes a tail smaller than the honest one.
template Tail(W, S, R) {
  signal input z[R];            // result of each row, money/W, |.| < 2^138
  signal input t[2];            // private levels, money/W, |.| < 2^139 by the rows
  signal input tau[2];          // public, 1/T, [0, 2^32)
  signal input weight[R];       // public, 1/T, [0, 2^32)
  signal input member[R];       // public, the tail a row is in, 0 or 1
  signal input waived[S];       // private, checked to be 0 or 1: the row does not count
  signal input waivable[S];     // public, 0 or 1: the row may be waived
  signal input waivers[2];      // public, how many rows of each tail may be waived, [0, 2^10)
  signal output out;            // money/unit, |.| < 2^178
  signal level_step[R];         // member * (t[1] - t[0]), money/W, |.| < 2^140
  signal counted[S];            // (1 - waived) * excess, money/W, [0, 2^132]
  signal charge[R];             // weight * counted excess, money/unit, [0, 2^170)
  signal level_charge[2];       // tau * t, money/unit, |.| < 2^171
  signal waived_second[S];      // member * waived: waived rows of tail 1, 0 or 1
  component excess[R];
  component unused[2];

  var used[2] = [0, 0];
  for (var s = 0; s < S; s++) {
    waived[s] * waived[s] === waived[s];
    waived[s] * (1 - waivable[s]) === 0;
    waived_second[s] <== member[s] * waived[s];
    used[0] += waived[s] - waived_second[s];
    used[1] += waived_second[s];
  }
  for (var k = 0; k < 2; k++) {
    unused[k] = Range(waiver_bits());
    unused[k].in <== waivers[k] - used[k];
  }

  var sum = 0;
  for (var k = 0; k < 2; k++) {
    level_charge[k] <== tau[k] * t[k];
    sum += level_charge[k];
  }
  for (var row = 0; row < R; row++) {
    level_step[row] <== member[row] * (t[1] - t[0]);
    excess[row] = Short(W);
    excess[row].in <== z[row] + t[0] + level_step[row];
    if (row < S) {
      counted[row] <== (1 - waived[row]) * excess[row].out;
      charge[row] <== weight[row] * counted[row];
    } else {
      charge[row] <== weight[row] * excess[row].out;
    }
    sum += charge[row];
  }
  out <== sum;
}
