pragma circom 2.2.0;

include "gadgets/widths.circom";
include "gadgets/positions.circom";
include "gadgets/commitment.circom";
include "gadgets/cells.circom";
include "gadgets/scenarios.circom";
include "gadgets/envelope.circom";
include "gadgets/floor.circom";
include "gadgets/tail.circom";
include "gadgets/cover.circom";
include "gadgets/roll.circom";
include "gadgets/ellipsoid.circom";
include "gadgets/worth.circom";
include "gadgets/claim.circom";

// Margin: the statement of docs/statement.md for one tier.
//
// A commitments; G groups of I slots; S scenarios, the last J of them skew rows; H = 1: hinges, cover, group floors;
// E = 1: the envelope row; K factors of the ellipsoid. Arrays of absent units have size 0.
//
// Public inputs are assumed to be in the bounds of part 3 of the statement: admission checks the program once an
// epoch, the contract checks the live ones. Private inputs are range-checked below: x in Positions, waived and (by its
// rows) t in Tail, t_g in Cover, r in Ellipsoid; a salt and a pick are any field elements. From both follow the bounds of every signal, as
// each gadget states and tests/circuits/test_bounds.py computes; the largest is below 2^200, so integers never wrap.
//
// Public inputs are declared in the order of Tier.sections, then the live ones: that order is the order of the
// public signals. blind stands in no constraint (its point comes from the set-up's own rows for public inputs);
// context stands in one, which binds a proof to it.
template Margin(A, G, I, S, J, H, E, K) {
  var N = G * I;
  var R = S + E + 1;
  assert(A >= 1 && A <= 2);
  assert(G <= 16 && N <= 256 && N % 2 == 0);
  assert(S < 1024 && J <= S);

  // The program, public and prepared.
  signal input listing_hash;              // field element: fixes slot, instrument, lot and money unit
  signal input blind;                     // field element: hides a private program's point; free
  signal input constant;                  // money/unit, [0, 2^150)
  signal input offset[S];                 // money/W, |.| < 2^127
  signal input shift[H * G][S];           // money, |.| < 2^90
  signal input floor_linear[N];           // money/W per lot, |.| < 2^73
  signal input floor_short[N];            // money/W per lot, |.| < 2^73
  signal input floor_net[1 + H][N];       // money/W per lot, |.| < 2^73
  signal input equity[N];                 // money per lot, |.| < 2^50
  signal input short_charge[N];           // money per lot, [0, 2^50)
  signal input naked_charge[N \ 2];       // money per lot, [0, 2^50)
  signal input risk_array[G][S][I];       // money per lot, |.| <= B39
  signal input mark[N];                   // money per lot, |.| <= B39
  signal input up[E * N];                 // money per lot, |.| <= B39
  signal input down[E * N];               // money per lot, |.| <= B39
  signal input group_floor[H * N];        // money per lot, [0, B39]
  signal input roll[N];                   // money per lot, N * |.| * A * 2^47 <= 2^92
  signal input loading[K][N];             // money per lot, N * |.| * A * 2^47 <= 2^91 / sqrt(K)
  signal input gain[G][S];                // 1/W, |.| < 2^34
  signal input mark_weight[G][S];         // 1/W, |.| < 2^34
  signal input extra_loss[H * G][S];      // 1/W, |.| < 2^34
  signal input envelope_weight[E * G];    // 1/W, [0, 2^34)
  signal input roll_long[G];              // 1/unit, [0, 2^34)
  signal input roll_short[G];             // 1/unit, [0, 2^34)
  signal input roll_net;                  // 1/unit, -min(roll_long, roll_short) .. 2^34
  signal input factor_multiplier;         // 1/unit, [0, 2^32)
  signal input tau[2];                    // 1/T, [0, 2^32); 0: tail not in use
  signal input weight[R];                 // 1/T, [0, 2^32); 0: row not in use
  signal input unit;                      // W * T, [1, 2^32)
  signal input waivers[2];                // rows of each tail that may be waived, [0, 2^10)
  signal input member[R];                 // the tail a row is in, 0 or 1
  signal input waivable[S];               // the row may be waived, 0 or 1
  signal input cover[H * G];              // the group's level covers its rows, 0 or 1
  signal input free[H * G];               // the group's level may be positive, 0 or 1
  signal input pickable[H * G];           // the group's level may cover the floor instead of the rows, 0 or 1

  // Live, public.
  signal input ratio_bps;                 // one of the published bands
  signal input vault_balance;             // money, [0, 2^90)
  signal input commitment[A];             // field elements
  signal input context;                   // field element: the one action that the proof serves

  // Private.
  signal input x[A][N];                   // positions, lots, [-2^47, 2^47)
  signal input salt[A];                   // field elements
  signal input t[2];                      // levels of the tails, money/W, |.| < 2^139 by the rows
  signal input t_g[H * G];                // levels of the groups, money, [0, 2^93)
  signal input pick[H * G];               // the level covers the floor, 0 or 1
  signal input r;                         // radius of the ellipsoid, money, [0, 2^92)
  signal input waived[S];                 // rows that are waived, 0 or 1

  signal context_square;                  // context^2, a field element that nothing else uses
  signal group_levels;                    // unit * sum of t_g, money/unit, [0, 2^129)
  signal radius_charge;                   // factor_multiplier * r, money/unit, [0, 2^124)

  component book = Book(A, N);
  component opening[A];
  component cells = Cells(G, I, S, H);
  component marks = GroupSums(G, I);
  component scenarios = Scenarios(G, S, J, H);
  component up_sums[E];
  component down_sums[E];
  component envelope[E];
  component floor = Floor(A, N, 1 + H);
  component tail = Tail(tail_width(A, G, H), S, R);
  component covers[H];
  component roll_sums = GroupSums(G, I);
  component rolls = Roll(G);
  component ellipsoid = Ellipsoid(K, N);
  component worth = Worth(A, N);
  component claim = Claim(A, N);

  context_square <== context * context;

  // Positions and what they are committed to.
  book.x <== x;
  for (var a = 0; a < A; a++) {
    opening[a] = Commitment(N);
    opening[a].listing_hash <== listing_hash;
    opening[a].word <== book.word[a];
    opening[a].salt <== salt[a];
    commitment[a] === opening[a].out;
  }

  // Rows: scenarios, envelope, floor.
  cells.risk_array <== risk_array;
  cells.total <== book.total;
  cells.shift <== shift;
  cells.t_g <== t_g;
  marks.coefficient <== mark;
  marks.value <== book.total;
  scenarios.offset <== offset;
  scenarios.y <== cells.y;
  scenarios.hinge <== cells.hinge;
  scenarios.mark <== marks.out;
  scenarios.gain <== gain;
  scenarios.extra_loss <== extra_loss;
  scenarios.mark_weight <== mark_weight;
  for (var s = 0; s < S; s++) {
    tail.z[s] <== scenarios.z[s];
  }
  if (E == 1) {
    up_sums[0] = GroupSums(G, I);
    up_sums[0].coefficient <== up;
    up_sums[0].value <== book.total;
    down_sums[0] = GroupSums(G, I);
    down_sums[0].coefficient <== down;
    down_sums[0].value <== book.total;
    envelope[0] = Envelope(G);
    envelope[0].up <== up_sums[0].out;
    envelope[0].down <== down_sums[0].out;
    envelope[0].weight <== envelope_weight;
    tail.z[S] <== envelope[0].z;
  }
  floor.floor_linear <== floor_linear;
  floor.floor_short <== floor_short;
  floor.floor_net <== floor_net;
  floor.total <== book.total;
  floor.negative <== book.negative;
  tail.z[R - 1] <== floor.z;

  // What the rows require.
  tail.t <== t;
  tail.tau <== tau;
  tail.weight <== weight;
  tail.member <== member;
  tail.waived <== waived;
  tail.waivable <== waivable;
  tail.waivers <== waivers;

  // What stands beside the rows: group levels, roll, ellipsoid.
  if (H == 1) {
    covers[0] = Cover(G, I, S);
    covers[0].group_floor <== group_floor;
    covers[0].total <== book.total;
    covers[0].negative <== book.negative;
    covers[0].t_g <== t_g;
    covers[0].hinge <== cells.hinge;
    covers[0].cover <== cover;
    covers[0].free <== free;
    covers[0].pickable <== pickable;
    covers[0].pick <== pick;
    group_levels <== unit * covers[0].out;
  } else {
    group_levels <== 0;
  }
  roll_sums.coefficient <== roll;
  roll_sums.value <== book.total;
  rolls.value <== roll_sums.out;
  rolls.roll_long <== roll_long;
  rolls.roll_short <== roll_short;
  rolls.roll_net <== roll_net;
  ellipsoid.loading <== loading;
  ellipsoid.total <== book.total;
  ellipsoid.radius <== r;
  radius_charge <== factor_multiplier * r;

  // Equity against the requirement.
  worth.equity <== equity;
  worth.short_charge <== short_charge;
  worth.naked_charge <== naked_charge;
  worth.total <== book.total;
  worth.negative <== book.negative;
  claim.equity <== worth.out + vault_balance;
  claim.requirement <== tail.out + group_levels + rolls.out + radius_charge + constant;
  claim.unit <== unit;
  claim.ratio_bps <== ratio_bps;
}
