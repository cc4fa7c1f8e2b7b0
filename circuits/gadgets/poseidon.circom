pragma circom 2.2.0;

include "poseidon_constants.circom";

// Poseidon(n): hash of n field elements, capacity element 0 first, first element of the last state out.
//
// Assumes nothing of its inputs: every field element is a valid input, all arithmetic is meant modulo r.
// Complete and sound: each S-box x^5 is three products; everything between two S-boxes is linear and written as an
// expression, not as signals. So each row adds exactly one wire, which the earlier wires determine.
template Poseidon(n) {
  var t = n + 1;
  var FULL = 8;
  var PARTIAL = poseidon_partial_rounds(t);
  var BOXES = FULL * t + PARTIAL;
  var constant[(FULL + PARTIAL) * t] = poseidon_round_constants(t);
  var matrix[t * t] = poseidon_matrix(t);

  signal input in[n];      // message, any field elements
  signal output out;       // the hash, a field element
  signal square[BOXES];    // x^2 of each S-box in the order of evaluation
  signal cube[BOXES];      // x^3
  signal fifth[BOXES];     // x^5

  var state[t];
  state[0] = 0;
  for (var i = 0; i < n; i++) {
    state[i + 1] = in[i];
  }
  var box = 0;
  for (var round = 0; round < FULL + PARTIAL; round++) {
    for (var i = 0; i < t; i++) {
      state[i] += constant[round * t + i];
    }
    var boxes = t;
    if (round >= FULL / 2 && round < FULL / 2 + PARTIAL) {
      boxes = 1;
    }
    for (var i = 0; i < boxes; i++) {
      square[box] <== state[i] * state[i];
      cube[box] <== square[box] * state[i];
      fifth[box] <== cube[box] * square[box];
      state[i] = fifth[box];
      box++;
    }
    var mixed[t];
    for (var i = 0; i < t; i++) {
      mixed[i] = 0;
      for (var j = 0; j < t; j++) {
        mixed[i] += matrix[i * t + j] * state[j];
      }
    }
    for (var i = 0; i < t; i++) {
      state[i] = mixed[i];
    }
  }
  out <== state[0];
}
