pragma circom 2.1.6;

// Outputs, public and private inputs in one small circuit.
template Product() {
    signal input scale;
    signal input left;
    signal input right;
    signal output out;
    signal output square;
    signal inner;
    inner <== left * right;
    out <== inner * scale + left;
    square <== inner * inner;
}

component main {public [scale]} = Product();
