pragma circom 2.2.0;

// Widths of all range checks and sign tests, in bits. "Short width" w means |v| < 2^w (or v = -2^w) for every input
// that the bounds of docs/statement.md, part 3, allow. tests/circuits/test_bounds.py computes each bound by interval
// arithmetic from Tier.sections and compares it with these figures: they hold every honest value, and the largest sum
// that any template forms stays below r/2, so that no comparison can wrap the field.
// B39 < 2^39; a = ceil(log2 A), A the number of commitments; G <= 16 groups, N <= 256 slots in all, A <= 2. Wide tiers:
// N <= 2048, A = 1.

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

// Short width of sum_i floor_net_i X_i: N * 2^73 * A * 2^47.
function floor_net_width(A, N) { return 120 + ceil_log2(N) + ceil_log2(A); }

// |z| < 2^z_width for every row. Without hinges: offset 2^127 + 2 * 2^34 * 2^92, floor 3 * 64 * 2^73 * 2^47.
// With hinges: offset 2^127 + G * 2^34 * (2^90 + 2^91 + 2^90), floor 4 * N * 2^73 * 2^47, a bit more for G > 8.
function z_width(A, G, H) { return 128 + 2 * H + ceil_log2(A) + (G > 8 ? 1 : 0); }

// Short width of a wide tier's row sum_i risk_i X_i over all places: N * B39 * 2^47 <= 2^97.
function row_width() { return 97; }

// |z| < 2^wide_z_width for every row of a wide tier: offset 2^127 + 2^34 * 2^97; floor 3 * N * 2^73 * 2^47 < 2^133.
function wide_z_width() { return 133; }

// Short width of z + t in a wide tier, as tail_width.
function wide_tail_width() { return wide_z_width() + 1; }

// Short width of z + t: the best t of a tail is -z of one of its rows, so at most twice |z|.
function tail_width(A, G, H) { return z_width(A, G, H) + 1; }

// waivers - used in [0, 2^10): waivers < 2^10.
function waiver_bits() { return 10; }

// r in [0, 2^92): the ellipsoid's radius, below sqrt(K) * 2^(91 - log2(K)/2) = 2^91 when honest.
function radius_bits() { return 92; }

// r^2 - sum of squares in [0, 2^92): the honest r is the smallest, so the difference is below 2 r.
function radius_gap_bits() { return 92; }

// Requirement in [0, 2^(130 + log2 N + a)): a true claim has Requirement <= unit * Equity (ratio_bps >= 10^4)
// <= 2^32 * (N * 2^50 * A * 2^47 + 2^90).
function requirement_bits(A, N) { return 130 + ceil_log2(N) + ceil_log2(A); }

// 10^4 * unit * Equity - ratio_bps * Requirement in [0, 2^(143 + log2 N + a)): the requirement is not negative, so at
// most 10^4 * 2^32 * (N * 2^50 * A * 2^47 + 2^90).
function claim_bits(A, N) { return 143 + ceil_log2(N) + ceil_log2(A); }
