//! Checking a witness against every constraint.

use crate::error::{demand, Error, Result};
use crate::formats::r1cs::{evaluate, R1cs, ONE};
use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use rayon::prelude::*;

/// Rows a task checks; a few milliseconds' worth would leave cores idle.
const ROWS: usize = 1024;

/// The index of the first violated constraint, as an error.
pub fn first_violation(r1cs: &R1cs, witness: &[Fr]) -> Result<()> {
    demand(witness.len() == r1cs.n_wires, "the witness has not one value for each wire")?;
    let rows = (0..r1cs.n_constraints()).into_par_iter().with_min_len(ROWS);
    let violated = rows.find_first(|row| is_violated(r1cs, witness, *row));
    violated.map_or(Ok(()), |row| Err(Error::Constraint(row)))
}

/// All violated constraints, ascending.
pub fn violations(r1cs: &R1cs, witness: &[Fr]) -> Result<Vec<usize>> {
    demand(witness.len() == r1cs.n_wires, "the witness has not one value for each wire")?;
    let rows = (0..r1cs.n_constraints()).into_par_iter().with_min_len(ROWS);
    Ok(rows.filter(|row| is_violated(r1cs, witness, *row)).collect())
}

fn is_violated(r1cs: &R1cs, witness: &[Fr], row: usize) -> bool {
    let (a, b, c) = (r1cs.a.row(row), r1cs.b.row(row), r1cs.c.row(row));
    // Most rows are those of bits, w * w = w.
    if let ([a], [b], [c]) = (a, b, c) {
        let is_bit = (a.coef, b.coef, c.coef) == (ONE, ONE, ONE);
        if is_bit && a.wire == b.wire && a.wire == c.wire {
            let value = &witness[a.wire as usize];
            return !(value.is_zero() || *value == Fr::ONE);
        }
    }
    let value = |terms| evaluate(terms, r1cs.coefs.values(), witness);
    let b = value(b);
    let a = if b.is_zero() { b } else { value(a) };
    let product = if a.is_zero() { a } else { a * b };
    product != value(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::r1cs::{Coefs, Matrix, Term};
    use proptest::prelude::*;

    type Lc = Vec<(u32, i64)>;

    fn system(rows: &[[Lc; 3]], n_wires: usize) -> R1cs {
        let mut coefs = Coefs::default();
        let mut matrices = [Matrix::default(), Matrix::default(), Matrix::default()];
        for row in rows {
            for (matrix, lc) in matrices.iter_mut().zip(row) {
                let term = |(wire, value): &(u32, i64)| Term {
                    wire: *wire,
                    coef: coefs.intern(Fr::from(*value)),
                };
                matrix.push(&lc.iter().map(term).collect::<Vec<_>>());
            }
        }
        let [a, b, c] = matrices;
        R1cs {
            n_wires,
            n_outputs: 0,
            n_public_inputs: 0,
            n_private_inputs: n_wires - 1,
            a,
            b,
            c,
            coefs,
            hash: [0; 32],
        }
    }

    fn plainly(rows: &[[Lc; 3]], wires: &[i64]) -> Vec<usize> {
        let value = |lc: &Lc| lc.iter().map(|(wire, c)| c * wires[*wire as usize]).sum::<i64>();
        let holds = |[a, b, c]: &[Lc; 3]| value(a) * value(b) == value(c);
        (0..rows.len()).filter(|row| !holds(&rows[*row])).collect()
    }

    fn lc() -> impl Strategy<Value = Lc> {
        let coef = prop::sample::select(vec![-3i64, -1, -1, 0, 0, 1, 1, 5]);
        let coefs = prop::collection::vec(coef, 4);
        coefs.prop_map(|coefs| (0..).zip(coefs).filter(|(_, coef)| *coef != 0).collect())
    }

    /// Rows of bits, and rows that differ from them a little.
    fn of_bits() -> impl Strategy<Value = [Lc; 3]> {
        let sign = prop::sample::select(vec![-1i64, 1, 1, 1, 2]);
        let term = (prop::sample::select(vec![0u32, 1, 2, 2, 2, 3]), sign);
        (term.clone(), term.clone(), term, lc(), 0..3).prop_map(|(a, b, c, other, more)| {
            [vec![a], vec![b], if more == 0 { other } else { vec![c] }]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn violations_are_those_of_plain_integers(
            rows in prop::collection::vec(prop_oneof![[lc(), lc(), lc()], of_bits()], 1..12),
            wires in prop::collection::vec(prop::sample::select(vec![-1i64, 0, 0, 1, 1, 2]), 3),
        ) {
            let wires = [&[1], &wires[..]].concat();
            let witness: Vec<Fr> = wires.iter().map(|value| Fr::from(*value)).collect();
            let r1cs = system(&rows, wires.len());
            let expected = plainly(&rows, &wires);
            prop_assert_eq!(&violations(&r1cs, &witness).unwrap(), &expected);
            prop_assert_eq!(first_violation(&r1cs, &witness).is_err(), !expected.is_empty());
        }
    }
}
