//! Stored keys: the same proofs, and no damage that goes unnoticed.

use super::key::ProvingKey;
use super::tests::{random_system, reference, Stream};
use crate::error::Error;
use crate::field::Randomness;
use crate::formats::r1cs::R1cs;
use crate::formats::zkey::PointChecks::Trusted;
use crate::formats::zkey::Zkey;
use crate::msm::Kernels;
use crate::public_rows::PublicRows;
use crate::setup::{setup, setup_with};
use crate::witness::derive;
use ark_bn254::Fr;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

struct Case {
    circuit: R1cs,
    witness: Vec<Fr>,
    zkey: Vec<u8>,
    hash: [u8; 32],
    path: PathBuf,
}

impl Case {
    fn new(name: &str, rows: usize) -> Self {
        let (circuit, witness) = random_system(rows, 9);
        let zkey = setup(&circuit, Randomness::from_seed(b"stored")).unwrap().write();
        let hash = Sha256::digest(&zkey).into();
        let path =
            std::env::temp_dir().join(format!("zkmargin-{}-{name}.keys", std::process::id()));
        Self { circuit, witness, zkey, hash, path }
    }

    fn store(&self, budget: usize, kernels: Kernels) {
        let plan = derive(&self.circuit).plan;
        let parts = (&self.circuit, &plan);
        ProvingKey::store(&self.path, &self.zkey, parts, Trusted, budget, kernels).unwrap();
    }

    fn open(&self, kernels: Kernels) -> Result<ProvingKey, Error> {
        ProvingKey::open(&self.path, &self.hash, kernels).map(|(key, ..)| key)
    }

    /// The same with another file of the key.
    fn with_key(&self, zkey: Vec<u8>) -> Self {
        let path = self.path.with_extension("other");
        let hash = Sha256::digest(&zkey).into();
        Self { circuit: self.circuit.clone(), witness: self.witness.clone(), zkey, hash, path }
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[test]
fn a_stored_key_proves_as_the_key_itself() {
    let case = Case::new("same", 900);
    let zkey = Zkey::read(&case.zkey, Trusted).unwrap();
    let mut stream = Stream(3);
    let (scale, shift) = (stream.factor(), stream.value());
    // A key of snarkjs's has all public rows and no points by row.
    let whole =
        setup_with(&case.circuit, PublicRows::All, Randomness::from_seed(b"whole")).unwrap();
    let plain = Zkey { by_row: None, ..whole.clone() };
    assert!(whole.entries.len() > zkey.entries.len());
    for kernels in Kernels::available() {
        for (zkey, budget) in
            [(&zkey, 0), (&zkey, 1 << 19), (&zkey, 1 << 24), (&whole, 1 << 19), (&plain, 1 << 19)]
        {
            let expected = reference(zkey, &case.witness, scale, shift);
            let case = case.with_key(zkey.write());
            case.store(budget, kernels);
            let (key, circuit, plan) = ProvingKey::open(&case.path, &case.hash, kernels).unwrap();
            let (proof, _) = key.assemble_with(&case.witness, &scale, &shift, |_, _| ());
            assert_eq!(proof, expected);
            assert!(key.prove(&case.witness, true).is_ok() && key.tables_are_whole());
            assert!(circuit.a == case.circuit.a && circuit.b == case.circuit.b);
            assert!(circuit.c == case.circuit.c && plan.inputs == circuit.input_wires());
        }
    }
}

#[test]
fn a_stored_key_is_bound_to_its_key_its_circuit_and_its_arithmetic() {
    let mut case = Case::new("bound", 300);
    case.store(1 << 20, Kernels::fastest());
    case.hash[0] ^= 1;
    assert!(case.open(Kernels::fastest()).is_err());
    case.hash[0] ^= 1;
    let portable = case.open(Kernels::Portable).is_ok();
    assert_eq!(portable, crate::msm::builder(Kernels::fastest()).encoding() == "radix 2^256");
    // Points by row of another key.
    let mut zkey = Zkey::read(&case.zkey, Trusted).unwrap();
    let key = setup(&case.circuit, Randomness::from_seed(b"other")).unwrap();
    zkey.by_row = key.by_row;
    let plan = derive(&case.circuit).plan;
    let parts = (&case.circuit, &plan);
    let stored =
        ProvingKey::store(&case.path, &zkey.write(), parts, Trusted, 0, Kernels::fastest());
    assert!(stored.unwrap_err().to_string().contains("by row"));
    let (other, _) = random_system(300, 10);
    let plan = derive(&other).plan;
    let stored =
        ProvingKey::store(&case.path, &case.zkey, (&other, &plan), Trusted, 0, Kernels::fastest());
    assert!(stored.is_err());
}

#[test]
fn damage_is_refused_or_found_by_the_proof() {
    let case = Case::new("damaged", 120);
    case.store(1 << 20, Kernels::fastest());
    let whole = std::fs::read(&case.path).unwrap();
    let head_length = u64::from_le_bytes(whole[16..24].try_into().unwrap()) as usize;
    let rows = (56 + head_length).next_multiple_of(4096);
    let mut stream = Stream(4);
    for round in 0..60 {
        let mut damaged = whole.clone();
        match round % 3 {
            0 => damaged[stream.below((56 + head_length) as u64) as usize] ^= 1 << (round % 8),
            1 => damaged.truncate(stream.below(whole.len() as u64) as usize),
            _ => damaged.extend([0; 9]),
        }
        std::fs::write(&case.path, &damaged).unwrap();
        // Four bytes of the start are not used.
        let unused = damaged.len() == whole.len() && damaged[12..16] != whole[12..16];
        assert_eq!(case.open(Kernels::fastest()).is_ok(), unused, "round {round}");
    }
    let mut damaged = whole.clone();
    damaged[rows..].iter_mut().for_each(|byte| *byte ^= 1);
    std::fs::write(&case.path, &damaged).unwrap();
    let key = case.open(Kernels::fastest()).unwrap();
    assert!(!key.tables_are_whole());
    assert!(matches!(key.prove(&case.witness, true), Err(Error::Proof(_))));
    // One part at a time: points may leave their curve or subgroup, some are not used.
    let part = (whole.len() - rows).div_ceil(50);
    let mut found = 0;
    for start in (rows..whole.len()).step_by(part) {
        let mut damaged = whole.clone();
        damaged[start..whole.len().min(start + part)].iter_mut().for_each(|byte| *byte ^= 1);
        std::fs::write(&case.path, &damaged).unwrap();
        match case.open(Kernels::fastest()).unwrap().prove(&case.witness, true) {
            Ok(_) => {}
            Err(Error::Proof(_)) => found += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(found > 10, "{found}");
}
