pragma circom 2.2.0;

include "inner.circom";
include "short.circom";
include "widths.circom";

// Cells(G, I, S, H): value of every group under every scenario, and its hinge in tiers that have hinges (H = 1).
//
// Assumes |risk_array| <= B39, |shift| < 2^90 (admission), |X| <= A * 2^47 and 0 <= t_g < 2^93 (range checks).
// |y| <= slots * B39 * A * 2^47 <= 2^92 and the hinge's input is below 2^94: nothing is near the field's order.
template Cells(G, I, S, H) {
  signal input risk_array[G][S][I];    // public, money per lot, |.| <= B39
  signal input total[G * I];           // X, lots, |.| <= A * 2^47
  signal input shift[H * G][S];        // public, money, |.| < 2^90
  signal input t_g[H * G];             // private level of each group, money, [0, 2^93)
  signal output y[G][S];               // money, |.| <= 2^92
  signal output hinge[H * G][S];       // max(0, -(y + shift + t_g)), money, [0, 2^94)
  component cell[G][S];
  component below[H * G][S];

  for (var g = 0; g < G; g++) {
    for (var s = 0; s < S; s++) {
      cell[g][s] = Inner(I);
      cell[g][s].coefficient <== risk_array[g][s];
      for (var i = 0; i < I; i++) {
        cell[g][s].value[i] <== total[g * I + i];
      }
      y[g][s] <== cell[g][s].out;
      if (H == 1) {
        below[g][s] = Short(hinge_width());
        below[g][s].in <== y[g][s] + shift[g][s] + t_g[g];
        hinge[g][s] <== below[g][s].out;
      }
    }
  }
}

// GroupSums(G, I): sum over each group of coefficient times position (mark, up, down, roll).
//
// Assumes |coefficient| <= B39 (admission) and |value| <= A * 2^47 (range checks): each sum is at most 2^92.
template GroupSums(G, I) {
  signal input coefficient[G * I];     // public, money per lot, |.| <= B39
  signal input value[G * I];           // X, lots, |.| <= A * 2^47
  signal output out[G];                // money, |.| <= 2^92
  component sum[G];

  for (var g = 0; g < G; g++) {
    sum[g] = Inner(I);
    for (var i = 0; i < I; i++) {
      sum[g].coefficient[i] <== coefficient[g * I + i];
      sum[g].value[i] <== value[g * I + i];
    }
    out[g] <== sum[g].out;
  }
}
