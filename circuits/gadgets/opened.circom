pragma circom 2.2.0;

include "positions.circom";
include "commitment.circom";

// Opened(N): the commitment of one book of the clearing house, whose positions it range-checks.
//
// Assumes nothing of its inputs. commitment = 0 where `zero` is 1, and then every position is 0; else the sponge over the
// positions and the salt. Nobody knows a preimage of 0, so a book that holds a position cannot show the commitment 0.
template Opened(N) {
  signal input listing_hash;    // public field element: the listing that the book is committed under
  signal input position[N];     // lots, checked to be in [-2^47, 2^47)
  signal input salt;            // private field element
  signal input zero;            // private: 1 where the book is the zero book, checked to be 0 or 1
  signal output commitment;     // field element
  component places = Positions(N);
  component sponge = Commitment(N);

  zero * zero === zero;
  places.position <== position;
  for (var i = 0; i < N; i++) {
    zero * position[i] === 0;
  }
  sponge.listing_hash <== listing_hash;
  sponge.word <== places.word;
  sponge.salt <== salt;
  commitment <== (1 - zero) * sponge.out;
}
