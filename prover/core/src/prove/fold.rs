//! Whether the points that a key's maker added fit its others.

use super::fft::Radix2;
use crate::error::{demand, Result};
use crate::field::Randomness;
use crate::formats::r1cs::{evaluate, R1cs};
use crate::formats::zkey::Zkey;
use crate::formats::zkey_checks::check_points;
use crate::msm::sum_g1;
use ark_bn254::{Fr, G1Affine};
use ark_ff::{AdditiveGroup, Zero};
use rayon::prelude::*;

/// Refuses a key of this circuit whose [`Zkey::folded`] is not what its points in C and H say, but for a
/// probability of 2^-250: a random combination of all wires must give the same sum both ways. A proof by
/// folded points is then the proof by the others, and who makes a key can do no more with them than
/// without. Points off the curve are refused too, for sums of such say nothing.
pub fn demand_folded(zkey: &Zkey, circuit: &R1cs) -> Result<()> {
    let Some(folded) = &zkey.folded else { return Ok(()) };
    let points: Vec<G1Affine> = [&folded[..], &zkey.c, &zkey.h].concat();
    check_points(&[&points], &[])?;
    let mut randomness = Randomness::Os;
    let weights: Vec<Fr> = (0..zkey.n_wires).map(|_| randomness.scalar()).collect::<Result<_>>()?;
    let row = |row: usize| evaluate(circuit.c.row(row), circuit.coefs.values(), &weights);
    let mut c: Vec<Fr> = (0..circuit.n_constraints()).into_par_iter().map(row).collect();
    c.resize(zkey.domain, Fr::ZERO);
    Radix2::new(zkey.domain)?.extend(&mut c);
    let private = weights[zkey.n_public + 1..].iter().map(|weight| -*weight);
    let scalars: Vec<Fr> = weights.iter().copied().chain(private).chain(c).collect();
    let sum = sum_g1(&points, &scalars);
    demand(sum.is_zero(), "the folded points of the proving key do not fit its others")
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_system;
    use super::*;
    use crate::setup::setup;
    use ark_bn254::Fq;
    use ark_ec::{AffineRepr, CurveGroup};
    use ark_ff::Field;

    #[test]
    fn folded_points_are_taken_if_they_fit_and_refused_if_one_does_not() {
        for (rows, seed) in [(1, 3), (40, 4), (700, 5)] {
            let (circuit, _) = random_system(rows, seed);
            let mut zkey = setup(&circuit, Randomness::from_seed(b"fold")).unwrap();
            let holds = |zkey: &Zkey| demand_folded(zkey, &circuit).is_ok();
            assert!(holds(&zkey));
            let whole = zkey.folded.clone().unwrap();
            // The constant's, a public wire's, the first private one's, one that no row names.
            for wire in [0, 1, zkey.n_public + 1, zkey.n_wires - 1] {
                let mut folded = whole.clone();
                folded[wire] = (folded[wire] + G1Affine::generator()).into_affine();
                zkey.folded = Some(folded);
                assert!(!holds(&zkey), "{rows} {wire}");
            }
            let mut swapped = whole.clone();
            swapped.swap(zkey.n_public + 1, zkey.n_wires - 3);
            zkey.folded = Some(swapped);
            assert!(whole[zkey.n_public + 1] != whole[zkey.n_wires - 3]);
            assert!(!holds(&zkey));
            let mut off = whole.clone();
            let wire = off.iter().rposition(|point| !point.is_zero()).unwrap();
            off[wire].y += Fq::ONE;
            zkey.folded = Some(off);
            let refused = demand_folded(&zkey, &circuit).unwrap_err();
            assert!(refused.to_string().contains("not on the curve"), "{refused}");
            zkey.folded = None;
            assert!(holds(&zkey));
        }
    }
}
