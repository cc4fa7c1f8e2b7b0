pragma circom 2.2.0;

include "../conservation.circom";

// 64 places of one group: the tier grid.
component main {public [
  listing_old, listing_new, keep, cash, accrual, sign, parts, next_salt, amount, old, traded, new, context
]} = Conservation(64);
