pragma circom 2.2.0;

include "skew.circom";

// Scenarios(G, S, J, H): weighted result of each scenario; the last J are skew rows.
//
// Assumes |gain|, |mark_weight|, |extra_loss| < 2^34, |offset| < 2^127 (admission), |y|, |mark| <= 2^92 and
// 0 <= hinge < 2^94 (Cells). |pnl| < 2^34 * (2^92 + 2^94 + 2^92) < 2^129, |z| < 2^127 + 16 * 2^129 < 2^134: no wrap.
// Rows of honest programs are narrower (z_width), and Tail takes no others.
template Scenarios(G, S, J, H) {
  signal input offset[S];              // public, money/W, |.| < 2^127
  signal input y[G][S];                // money, |.| <= 2^92
  signal input hinge[H * G][S];        // money, [0, 2^94)
  signal input mark[G];                // value of each group at the marks, money, |.| <= 2^92
  signal input gain[G][S];             // public, 1/W, |.| < 2^34
  signal input extra_loss[H * G][S];   // public, 1/W, |.| < 2^34
  signal input mark_weight[G][S];      // public, 1/W, |.| < 2^34
  signal output z[S];                  // money/W, |.| < 2^137
  signal gained[G][S];                 // gain * y, money/W, |.| <= 2^126
  signal lost[H * G][S];               // extra_loss * hinge, money/W, |.| < 2^128
  signal carried[G][S];                // mark_weight * mark, money/W, |.| <= 2^126
  component skew[J];

  for (var s = 0; s < S; s++) {
    var pnl[G];
    var sum = 0;
    for (var g = 0; g < G; g++) {
      gained[g][s] <== y[g][s] * gain[g][s];
      carried[g][s] <== mark_weight[g][s] * mark[g];
      pnl[g] = gained[g][s] - carried[g][s];
      if (H == 1) {
        lost[g][s] <== extra_loss[g][s] * hinge[g][s];
        pnl[g] -= lost[g][s];
      }
      sum += pnl[g];
    }
    if (s >= S - J) {
      skew[s - (S - J)] = Skew(G);
      for (var g = 0; g < G; g++) {
        skew[s - (S - J)].pnl[g] <== pnl[g];
      }
      sum = -skew[s - (S - J)].loss;
    }
    z[s] <== offset[s] + sum;
  }
}
