//! Many multiples of one point.
//!
//! With the multiples `d * 2^(bits * w) * P` of all digits d and windows w in a table, a multiple of
//! P is the sum of one entry a window: every scalar is a group of [`super::groups`].

use super::digits::{windows, Recoding, Sorted};
use super::groups::{sums, Workspaces};
use super::kernel::{Kernel, Ref, RowOf};
use ark_bn254::Fr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Bits of a window; 20 windows of 4,096 digits take 5 MB in G1.
const BITS: std::ops::RangeInclusive<u32> = 4..=13;

/// The work of making an entry, in additions of one.
const ENTRY: usize = 6;

/// Scalars handled at a time, to bound the memory for their digits.
const BATCH: usize = 1 << 15;

const fn digits(bits: u32) -> usize {
    1 << (bits - 1)
}

pub struct Multiples<K: Kernel> {
    kernel: K,
    bits: u32,
    /// Row `w * digits + d - 1` holds `d * 2^(bits * w) * P`.
    table: Vec<RowOf<K::Curve>>,
}

impl<K: Kernel> Multiples<K> {
    /// `expected`: how many multiples will be asked for.
    pub fn new(kernel: K, point: Projective<K::Curve>, expected: usize) -> Self {
        let work = |bits: &u32| windows(*bits) as usize * (ENTRY * digits(*bits) + expected);
        let bits = BITS.min_by_key(work).unwrap_or(*BITS.end());
        let mut bases = Vec::new();
        let mut base = point;
        for _ in 0..windows(bits) {
            bases.push(base);
            for _ in 0..bits {
                base.double_in_place();
            }
        }
        let window = |base: &Projective<K::Curve>| {
            let multiples = std::iter::successors(Some(*base), |sum| Some(*sum + base));
            let multiples: Vec<_> = multiples.take(digits(bits)).collect();
            let affine = Projective::normalize_batch(&multiples);
            affine.iter().map(K::write).collect::<Vec<_>>()
        };
        Self { kernel, bits, table: bases.par_iter().flat_map_iter(window).collect() }
    }

    /// `scalar * P` for each scalar.
    pub fn multiply(&self, scalars: &[Fr], spaces: &Workspaces<K>) -> Vec<Affine<K::Curve>> {
        scalars.chunks(BATCH).flat_map(|scalars| self.multiply_batch(scalars, spaces)).collect()
    }

    fn multiply_batch(&self, scalars: &[Fr], spaces: &Workspaces<K>) -> Vec<Affine<K::Curve>> {
        let mut sorted = Sorted::with_capacity(scalars.len(), windows(self.bits) as usize);
        let recoding = Recoding::new(self.bits);
        let mut room = Zeroizing::new(vec![0; windows(self.bits) as usize]);
        for scalar in scalars {
            let scalar = scalar.into_bigint();
            let own = &mut room[..recoding.windows(&scalar)];
            recoding.digits(&scalar, own);
            for (window, digit) in own.iter().enumerate().filter(|(_, digit)| **digit != 0) {
                let row = window * digits(self.bits) + digit.unsigned_abs() as usize - 1;
                sorted.push(Ref::table(row, *digit < 0));
            }
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
