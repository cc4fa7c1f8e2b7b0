pragma circom 2.2.0;

include "../../../circuits/conservation.circom";

// Eight places, small enough to compile in seconds.
component main {public [
  listing_old, listing_new, keep, cash, accrual, sign, parts, next_salt, amount, old, traded, new, context
]} = Conservation(8);
