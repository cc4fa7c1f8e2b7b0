pragma circom 2.2.0;

include "short.circom";
include "widths.circom";

// Roll(G): a charge on each group's long or short sum, and on the net of all groups.
//
// out = sum_g (roll_long_g max(0, v_g) + roll_short_g short(v_g)) + roll_net |sum_g v_g|
//
// Assumes |sum_g v_g| and each |v_g| <= 2^92 (GroupSums under the bound of `roll`), weights below 2^34 (admission;
// roll_net may be negative, not below -min(roll_long, roll_short)). |out| < 2^131. With one group the net is that group.
template Roll(G) {
  signal input value[G];          // v_g, money, |.| <= 2^92
  signal input roll_long[G];      // public, 1/unit, [0, 2^34)
  signal input roll_short[G];     // public, 1/unit, [0, 2^34)
  signal input roll_net;          // public, 1/unit, (-2^34, 2^34)
  signal output out;              // money/unit, |.| < 2^131
  signal long_charge[G];          // roll_long * max(0, v_g), money/unit, [0, 2^126)
  signal short_charge[G];         // roll_short * short(v_g), money/unit, [0, 2^126]
  signal net_charge;              // roll_net * |sum_g v_g|, money/unit, |.| <= 2^126
  component negative[G];
  component net[G > 1 ? 1 : 0];

  var sum = 0;
  var charged = 0;
  for (var g = 0; g < G; g++) {
    negative[g] = Short(y_width());
    negative[g].in <== value[g];
    long_charge[g] <== (value[g] + negative[g].out) * roll_long[g];
    short_charge[g] <== roll_short[g] * negative[g].out;
    charged += long_charge[g] + short_charge[g];
    sum += value[g];
  }
  var size = sum + 2 * negative[0].out;
  if (G > 1) {
    net[0] = Short(y_width());
    net[0].in <== sum;
    size = sum + 2 * net[0].out;
  }
  net_charge <== size * roll_net;
  out <== charged + net_charge;
}
