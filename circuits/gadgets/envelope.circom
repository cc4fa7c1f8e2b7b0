pragma circom 2.2.0;

include "short.circom";
include "widths.circom";

// Envelope(G): minus the weighted worse of two moves of each group (basis contingency).
//
// Assumes |up|, |down| <= 2^92 (GroupSums), 0 <= weight < 2^34 (admission). Their short sides lie in [0, 2^92], so
// does the larger; max(u, d) = u + short(u - d). |z| <= 8 * 2^126 = 2^129.
template Envelope(G) {
  signal input up[G];         // money, |.| <= 2^92
  signal input down[G];       // money, |.| <= 2^92
  signal input weight[G];     // public envelope_weight, 1/W, [0, 2^34)
  signal output z;            // money/W, (-2^137, 0]
  signal loss[G];             // weight * max(short(up), short(down)), money/W, [0, 2^126]
  component up_short[G];
  component down_short[G];
  component excess[G];

  var sum = 0;
  for (var g = 0; g < G; g++) {
    up_short[g] = Short(y_width());
    up_short[g].in <== up[g];
    down_short[g] = Short(y_width());
    down_short[g].in <== down[g];
    excess[g] = Short(y_width());
    excess[g].in <== up_short[g].out - down_short[g].out;
    loss[g] <== weight[g] * (up_short[g].out + excess[g].out);
    sum += loss[g];
  }
  z <== -sum;
}
