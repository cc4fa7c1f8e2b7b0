pragma circom 2.2.0;

include "widths.circom";

// Widths of the circuits of the clearing house (docs/clearing.md), in bits, as in widths.circom. A file of their own: what the
// margin circuits are made from stays as it is.

// Accruals are cash lots * 2^32.
function accrual_scale_bits() { return 32; }

// accrued + 2^49 in [0, 2^50): it is the new cash less the old, the traded and the amount, each at most 2^47.
function accrued_bits() { return 50; }

// What a division by n <= 4 leaves, and what it lacks to n - 1, in [0, 4).
function part_bits() { return 2; }

// Short width of V = sum of N legs: N * B39 * 2^47.
function value_width(N) { return 86 + ceil_log2(N); }

// band_bps * gross - 10^4 * |V| in [0, 2^(100 + log2 N)): at most 10^4 * N * B39 * 2^47.
function band_bits(N) { return 100 + ceil_log2(N); }
