pragma circom 2.2.0;

include "sign.circom";

// Short(w): max(0, -in) of a signed integer, exact.
//
// Assumes -2^w <= in < 2^w as an integer; outside of that no witness exists (Sign). |x| is x + 2 short(x), max(0, x) is
// x + short(x).
template Short(w) {
  signal input in;         // signed integer, -2^w <= in < 2^w
  signal output out;       // max(0, -in), in [0, 2^w]
  component sign = Sign(w);

  sign.in <== in;
  out <== -in * sign.negative;
}
