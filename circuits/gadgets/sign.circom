pragma circom 2.2.0;

include "bits.circom";

// Sign(w): 1 where a signed integer is negative, else 0.
//
// Assumes -2^w <= in < 2^w as an integer, with w <= 252; outside of that no witness exists. One decomposition of
// in + 2^w in w + 1 bits, unique; its top bit is 1 exactly where in >= 0.
template Sign(w) {
  signal input in;           // signed integer, -2^w <= in < 2^w
  signal output negative;    // 1 where in < 0, else 0
  component bits = Bits(w + 1);

  bits.in <== in + (1 << w);
  negative <== 1 - bits.out[w];
}
