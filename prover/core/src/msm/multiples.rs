//! Many multiples of one point.
//!
//! With the multiples `d * 2^(BITS * w) * P` of all digits d and windows w in a table, a multiple of
//! P is the sum of one entry a window: every scalar is a group of [`super::groups`].

use super::digits::{Recoding, Sorted, MAGNITUDE_BITS};
use super::groups::{sums, Workspaces};
use super::kernel::{Kernel, Ref, RowOf};
use ark_bn254::Fr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rayon::prelude::*;

/// Bits of a window: 22 windows of 2,048 digits, which take 3 MB in G1.
const BITS: u32 = 12;
const DIGITS: usize = 1 << (BITS - 1);

/// Scalars handled at a time, to bound the memory for their digits.
const BATCH: usize = 1 << 15;

pub struct Multiples<K: Kernel> {
    kernel: K,
    /// Row `w * DIGITS + d - 1` holds `d * 2^(BITS * w) * P`.
    table: Vec<RowOf<K::Curve>>,
}

impl<K: Kernel> Multiples<K> {
    pub fn new(kernel: K, point: Projective<K::Curve>) -> Self {
        let mut bases = Vec::new();
        let mut base = point;
        for _ in 0..(MAGNITUDE_BITS + 1).div_ceil(BITS) {
            bases.push(base);
            for _ in 0..BITS {
                base.double_in_place();
            }
        }
        let window = |base: &Projective<K::Curve>| {
            let multiples = std::iter::successors(Some(*base), |sum| Some(*sum + base));
            let multiples: Vec<_> = multiples.take(DIGITS).collect();
            let affine = Projective::normalize_batch(&multiples);
            affine.iter().map(K::write).collect::<Vec<_>>()
        };
        Self { kernel, table: bases.par_iter().flat_map_iter(window).collect() }
    }

    /// `scalar * P` for each scalar.
    pub fn multiply(&self, scalars: &[Fr], spaces: &Workspaces<K>) -> Vec<Affine<K::Curve>> {
        scalars.chunks(BATCH).flat_map(|scalars| self.multiply_batch(scalars, spaces)).collect()
    }

    fn multiply_batch(&self, scalars: &[Fr], spaces: &Workspaces<K>) -> Vec<Affine<K::Curve>> {
        let mut sorted = Sorted::with_capacity(scalars.len(), self.table.len() / DIGITS);
        let recoding = Recoding::new(BITS);
        for scalar in scalars {
            recoding.each_digit(&scalar.into_bigint(), |window, digit, negative| {
                let row = window * DIGITS + digit as usize;
                sorted.push(Ref::table(row, negative));
            });
            sorted.close_bucket();
        }
        let sums = sums(self.kernel, &self.table, &sorted, spaces);
        let mut products = vec![Projective::zero(); scalars.len()];
        for (scalar, row) in sums.groups.iter().zip(&sums.rows) {
            products[*scalar as usize] += K::read(row);
        }
        Projective::normalize_batch(&products)
    }
}
