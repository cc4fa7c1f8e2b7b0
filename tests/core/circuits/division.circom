pragma circom 2.1.6;

// `inverse` has one value because its product is 1; `ratio` has not where `under` may be zero.
template Division() {
    signal input over;
    signal input under;
    signal input unit;
    signal output inverse;
    signal output ratio;
    inverse <-- 1 / unit;
    inverse * unit === 1;
    ratio <-- over / under;
    ratio * under === over;
}

component main = Division();
