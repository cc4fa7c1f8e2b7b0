//! The matrices A and B of a key, and the quotient polynomial of a witness.

use super::fft::{Basis, Quotient};
use crate::formats::r1cs::{evaluate, Coefs, Matrix, R1cs, Term, ONE};
use crate::formats::zkey::{rows_in_use, Entry, Side};
use crate::public_rows::PublicRows;
use crate::wiped::Wiped;
use ark_bn254::Fr;
use ark_ff::BigInt;
use rayon::prelude::*;

const MIN_ROWS: usize = 512;

pub struct Qap {
    domain: usize,
    /// Rows up to the last that has a term.
    in_use: usize,
    a: Matrix,
    b: Matrix,
    coefs: Coefs,
}

impl Qap {
    /// Sorts the entries into rows; `domain` exceeds every row index.
    pub fn new(entries: &[Entry], domain: usize) -> Self {
        let mut coefs = Coefs::default();
        let a = matrix(entries, Side::A, domain, &mut coefs);
        let b = matrix(entries, Side::B, domain, &mut coefs);
        Self { domain, in_use: rows_in_use(entries), a, b, coefs }
    }

    /// The rows of a circuit's own key: its constraints, then public wires.
    pub fn of_circuit(r1cs: &R1cs, domain: usize, public_rows: PublicRows) -> Self {
        let (mut a, mut b) = (r1cs.a.clone(), r1cs.b.clone());
        for wire in public_rows.wires(r1cs) {
            a.push(&[Term { wire, coef: ONE }]);
        }
        let in_use = a.rows();
        a.pad(domain);
        b.pad(domain);
        Self { domain, in_use, a, b, coefs: r1cs.coefs.clone() }
    }

    /// How many scalars [`Self::quotient`] gives.
    pub fn scalars(&self, basis: Basis) -> usize {
        match basis {
            Basis::OddHalf => self.domain,
            Basis::Rows => self.in_use,
        }
    }

    /// Whether both are the same rows, in whatever order their terms stand.
    pub fn agrees(&self, other: &Self) -> bool {
        let row = |qap: &Self, matrix: &Matrix, index: usize| {
            let value = |term: &Term| (term.wire, qap.coefs.get(term.coef));
            let mut terms: Vec<_> = matrix.row(index).iter().map(value).collect();
            terms.sort_by_key(|(wire, _)| *wire);
            terms
        };
        let same = |index: usize| {
            row(self, &self.a, index) == row(other, &other.a, index)
                && row(self, &self.b, index) == row(other, &other.b, index)
        };
        self.domain == other.domain && (0..self.domain).into_par_iter().all(same)
    }

    /// What the points of the basis are multiplied with, and zeros for further rows of the domain.
    pub fn quotient(&self, witness: &[Fr], quotient: &dyn Quotient) -> Wiped<BigInt<4>> {
        let rows = (0..self.domain).into_par_iter().with_min_len(MIN_ROWS);
        // Rows of bits, most of all, and squares have the same terms twice.
        let values = |row| {
            let (a, b) = (self.a.row(row), self.b.row(row));
            let value = |terms| evaluate(terms, self.coefs.values(), witness);
            let left = value(a);
            (left, if a == b { left } else { value(b) })
        };
        let [mut a, mut b] = [(); 2].map(|()| Vec::new());
        rows.map(values).unzip_into_vecs(&mut a, &mut b);
        quotient.scalars(Wiped::new(a), Wiped::new(b))
    }
}

fn matrix(entries: &[Entry], side: Side, domain: usize, coefs: &mut Coefs) -> Matrix {
    let mut own: Vec<&Entry> = entries.iter().filter(|e| e.side == side).collect();
    own.sort_by_key(|entry| entry.row);
    let mut own = own.into_iter().peekable();
    let mut out = Matrix::default();
    let mut row = Vec::new();
    for index in 0..domain {
        row.clear();
        while let Some(entry) = own.next_if(|entry| entry.row as usize == index) {
            row.push(Term { wire: entry.wire, coef: coefs.intern(entry.value) });
        }
        out.push(&row);
    }
    out
}
