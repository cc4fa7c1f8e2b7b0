//! Sums of many points times scalars, for points that are fixed once a key is loaded.

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroizing;

/// The seam: an implementation may prepare tables when it is built.
pub trait FixedBases: Send + Sync {
    type Group;

    /// `sum of scalars[i] * point i`, one scalar for each point that the bases were built from.
    fn sum(&self, scalars: &[BigInt<4>]) -> Self::Group;
}

/// arkworks' bucket method. It groups scalars by their signed size, so zeros are free and bits and
/// small values of either sign cheap. Points at infinity, frequent in B, are dropped here.
pub struct Buckets<G: VariableBaseMSM> {
    points: Vec<G::MulBase>,
    /// Where the points stood, if any was dropped.
    positions: Option<Vec<u32>>,
}

impl<G: VariableBaseMSM> Buckets<G>
where
    G::MulBase: AffineRepr,
{
    pub fn new(points: Vec<G::MulBase>) -> Self {
        if !points.iter().any(AffineRepr::is_zero) {
            return Self { points, positions: None };
        }
        let finite =
            |(i, point): (usize, G::MulBase)| (!point.is_zero()).then_some((i as u32, point));
        let (positions, points) = points.into_iter().enumerate().filter_map(finite).unzip();
        Self { points, positions: Some(positions) }
    }
}

impl<G> FixedBases for Buckets<G>
where
    G: VariableBaseMSM<ScalarField = Fr>,
{
    type Group = G;

    fn sum(&self, scalars: &[BigInt<4>]) -> G {
        match &self.positions {
            None => G::msm_bigint(&self.points, scalars),
            Some(positions) => {
                let gathered: Zeroizing<Vec<BigInt<4>>> =
                    Zeroizing::new(positions.iter().map(|i| scalars[*i as usize]).collect());
                G::msm_bigint(&self.points, &gathered)
            }
        }
    }
}

/// A one-off sum in G1, for public scalars.
pub fn sum_g1(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let integers: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    G1Projective::msm_bigint(points, &integers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::{CurveGroup, PrimeGroup};
    use ark_ff::Zero;

    #[test]
    fn dropped_infinities_do_not_shift_scalars() {
        let g = G1Projective::generator();
        let points =
            vec![G1Affine::zero(), g.into_affine(), G1Affine::zero(), (g + g).into_affine()];
        let scalars = [5u64, 7, 11, 13].map(BigInt::from);
        let sum = Buckets::<G1Projective>::new(points).sum(&scalars);
        assert_eq!(sum, g * Fr::from(7u64 + 26));
        assert!(Buckets::<G1Projective>::new(vec![G1Affine::zero()]).sum(&scalars[..1]).is_zero());
    }

    #[test]
    fn equal_and_opposite_points_are_summed_correctly() {
        let g = G1Projective::generator().into_affine();
        let points = vec![g, g, -g, g];
        let scalars = [Fr::from(3u64), Fr::from(3u64), Fr::from(3u64), -Fr::from(2u64)];
        assert_eq!(sum_g1(&points, &scalars), g * Fr::from(1u64));
    }
}
