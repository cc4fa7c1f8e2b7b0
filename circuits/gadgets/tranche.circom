pragma circom 2.2.0;

include "bits.circom";
include "clearing_widths.circom";

// Tranche(N): where parts = n > 0, each position of `part` is floor(position of `whole` / n), towards minus infinity.
// parts = 0 demands nothing.
//
// Assumes parts in 0..4 (the contract), |whole|, |part| <= 2^47 (range checks). |whole - n * part| < 2^50, so it does
// not wrap; it is checked to be in [0, 4) and, by the second check, not above n - 1.
template Tranche(N) {
  signal input parts;        // public, 0..4
  signal input whole[N];     // lots, |.| <= 2^47
  signal input part[N];      // lots, |.| <= 2^47
  signal below;              // (1 - parts) * (2 - parts)
  signal above;              // (3 - parts) * (4 - parts)
  signal none;               // 1 where parts = 0, else 0: the polynomial that is 0 at 1, 2, 3 and 4
  signal taken[N];           // parts * part, lots
  signal left[N];            // whole - parts * part where parts > 0, else 0, lots
  component low[N];
  component high[N];

  below <== (1 - parts) * (2 - parts);
  above <== (3 - parts) * (4 - parts);
  none <== below * above / 24;
  for (var i = 0; i < N; i++) {
    taken[i] <== parts * part[i];
    left[i] <== (1 - none) * (whole[i] - taken[i]);
    low[i] = Range(part_bits());
    low[i].in <== left[i];
    high[i] = Range(part_bits());
    high[i].in <== parts - 1 + none - left[i];
  }
}
