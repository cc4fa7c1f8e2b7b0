//! Curve and subgroup checks for the many points of a key.
//!
//! G1 has prime order, so being on the curve is all. G2 has a cofactor whose smallest prime factor
//! is 10069: one check a point costs 0.1 ms, so the points are checked together instead. For points
//! P_i outside the subgroup and random c_i in [0, 2^13), sum c_i*P_i lies inside it with probability
//! at most 2^-13 (2^13 < 10069, so at most one c_i fits, given the others); ten rounds leave 2^-130.

use crate::error::{demand, Error, Result};
use ark_bn254::{G1Affine, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

const ROUNDS: usize = 10;
const BITS: usize = 13;
/// Below this many points, one check a point is cheaper than the rounds.
const FEW: usize = 600;

pub fn check_points(g1: &[&[G1Affine]], g2: &[&[G2Affine]]) -> Result<()> {
    let g1_fine = g1.iter().all(|points| points.par_iter().all(G1Affine::is_on_curve));
    demand(g1_fine, "a G1 point of the key is not on the curve")?;
    for points in g2 {
        let on_curve = points.par_iter().all(G2Affine::is_on_curve);
        demand(on_curve, "a G2 point of the key is not on the curve")?;
        demand(all_in_subgroup(points)?, "a G2 point of the key is not in the subgroup")?;
    }
    Ok(())
}

fn all_in_subgroup(points: &[G2Affine]) -> Result<bool> {
    let finite: Vec<&G2Affine> = points.iter().filter(|p| !p.is_zero()).collect();
    if finite.len() < FEW {
        return Ok(finite.par_iter().all(|p| p.is_in_correct_subgroup_assuming_on_curve()));
    }
    let rounds: Result<Vec<bool>> =
        (0..ROUNDS).into_par_iter().map(|_| random_sum_in_subgroup(&finite)).collect();
    Ok(rounds?.into_iter().all(|inside| inside))
}

fn random_sum_in_subgroup(points: &[&G2Affine]) -> Result<bool> {
    let mut random = vec![0u8; points.len() * 2];
    getrandom::fill(&mut random)
        .map_err(|_| Error::Proof("the operating system gave no randomness".into()))?;
    let mut buckets = vec![G2Projective::ZERO; 1 << BITS];
    for (point, word) in points.iter().zip(random.chunks_exact(2)) {
        let digit = u16::from_le_bytes([word[0], word[1]]) as usize & ((1 << BITS) - 1);
        buckets[digit] += *point;
    }
    let mut running = G2Projective::ZERO;
    let mut sum = G2Projective::ZERO;
    for bucket in buckets.iter().skip(1).rev() {
        running += bucket;
        sum += running;
    }
    let sum = sum.into_affine();
    Ok(sum.is_zero() || sum.is_in_correct_subgroup_assuming_on_curve())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::Fq2;
    use ark_ec::PrimeGroup;

    const COFACTOR_TIMES_R_OVER_10069: [u64; 8] = [
        0x1dbbfa43015f1659,
        0x88a0ba9334d5d06e,
        0xc616fa58e5b72d72,
        0x8ec12d22f6541370,
        0x85dd3e299a8fab26,
        0xf2ec8020adba71a1,
        0xb0cfb56a567ea5a2,
        0x3b89d84c6eaa,
    ];

    #[test]
    fn one_point_outside_the_subgroup_is_found_among_many() {
        let mut point = G2Projective::generator();
        let mut points = Vec::new();
        for _ in 0..FEW + 100 {
            points.push(point.into_affine());
            point += G2Projective::generator();
        }
        assert!(check_points(&[], &[&points]).is_ok());
        let outside = (1u64..)
            .find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false))
            .unwrap();
        assert!(!outside.is_in_correct_subgroup_assuming_on_curve());
        points[77] = outside;
        assert!(check_points(&[], &[&points]).is_err());
    }

    #[test]
    fn a_torsion_point_of_the_smallest_order_is_found() {
        // r times a random curve point, cleared of every cofactor prime but 10069.
        let outside = (1u64..)
            .find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false))
            .unwrap();
        let torsion = outside.mul_bigint(COFACTOR_TIMES_R_OVER_10069).into_affine();
        assert!(!torsion.is_zero());
        let mut points = vec![G2Affine::generator(); FEW + 1];
        points[5] = (torsion + G2Affine::generator()).into_affine();
        assert!(check_points(&[], &[&points]).is_err());
    }
}
