//! Whether the points that a key's maker added fit its others.

use super::fft::Radix2;
use crate::error::{demand, Result};
use crate::field::Randomness;
use crate::formats::r1cs::{evaluate, R1cs};
use crate::formats::zkey::Zkey;
use crate::msm::sum_g1;
use ark_bn254::{Fr, G1Affine};
use ark_ff::{AdditiveGroup, Zero};
use rayon::prelude::*;

/// Refuses a key of this circuit whose [`Zkey::folded`] is not what its other points say, but for a
/// probability of 2^-250: a random combination of all wires must give the same sum both ways. The points'
/// maker could otherwise have proofs fail, which the prover then withholds, by values that he chooses.
pub fn demand_folded(zkey: &Zkey, circuit: &R1cs, randomness: &mut Randomness) -> Result<()> {
    let Some(folded) = &zkey.folded else { return Ok(()) };
    let weights: Vec<Fr> = (0..zkey.n_wires).map(|_| randomness.scalar()).collect::<Result<_>>()?;
    let row = |row: usize| evaluate(circuit.c.row(row), circuit.coefs.values(), &weights);
    let mut c: Vec<Fr> = (0..circuit.n_constraints()).into_par_iter().map(row).collect();
    c.resize(zkey.domain, Fr::ZERO);
    Radix2::new(zkey.domain)?.extend(&mut c);
    let private = weights[zkey.n_public + 1..].iter().map(|weight| -*weight);
    let scalars: Vec<Fr> = weights.iter().copied().chain(private).chain(c).collect();
    let points: Vec<G1Affine> = [&folded[..], &zkey.c, &zkey.h].concat();
    let sum = sum_g1(&points, &scalars);
    demand(sum.is_zero(), "the folded points of the proving key do not fit its others")
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_system;
    use super::*;
    use crate::setup::setup;
    use ark_ec::{AffineRepr, CurveGroup};

    #[test]
    fn folded_points_are_taken_if_they_fit_and_refused_if_one_does_not() {
        for (rows, seed) in [(1, 3), (40, 4), (700, 5)] {
            let (circuit, _) = random_system(rows, seed);
            let mut zkey = setup(&circuit, Randomness::from_seed(b"fold")).unwrap();
            let holds = |zkey: &Zkey, circuit: &R1cs| {
                demand_folded(zkey, circuit, &mut Randomness::Os).is_ok()
            };
            assert!(holds(&zkey, &circuit));
            let whole = zkey.folded.clone().unwrap();
            // The constant's, a public wire's, the first private one's, one that no row names.
            for wire in [0, 1, zkey.n_public + 1, zkey.n_wires - 1] {
                let mut folded = whole.clone();
                folded[wire] = (folded[wire] + G1Affine::generator()).into_affine();
                zkey.folded = Some(folded);
                assert!(!holds(&zkey, &circuit), "{rows} {wire}");
            }
            let mut swapped = whole.clone();
            swapped.swap(zkey.n_public + 1, zkey.n_wires - 3);
            zkey.folded = Some(swapped);
            assert!(whole[zkey.n_public + 1] != whole[zkey.n_wires - 3]);
            assert!(!holds(&zkey, &circuit));
            zkey.folded = None;
            assert!(holds(&zkey, &circuit));
        }
    }
}
