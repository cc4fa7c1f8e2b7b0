//! The small parts of a stored key as bytes.

use crate::error::{damaged, demand, Result};
use crate::field::{from_montgomery_le, to_montgomery_le, ELEMENT};
use crate::formats::container::{put_u32, Cursor};
use crate::formats::points::{
    g1_from_file, g1_to_file, g2_from_file, g2_to_file, G1_BYTES, G2_BYTES,
};
use crate::formats::r1cs::{Coefs, Matrix, R1cs, Term};
use crate::formats::zkey::VerifierPart;
use ark_bn254::{G1Affine, G2Affine};
use rayon::prelude::*;

pub fn put_words(out: &mut Vec<u8>, words: &[u32]) {
    put_u32(out, words.len());
    words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
}

pub fn take_words(cursor: &mut Cursor<'_>) -> Result<Vec<u32>> {
    let count = cursor.count()?;
    cursor.expect_items(count, 4)?;
    let (words, _) = cursor.take(4 * count)?.as_chunks::<4>();
    Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

pub fn take_hash(cursor: &mut Cursor<'_>) -> Result<[u8; 32]> {
    let mut hash = [0; 32];
    hash.copy_from_slice(cursor.take(32)?);
    Ok(hash)
}

fn put_g1(out: &mut Vec<u8>, points: &[G1Affine]) {
    put_u32(out, points.len());
    points.iter().for_each(|point| g1_to_file(out, point));
}

fn take_g1(cursor: &mut Cursor<'_>) -> Result<Vec<G1Affine>> {
    let count = cursor.count()?;
    cursor.expect_items(count, G1_BYTES)?;
    let points = cursor.take(G1_BYTES * count)?.par_chunks_exact(G1_BYTES).map(g1_from_file);
    points.collect::<Option<_>>().map_or_else(coordinate, Ok)
}

fn take_one_g1(cursor: &mut Cursor<'_>) -> Result<G1Affine> {
    g1_from_file(cursor.take(G1_BYTES)?).map_or_else(coordinate, Ok)
}

fn take_one_g2(cursor: &mut Cursor<'_>) -> Result<G2Affine> {
    g2_from_file(cursor.take(G2_BYTES)?).map_or_else(coordinate, Ok)
}

fn coordinate<T>() -> Result<T> {
    damaged("the stored key has a coordinate that is not below the modulus")
}

pub fn put_verifier(out: &mut Vec<u8>, part: &VerifierPart) {
    g1_to_file(out, &part.alpha1);
    [part.beta2, part.gamma2, part.delta2].iter().for_each(|point| g2_to_file(out, point));
    put_g1(out, &part.ic);
}

pub fn take_verifier(cursor: &mut Cursor<'_>) -> Result<VerifierPart> {
    Ok(VerifierPart {
        alpha1: take_one_g1(cursor)?,
        beta2: take_one_g2(cursor)?,
        gamma2: take_one_g2(cursor)?,
        delta2: take_one_g2(cursor)?,
        ic: take_g1(cursor)?,
    })
}

pub fn put_circuit(out: &mut Vec<u8>, r1cs: &R1cs) {
    out.extend_from_slice(&r1cs.hash);
    let counts = [r1cs.n_wires, r1cs.n_outputs, r1cs.n_public_inputs, r1cs.n_private_inputs];
    counts.iter().for_each(|count| put_u32(out, *count));
    put_u32(out, r1cs.coefs.values().len());
    for coef in r1cs.coefs.values() {
        out.extend_from_slice(&to_montgomery_le(coef));
    }
    for matrix in [&r1cs.a, &r1cs.b, &r1cs.c] {
        put_words(out, matrix.ends());
        put_u32(out, matrix.terms());
        for term in matrix.all_terms() {
            out.extend_from_slice(&term.wire.to_le_bytes());
            out.extend_from_slice(&term.coef.to_le_bytes());
        }
    }
}

pub fn take_circuit(cursor: &mut Cursor<'_>) -> Result<R1cs> {
    let hash = take_hash(cursor)?;
    let mut counts = [0; 4];
    for count in &mut counts {
        *count = cursor.count()?;
    }
    let [n_wires, n_outputs, n_public_inputs, n_private_inputs] = counts;
    let given =
        [n_outputs, n_public_inputs, n_private_inputs].iter().fold(1u64, |a, b| a + *b as u64);
    demand(given < n_wires as u64, "the stored circuit has more inputs than wires")?;
    let coefs = take_coefs(cursor)?;
    let mut matrix = || take_matrix(cursor, n_wires, coefs.values().len());
    let (a, b, c) = (matrix()?, matrix()?, matrix()?);
    demand(
        a.rows() == b.rows() && b.rows() == c.rows(),
        "the stored circuit's matrices differ in their rows",
    )?;
    Ok(R1cs { n_wires, n_outputs, n_public_inputs, n_private_inputs, a, b, c, coefs, hash })
}

fn take_coefs(cursor: &mut Cursor<'_>) -> Result<Coefs> {
    let count = cursor.count()?;
    cursor.expect_items(count, ELEMENT)?;
    let mut coefs = Coefs::default();
    for index in 0..count {
        let Some(value) = from_montgomery_le(cursor.take(ELEMENT)?) else {
            return damaged("the stored circuit has a coefficient that is not below the modulus");
        };
        demand(coefs.intern(value) as usize == index, "the stored circuit's coefficients repeat")?;
    }
    Ok(coefs)
}

fn take_matrix(cursor: &mut Cursor<'_>, n_wires: usize, n_coefs: usize) -> Result<Matrix> {
    let ends = take_words(cursor)?;
    let count = cursor.count()?;
    cursor.expect_items(count, 8)?;
    let (words, _) = cursor.take(8 * count)?.as_chunks::<8>();
    let term = |word: &[u8; 8]| {
        let [a, b, c, d, e, f, g, h] = *word;
        Term { wire: u32::from_le_bytes([a, b, c, d]), coef: u32::from_le_bytes([e, f, g, h]) }
    };
    let terms: Vec<Term> = words.iter().map(term).collect();
    let inside = |term: &Term| (term.wire as usize) < n_wires && (term.coef as usize) < n_coefs;
    demand(terms.iter().all(inside), "the stored circuit has a term outside its matrix")?;
    Matrix::from_parts(ends, terms)
}
