pragma circom 2.2.0;

include "bits.circom";

// Short(w): max(0, -in) of a signed integer, exact.
//
// Assumes -2^w <= in < 2^w as an integer, with w <= 252; outside of that no witness exists. One decomposition of
// in + 2^w in w + 1 bits: its top bit is 1 exactly where in >= 0. |x| is x + 2 short(x), max(0, x) is x + short(x).
template Short(w) {
  signal input in;         // signed integer, |in| <= 2^w
  signal output out;       // max(0, -in), in [0, 2^w]
  component bits = Bits(w + 1);

  bits.in <== in + (1 << w);
  out <== in * (bits.out[w] - 1);
}
