//! Multiples of one point of G2 by secret scalars, from a table.

use ark_bn254::{Fr, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, PrimeField};
use zeroize::Zeroizing;

/// Digits are from -8 to 7.
const BITS: usize = 4;
const LARGEST: usize = 1 << (BITS - 1);
/// One more than 256 bits have: the last carry.
const DIGITS: usize = 256 / BITS + 1;

/// For each digit's place the multiples of `16^place` P by 1 to 8.
pub struct Table(Vec<[G2Affine; LARGEST]>);

impl Table {
    pub fn new(point: G2Affine) -> Self {
        let mut all = Vec::with_capacity(DIGITS * LARGEST);
        let mut place = point.into_group();
        for _ in 0..DIGITS {
            let first = std::iter::successors(Some(place), |last| Some(*last + place));
            all.extend(first.take(LARGEST));
            for _ in 0..BITS {
                place.double_in_place();
            }
        }
        Self(G2Projective::normalize_batch(&all).as_chunks().0.to_vec())
    }

    /// The point times a scalar. Its time depends on the scalar's digits.
    pub fn times(&self, scalar: &Fr) -> G2Projective {
        let mut digits = Zeroizing::new([0; DIGITS]);
        write_digits(scalar, &mut digits);
        let mut sum = G2Projective::ZERO;
        for (multiples, digit) in self.0.iter().zip(digits.iter()) {
            match usize::from(digit.unsigned_abs()) {
                0 => {}
                magnitude if *digit < 0 => sum -= multiples[magnitude - 1],
                magnitude => sum += multiples[magnitude - 1],
            }
        }
        sum
    }
}

/// Writes digits with `sum of digit k * 16^k` the scalar.
fn write_digits(scalar: &Fr, out: &mut [i8; DIGITS]) {
    let limbs = Zeroizing::new(scalar.into_bigint().0);
    let mut carry = 0;
    for (k, digit) in out.iter_mut().enumerate() {
        let limb = limbs.get(k * BITS / 64).map_or(0, |limb| limb >> (k * BITS % 64));
        let value = (limb & 15) as i8 + carry;
        carry = i8::from(value >= LARGEST as i8);
        *digit = value - (carry << BITS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Randomness;
    use ark_ff::Field;

    #[test]
    fn multiples_are_those_of_the_curve() {
        let point = (G2Affine::generator() * Fr::from(5u64)).into_affine();
        let table = Table::new(point);
        let mut randomness = Randomness::from_seed(b"delta");
        let mut scalars: Vec<Fr> = [0i64, 1, 7, 8, 9, 15, 16, 0x88, -1, -8].map(Fr::from).to_vec();
        scalars.extend((0..20).map(|_| randomness.scalar().unwrap()));
        scalars.push(Fr::from(2u64).pow([252]) - Fr::ONE);
        for scalar in scalars {
            assert_eq!(table.times(&scalar), point * scalar, "{scalar}");
        }
    }
}
