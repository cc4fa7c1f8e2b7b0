pragma circom 2.2.0;

include "bits.circom";
include "short.circom";
include "widths.circom";

// Cover(G, S): a covered group's level t_g covers every row and the group's floor; other groups have none.
//
// cover_g * (sum_s hinge[g,s] + short(t_g - F_g)) = 0,  t_g (1 - free_g) = 0,  0 <= t_g < 2^93
//
// Assumes hinge in [0, 2^94), |F_g| <= 2^92, cover and free in {0, 1} (admission). A sum of non-negative integers
// below 2^101 is zero in the field only where each of them is.
template Cover(G, S) {
  signal input t_g[G];            // private, money, checked to be in [0, 2^93)
  signal input hinge[G][S];       // money, [0, 2^94)
  signal input floor[G];          // F_g, money, [0, 2^92]
  signal input cover[G];          // public, 0 or 1
  signal input free[G];           // public, 0 or 1: t_g may be positive
  signal output out;              // sum of t_g, money, [0, 2^96)
  component level[G];
  component missing[G];           // short(t_g - F_g)

  var sum = 0;
  for (var g = 0; g < G; g++) {
    level[g] = Range(group_level_bits());
    level[g].in <== t_g[g];
    missing[g] = Short(group_floor_width());
    missing[g].in <== t_g[g] - floor[g];
    var uncovered = missing[g].out;
    for (var s = 0; s < S; s++) {
      uncovered += hinge[g][s];
    }
    cover[g] * uncovered === 0;
    (1 - free[g]) * t_g[g] === 0;
    sum += t_g[g];
  }
  out <== sum;
}
