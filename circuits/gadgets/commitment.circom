pragma circom 2.2.0;

include "poseidon.circom";
include "positions.circom";

// Commitment(N): the sponge over one account's words and salt, opened by the listing hash.
//
// Assumes words below 2^240 that Positions(N) packed, so that equal commitments mean equal positions (Poseidon is
// collision resistant, the word count is fixed). The salt is any field element: it only blinds.
template Commitment(N) {
  var W = word_count(N);
  var RATE = 15;
  var BLOCKS = (W + 1 + RATE - 1) \ RATE;
  signal input listing_hash;    // public field element: the first state
  signal input word[W];         // packed positions, [0, 2^240)
  signal input salt;            // private field element
  signal output out;            // the commitment, a field element
  component hash[BLOCKS];

  for (var k = 0; k < BLOCKS; k++) {
    hash[k] = Poseidon(RATE + 1);
    if (k == 0) {
      hash[k].in[0] <== listing_hash;
    } else {
      hash[k].in[0] <== hash[k - 1].out;
    }
    for (var j = 0; j < RATE; j++) {
      var at = k * RATE + j;
      if (at < W) {
        hash[k].in[j + 1] <== word[at];
      } else if (at == W) {
        hash[k].in[j + 1] <== salt;
      } else {
        hash[k].in[j + 1] <== 0;
      }
    }
  }
  out <== hash[BLOCKS - 1].out;
}
