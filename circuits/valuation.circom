pragma circom 2.2.0;

include "gadgets/positions.circom";
include "gadgets/commitment.circom";
include "gadgets/band.circom";

// Valuation: a committed book at an epoch's marks, shown or inside a band (docs/clearing.md, part 4). N places.
//
// Public inputs are assumed to be as the contract makes or checks them: the listing hash and the marks of an admitted
// epoch (|mark| <= B39), revealed 0 or 1, band_bps in [0, 10^4]. Positions are range-checked, so |V| <= N * B39 * 2^47 is
// the integer it is, and a value shown can be no other. The largest sum is below 2^115, in Band;
// tests/circuits/test_bounds.py computes it.
//
// Public inputs are declared in the order of ValuationLayout.sections, then the live ones. context stands in one
// constraint, which binds a proof to it.
template Valuation(N) {
  assert(N <= 256);

  // The marks, public and prepared.
  signal input listing_hash;     // field element: fixes instrument, lot and money unit
  signal input mark[N];          // money per lot, |.| <= B39

  // Live, public.
  signal input revealed;         // 1: value is the book's; 0: value is 0, and the book's stays hidden
  signal input band_bps;         // [0, 10^4]
  signal input value;            // money, |.| < N * 2^86
  signal input commitment;       // field element
  signal input context;          // field element: the one action that the proof serves

  // Private.
  signal input x[N];             // positions, lots, [-2^47, 2^47)
  signal input salt;             // field element
  signal input size[N];          // |mark * x|, money, [0, 2^86)

  signal context_square;         // context^2, a field element that nothing else uses
  signal leg[N];                 // mark * x, money, |.| < 2^86
  component positions = Positions(N);
  component opening = Commitment(N);
  component band = Band(N);

  context_square <== context * context;
  positions.position <== x;
  opening.listing_hash <== listing_hash;
  opening.word <== positions.word;
  opening.salt <== salt;
  commitment === opening.out;

  var total = 0;
  for (var i = 0; i < N; i++) {
    leg[i] <== mark[i] * x[i];
    total += leg[i];
  }
  value === revealed * total;

  // What is not shown stands in the band: nothing where the value is shown, all of V where it is not.
  band.leg <== leg;
  band.size <== size;
  band.value <== total - value;
  band.band_bps <== band_bps;
}
