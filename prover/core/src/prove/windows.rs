//! Window sums of the bucket method for scalars of about one size.

use super::affine::group_sums;
use super::msm::Entry;
use ark_ec::short_weierstrass::{Affine, Bucket, Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Single additions that one task makes when scalars are +-1.
const UNITS: usize = 2048;
const MAX_WINDOW: u32 = 16;

/// Entries whose magnitudes have at most `bits` bits.
pub struct Class {
    entries: Zeroizing<Vec<Entry>>,
    bits: u32,
    window: u32,
}

impl Class {
    pub fn new(entries: Zeroizing<Vec<Entry>>, bits: u32) -> Self {
        // An affine addition an entry, and two general ones a bucket, each of twice the work.
        let cost = |window: &u32| {
            let buckets = 4 << (window - 1);
            u64::from(windows(bits, *window)) * (entries.len() as u64 + buckets)
        };
        let window = (2..=MAX_WINDOW).min_by_key(cost).unwrap_or(2);
        Self { entries, bits, window }
    }

    pub fn sum<P: SWCurveConfig>(&self, points: &[Affine<P>]) -> Projective<P> {
        if self.bits == 1 {
            let chunks = self.entries.par_chunks(UNITS);
            return chunks.map(|own| units(own, points)).sum();
        }
        if self.entries.is_empty() {
            return Projective::ZERO;
        }
        let sums: Vec<Projective<P>> = (0..windows(self.bits, self.window))
            .into_par_iter()
            .map(|index| self.window_sum(index, points))
            .collect();
        let mut total = Projective::ZERO;
        for sum in sums.iter().rev() {
            for _ in 0..self.window {
                total.double_in_place();
            }
            total += sum;
        }
        total
    }

    /// The sum of `digit * point` over the digits of one window.
    fn window_sum<P: SWCurveConfig>(&self, index: u32, points: &[Affine<P>]) -> Projective<P> {
        let members = self.entries.iter().filter_map(|entry| {
            let digit = signed_digit(&entry.magnitude, index, self.window);
            let bucket = (digit.unsigned_abs() as usize).checked_sub(1)?;
            Some((bucket, entry.signed(points, digit < 0)))
        });
        let buckets = group_sums(1 << (self.window - 1), members);
        let mut running = Bucket::<P>::ZERO;
        let mut sum = Bucket::<P>::ZERO;
        for bucket in buckets.iter().rev() {
            running += bucket;
            sum += &running;
        }
        sum.into()
    }
}

fn units<P: SWCurveConfig>(entries: &[Entry], points: &[Affine<P>]) -> Projective<P> {
    let members = entries.iter().map(|entry| (0, entry.signed(points, false)));
    group_sums(1, members).into_iter().map(Projective::from).sum()
}

/// Windows that hold a magnitude of `bits` bits in signed digits, which need one bit more.
fn windows(bits: u32, window: u32) -> u32 {
    (bits + 1).div_ceil(window)
}

/// Booth's recoding: the digit in [-2^(window-1), 2^(window-1)] from the window's own bits and the
/// one below, so that no carry runs from digit to digit.
fn signed_digit(magnitude: &BigInt<4>, index: u32, window: u32) -> i32 {
    let low = index * window;
    // The window's bits with the bit below them as the lowest one.
    let seen = match low {
        0 => bits_at(magnitude, 0, window) << 1,
        _ => bits_at(magnitude, low - 1, window + 1),
    };
    let half_up = (seen as i32 + 1) >> 1;
    let negative = (seen >> window) as i32;
    half_up - (negative << window)
}

/// `count` bits, at most 17, from `low` upwards; beyond the top they are zero.
fn bits_at(magnitude: &BigInt<4>, low: u32, count: u32) -> u32 {
    let limb = |i: u32| magnitude.0.get(i as usize).copied().unwrap_or(0);
    let (at, shift) = (low / 64, low % 64);
    let mut word = limb(at) >> shift;
    if shift + count > 64 {
        word |= limb(at + 1) << (64 - shift);
    }
    (word & ((1 << count) - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::Fr;
    use ark_ff::{Field, PrimeField};

    #[test]
    fn signed_digits_add_up_to_the_magnitude() {
        let mut value = Fr::from(5u64);
        for k in 0..200u64 {
            value = value.square() + Fr::from(k);
            let magnitude = value.into_bigint();
            for window in 2..=MAX_WINDOW {
                let mut sum = Fr::ZERO;
                for index in (0..windows(254, window)).rev() {
                    let digit = signed_digit(&magnitude, index, window);
                    assert!(digit.abs() <= 1 << (window - 1));
                    sum = sum * Fr::from(1u64 << window) + Fr::from(digit);
                }
                assert_eq!(sum, value);
            }
        }
    }
}
