pragma circom 2.2.0;

include "bits.circom";
include "sign.circom";
include "widths.circom";

// Words that hold n positions, five in each.
function word_count(n) {
  return (n + 4) \ 5;
}

// Positions(N): range checks the positions of one account and packs them in words.
//
// Assumes nothing of its inputs. Canonical: each position is stored as b = x + 2^47 in 48 checked bits, five of them
// take 240 bits < r, so a word opens to one tuple of positions only. Missing places at the end count 0.
template Positions(N) {
  var PER = 5;
  signal input position[N];             // lots, checked to be in [-2^47, 2^47)
  signal output negative[N];            // 1 where the position is < 0, else 0
  signal output word[word_count(N)];    // sum of b * 2^(48 j) of five places, in [0, 2^240)
  component bits[N];

  var packed[word_count(N)];
  for (var i = 0; i < N; i++) {
    bits[i] = Bits(position_bits());
    bits[i].in <== position[i] + (1 << (position_bits() - 1));
    negative[i] <== 1 - bits[i].out[position_bits() - 1];
    packed[i \ PER] += bits[i].in * (1 << (position_bits() * (i % PER)));
  }
  for (var w = 0; w < word_count(N); w++) {
    word[w] <== packed[w];
  }
}

// Book(A, N): the positions of A accounts, their sum, and its sign.
//
// Assumes nothing of its inputs. A <= 2 checked 48-bit positions sum to |X| <= A * 2^47, far from the field's order.
// With one account the position's own top bit is the sign of X, which costs nothing.
template Book(A, N) {
  signal input x[A][N];                     // lots; checked to be in [-2^47, 2^47)
  signal output total[N];                   // X = sum over the accounts, |X| <= A * 2^47
  signal output negative[N];                // 1 where X < 0, else 0
  signal output word[A][word_count(N)];     // packed positions of each account
  component account[A];
  component sign[A > 1 ? N : 0];

  for (var a = 0; a < A; a++) {
    account[a] = Positions(N);
    account[a].position <== x[a];
    word[a] <== account[a].word;
  }
  for (var i = 0; i < N; i++) {
    var sum = 0;
    for (var a = 0; a < A; a++) {
      sum += x[a][i];
    }
    total[i] <== sum;
    if (A == 1) {
      negative[i] <== account[0].negative[i];
    } else {
      sign[i] = Sign(position_width(A));
      sign[i].in <== total[i];
      negative[i] <== sign[i].negative;
    }
  }
}
