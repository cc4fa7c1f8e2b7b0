//! The rows of a key below its constraints: `wire * 0 = 0` for public wires.
//!
//! With A_j the polynomial of wire j in matrix A, these rows see to it that the A_j of public wires are linearly
//! independent, and that no combination of them is one of the other wires' A_j. Where that holds, nobody turns a
//! proof of one statement into one of another without knowing a witness of it (Baghery, Kohlweiss, Siim and
//! Volkhov, "Another look at extraction and randomization of Groth's zk-SNARK", 2020, theorem 1).
//!
//! It holds as soon as every public wire is the only term of some row of A, whatever stands in B and C there: in
//! a combination that is zero, that row makes the wire's factor zero. snarkjs adds a row for each; one that is
//! alone in a constraint's row of A needs none.

use crate::formats::r1cs::R1cs;
use ark_ff::Zero;

/// Which public wires have a row of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicRows {
    /// The constant and all public wires, as in keys of snarkjs.
    All,
    /// The constant, and public wires that are not the only term of a constraint's row of A.
    Needed,
}

impl PublicRows {
    /// The wires in the order of their rows.
    pub fn wires(self, r1cs: &R1cs) -> Vec<u32> {
        let mut needed = vec![true; r1cs.n_public() + 1];
        if self == Self::Needed {
            for row in 0..r1cs.n_constraints() {
                let [only] = r1cs.a.row(row) else { continue };
                let alone = only.wire != 0 && !r1cs.coefs.get(only.coef).is_zero();
                if let Some(needed) = needed.get_mut(only.wire as usize).filter(|_| alone) {
                    *needed = false;
                }
            }
        }
        (0..).zip(needed).filter(|(_, needed)| *needed).map(|(wire, _)| wire).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::r1cs::{Matrix, Term, MINUS_ONE, ONE};
    use crate::prove::random_system;

    #[test]
    fn wires_alone_in_a_row_of_a_need_no_row_of_their_own() {
        let (mut r1cs, _) = random_system(4, 1);
        (r1cs.n_public_inputs, r1cs.n_outputs) = (5, 1);
        let row = |wires: &[u32]| -> Vec<Term> {
            wires
                .iter()
                .map(|wire| Term { wire: *wire, coef: [ONE, MINUS_ONE][*wire as usize % 2] })
                .collect()
        };
        // Alone in A: 0, 2, 3, and 9, which is private. In B or C only: 5. With another: 1 and 4. Nowhere: 6.
        (r1cs.a, r1cs.b, r1cs.c) = Default::default();
        for (a, b, c) in [
            (row(&[2]), row(&[5]), row(&[8])),
            (row(&[0]), row(&[]), row(&[5])),
            (row(&[1, 4]), row(&[1]), row(&[7])),
            (row(&[4, 9]), row(&[7]), row(&[5])),
            (row(&[9]), row(&[2]), row(&[])),
            (row(&[3]), row(&[3]), row(&[3])),
        ] {
            let push = |matrix: &mut Matrix, row: Vec<Term>| matrix.push(&row);
            push(&mut r1cs.a, a);
            push(&mut r1cs.b, b);
            push(&mut r1cs.c, c);
        }
        assert_eq!(PublicRows::All.wires(&r1cs), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(PublicRows::Needed.wires(&r1cs), [0, 1, 4, 5, 6]);
    }
}
