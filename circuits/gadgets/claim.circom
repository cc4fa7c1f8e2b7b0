pragma circom 2.2.0;

include "bits.circom";
include "widths.circom";

// Claim(A, N): Requirement >= 0 and 10^4 * unit * Equity >= ratio_bps * Requirement.
//
// Assumes |Equity| < 2^110, 0 <= unit < 2^32, |Requirement| < 2^179, 0 <= ratio_bps < 2^15 (the contract's bands).
// First Requirement is checked to be in [0, 2^requirement_bits); then the difference is below 2^157 in magnitude, and
// is checked to be in [0, 2^claim_bits). widths.circom says why every true claim fits.
template Claim(A, N) {
  signal input equity;         // money, |.| < 2^110
  signal input requirement;    // money/unit, |.| < 2^179
  signal input unit;           // public, [1, 2^32)
  signal input ratio_bps;      // public, one of the bands
  signal worth;                // unit * equity, money/unit, |.| < 2^142
  signal owed;                 // ratio_bps * requirement, money/unit, [0, 2^156)
  component not_negative = Range(requirement_bits(A, N));
  component margin = Range(claim_bits(A, N));

  not_negative.in <== requirement;
  worth <== equity * unit;
  owed <== requirement * ratio_bps;
  margin.in <== 10000 * worth - owed;
}
