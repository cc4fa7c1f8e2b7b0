pragma circom 2.2.0;

include "../conservation.circom";

// 128 places in all: the tiers portfolio and matrix.
component main {public [
  listing_old, listing_new, keep, cash, accrual, sign, parts, next_salt, amount, old, traded, new, context
]} = Conservation(128);
