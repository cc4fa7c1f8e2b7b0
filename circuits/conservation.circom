pragma circom 2.2.0;

include "gadgets/opened.circom";
include "gadgets/accrued.circom";
include "gadgets/tranche.circom";

// Conservation: a book moves along a span and takes in a trade (docs/clearing.md, part 3). N places.
//
// Public inputs are assumed to be as the contract makes or checks them: listings, keep, cash and accrual of a span of its
// own steps (keep in {0, 1}, cash 1 at one place, |accrual| < 2^63), sign 1 or -1, parts in 0..4, next_salt in {0, 1},
// |amount| < 2^47. Private positions are range-checked in Opened, the new ones too; accrued in Accrued; the zero bits in
// Opened; a salt is any field element. So a new position is checked as the integer it is: away from the cash place
// |keep x + sign y| <= 2^48, at the cash place |.| <= 2^48 + 2^47 + 2^49. The largest sum is below 2^119, in Accrued;
// tests/circuits/test_bounds.py computes it.
//
// Public inputs are declared in the order of ConservationLayout.sections, then the live ones. context stands in one
// constraint, which binds a proof to it.
template Conservation(N) {
  assert(N <= 256);

  // The span, public and prepared.
  signal input listing_old;      // field element: fixes the instrument and lot of x
  signal input listing_new;      // field element: fixes the instrument and lot of y and of the new positions
  signal input keep[N];          // 1: positions stay; 0: they are settled
  signal input cash[N];          // 1 at the cash place, else 0
  signal input accrual[N];       // cash lots * 2^32 per lot, |.| < 2^63

  // Live, public.
  signal input sign;             // 1, or -1 where the trade is given away
  signal input parts;            // 0, or n where the trade is the n-th part of the old book, 0..4
  signal input next_salt;        // 1 where the new book's salt is the old one's plus 1, else 0
  signal input amount;           // cash lots into the book, |.| < 2^47
  signal input old;              // commitment, field element
  signal input traded;           // commitment, field element
  signal input new;              // commitment, field element
  signal input context;          // field element: the one action that the proof serves

  // Private.
  signal input x[N];             // old positions, lots, [-2^47, 2^47)
  signal input y[N];             // traded positions, lots, [-2^47, 2^47)
  signal input salt_old;         // field elements
  signal input salt_traded;
  signal input salt_new;
  signal input zero_old;         // 1 where the book is the zero book, 0 or 1
  signal input zero_traded;
  signal input zero_new;
  signal input accrued;          // cash lots that x accrued along the span, [-2^49, 2^49)

  signal context_square;         // context^2, a field element that nothing else uses
  signal kept[N];                // keep * x, lots, |.| <= 2^47
  signal taken[N];               // sign * y, lots, |.| <= 2^47
  signal paid[N];                // cash * (amount + accrued), lots, |.| < 2^50
  component before = Opened(N);
  component trade = Opened(N);
  component after = Opened(N);
  component accruing = Accrued(N);
  component tranche = Tranche(N);

  context_square <== context * context;

  // The old book and the trade.
  before.listing_hash <== listing_old;
  before.position <== x;
  before.salt <== salt_old;
  before.zero <== zero_old;
  old === before.commitment;
  trade.listing_hash <== listing_new;
  trade.position <== y;
  trade.salt <== salt_traded;
  trade.zero <== zero_traded;
  traded === trade.commitment;
  tranche.parts <== parts;
  tranche.whole <== x;
  tranche.part <== y;

  // What the old book accrued.
  accruing.accrual <== accrual;
  accruing.position <== x;
  accruing.accrued <== accrued;

  // The new book.
  for (var i = 0; i < N; i++) {
    kept[i] <== keep[i] * x[i];
    taken[i] <== sign * y[i];
    paid[i] <== cash[i] * (amount + accrued);
    after.position[i] <== kept[i] + taken[i] + paid[i];
  }
  after.listing_hash <== listing_new;
  after.salt <== salt_new;
  after.zero <== zero_new;
  new === after.commitment;
  next_salt * (salt_new - salt_old - 1) === 0;
}
