//! Checking a witness against every constraint.

use crate::error::{demand, Error, Result};
use crate::formats::r1cs::{evaluate, R1cs};
use ark_bn254::Fr;
use rayon::prelude::*;

/// Rows a task checks; a few milliseconds' worth would leave cores idle.
const ROWS: usize = 1024;

/// The index of the first violated constraint, as an error.
pub fn first_violation(r1cs: &R1cs, witness: &[Fr]) -> Result<()> {
    demand(witness.len() == r1cs.n_wires, "the witness has not one value for each wire")?;
    let coefs = r1cs.coefs.values();
    let violated = (0..r1cs.n_constraints()).into_par_iter().with_min_len(ROWS).find_first(|row| {
        let c = evaluate(r1cs.c.row(*row), coefs, witness);
        evaluate(r1cs.a.row(*row), coefs, witness) * evaluate(r1cs.b.row(*row), coefs, witness) != c
    });
    violated.map_or(Ok(()), |row| Err(Error::Constraint(row)))
}
