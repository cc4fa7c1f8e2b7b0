pragma circom 2.2.0;

include "bits.circom";
include "inner.circom";
include "clearing_widths.circom";

// Accrued(N): accrued = floor(sum of accrual * position / 2^32), towards minus infinity: against the trader.
//
// Assumes |accrual| < 2^63 (the contract of steps) and |position| <= 2^47 (range checks): the sum is at most N * 2^110. With
// accrued in [-2^49, 2^49), sum - 2^32 * accrued stays below 2^119 in magnitude, and is checked to be in [0, 2^32): so
// accrued has one value only.
template Accrued(N) {
  signal input accrual[N];     // public, cash lots * 2^32 per lot, |.| < 2^63
  signal input position[N];    // lots, |.| <= 2^47
  signal input accrued;        // private, cash lots, checked to be in [-2^49, 2^49)
  component sum = Inner(N);
  component size = Range(accrued_bits());
  component rest = Range(accrual_scale_bits());

  sum.coefficient <== accrual;
  sum.value <== position;
  size.in <== accrued + (1 << (accrued_bits() - 1));
  rest.in <== sum.out - accrued * (1 << accrual_scale_bits());
}
