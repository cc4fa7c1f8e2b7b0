//! Batches and sums that are brought up to date, against one proof and one sum at a time.

use super::*;
use crate::formats::zkey::VerifierPart;
use ark_bn254::G2Projective;
use ark_ec::PrimeGroup;
use ark_ff::PrimeField;

/// A key whose trapdoor is known, and proofs simulated with it.
struct Simulator {
    key: Key,
    ic: Vec<Fr>,
    secrets: [Fr; 4],
}

impl Simulator {
    fn new(inputs: usize) -> Self {
        let mut randomness = Randomness::from_seed(b"simulator");
        let ic: Vec<Fr> = (0..=inputs).map(|_| randomness.scalar().unwrap()).collect();
        let secrets @ [alpha, beta, gamma, delta] = [(); 4].map(|()| randomness.scalar().unwrap());
        let one = |scalar: Fr| (G1Affine::generator() * scalar).into_affine();
        let two = |scalar: Fr| (G2Affine::generator() * scalar).into_affine();
        let part = VerifierPart {
            alpha1: one(alpha),
            beta2: two(beta),
            gamma2: two(gamma),
            delta2: two(delta),
            ic: ic.iter().map(|scalar| one(*scalar)).collect(),
        };
        Self { key: Key::new(part).unwrap(), ic, secrets }
    }

    fn prove(&self, public: &[Fr], seed: u64) -> Proof {
        let [alpha, beta, gamma, delta] = self.secrets;
        let (a, b) = (Fr::from(seed + 2), Fr::from(3 * seed + 5));
        let inputs: Fr =
            self.ic[0] + self.ic[1..].iter().zip(public).map(|(x, y)| *x * y).sum::<Fr>();
        let c = (a * b - alpha * beta - gamma * inputs) / delta;
        Proof {
            a: (G1Projective::generator() * a).into_affine(),
            b: (G2Affine::generator() * b).into_affine(),
            c: (G1Projective::generator() * c).into_affine(),
        }
    }
}

#[test]
fn a_batch_holds_if_and_only_if_each_proof_does() {
    let simulator = Simulator::new(9);
    let prefix: Vec<Fr> = (1..=5).map(Fr::from).collect();
    let point = simulator.key.prepare(&prefix).unwrap();
    let case = |k: u64| {
        let live: Vec<Fr> = (0..4).map(|j| -Fr::from(100 * k + j)).collect();
        let public = [&prefix[..], &live[..]].concat();
        let proof = simulator.prove(&public, k);
        assert!(simulator.key.verify(&public, &proof).unwrap());
        (live, proof)
    };
    for size in [0, 1, 2, 5, 17] {
        let batch: Vec<_> = (0..size).map(case).collect();
        assert!(simulator.key.verify_batch(&point, &batch).unwrap(), "{size}");
        for spoiled in 0..size as usize {
            let mut wrong = batch.clone();
            wrong[spoiled].0[spoiled % 4] += Fr::ONE;
            assert!(!simulator.key.verify_batch(&point, &wrong).unwrap(), "{size} {spoiled}");
        }
    }
}

#[test]
fn errors_that_cancel_without_random_powers_are_found() {
    let simulator = Simulator::new(4);
    let point = simulator.key.prepare(&[]).unwrap();
    let live = |k: u64| (0..4).map(|j| Fr::from(7 * k + j)).collect::<Vec<_>>();
    let mut batch: Vec<_> = (0..2).map(|k| (live(k), simulator.prove(&live(k), k))).collect();
    let shift = G1Projective::generator();
    batch[0].1.c = (shift + batch[0].1.c).into_affine();
    batch[1].1.c = (G1Projective::from(batch[1].1.c) - shift).into_affine();
    assert!(!simulator.key.verify_batch(&point, &batch).unwrap());
}

#[test]
fn batches_that_are_none_are_refused() {
    let simulator = Simulator::new(4);
    let point = simulator.key.prepare(&[]).unwrap();
    let live = vec![Fr::ONE; 4];
    let proof = simulator.prove(&live, 1);
    let uneven = [(live.clone(), proof.clone()), (live[1..].to_vec(), proof.clone())];
    assert!(simulator.key.verify_batch(&point, &uneven).is_err());
    let mut infinite = proof.clone();
    infinite.c = G1Affine::zero();
    assert!(simulator.key.verify_batch(&point, &[(live.clone(), infinite)]).is_err());
    assert!(simulator.key.verify_batch(&G1Affine::zero(), &[(live, proof)]).is_err());
}

#[test]
fn a_verification_in_two_parts_gives_the_same_verdict() {
    let simulator = Simulator::new(4);
    let point = simulator.key.prepare(&[Fr::ONE; 4]).unwrap();
    let proof = simulator.prove(&[Fr::ONE; 4], 3);
    let verdict = |point: &G1Affine, proof: &Proof| {
        let own = simulator.key.begin(point, &proof.a, &proof.b);
        let own = own.map(|begun| simulator.key.end(begun, &proof.c)).ok();
        assert_eq!(own, simulator.key.verify_prepared(point, &[], proof).ok());
        own
    };
    assert_eq!(verdict(&point, &proof), Some(true));
    let other = simulator.prove(&[Fr::ONE; 4], 4);
    let places: [fn(&mut Proof, &Proof); 3] =
        [|to, from| to.a = from.a, |to, from| to.b = from.b, |to, from| to.c = from.c];
    for place in places {
        let mut wrong = proof.clone();
        place(&mut wrong, &other);
        assert_eq!(verdict(&point, &wrong), Some(false));
    }
    assert_eq!(verdict(&simulator.key.prepare(&[]).unwrap(), &proof), Some(false));
    assert_eq!(verdict(&G1Affine::zero(), &proof), None);
    for infinite in [
        Proof { a: G1Affine::zero(), ..proof.clone() },
        Proof { b: G2Affine::zero(), ..proof.clone() },
    ] {
        assert_eq!(verdict(&point, &infinite), None);
    }
    let begun = simulator.key.begin(&point, &proof.a, &proof.b).unwrap();
    assert!(!simulator.key.end(begun, &G1Affine::zero()));
    let outside = Proof { b: (proof.b + outside()).into_affine(), ..proof };
    assert_eq!(verdict(&point, &outside), None);
}

/// A point of the twist without a part in the subgroup: a proof's equation does not notice it.
fn outside() -> G2Affine {
    let point =
        (1u64..).find_map(|x| G2Affine::get_point_from_x_unchecked(x.into(), false)).unwrap();
    let outside = point.mul_bigint(Fr::MODULUS).into_affine();
    assert!(!outside.is_zero());
    outside
}

#[test]
fn a_key_with_a_point_outside_its_subgroup_is_refused() {
    let simulator = Simulator::new(4);
    let places: [fn(&mut VerifierPart) -> &mut G2Affine; 3] =
        [|part| &mut part.beta2, |part| &mut part.gamma2, |part| &mut part.delta2];
    for place in places {
        let mut part = simulator.key.part.clone();
        let point = place(&mut part);
        *point = (G2Projective::from(*point) + outside()).into_affine();
        assert!(Key::new(part).is_err());
    }
    assert!(Key::new(simulator.key.part.clone()).is_ok());
}

#[test]
fn a_b_outside_its_subgroup_is_refused() {
    let simulator = Simulator::new(4);
    let point = simulator.key.prepare(&[]).unwrap();
    let live = |k: u64| vec![Fr::from(k); 4];
    let outside = outside();
    let mut batch: Vec<_> = (0..3).map(|k| (live(k), simulator.prove(&live(k), k))).collect();
    assert!(simulator.key.verify_batch(&point, &batch).unwrap());
    batch[1].1.b = (G2Projective::from(batch[1].1.b) + outside).into_affine();
    assert!(simulator.key.verify_prepared(&point, &live(1), &batch[1].1).is_err());
    assert!(simulator.key.verify_batch(&point, &batch).is_err());
}

#[test]
fn a_sum_is_brought_from_any_inputs_to_any_others() {
    let simulator = Simulator::new(40);
    let inputs = |seed: u64, same: usize| -> Vec<Fr> {
        (0..40).map(|j| Fr::from(if j < same { j as u64 } else { seed * (j as u64 + 1) })).collect()
    };
    for (same, seed) in [(40, 1), (38, 2), (20, 3), (0, 4)] {
        let (before, now) = (inputs(9, same), inputs(seed, same));
        let sum = simulator.key.prepare(&before).unwrap();
        let updated = simulator.key.updated(sum, &before, &now).unwrap();
        assert_eq!(updated, simulator.key.prepare(&now).unwrap());
    }
    let (short, now) = (inputs(9, 0)[..3].to_vec(), inputs(8, 0));
    let sum = simulator.key.prepare(&short).unwrap();
    assert_eq!(
        simulator.key.updated(sum, &short, &now).unwrap(),
        simulator.key.prepare(&now).unwrap()
    );
}
