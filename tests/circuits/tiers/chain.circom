pragma circom 2.2.0;

include "../../../circuits/gadgets/commitment.circom";

// A commitment of two blocks: 15 words and the salt.
component main {public [listing_hash]} = Commitment(75);
