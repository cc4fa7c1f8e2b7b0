//! Proofs with fixed blinding against a plain computation by arkworks.

use super::key::{demand_of_circuit, ProvingKey};
use super::Proof;
use crate::error::Result;
use crate::field::Randomness;
use crate::formats::r1cs::{evaluate, Coefs, Matrix, R1cs, Term};
use crate::formats::zkey::{Side, Zkey};
use crate::msm::Kernels;
use crate::public_rows::PublicRows;
use crate::setup::{domain_size, setup, setup_with};
use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ec::{CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, FftField, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// A small generator, so that a failure can be repeated.
pub(super) struct Stream(pub u64);

impl Stream {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    /// Zero, small values of either sign, powers of two and full-size values.
    pub fn value(&mut self) -> Fr {
        let small = Fr::from(self.below(300));
        let power = Fr::from(2u64).pow([self.below(254)]);
        match self.below(8) {
            0 => Fr::ZERO,
            1 => Fr::ONE,
            2 => -Fr::ONE,
            3 => small,
            4 => -small,
            5 => power - Fr::ONE,
            6 => -power,
            _ => (small + Fr::from(3u64)).inverse().unwrap() * power,
        }
    }

    /// The same but for zero.
    pub fn factor(&mut self) -> Fr {
        loop {
            let value = self.value();
            if value != Fr::ZERO {
                return value;
            }
        }
    }
}

/// A satisfiable system of random rows, with a witness. Row i is `a * b = k wire + c`, where a, b and c name
/// earlier wires, public ones and the constant too; some rows are empty, some repeat a wire, some wires
/// occur nowhere.
pub fn random_system(rows: usize, seed: u64) -> (R1cs, Vec<Fr>) {
    let mut stream = Stream(seed);
    let (n_public, given) = (1 + stream.below(5) as usize, 8);
    let mut witness = vec![Fr::ONE];
    witness.extend((0..n_public + given).map(|_| stream.value()));
    let mut coefs = Coefs::default();
    let mut matrices = [Matrix::default(), Matrix::default(), Matrix::default()];
    for row in 0..rows {
        let mut side = |stream: &mut Stream, wires: usize| {
            let count = stream.below(4);
            let mut terms: Vec<Term> = (0..count)
                .map(|_| {
                    let wire = match stream.below(3) {
                        0 => stream.below(3),
                        _ => stream.below(wires as u64),
                    };
                    let value = stream.value();
                    Term { wire: wire as u32, coef: coefs.intern(value) }
                })
                .collect();
            terms.sort_by_key(|term| term.wire);
            terms.dedup_by_key(|term| term.wire);
            terms
        };
        let [a, b, mut c] = [(); 3].map(|()| side(&mut stream, witness.len()));
        let value = |terms: &[Term]| evaluate(terms, coefs.values(), &witness);
        let product = value(&a) * value(&b);
        // Every other C is the new wire alone.
        c.truncate(if row % 2 == 0 { 0 } else { c.len() });
        let rest = product - value(&c);
        if !(row % 11 == 5 && rest == Fr::ZERO) {
            let own = if row % 2 == 0 { Fr::ONE } else { stream.factor() };
            c.push(Term { wire: witness.len() as u32, coef: coefs.intern(own) });
            witness.push(rest * own.inverse().unwrap());
        }
        for (matrix, row) in matrices.iter_mut().zip([&a, &b, &c]) {
            matrix.push(row);
        }
    }
    // Wires that no row names.
    witness.extend([Fr::from(7u64), Fr::ZERO]);
    let [a, b, c] = matrices;
    let r1cs = R1cs {
        n_wires: witness.len(),
        n_outputs: 0,
        n_public_inputs: n_public,
        n_private_inputs: given,
        a,
        b,
        c,
        coefs,
        hash: [0; 32],
    };
    (r1cs, witness)
}

/// snarkjs's algorithm without blinding factors, by arkworks' sums and transforms, blinded like
/// arkworks' `Groth16::rerandomize_proof`.
pub(super) fn reference(key: &Zkey, witness: &[Fr], scale: Fr, shift: Fr) -> Proof {
    let mut a = vec![Fr::ZERO; key.domain];
    let mut b = vec![Fr::ZERO; key.domain];
    for entry in &key.entries {
        let row = match entry.side {
            Side::A => &mut a[entry.row as usize],
            Side::B => &mut b[entry.row as usize],
        };
        *row += entry.value * witness[entry.wire as usize];
    }
    let domain = Radix2EvaluationDomain::<Fr>::new(key.domain).unwrap();
    let root = Fr::get_root_of_unity(2 * key.domain as u64).unwrap();
    let coset = domain.get_coset(root).unwrap();
    let c: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
    let [a, b, c] = [a, b, c].map(|values| coset.fft(&domain.ifft(&values)));
    let h: Vec<Fr> = a.iter().zip(&b).zip(&c).map(|((a, b), c)| *a * b - c).collect();
    let sum = |points, scalars: &[Fr]| G1Projective::msm(points, scalars).unwrap();
    let v = &key.verifier;
    let a = sum(&key.a, witness) + v.alpha1;
    let b = G2Projective::msm(&key.b2, witness).unwrap() + v.beta2;
    let c = sum(&key.c, &witness[key.n_public + 1..]) + sum(&key.h, &h);
    Proof {
        a: (a * scale.inverse().unwrap()).into_affine(),
        b: (b * scale + v.delta2 * (scale * shift)).into_affine(),
        c: (c + a * shift).into_affine(),
    }
}

/// Makes a key of a .zkey, without its points by row or with them.
type Make = fn(Zkey, usize, Kernels) -> Result<ProvingKey>;
const MAKES: [Make; 2] = [ProvingKey::new, ProvingKey::of_checked];

fn check(rows: usize, seed: u64, budgets: &[usize]) {
    check_with(&Kernels::available(), &MAKES, rows, seed, budgets);
}

fn check_with(tested: &[Kernels], makes: &[Make], rows: usize, seed: u64, budgets: &[usize]) {
    let (r1cs, witness) = random_system(rows, seed);
    let zkey = setup(&r1cs, Randomness::from_seed(&seed.to_le_bytes())).unwrap();
    let mut stream = Stream(seed ^ 0x5555);
    let (scale, shift) = (stream.factor(), stream.value());
    let expected = reference(&zkey, &witness, scale, shift);
    for &kernels in tested {
        for budget in budgets {
            for make in makes {
                let key = make(zkey.clone(), *budget, kernels).unwrap();
                // The second time with what the public inputs contribute.
                for _ in 0..2 {
                    let (proof, _) = key.assemble_with(&witness, &scale, &shift, |_, _| ());
                    assert_eq!(proof, expected, "{rows} rows, seed {seed}, {kernels:?}, {budget}");
                }
                // Without rows and with a shift of 0, C is at infinity.
                let public = &witness[1..=zkey.n_public];
                assert!(!expected.is_finite() || key.verifier().verify(public, &expected).unwrap());
            }
        }
    }
}

#[test]
fn small_random_circuits() {
    for seed in 0..40 {
        check(1 + (seed as usize * 7) % 90, seed, &[0, 1 << 20]);
    }
}

/// The vector algorithms, whatever the processor has.
#[test]
fn random_circuits_with_vectors_in_plain_rust() {
    for seed in 40..46 {
        check_with(&[Kernels::Plain], &MAKES, 80 + (seed as usize * 7) % 90, seed, &[0, 1 << 20]);
    }
}

#[test]
fn every_domain_up_to_2_13() {
    for log in 4..=13 {
        check((1 << log) - 10, 100 + log, &[0, 1 << 22, 1 << 26]);
    }
}

/// `scripts/test` runs it too.
#[test]
#[ignore = "a minute"]
fn every_domain_from_2_14_to_2_18() {
    for log in 14..=18 {
        let rows = (1 << log) - 10;
        assert_eq!(domain_size(&random_system(rows, 1).0), 1 << log);
        // One after the other with and without points by row: both would take twice as long.
        let makes = &MAKES[log as usize % 2..][..1];
        check_with(&Kernels::available(), makes, rows, 100 + log, &[1 << 28]);
    }
}

#[test]
fn any_number_of_threads() {
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| check(3000, 77, &[1 << 24]));
    }
}

/// Over a basis of any key: c is then what the witness makes it, whether the rows hold or not.
#[test]
fn public_inputs_that_come_again_change_no_proof() {
    let (zkey, witness) = small_key();
    let key = ProvingKey::new(zkey.clone(), 1 << 20, Kernels::fastest()).unwrap();
    let mut stream = Stream(8);
    for round in 0..6 {
        let mut witness = witness.clone();
        let changed = &mut witness[1..=zkey.n_public.min(round)];
        changed.iter_mut().for_each(|value| *value = stream.value());
        let (scale, shift) = (stream.factor(), stream.value());
        let (proof, _) = key.assemble_with(&witness, &scale, &shift, |_, _| ());
        assert_eq!(proof, reference(&zkey, &witness, scale, shift), "{round}");
    }
}

/// Over points by row c is the wires' own, so a wrong witness gives one more sum, but the same whatever is kept.
#[test]
fn what_is_kept_is_worth_what_is_not() {
    let (zkey, witness) = small_key();
    let fresh = || ProvingKey::of_checked(zkey.clone(), 1 << 20, Kernels::fastest()).unwrap();
    let key = fresh();
    let mut stream = Stream(9);
    for round in 0..4 {
        let mut witness = witness.clone();
        witness[1] = stream.value();
        let (scale, shift) = (stream.factor(), stream.value());
        let of = |key: &ProvingKey| key.assemble_with(&witness, &scale, &shift, |_, _| ()).0;
        assert_eq!(of(&key), of(&fresh()), "{round}");
    }
}

#[test]
fn the_smallest_circuits_and_a_full_domain() {
    for seed in 0..12 {
        check(0, seed, &[0, 1 << 20]);
    }
    for seed in [3, 4] {
        let rows = 64 - 1 - random_system(1, seed).0.n_public();
        let (r1cs, witness) = random_system(rows, seed);
        let randomness = Randomness::from_seed(b"full");
        let zkey = setup_with(&r1cs, PublicRows::All, randomness).unwrap();
        assert_eq!((zkey.domain, zkey.by_row.as_ref().unwrap().rows.len()), (64, 64));
        assert_eq!(demand_of_circuit(&zkey, &r1cs), Ok(PublicRows::All));
        let mut stream = Stream(seed);
        let (scale, shift) = (stream.factor(), stream.value());
        let expected = reference(&zkey, &witness, scale, shift);
        for make in MAKES {
            let key = make(zkey.clone(), 1 << 20, Kernels::fastest()).unwrap();
            let (proof, _) = key.assemble_with(&witness, &scale, &shift, |_, _| ());
            assert_eq!(proof, expected);
        }
    }
}

fn small_key() -> (Zkey, Vec<Fr>) {
    let (r1cs, witness) = random_system(50, 5);
    (setup(&r1cs, Randomness::from_seed(b"fresh")).unwrap(), witness)
}

#[test]
fn every_proof_takes_two_values_of_its_own() {
    let (zkey, witness) = small_key();
    let key = ProvingKey::new(zkey, 0, Kernels::fastest()).unwrap();
    let [mut used, mut seen] = [(); 2].map(|()| Randomness::from_seed(b"values"));
    for _ in 0..2 {
        let [scale, shift] = [(); 2].map(|()| seen.scalar().unwrap());
        let expected = key.assemble_with(&witness, &scale, &shift, |_, _| ());
        assert_eq!(key.assemble(&witness, &mut used, |_, _| ()).unwrap(), expected);
    }
}

#[test]
fn a_key_that_gives_infinity_for_a_witness_does_not_tell() {
    let (mut zkey, witness) = small_key();
    let sum = G1Projective::msm(&zkey.a, &witness).unwrap();
    zkey.verifier.alpha1 = (-sum).into_affine();
    let key = ProvingKey::new(zkey, 0, Kernels::fastest()).unwrap();
    for self_check in [false, true] {
        let refused = key.prove(&witness, self_check).unwrap_err();
        assert!(refused.to_string().contains("does not verify"), "{refused}");
    }
}

#[test]
fn a_wrong_witness_gives_no_proof_that_is_checked() {
    let (zkey, witness) = small_key();
    for make in MAKES {
        let key = make(zkey.clone(), 0, Kernels::fastest()).unwrap();
        assert!(key.prove(&witness, true).is_ok());
        let mut witness = witness.clone();
        // The last row's own wire, before those that no row names.
        let last = witness.len() - 3;
        witness[last] += Fr::ONE;
        assert!(key.prove(&witness, false).is_ok());
        let refused = key.prove(&witness, true).unwrap_err();
        assert!(refused.to_string().contains("does not verify"), "{refused}");
    }
}

#[test]
fn two_proofs_of_one_witness_differ() {
    let (zkey, witness) = small_key();
    let key = ProvingKey::new(zkey, 0, Kernels::fastest()).unwrap();
    let (first, second) = (key.prove(&witness, true).unwrap(), key.prove(&witness, true).unwrap());
    assert!(first.a != second.a && first.b != second.b && first.c != second.c);
}
