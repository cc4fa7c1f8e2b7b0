pragma circom 2.1.6;

// 254 bits: values below 2^254 - r have two readings, so the bits are not determined.
template Wide(W) {
    signal input in;
    signal output low;
    signal bits[W];
    var sum = 0;
    for (var i = 0; i < W; i++) {
        bits[i] <-- (in >> i) & 1;
        bits[i] * (bits[i] - 1) === 0;
        sum += bits[i] * (1 << i);
    }
    sum === in;
    low <== bits[0] * bits[1];
}

component main = Wide(254);
