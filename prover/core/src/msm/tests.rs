//! Sums against multiplying known multiples of the generator, with both kernels and all table sizes.

use super::*;
use ark_bn254::G2Projective;
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field};
use proptest::prelude::*;

/// From the points alone to every window's multiple.
const BUDGETS: [usize; 4] = [0, 1 << 16, 1 << 18, 1 << 26];

fn load(budget: usize) -> Load {
    Load { density: 1.0, budget }
}

/// `sum of scalars[i] * logs[i] * G` against the sums of both groups' tables.
fn check(logs: &[Fr], scalars: &[Fr]) {
    let expected: Fr = logs.iter().zip(scalars).map(|(log, scalar)| *log * scalar).sum();
    let integers: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    let g1: Vec<_> = logs.iter().map(|k| (G1Projective::generator() * k).into_affine()).collect();
    let g2: Vec<_> = logs.iter().map(|k| (G2Projective::generator() * k).into_affine()).collect();
    for kernels in Kernels::tested() {
        let builder = builder(kernels);
        for budget in BUDGETS {
            let sum = builder.g1(&g1, load(budget)).sum(&integers);
            assert_eq!(sum, G1Projective::generator() * expected, "{kernels:?} {budget}");
            let sum = builder.g2(&g2, load(budget)).sum(&integers);
            assert_eq!(sum, G2Projective::generator() * expected, "{kernels:?} {budget}");
        }
    }
}

/// Scalars of every size and sign, with the ends of each window and of the field.
fn scalars(count: usize) -> Vec<Fr> {
    let half = Fr::from(2u64).inverse().unwrap();
    let mut out = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, half, -half, half - Fr::ONE];
    let mut state = Fr::from(3u64);
    for k in 0..count as u64 {
        let power = Fr::from(2u64).pow([k % 254]);
        state = state.square() + Fr::from(k);
        out.extend([power, -power, power - Fr::ONE, Fr::ONE - power, state]);
    }
    out.truncate(count);
    out
}

fn distinct(count: usize) -> Vec<Fr> {
    (0..count as u64).map(|i| Fr::from(i * i + 3 * i + 7)).collect()
}

#[test]
fn all_kinds_of_scalars_and_counts() {
    for count in [0, 1, 2, 7, 8, 9, 100, 1500] {
        check(&distinct(count), &scalars(count));
    }
}

#[test]
fn repeated_opposite_and_infinite_points() {
    let logs = [5i64, 0, -5, 5, 7, 0, 7, -7, 9];
    let logs: Vec<Fr> = (0..900).map(|i| Fr::from(logs[i % logs.len()])).collect();
    check(&logs, &scalars(900));
    check(&vec![Fr::ZERO; 20], &scalars(20));
}

/// Pairs of neighbours have one sum, so every level of the tree adds equal points.
#[test]
fn sums_that_meet_themselves() {
    let logs: Vec<Fr> = (1..=512).flat_map(|k| [Fr::from(k), Fr::from(2000u64 - k)]).collect();
    check(&logs, &vec![Fr::ONE; logs.len()]);
    check(&logs, &vec![-Fr::from(12345u64); logs.len()]);
}

/// Every other pair of neighbours has the opposite sum: the second level adds to infinity.
#[test]
fn sums_that_meet_their_opposites() {
    let pair = |k: u64| [Fr::from(k), Fr::from(5000 - k)];
    let logs: Vec<Fr> = (1..=600)
        .flat_map(|k| match k % 2 {
            0 => pair(k),
            _ => pair(k).map(|log| -log),
        })
        .collect();
    // And a few sums that are not at infinity between them.
    let mut mixed = logs.clone();
    mixed.iter_mut().step_by(37).for_each(|log| *log += Fr::from(100_000u64));
    for logs in [logs, mixed] {
        // Both signs, and each in turn: the same sums of other points.
        for period in [usize::MAX, 1, 2, 3, 5] {
            let sign =
                |index: usize| if (index + 1).is_multiple_of(period) { -Fr::ONE } else { Fr::ONE };
            let signs: Vec<Fr> = (0..logs.len()).map(sign).collect();
            let logs: Vec<Fr> = logs.iter().zip(&signs).map(|(log, sign)| *log * sign).collect();
            check(&logs, &signs);
        }
    }
}

/// Every eight neighbours, which kernels may add up on their own, have the same sum or its opposite.
#[test]
fn chunks_that_meet_themselves_and_their_opposites() {
    for period in [usize::MAX, 2, 3] {
        let eight = |k: u64| -> Vec<Fr> {
            let mut own: Vec<Fr> = (1..8).map(|i| Fr::from(k * k * 100 + i * i)).collect();
            let target = Fr::from(77_777_777u64);
            let target = if (k as usize).is_multiple_of(period) { -target } else { target };
            own.push(target - own.iter().sum::<Fr>());
            own
        };
        let logs: Vec<Fr> = (1..=80).flat_map(eight).collect();
        check(&logs, &vec![Fr::ONE; logs.len()]);
        // The same sums, of points with signs of their own.
        let signs: Vec<Fr> =
            (0..logs.len()).map(|i| if i * i % 7 < 3 { -Fr::ONE } else { Fr::ONE }).collect();
        let logs: Vec<Fr> = logs.iter().zip(&signs).map(|(log, sign)| *log * sign).collect();
        check(&logs, &signs);
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| check(&distinct(3000), &scalars(3000)));
    }
}

#[test]
fn multiples_of_the_generators() {
    // Few scalars have a smaller table.
    for (count, expected) in [(0, 0), (1, 1), (700, 700), (700, 1 << 20)] {
        let scalars = scalars(count);
        for kernels in Kernels::tested() {
            let builder = builder(kernels);
            let g1 = scalars.iter().map(|k| (G1Projective::generator() * k).into_affine());
            assert!(builder.g1_generator(expected)(&scalars).into_iter().eq(g1));
            let g2 = scalars.iter().map(|k| (G2Projective::generator() * k).into_affine());
            assert!(builder.g2_generator(expected)(&scalars).into_iter().eq(g2));
        }
    }
}

#[test]
fn tables_keep_to_their_budget_or_hold_only_the_points() {
    let logs = distinct(1000);
    let points: Vec<_> =
        logs.iter().map(|k| (G1Projective::generator() * k).into_affine()).collect();
    for kernels in Kernels::tested() {
        for budget in [0, 200_000, 500_000, 1_000_000] {
            let bytes = builder(kernels).g1(&points, load(budget)).bytes();
            assert!(bytes <= budget.max(64 * 1000), "{bytes} of {budget}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Few distinct points and scalars, so that buckets collide in every way.
    #[test]
    fn crowded_sums(
        logs in prop::collection::vec(-4i64..5, 0..400),
        picks in prop::collection::vec(0usize..12, 400),
    ) {
        let kinds = scalars(12);
        let logs: Vec<Fr> = logs.into_iter().map(Fr::from).collect();
        let scalars: Vec<Fr> = picks[..logs.len()].iter().map(|pick| kinds[*pick]).collect();
        check(&logs, &scalars);
    }
}
