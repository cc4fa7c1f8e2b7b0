pragma circom 2.2.0;

// Bits(n): the n bits of `in`, lowest first; no witness exists unless 0 <= in < 2^n.
//
// Assumes nothing of `in`. Unique: n <= 253, so the sum of bits is below 2^253 < r and no other bit string gives
// the same field element.
template Bits(n) {
  assert(n <= 253);
  signal input in;         // any field element
  signal output out[n];    // its bits, each 0 or 1

  var sum = 0;
  for (var i = 0; i < n; i++) {
    out[i] <-- (in >> i) & 1;
    out[i] * out[i] === out[i];
    sum += out[i] * (1 << i);
  }
  sum === in;
}

// Range(n): no witness exists unless 0 <= in < 2^n. Assumes and guarantees what Bits(n) does.
template Range(n) {
  signal input in;         // any field element
  component bits = Bits(n);
  bits.in <== in;
}
