pragma circom 2.2.0;

// Sided(n): sum of positions times a price that differs by side: base where long, base + tilt where short.
//
// Nothing is checked here: negative[i] must be the sign bit of value[i], and the caller's bounds must keep the exact
// sum inside (-r/2, r/2). So a charge c on max(0, -X) is tilt = c: c * X where X is negative.
template Sided(n) {
  signal input base[n];        // per lot, bounded by the caller
  signal input tilt[n];        // per lot, added where the position is short, bounded by the caller
  signal input value[n];       // X, lots
  signal input negative[n];    // 1 where X < 0, else 0
  signal output out;           // sum of X * (base + tilt * negative)
  signal tilted[n];            // tilt * negative, per lot
  signal product[n];           // X * (base + tilted)

  var sum = 0;
  for (var i = 0; i < n; i++) {
    tilted[i] <== tilt[i] * negative[i];
    product[i] <== (base[i] + tilted[i]) * value[i];
    sum += product[i];
  }
  out <== sum;
}
