pragma circom 2.1.6;

// A substitution-permutation network whose linear layers are signals: --O2 folds them into dense rows in which no
// single wire is known, so that only elimination solves them. Rounds in the middle substitute one lane.
template Power5() {
    signal input in;
    signal output out;
    signal square;
    signal fourth;
    square <== in * in;
    fourth <== square * square;
    out <== fourth * in;
}

template Mixing(T, FULL, PARTIAL) {
    signal input in[T];
    signal output out;
    var ROUNDS = 2 * FULL + PARTIAL;
    signal state[ROUNDS + 1][T];
    signal boxed[ROUNDS][T];
    component power[ROUNDS][T];
    for (var i = 0; i < T; i++) { state[0][i] <== in[i] + i; }
    for (var r = 0; r < ROUNDS; r++) {
        for (var i = 0; i < T; i++) {
            if (i == 0 || r < FULL || r >= FULL + PARTIAL) {
                power[r][i] = Power5();
                power[r][i].in <== state[r][i] + 17 * r + i;
                boxed[r][i] <== power[r][i].out;
            } else {
                boxed[r][i] <== state[r][i] + 3 * r;
            }
        }
        for (var i = 0; i < T; i++) {
            var acc = 0;
            for (var j = 0; j < T; j++) { acc += boxed[r][j] * ((i + 2) ** j + 5 * i + 1); }
            state[r + 1][i] <== acc;
        }
    }
    out <== state[ROUNDS][0];
}

component main = Mixing(5, 2, 9);
