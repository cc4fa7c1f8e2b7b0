//! Points in memory, as kernels read them.

use crate::inverse::inverse;
use crate::store::Plain;
use ark_bn254::{Fq, Fq2};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, Field, PrimeField};

/// The affine coordinates of a finite point, x before y and real before imaginary parts, each
/// component 256 bits in the Montgomery form of the kernel that wrote them. A G1 point fills one
/// cache line, a G2 point two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Row<const WORDS: usize>(pub [u64; WORDS]);

const _: () = assert!(size_of::<Row<8>>() == 64 && size_of::<Row<16>>() == 128);

// SAFETY: whole cache lines of integers, so without padding, as asserted for both in use.
unsafe impl Plain for Row<8> {}
// SAFETY: the same.
unsafe impl Plain for Row<16> {}

pub type Row1 = Row<8>;
pub type Row2 = Row<16>;

impl<const WORDS: usize> Row<WORDS> {
    pub const ZERO: Self = Self([0; WORDS]);
}

/// A base field as components, each turned into 256 bits by the kernel's own encoding.
pub trait Components: Field {
    type Row: Plain + PartialEq + std::fmt::Debug;
    const ZERO_ROW: Self::Row;
    /// `None` for zero. Its time depends on the value.
    fn inverted(&self) -> Option<Self>;
    fn write(x: &Self, y: &Self, encode: impl Fn(Fq) -> [u64; 4]) -> Self::Row;
    fn read(row: &Self::Row, decode: impl Fn([u64; 4]) -> Fq) -> (Self, Self);
    /// The row of the opposite point, whatever the encoding's radix.
    fn negated_row(row: &Self::Row) -> Self::Row;
}

impl Components for Fq {
    type Row = Row1;
    const ZERO_ROW: Row1 = Row::ZERO;

    fn inverted(&self) -> Option<Self> {
        inverse(self)
    }

    fn write(x: &Self, y: &Self, encode: impl Fn(Fq) -> [u64; 4]) -> Row1 {
        let mut row = Row::ZERO;
        put(&mut row.0, [x, y].map(|part| encode(*part)));
        row
    }

    fn read(row: &Row1, decode: impl Fn([u64; 4]) -> Fq) -> (Self, Self) {
        let [x, y] = get(&row.0).map(decode);
        (x, y)
    }

    fn negated_row(row: &Row1) -> Row1 {
        let mut out = *row;
        let [x, y] = get(&row.0);
        put(&mut out.0, [x, negated(y)]);
        out
    }
}

impl Components for Fq2 {
    type Row = Row2;
    const ZERO_ROW: Row2 = Row::ZERO;

    fn inverted(&self) -> Option<Self> {
        // (a + b u)(a - b u) = a^2 + b^2.
        let inverse = inverse(&(self.c0.square() + self.c1.square()))?;
        Some(Self::new(self.c0 * inverse, -self.c1 * inverse))
    }

    fn write(x: &Self, y: &Self, encode: impl Fn(Fq) -> [u64; 4]) -> Row2 {
        let mut row = Row::ZERO;
        put(&mut row.0, [x.c0, x.c1, y.c0, y.c1].map(encode));
        row
    }

    fn read(row: &Row2, decode: impl Fn([u64; 4]) -> Fq) -> (Self, Self) {
        let [x0, x1, y0, y1] = get(&row.0).map(decode);
        (Self::new(x0, x1), Self::new(y0, y1))
    }

    fn negated_row(row: &Row2) -> Row2 {
        let mut out = *row;
        let [x0, x1, y0, y1] = get(&row.0);
        put(&mut out.0, [x0, x1, negated(y0), negated(y1)]);
        out
    }
}

/// `-value` modulo p, below p, for values below 2 p.
fn negated(value: [u64; 4]) -> [u64; 4] {
    let (mut value, mut out) = (BigInt(value), Fq::MODULUS);
    if value >= Fq::MODULUS {
        value.sub_with_borrow(&Fq::MODULUS);
    }
    if value.is_zero() {
        return value.0;
    }
    out.sub_with_borrow(&value);
    out.0
}

/// arkworks' `into_affine` with a quicker inverse. Its time depends on the value.
pub fn affine<P: SWCurveConfig<BaseField: Components>>(point: Projective<P>) -> Affine<P> {
    let Some(inverse) = point.z.inverted() else { return Affine::zero() };
    let square = inverse.square();
    Affine::new_unchecked(point.x * square, point.y * square * inverse)
}

fn put<const N: usize>(row: &mut [u64], parts: [[u64; 4]; N]) {
    for (to, part) in row.chunks_exact_mut(4).zip(parts) {
        to.copy_from_slice(&part);
    }
}

fn get<const N: usize>(row: &[u64]) -> [[u64; 4]; N] {
    let mut parts = [[0; 4]; N];
    for (part, from) in parts.iter_mut().zip(row.chunks_exact(4)) {
        part.copy_from_slice(from);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::AdditiveGroup;

    #[test]
    fn values_are_negated_to_below_the_modulus() {
        let small = [0u64, 1, 2].map(BigInt::<4>::from);
        for (less, more) in small.iter().zip(&small[1..]) {
            let (mut below, mut above, mut twice) = (Fq::MODULUS, Fq::MODULUS, Fq::MODULUS);
            below.sub_with_borrow(more);
            above.add_with_carry(less);
            twice.add_with_carry(&below);
            for value in [*less, *more, below, above, twice] {
                let out = BigInt(negated(value.0));
                let mut sum = out;
                sum.add_with_carry(&value);
                assert!(out < Fq::MODULUS);
                assert_eq!(Fq::from_le_bytes_mod_order(&sum.to_bytes_le()), Fq::ZERO);
            }
        }
    }
}
