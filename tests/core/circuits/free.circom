pragma circom 2.1.6;

// `choice` is boolean, but nothing says which: an under-constrained circuit.
template Free() {
    signal input in;
    signal output out;
    signal choice;
    choice <-- in & 1;
    choice * (choice - 1) === 0;
    out <== in * choice;
}

component main = Free();
