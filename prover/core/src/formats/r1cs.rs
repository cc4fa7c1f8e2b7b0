//! .r1cs: circom's constraint system, read into three sparse matrices with shared coefficients.

use crate::error::{damaged, demand, Result};
use crate::field::{from_le, modulus_le, ELEMENT};
use crate::formats::container::{sections, Cursor};
use crate::sum::Sum;
use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::ops::Range;

/// `coefficient * wire`; the coefficient is an index into the system's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    pub wire: u32,
    pub coef: u32,
}

/// The distinct coefficients. Index 0 is 1 and index 1 is -1, so both are cheap to recognise.
#[derive(Clone, Debug)]
pub struct Coefs {
    values: Vec<Fr>,
    index: HashMap<Fr, u32>,
}

pub const ONE: u32 = 0;
pub const MINUS_ONE: u32 = 1;

impl Default for Coefs {
    fn default() -> Self {
        let mut table = Self { values: Vec::new(), index: HashMap::new() };
        table.intern(Fr::ONE);
        table.intern(-Fr::ONE);
        table
    }
}

impl Coefs {
    pub fn intern(&mut self, value: Fr) -> u32 {
        let next = self.values.len() as u32;
        let index = *self.index.entry(value).or_insert(next);
        if index == next {
            self.values.push(value);
        }
        index
    }

    pub fn values(&self) -> &[Fr] {
        &self.values
    }

    pub fn get(&self, index: u32) -> Fr {
        self.values[index as usize]
    }
}

/// Rows of terms, one row a constraint; in a row wires ascend and no coefficient is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    ends: Vec<u32>,
    terms: Vec<Term>,
}

impl Matrix {
    pub fn push(&mut self, row: &[Term]) {
        self.terms.extend_from_slice(row);
        self.ends.push(self.terms.len() as u32);
    }

    pub fn row(&self, index: usize) -> &[Term] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.terms[start..self.ends[index] as usize]
    }

    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    pub fn terms(&self) -> usize {
        self.terms.len()
    }

    /// Where each row ends in [`Self::all_terms`].
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    pub fn all_terms(&self) -> &[Term] {
        &self.terms
    }

    /// Refuses row ends that do not ascend to the number of terms.
    pub fn from_parts(ends: Vec<u32>, terms: Vec<Term>) -> Result<Self> {
        demand(
            ends.is_sorted() && ends.last().map_or(0, |end| *end as usize) == terms.len(),
            "the matrix's rows do not end where its terms do",
        )?;
        Ok(Self { ends, terms })
    }

    /// Appends empty rows up to `rows`.
    pub fn pad(&mut self, rows: usize) {
        self.ends.resize(rows.max(self.ends.len()), self.terms.len() as u32);
    }
}

/// A constraint system: row i demands `a_i(w) * b_i(w) = c_i(w)`.
///
/// Wires: 0 is the constant 1, then outputs, public inputs, private inputs, inner wires.
#[derive(Clone, Debug)]
pub struct R1cs {
    pub n_wires: usize,
    pub n_outputs: usize,
    pub n_public_inputs: usize,
    pub n_private_inputs: usize,
    pub a: Matrix,
    pub b: Matrix,
    pub c: Matrix,
    pub coefs: Coefs,
    /// SHA-256 of the file.
    pub hash: [u8; 32],
}

impl R1cs {
    /// Public wires without the constant: outputs and public inputs.
    pub fn n_public(&self) -> usize {
        self.n_outputs + self.n_public_inputs
    }

    /// The wires that a caller gives: public inputs, then private inputs.
    pub fn input_wires(&self) -> Range<usize> {
        let first = 1 + self.n_outputs;
        first..first + self.n_public_inputs + self.n_private_inputs
    }

    pub fn n_constraints(&self) -> usize {
        self.a.rows()
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        // Every term takes 36 bytes of the file, so this bounds terms, rows and wires to 32 bits.
        demand(bytes.len() < 1 << 36, "the constraint file is too large")?;
        let parts = sections(bytes, b"r1cs", &[1])?;
        let mut header = parts.get(1)?;
        demand(header.u32()? == ELEMENT as u32, "the constraints are not over a 32-byte field")?;
        demand(header.take(ELEMENT)? == modulus_le::<Fr>(), "the constraints are not over BN254")?;
        let n_wires = header.count()?;
        let n_outputs = header.count()?;
        let n_public_inputs = header.count()?;
        let n_private_inputs = header.count()?;
        let _labels = header.u64()?;
        let n_constraints = header.count()?;
        header.finish()?;
        let given = [1, n_outputs, n_public_inputs, n_private_inputs];
        let given = given.iter().try_fold(0usize, |sum, n| sum.checked_add(*n));
        demand(
            given.is_some_and(|given| given <= n_wires),
            "the constraint file announces more inputs than wires",
        )?;
        // circom writes each wire's label, so a wire count beyond the label section is damage.
        demand(
            parts.get(3)?.remaining() == n_wires * 8,
            "the label section does not hold one label for each wire",
        )?;
        for custom in [4, 5] {
            if let Ok(section) = parts.get(custom) {
                demand(section.remaining() <= 4, "custom gates are not supported")?;
            }
        }

        let mut body = parts.get(2)?;
        body.expect_items(n_constraints, 12)?;
        let mut coefs = Coefs::default();
        let mut matrices = [Matrix::default(), Matrix::default(), Matrix::default()];
        let mut row = Vec::new();
        for _ in 0..n_constraints {
            for matrix in &mut matrices {
                read_row(&mut body, n_wires, &mut coefs, &mut row)?;
                matrix.push(&row);
            }
        }
        body.finish()?;
        let [a, b, c] = matrices;
        Ok(Self {
            n_wires,
            n_outputs,
            n_public_inputs,
            n_private_inputs,
            a,
            b,
            c,
            coefs,
            hash: Sha256::digest(bytes).into(),
        })
    }
}

/// Reads one linear combination into `row`, merging repeated wires and dropping zeros.
fn read_row(
    body: &mut Cursor<'_>,
    n_wires: usize,
    coefs: &mut Coefs,
    row: &mut Vec<Term>,
) -> Result<()> {
    let count = body.count()?;
    body.expect_items(count, 4 + ELEMENT)?;
    row.clear();
    for _ in 0..count {
        let wire = body.u32()?;
        demand((wire as usize) < n_wires, "a constraint names a wire that does not exist")?;
        let Some(value) = from_le::<Fr>(body.take(ELEMENT)?) else {
            return damaged("a constraint has a coefficient that is not below the modulus");
        };
        if !value.is_zero() {
            row.push(Term { wire, coef: coefs.intern(value) });
        }
    }
    if !row.windows(2).all(|pair| pair[0].wire < pair[1].wire) {
        merge_repeats(coefs, row);
    }
    Ok(())
}

fn merge_repeats(coefs: &mut Coefs, row: &mut Vec<Term>) {
    row.sort_by_key(|term| term.wire);
    let mut merged: Vec<(u32, Fr)> = Vec::with_capacity(row.len());
    for term in row.iter() {
        let value = coefs.get(term.coef);
        match merged.last_mut() {
            Some((wire, sum)) if *wire == term.wire => *sum += value,
            _ => merged.push((term.wire, value)),
        }
    }
    merged.retain(|(_, value)| !value.is_zero());
    row.clear();
    row.extend(merged.into_iter().map(|(wire, value)| Term { wire, coef: coefs.intern(value) }));
}

/// Evaluates a row at a witness. Wires of 0 and 1 and coefficients of 1 and -1 cost no product.
#[inline]
pub fn evaluate(row: &[Term], coefs: &[Fr], wires: &[Fr]) -> Fr {
    if let [Term { wire, coef: ONE }] = row {
        return wires[*wire as usize];
    }
    let mut sum = Sum::default();
    for term in row {
        let wire = &wires[term.wire as usize];
        if wire.is_zero() {
            continue;
        }
        match term.coef {
            ONE => sum += wire,
            MINUS_ONE => sum -= wire,
            coef if *wire == Fr::ONE => sum += &coefs[coef as usize],
            coef => sum.add_product(&coefs[coef as usize], wire),
        }
    }
    sum.value()
}
