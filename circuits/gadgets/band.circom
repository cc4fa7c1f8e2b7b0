pragma circom 2.2.0;

include "bits.circom";
include "short.circom";
include "clearing_widths.circom";

// Band(N): 10^4 * |value| <= band_bps * sum of |leg|.
//
// Assumes |leg| <= B39 * 2^47 (public marks, range-checked positions), |value| < N * 2^86, band_bps in [0, 10^4] (the
// contract). size is a leg or its negative, as the prover likes: a wrong sign only lowers the sum. Both sides are below
// 10^4 * N * 2^86, so their difference cannot wrap.
template Band(N) {
  signal input leg[N];        // money, |.| < 2^86
  signal input size[N];       // private, money: |leg|; checked to be leg or -leg
  signal input value;         // money, |.| < N * 2^86
  signal input band_bps;      // public, [0, 10^4]
  signal allowed;             // band_bps * sum of sizes, money / 10^4
  component short = Short(value_width(N));
  component room = Range(band_bits(N));

  var gross = 0;
  for (var i = 0; i < N; i++) {
    (size[i] - leg[i]) * (size[i] + leg[i]) === 0;
    gross += size[i];
  }
  short.in <== value;
  allowed <== band_bps * gross;
  room.in <== allowed - 10000 * (value + 2 * short.out);
}
