//! What the points for the quotient are multiplied with, eight values at a time, by the transforms of
//! [`super::ntt`], whose text has the scaling and the bounds.
#![allow(clippy::needless_range_loop)]

use super::fft::{Basis, Quotient, Values};
use super::ntt::{Lane, Vector, Vectors, MIN_TASK};
use crate::lanes::{Isa, Lanes, Task, LANES};
use crate::wiped::Wiped;
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use rayon::prelude::*;
use std::ops::Range;
use zeroize::Zeroize;

struct Load<'a>(&'a [[Fr; LANES]]);

impl<I: Isa> Task<I> for Load<'_> {
    type Output = Vec<Vector<I>>;

    #[inline(always)]
    fn run(self, isa: I) -> Vec<Vector<I>> {
        let mut out = Vec::with_capacity(self.0.len());
        for eight in self.0 {
            out.push(load(isa, eight));
        }
        out
    }
}

#[inline(always)]
fn load<I: Isa>(isa: I, eight: &[Fr; LANES]) -> Vector<I> {
    let mut rows = [[0; 4]; LANES];
    for i in 0..LANES {
        rows[i] = eight[i].0 .0;
    }
    let out = Lanes::from_plain(isa, rows);
    rows.zeroize();
    out
}

struct Multiply<'a, I: Isa>(&'a [Vector<I>], &'a [Vector<I>]);

impl<I: Isa> Task<I> for Multiply<'_, I> {
    type Output = Vec<Vector<I>>;

    #[inline(always)]
    fn run(self, _: I) -> Vec<Vector<I>> {
        let mut out = Vec::with_capacity(self.0.len());
        for (a, b) in self.0.iter().zip(self.1) {
            out.push(a.mul(*b));
        }
        out
    }
}

/// Undoes a product's 2^252 with the 2^-260 of the product by 2^8.
#[inline(always)]
fn unscale<I: Isa>(isa: I) -> Vector<I> {
    Lanes::from_plain(isa, [[256, 0, 0, 0]; LANES])
}

/// A value below 2 r as integers below r.
#[inline(always)]
fn integers<I: Isa>(value: Vector<I>) -> [BigInt<4>; LANES] {
    value.to_plain().map(|plain| {
        let mut out = BigInt(plain);
        if out >= Fr::MODULUS {
            out.sub_with_borrow(&Fr::MODULUS);
        }
        out
    })
}

/// `a * b - c` as integers.
struct OddHalf<'a, I: Isa> {
    a: &'a [Vector<I>],
    b: &'a [Vector<I>],
    c: &'a [Vector<I>],
    out: &'a mut [[BigInt<4>; LANES]],
}

impl<I: Isa> Task<I> for OddHalf<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let (one, unscale) = (Lanes::splat(isa, Fr::ONE), unscale(isa));
        for (((a, b), c), out) in self.a.iter().zip(self.b).zip(self.c).zip(self.out) {
            // Below 56 * 56 / 84 + 8/7 + 2 < 41; the product, below 41 * 256 r / 2^260 + 8/7 r, is
            // below 2 r.
            *out = integers(a.mul(*b).sub::<2>(c.mul(one)).mul(unscale));
        }
    }
}

/// `a * db + da * b` as integers, for a and b as they came.
struct Rows<'a, I: Isa> {
    a: &'a [[Fr; LANES]],
    b: &'a [[Fr; LANES]],
    da: &'a [Vector<I>],
    db: &'a [Vector<I>],
    out: &'a mut [[BigInt<4>; LANES]],
}

impl<I: Isa> Task<I> for Rows<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: I) {
        let unscale = unscale(isa);
        let rows = self.a.iter().zip(self.b).zip(self.da).zip(self.db).zip(self.out);
        for ((((a, b), da), db), out) in rows {
            // Below 2 * 56 / 84 + 8/7 < 3, and again below 2 r.
            let value = load(isa, a).mul_add(*db, load(isa, b), *da);
            *out = integers(value.mul(unscale));
        }
    }
}

impl<I: Isa> Vectors<I> {
    fn load(&self, values: &Values) -> Lane<I> {
        Lane(self.isa.run(Load(values.as_chunks().0)))
    }

    fn transformed(&self, values: &Values) -> Lane<I> {
        let mut lane = self.load(values);
        self.transform(&mut lane.0, 0);
        lane
    }

    fn odd_half(&self, a: &Values, b: &Values) -> Wiped<BigInt<4>> {
        let (mut a, mut b) = rayon::join(|| self.load(a), || self.load(b));
        let mut c = Lane(self.isa.run(Multiply(&a.0, &b.0)));
        rayon::join(
            || self.transform(&mut a.0, 0),
            || rayon::join(|| self.transform(&mut b.0, 0), || self.transform(&mut c.0, 0)),
        );
        self.finish(|own, out| {
            let [a, b, c] = [&a, &b, &c].map(|lane| &lane.0[own.clone()]);
            self.isa.run(OddHalf { a, b, c, out });
        })
    }

    fn rows(&self, a: &Values, b: &Values) -> Wiped<BigInt<4>> {
        let (da, db) = rayon::join(|| self.transformed(a), || self.transformed(b));
        let [a, b] = [a, b].map(|values| values.as_chunks().0);
        self.finish(|own, out| {
            let [a, b] = [a, b].map(|values| &values[own.clone()]);
            let [da, db] = [&da, &db].map(|lane| &lane.0[own.clone()]);
            self.isa.run(Rows { a, b, da, db, out });
        })
    }

    /// All integers, where `own` writes those of these vectors.
    fn finish(
        &self,
        own: impl Fn(Range<usize>, &mut [[BigInt<4>; LANES]]) + Send + Sync,
    ) -> Wiped<BigInt<4>> {
        let mut out = Wiped::new(vec![BigInt::default(); self.scale.len() * LANES]);
        out.as_chunks_mut().0.par_chunks_mut(MIN_TASK).enumerate().for_each(|(task, out)| {
            own(task * MIN_TASK..task * MIN_TASK + out.len(), out);
        });
        out
    }
}

impl<I: Isa> Quotient for Vectors<I> {
    fn scalars(&self, a: Values, b: Values) -> Wiped<BigInt<4>> {
        match self.basis {
            Basis::OddHalf => self.odd_half(&a, &b),
            Basis::Rows => self.rows(&a, &b),
        }
    }
}
