pragma circom 2.1.6;

template Bits(W) {
    signal input in;
    signal output out[W];
    var sum = 0;
    for (var i = 0; i < W; i++) {
        out[i] <-- (in >> i) & 1;
        out[i] * (out[i] - 1) === 0;
        sum += out[i] * (1 << i);
    }
    sum === in;
}

// max(0, -in) for |in| < 2^W: --O2 folds one bit of the decomposition into its boolean row.
template Short(W) {
    signal input in;
    signal output out;
    component bits = Bits(W + 1);
    bits.in <== in + (1 << W);
    out <== (bits.out[W] - 1) * in;
}

template Comparator(N) {
    signal input limit;
    signal input x[N];
    signal output total;
    component short[N];
    var sum = 0;
    for (var i = 0; i < N; i++) {
        short[i] = Short(40);
        short[i].in <== x[i];
        sum += short[i].out;
    }
    component fits = Bits(48);
    fits.in <== limit - sum;
    total <== sum;
}

component main {public [limit]} = Comparator(4);
