//! Sums of a few points of G1 times scalars: Straus' method with the curve's endomorphism.
//!
//! A scalar is `low + lambda * high` with halves of at most 128 bits (Gallant, Lambert, Vanstone
//! 2001), so that all terms share 128 doublings; the halves are in non-adjacent form, whose digits
//! pick from a table of odd multiples. Times depend on the scalars: for public values only.

use crate::error::Result;
use crate::field::Randomness;
use ark_bn254::g1::Config;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInteger, PrimeField};

/// Digits are odd and below `2^(WIDTH - 1)`.
const WIDTH: usize = 4;
const ODD: usize = 1 << (WIDTH - 2);

/// P, 3P, 5P, ...
pub struct Multiples([G1Affine; ODD]);

impl Multiples {
    /// Those of each point, with one inversion for all.
    pub fn of(points: impl IntoIterator<Item = G1Affine>) -> Vec<Self> {
        let odd = |point: G1Affine| {
            let (point, double) = (point.into_group(), point.into_group().double());
            std::iter::successors(Some(point), move |sum| Some(*sum + double)).take(ODD)
        };
        let all: Vec<G1Projective> = points.into_iter().flat_map(odd).collect();
        let all = G1Projective::normalize_batch(&all);
        all.as_chunks().0.iter().map(|odd| Self(*odd)).collect()
    }

    fn times(&self, digit: i64) -> G1Affine {
        let point = self.0[digit.unsigned_abs() as usize / 2];
        if digit < 0 {
            -point
        } else {
            point
        }
    }
}

/// A scalar `low + lambda * high`. A half is whether it is not negative, and its magnitude.
#[derive(Clone, Copy)]
pub struct Scalar([(bool, Fr); 2]);

impl Scalar {
    pub fn of(value: Fr) -> Self {
        let (low, high) = Config::scalar_decomposition(value);
        Self([low, high])
    }

    /// One other than 0, of 2^128 - 1 that differ: with halves below 2^64 it takes half the doublings.
    /// No difference of two of them is a multiple of r, whose shortest multiples
    /// `low + lambda * high` have a half above 2^126.
    pub fn random(randomness: &mut Randomness) -> Result<Self> {
        loop {
            let halves = randomness.words()?;
            if halves != [0; 2] {
                return Ok(Self(halves.map(|half| (true, Fr::from(half)))));
            }
        }
    }

    pub fn value(&self) -> Fr {
        let [low, high] = self.0.map(|(positive, half)| if positive { half } else { -half });
        low + Config::LAMBDA * high
    }

    /// Digits from the least place on.
    fn digits(&self) -> [Vec<i64>; 2] {
        self.0.map(|(positive, half)| {
            let digits = half.into_bigint().find_wnaf(WIDTH).unwrap_or_default();
            digits.into_iter().map(|digit| if positive { digit } else { -digit }).collect()
        })
    }
}

/// The sum of the terms.
pub fn sum(terms: &[(&Multiples, Scalar)]) -> G1Projective {
    let digits: Vec<_> = terms.iter().map(|(_, scalar)| scalar.digits()).collect();
    let places = digits.iter().flatten().map(Vec::len).max().unwrap_or(0);
    let mut sum = G1Projective::ZERO;
    for place in (0..places).rev() {
        sum.double_in_place();
        for ((multiples, _), [low, high]) in terms.iter().zip(&digits) {
            if let Some(digit) = low.get(place).filter(|digit| **digit != 0) {
                sum += multiples.times(*digit);
            }
            if let Some(digit) = high.get(place).filter(|digit| **digit != 0) {
                sum += Config::endomorphism_affine(&multiples.times(*digit));
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::PrimeGroup;

    #[test]
    fn sums_are_those_of_single_products() {
        let mut randomness = Randomness::from_seed(b"straus");
        let special = [0i64, 1, -1, 2, 7, 8, -8, 15, i64::MAX];
        let scalars = special.map(Fr::from).into_iter().chain([Config::LAMBDA, -Config::LAMBDA]);
        let scalars: Vec<Fr> =
            scalars.chain((0..30).map(|_| randomness.scalar().unwrap())).collect();
        let points: Vec<G1Affine> = (0..scalars.len() as u64)
            .map(|k| (G1Projective::generator() * Fr::from(k % 7)).into_affine())
            .collect();
        let multiples = Multiples::of(points.iter().copied());
        for count in [0, 1, 2, 11, 40] {
            for start in 0..scalars.len() - count {
                let terms = multiples.iter().zip(&scalars).skip(start).take(count);
                let terms: Vec<_> = terms.map(|(m, k)| (m, Scalar::of(*k))).collect();
                let expected = points.iter().zip(&scalars).skip(start).take(count);
                let expected: G1Projective = expected.map(|(p, k)| *p * *k).sum();
                assert_eq!(sum(&terms), expected, "{count} from {start}");
            }
        }
    }

    #[test]
    fn random_scalars_have_their_value() {
        let mut randomness = Randomness::from_seed(b"halves");
        let point = G1Affine::generator();
        let multiples = &Multiples::of([point])[0];
        for _ in 0..20 {
            let scalar = Scalar::random(&mut randomness).unwrap();
            assert_eq!(Scalar::of(scalar.value()).value(), scalar.value());
            assert_eq!(sum(&[(multiples, scalar)]), point * scalar.value());
        }
    }
}
