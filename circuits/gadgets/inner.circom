pragma circom 2.2.0;

// Inner(n): sum of coefficient times value.
//
// Nothing is checked here: the caller's bounds must keep the exact sum inside (-r/2, r/2). The private value stands
// on the B side of each product: one vector is used by many sums, and so has few points in G2.
template Inner(n) {
  signal input coefficient[n];   // public: bounded by admission, as the caller says
  signal input value[n];         // private: bounded by the caller's range checks
  signal output out;             // their inner product
  signal product[n];             // coefficient * value, each

  var sum = 0;
  for (var i = 0; i < n; i++) {
    product[i] <== coefficient[i] * value[i];
    sum += product[i];
  }
  out <== sum;
}
