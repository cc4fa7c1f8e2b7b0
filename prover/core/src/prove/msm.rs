//! Sums of many points times scalars, for points that are fixed once a key is loaded.

use super::windows::Class;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, PrimeField};
use rayon::prelude::*;
use zeroize::{Zeroize, Zeroizing};

/// The seam: an implementation may prepare tables when it is built.
pub trait FixedBases: Send + Sync {
    type Group;

    /// `sum of scalars[i] * point i`, one scalar for each point that the bases were built from.
    fn sum(&self, scalars: &[BigInt<4>]) -> Self::Group;
}

/// The bucket method. Zeros are free, and scalars are taken with their sign and by size, so bits and
/// small values of either sign are cheap. Points at infinity, frequent in B, are dropped here.
pub struct Buckets<P: SWCurveConfig> {
    points: Vec<Affine<P>>,
    /// Where the points stood, if any was dropped.
    positions: Option<Vec<u32>>,
}

impl<P: SWCurveConfig> Buckets<P> {
    pub fn new(points: Vec<Affine<P>>) -> Self {
        if !points.iter().any(AffineRepr::is_zero) {
            return Self { points, positions: None };
        }
        let finite =
            |(i, point): (usize, Affine<P>)| (!point.is_zero()).then_some((i as u32, point));
        let (positions, points) = points.into_iter().enumerate().filter_map(finite).unzip();
        Self { points, positions: Some(positions) }
    }
}

impl<P: SWCurveConfig<ScalarField = Fr>> FixedBases for Buckets<P> {
    type Group = Projective<P>;

    fn sum(&self, scalars: &[BigInt<4>]) -> Projective<P> {
        match &self.positions {
            None => sum(&self.points, scalars.iter()),
            Some(positions) => sum(&self.points, positions.iter().map(|i| &scalars[*i as usize])),
        }
    }
}

/// A one-off sum in G1, for public scalars.
pub fn sum_g1(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let integers: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    sum(points, integers.iter())
}

/// A point's index with its scalar's magnitude and sign.
#[derive(Clone, Copy)]
pub struct Entry {
    pub index: u32,
    pub negative: bool,
    pub magnitude: BigInt<4>,
}

impl Zeroize for Entry {
    fn zeroize(&mut self) {
        self.magnitude.zeroize();
        self.negative.zeroize();
    }
}

impl Entry {
    /// `None` for zero.
    fn new(index: usize, scalar: &BigInt<4>) -> Option<Self> {
        if scalar.is_zero() {
            return None;
        }
        let mut negated = Fr::MODULUS;
        negated.sub_with_borrow(scalar);
        let negative = negated < *scalar;
        let magnitude = if negative { negated } else { *scalar };
        Some(Self { index: index as u32, negative, magnitude })
    }

    /// The entry's point with the scalar's sign, or with the opposite one.
    pub fn signed<P: SWCurveConfig>(&self, points: &[Affine<P>], opposite: bool) -> Affine<P> {
        let point = points[self.index as usize];
        if self.negative == opposite {
            point
        } else {
            -point
        }
    }
}

/// Upper ends, in bits, of the classes that scalars are sorted into.
const CLASSES: [u32; 4] = [1, 64, 128, 254];

fn sum<'s, P: SWCurveConfig>(
    points: &[Affine<P>],
    scalars: impl Iterator<Item = &'s BigInt<4>> + Clone,
) -> Projective<P> {
    let entries = scalars.enumerate().filter_map(|(index, scalar)| Entry::new(index, scalar));
    let class = |entry: &Entry| {
        let bits = entry.magnitude.num_bits();
        CLASSES.iter().position(|most| bits <= *most).unwrap_or(CLASSES.len() - 1)
    };
    // Counted first and filled in place: growing lists would leave copies of secrets behind.
    let mut counts = [0; CLASSES.len()];
    entries.clone().for_each(|entry| counts[class(&entry)] += 1);
    let mut sorted = counts.map(|count| Zeroizing::new(Vec::with_capacity(count)));
    entries.for_each(|entry| sorted[class(&entry)].push(entry));
    let classes = sorted.into_par_iter().zip(CLASSES.par_iter());
    classes.map(|(entries, bits)| Class::new(entries, *bits).sum(points)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{g1, g2, G2Affine, G2Projective};
    use ark_ec::{CurveGroup, PrimeGroup};
    use ark_ff::{AdditiveGroup, Field, Zero};

    #[test]
    fn dropped_infinities_do_not_shift_scalars() {
        let g = G1Projective::generator();
        let points =
            vec![G1Affine::zero(), g.into_affine(), G1Affine::zero(), (g + g).into_affine()];
        let scalars = [5u64, 7, 11, 13].map(BigInt::from);
        let sum = Buckets::<g1::Config>::new(points).sum(&scalars);
        assert_eq!(sum, g * Fr::from(7u64 + 26));
        let nothing = Buckets::<g1::Config>::new(vec![G1Affine::zero()]);
        assert!(nothing.sum(&scalars[..1]).is_zero());
    }

    #[test]
    fn equal_and_opposite_points_are_summed_correctly() {
        let g = G1Projective::generator().into_affine();
        let points = vec![g, g, -g, g];
        let scalars = [Fr::from(3u64), Fr::from(3u64), Fr::from(3u64), -Fr::from(2u64)];
        assert_eq!(sum_g1(&points, &scalars), g * Fr::from(1u64));
    }

    /// Scalars of every size and sign, with the ends of each class and of the field.
    fn scalars(count: usize) -> Vec<Fr> {
        let mut out = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2u64).inverse().unwrap()];
        let mut state = Fr::from(3u64);
        for k in 0..count as u64 {
            let power = Fr::from(2u64).pow([k % 254]);
            state = state.square() + Fr::from(k);
            out.extend([power, -power, power - Fr::ONE, Fr::ONE - power, state]);
        }
        out
    }

    #[test]
    fn sums_in_g1_agree_with_multiplying_one_by_one() {
        for count in [0, 1, 300] {
            let scalars = scalars(count);
            let points: Vec<G1Affine> = (0..scalars.len() as u64)
                .map(|i| (G1Affine::generator() * Fr::from(i % 7 + 1)).into_affine())
                .collect();
            let expected: Fr =
                scalars.iter().zip(0u64..).map(|(s, i)| *s * Fr::from(i % 7 + 1)).sum();
            assert_eq!(sum_g1(&points, &scalars), G1Projective::generator() * expected);
        }
    }

    #[test]
    fn sums_in_g2_agree_with_multiplying_one_by_one() {
        let scalars = scalars(60);
        let points = vec![G2Affine::generator(); scalars.len()];
        let integers: Vec<_> = scalars.iter().map(|s| s.into_bigint()).collect();
        let expected: Fr = scalars.iter().sum();
        let sum = Buckets::<g2::Config>::new(points).sum(&integers);
        assert_eq!(sum, G2Projective::generator() * expected);
    }
}
