pragma circom 2.2.0;

include "bits.circom";
include "short.circom";
include "sided.circom";
include "widths.circom";

// Cover(G, I, S): a covered group's level t_g covers every row and the group's floor; other groups have no level. In a
// group with a pick the prover says which of the two the level covers.
//
// cover_g * (1 - pick_g) * sum_s hinge[g,s] = 0,  cover_g * (1 - pickable_g + pick_g) * short(t_g - F_g) = 0,
// pick_g (1 - pickable_g) = 0,  t_g (1 - free_g) = 0,  0 <= t_g < 2^93,
// F_g = sum_i group_floor_i short(X_i)
//
// Assumes 0 <= group_floor <= B39, cover, free and pickable in {0, 1} (admission), |X| <= A * 2^47 and negative its sign
// bit (range checks), hinge in [0, 2^94). 0 <= F_g <= 2^92. pick may be any field element where pickable is 1: then 1 - pick
// and pick are not both 0, so that one side counts whatever it is, and both do unless it is 0 or 1. A sum of non-negative integers below 2^101 is zero in the field only where each of them is.
template Cover(G, I, S) {
  signal input t_g[G];                // private, money, checked to be in [0, 2^93)
  signal input hinge[G][S];           // money, [0, 2^94)
  signal input group_floor[G * I];    // public, money per lot, [0, B39]
  signal input total[G * I];          // X, lots, |.| <= A * 2^47
  signal input negative[G * I];       // 1 where X < 0, else 0
  signal input cover[G];              // public, 0 or 1
  signal input free[G];               // public, 0 or 1: t_g may be positive
  signal input pickable[G];           // public, 0 or 1: the prover may pick
  signal input pick[G];               // private, 1: the level covers the floor, not the rows; 0 where not pickable
  signal output out;                  // sum of t_g, money, [0, 2^97)
  component level[G];
  component floor[G];                 // F_g
  component missing[G];               // short(t_g - F_g)
  signal rows_count[G];               // cover * (1 - pick): 0 where the rows do not count
  signal floor_counts[G];             // cover * (1 - pickable + pick): 0 where the floor does not count

  var sum = 0;
  for (var g = 0; g < G; g++) {
    level[g] = Range(group_level_bits());
    level[g].in <== t_g[g];
    floor[g] = Sided(I);
    for (var i = 0; i < I; i++) {
      floor[g].base[i] <== 0;
      floor[g].tilt[i] <== -group_floor[g * I + i];
      floor[g].value[i] <== total[g * I + i];
      floor[g].negative[i] <== negative[g * I + i];
    }
    missing[g] = Short(group_floor_width());
    missing[g].in <== t_g[g] - floor[g].out;
    var uncovered = 0;
    for (var s = 0; s < S; s++) {
      uncovered += hinge[g][s];
    }
    pick[g] * (1 - pickable[g]) === 0;
    rows_count[g] <== cover[g] * (1 - pick[g]);
    floor_counts[g] <== cover[g] * (1 - pickable[g] + pick[g]);
    rows_count[g] * uncovered === 0;
    floor_counts[g] * missing[g].out === 0;
    (1 - free[g]) * t_g[g] === 0;
    sum += t_g[g];
  }
  out <== sum;
}
