//! Scalars as signed digits, and the digits sorted by bucket.

use super::kernel::Ref;
use super::shape::Shape;
use crate::wiped::Wiped;
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Bits of the largest magnitude: scalars are taken as numbers between -r/2 and r/2.
const MAGNITUDE_BITS: u32 = 253;

/// Windows that hold a magnitude in signed digits, which need one bit more.
pub const fn windows(bits: u32) -> u32 {
    (MAGNITUDE_BITS + 1).div_ceil(bits)
}

/// Scalars that one task recodes at least.
const MIN_SCALARS: usize = 1024;

/// The magnitude of a scalar below r, and whether it is negative.
#[inline(always)]
fn signed(scalar: &BigInt<4>) -> (BigInt<4>, bool) {
    if *scalar <= Fr::MODULUS_MINUS_ONE_DIV_TWO {
        return (*scalar, false);
    }
    let mut negated = Fr::MODULUS;
    negated.sub_with_borrow(scalar);
    (negated, true)
}

/// Cuts scalars into digits in [-2^(bits - 1), 2^(bits - 1)].
///
/// To a magnitude of w windows, 2^(bits - 1) is added in each window but the highest. That makes its
/// windows independent of each other: a digit is what is then found in one, less 2^(bits - 1) where
/// that was added. One bit more than the magnitude's own leaves room for the carry.
pub struct Recoding {
    bits: u32,
    /// What to add for each number of windows.
    offsets: Vec<BigInt<4>>,
}

impl Recoding {
    pub fn new(bits: u32) -> Self {
        let mut sum = BigInt::zero();
        let mut offsets = vec![sum];
        for window in 0..windows(bits) {
            offsets.push(sum);
            let at = window * bits + bits - 1;
            // Beyond, it is the highest window's, which has no offset.
            if at < 256 {
                sum.0[(at / 64) as usize] |= 1 << (at % 64);
            }
        }
        Self { bits, offsets }
    }

    /// How many digits a scalar below r has: none if it is zero.
    pub fn windows(&self, scalar: &BigInt<4>) -> usize {
        let (magnitude, _) = signed(scalar);
        if magnitude.is_zero() {
            return 0;
        }
        (magnitude.num_bits() + 1).div_ceil(self.bits) as usize
    }

    /// Writes the digits of a scalar below r, which is the sum of digit * 2^(bits * window): as many
    /// as [`Self::windows`] of it.
    #[inline(always)]
    pub fn digits(&self, scalar: &BigInt<4>, digits: &mut [i32]) {
        let (magnitude, negative) = signed(scalar);
        let mut sum = magnitude;
        sum.add_with_carry(&self.offsets[digits.len()]);
        let mut bytes = [0; 40];
        for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(sum.0) {
            *bytes = word.to_le_bytes();
        }
        let (mask, half) = ((1 << self.bits) - 1, 1 << (self.bits - 1));
        let sign = -i32::from(negative);
        let last = digits.len().wrapping_sub(1);
        for (window, digit) in digits.iter_mut().enumerate() {
            let at = window * self.bits as usize;
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at / 8..at / 8 + 8]);
            let value = (u64::from_le_bytes(word) >> (at % 8) & mask) as i32;
            let value = value - if window == last { 0 } else { half };
            *digit = (value ^ sign) - sign;
        }
    }
}

/// References by bucket: those of bucket b lie between `ends[b - 1]` and `ends[b]`.
pub struct Sorted {
    refs: Wiped<u32>,
    ends: Vec<u32>,
}

impl Sorted {
    /// Sorts references whose buckets are `keys`.
    pub fn new(keys: impl Iterator<Item = u32> + Clone, buckets: usize) -> Self {
        let mut ends = vec![0u32; buckets];
        keys.clone().for_each(|key| ends[key as usize] += 1);
        let mut position = 0;
        for end in &mut ends {
            position += std::mem::replace(end, position);
        }
        let mut refs = Wiped::new(vec![0; position as usize]);
        for (index, key) in keys.enumerate() {
            let next = &mut ends[key as usize];
            refs[*next as usize] = Ref::table(index, false).0;
            *next += 1;
        }
        Self { refs, ends }
    }

    /// No buckets yet; `most` references a bucket.
    pub fn with_capacity(buckets: usize, most: usize) -> Self {
        let refs = Wiped::new(Vec::with_capacity(buckets * most));
        Self { refs, ends: Vec::with_capacity(buckets) }
    }

    /// Adds a reference to the bucket that is being filled.
    pub fn push(&mut self, at: Ref) {
        self.refs.push(at.0);
    }

    pub fn close_bucket(&mut self) {
        self.ends.push(self.refs.len() as u32);
    }

    pub fn len(&self) -> usize {
        self.refs.len()
    }

    pub fn slice(&self, start: usize, end: usize) -> impl Iterator<Item = Ref> + '_ {
        self.refs[start..end].iter().map(|word| Ref(*word))
    }

    /// The buckets that share positions `start..end`, each with how many of them it has.
    pub fn buckets(&self, start: usize, end: usize) -> impl Iterator<Item = (u32, u32)> + '_ {
        let first = self.ends.partition_point(|bucket_end| *bucket_end as usize <= start);
        let mut from = start as u32;
        let until = end as u32;
        self.ends[first..].iter().zip(first as u32..).filter_map(move |(bucket_end, bucket)| {
            let next = until.min(*bucket_end);
            let length = next - std::mem::replace(&mut from, next);
            (length > 0).then_some((bucket, length))
        })
    }
}

/// One task's digits in the order of the scalars, and how many fall into each bucket.
struct Part {
    /// The first scalar.
    first: usize,
    /// How many digits each scalar has.
    windows: Wiped<u8>,
    digits: Wiped<i32>,
    counts: Vec<u32>,
}

impl Part {
    fn new(scalars: &[BigInt<4>], first: usize, shape: &Shape, places: &[(u32, u32)]) -> Self {
        let recoding = Recoding::new(shape.bits);
        let windows: Vec<u8> = scalars.iter().map(|s| recoding.windows(s) as u8).collect();
        // Counted first: a list that grows would leave copies of secrets behind.
        let all = windows.iter().map(|windows| usize::from(*windows)).sum();
        let mut digits = Wiped::new(vec![0; all]);
        let mut counts = vec![0; shape.buckets()];
        let mut rest = &mut digits[..];
        for (scalar, windows) in scalars.iter().zip(&windows) {
            let own;
            (own, rest) = rest.split_at_mut(usize::from(*windows));
            recoding.digits(scalar, own);
            for (digit, (set, _)) in own.iter().zip(places) {
                if *digit != 0 {
                    counts[(set + digit.unsigned_abs() - 1) as usize] += 1;
                }
            }
        }
        Self { first, windows: Wiped::new(windows), digits, counts }
    }

    /// Writes references to where each bucket's next one belongs.
    fn scatter(self, refs: &[AtomicU32], places: &[(u32, u32)]) {
        let mut next = self.counts;
        let mut rest = &self.digits[..];
        for (windows, index) in self.windows.iter().zip(self.first as u32..) {
            let own;
            (own, rest) = rest.split_at(usize::from(*windows));
            for (digit, (set, level)) in own.iter().zip(places) {
                if *digit != 0 {
                    let next = &mut next[(set + digit.unsigned_abs() - 1) as usize];
                    let at = Ref::table((level + index) as usize, *digit < 0);
                    refs[*next as usize].store(at.0, Relaxed);
                    *next += 1;
                }
            }
        }
    }
}

/// The digits of all scalars, sorted by bucket.
pub fn sort(scalars: &[BigInt<4>], shape: &Shape) -> Sorted {
    let own = scalars.len().div_ceil(rayon::current_num_threads()).max(MIN_SCALARS);
    let places = shape.places();
    let mut parts: Vec<Part> = scalars
        .par_chunks(own)
        .enumerate()
        .map(|(part, scalars)| Part::new(scalars, part * own, shape, &places))
        .collect();
    // Counts become the positions where each part's share of a bucket starts.
    let mut ends = vec![0; shape.buckets()];
    let mut position = 0;
    for (bucket, end) in ends.iter_mut().enumerate() {
        for part in &mut parts {
            position += std::mem::replace(&mut part.counts[bucket], position);
        }
        *end = position;
    }
    let refs: Vec<AtomicU32> = (0..position).map(|_| AtomicU32::new(0)).collect();
    parts.into_par_iter().for_each(|part| part.scatter(&refs, &places));
    let refs = refs.into_iter().map(AtomicU32::into_inner).collect();
    Sorted { refs: Wiped::new(refs), ends }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Field;

    #[test]
    fn digits_add_up_to_the_scalar() {
        let mut value = Fr::from(5u64);
        let half = Fr::from(2u64).inverse().unwrap();
        let edges = [Fr::from(0u64), Fr::ONE, -Fr::ONE, half, -half, half - Fr::ONE];
        for k in 0..200u64 {
            value = value.square() + Fr::from(k);
            let value = edges.get(k as usize).unwrap_or(&value).into_bigint();
            // Also with few bits.
            let value = value >> (k as u32 % 4 * 64);
            for bits in 2..=20 {
                let mut sum = Fr::from(0u64);
                let recoding = Recoding::new(bits);
                let mut digits = vec![0; recoding.windows(&value)];
                assert!(digits.len() <= windows(bits) as usize);
                recoding.digits(&value, &mut digits);
                for (window, digit) in digits.iter().enumerate() {
                    assert!(digit.unsigned_abs() <= 1 << (bits - 1));
                    let size = Fr::from(u64::from(digit.unsigned_abs()));
                    let term = size * Fr::from(2u64).pow([window as u64 * u64::from(bits)]);
                    sum += if *digit < 0 { -term } else { term };
                }
                assert_eq!(sum, Fr::from(value));
            }
        }
    }
}
