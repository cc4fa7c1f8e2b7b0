pragma circom 2.2.0;

// Widths of all range checks and sign tests, in bits. "Short width" w means |v| < 2^w (or v = -2^w) for every input
// that the bounds of docs/statement.md, part 3, allow. tests/circuits/test_bounds.py computes each bound by interval
// arithmetic from Tier.sections and compares it with these figures: they hold every honest value, and the largest sum
// that any template forms stays below r/2, so that no comparison can wrap the field.
// B39 < 2^39; a = ceil(log2 A), A the number of commitments; G <= 8 groups, N <= 128 slots in all, A <= 2.

// Smallest k with 2^k >= n.
function ceil_log2(n) {
  var k = 0;
  while ((1 << k) < n) {
    k++;
  }
  return k;
}

// A position: b = x + 2^47 in [0, 2^48).
function position_bits() { return 48; }

// Short width of X = sum of A positions: -A * 2^47 <= X.
function position_width(A) { return 47 + ceil_log2(A); }

// Short width of X_2j + X_2j+1.
function pair_width(A) { return 48 + ceil_log2(A); }

// Short width of any weighted sum of positions of one group (y, mark, up, down, roll_g), and of sum_g roll_g:
// slots * B39 * A * 2^47 <= 2^92.
function y_width() { return 92; }

// t_g in [0, 2^93): above every -(y + shift) and every group floor.
function group_level_bits() { return 93; }

// Short width of y + shift + t_g: 2^92 + 2^90 + 2^93 < 2^94.
function hinge_width() { return 94; }

// Short width of t_g - F_g: t_g < 2^93 and F_g <= 2^92.
function group_floor_width() { return 93; }

// Short width of pnl = gain*y - extra_loss*hinge - mark_weight*mark_g: 2^34 * (2^92 + 2^94 + 2^92) < 2^129.
function pnl_width() { return 129; }

// Short width of sum_i floor_net_i X_i: 128 * 2^80 * A * 2^47 = 2^(134 + a).
function floor_net_width(A) { return 134 + ceil_log2(A); }

// t_k in [-2^137, 2^137), as t_k + 2^137. Covers every |z| < 2^137:
// offset 2^136 + 8 * 2^129; floor 3 * 2^(134 + a) for a <= 1; envelope 8 * 2^34 * 2^92.
function tail_level_width() { return 137; }

// Short width of z + t: twice 2^137.
function tail_width() { return 138; }

// waivers - used in [0, 2^10): waivers < 2^10.
function waiver_bits() { return 10; }

// r in [0, 2^92): the ellipsoid's radius, below sqrt(K) * 2^(91 - log2(K)/2) = 2^91 when honest.
function radius_bits() { return 92; }

// r^2 - sum of squares in [0, 2^184).
function radius_gap_bits() { return 184; }

// Requirement in [0, 2^137): a true claim has Requirement <= unit * Equity (ratio_bps >= 10^4)
// <= 2^32 * (128 * 2^50 * A * 2^47 + 2^90).
function requirement_bits(A) { return 137 + ceil_log2(A); }

// 10^4 * unit * Equity - ratio_bps * Requirement in [0, 2^150): the requirement is not negative, so at most
// 10^4 * 2^32 * (128 * 2^50 * A * 2^47 + 2^90).
function claim_bits(A) { return 150 + ceil_log2(A); }
