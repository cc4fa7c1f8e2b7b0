pragma circom 2.2.0;

include "gadgets/widths.circom";
include "gadgets/positions.circom";
include "gadgets/commitment.circom";
include "gadgets/pairs.circom";
include "gadgets/floor.circom";
include "gadgets/tail.circom";
include "gadgets/worth.circom";
include "gadgets/claim.circom";

// Wide: the statement of docs/statement.md for a tier of many places and few units.
//
// One account; G groups of I slots; S scenarios, read in pairs (Pairs), weighted by one gain for
// all groups. There are no mark weights, naked pairs, roll, ellipsoid, hinges and envelope. What margin.circom says of its inputs holds here.
// Marks stand in no constraint: admission needs them, and the prepared point binds them as it binds blind.
template Wide(G, I, S) {
  var A = 1;
  var N = G * I;
  var R = S + 1;
  assert(N <= 2048);
  assert(S < 1024);

  // The program, public and prepared.
  signal input listing_hash;              // field element: fixes slot, instrument, lot and money unit
  signal input blind;                     // field element: hides a private program's point; free
  signal input constant;                  // money/unit, [0, 2^150)
  signal input offset[S];                 // money/W, |.| < 2^127
  signal input floor_linear[N];           // money/W per lot, |.| < 2^73
  signal input floor_short[N];            // money/W per lot, |.| < 2^73
  signal input floor_net[1][N];           // money/W per lot, |.| < 2^73
  signal input equity[N];                 // money per lot, |.| < 2^50
  signal input short_charge[N];           // money per lot, [0, 2^50)
  signal input risk_array[G][S \ 2][I];   // pairs of money per lot, |.| <= B39 each
  signal input mark[N];                   // money per lot, |.| <= B39; for admission only
  signal input gain[1][S];                // 1/W, |.| < 2^34: one for all groups
  signal input tau[2];                    // 1/T, [0, 2^32); 0: tail not in use
  signal input weight[R];                 // 1/T, [0, 2^32); 0: row not in use
  signal input unit;                      // W * T, [1, 2^32)
  signal input waivers[2];                // rows of each tail that may be waived, [0, 2^10)
  signal input member[R];                 // the tail a row is in, 0 or 1
  signal input waivable[S];               // the row may be waived, 0 or 1

  // Live, public.
  signal input ratio_bps;                 // one of the published bands
  signal input vault_balance;             // money, [0, 2^90)
  signal input commitment[A];             // field element
  signal input context;                   // field element: the one action that the proof serves

  // Private.
  signal input x[A][N];                   // positions, lots, [-2^47, 2^47)
  signal input salt[A];                   // field element
  signal input t[2];                      // levels of the tails, money/W, |.| < 2^139 by the rows
  signal input waived[S];                 // rows that are waived, 0 or 1

  signal context_square;                  // context^2, a field element that nothing else uses

  component book = Book(A, N);
  component opening[A];
  component pairs = Pairs(G, I, S);
  component floor = Floor(A, N, 1);
  component tail = Tail(wide_tail_width(), S, R);
  component worth = Charged(N);
  component claim = Claim(A, N);

  context_square <== context * context;

  // Positions and what they are committed to.
  book.x <== x;
  opening[0] = Commitment(N);
  opening[0].listing_hash <== listing_hash;
  opening[0].word <== book.word[0];
  opening[0].salt <== salt[0];
  commitment[0] === opening[0].out;

  // Rows: scenarios, floor.
  pairs.risk_array <== risk_array;
  pairs.total <== book.total;
  pairs.gain <== gain[0];
  for (var s = 0; s < S; s++) {
    tail.z[s] <== offset[s] + pairs.gained[s];
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

  // Equity against the requirement.
  worth.equity <== equity;
  worth.short_charge <== short_charge;
  worth.total <== book.total;
  worth.negative <== book.negative;
  claim.equity <== worth.out + vault_balance;
  claim.requirement <== tail.out + constant;
  claim.unit <== unit;
  claim.ratio_bps <== ratio_bps;
}
