//! Checking a witness against every constraint.

use crate::error::{demand, Error, Result};
use crate::formats::r1cs::{evaluate, R1cs};
use ark_bn254::Fr;
use ark_ff::Zero;
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
    let value = |terms| evaluate(terms, r1cs.coefs.values(), witness);
    // Most rows are those of bits, and most bits are zero.
    let a = value(r1cs.a.row(row));
    let product = if a.is_zero() { a } else { a * value(r1cs.b.row(row)) };
    product != value(r1cs.c.row(row))
}
