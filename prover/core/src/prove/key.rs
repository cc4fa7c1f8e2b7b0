//! A proving key in memory, ready to prove.

use super::fft::{transform, Quotient};
use super::qap::Qap;
use super::Proof;
use crate::error::{demand, Error, Result};
use crate::field::Randomness;
use crate::formats::r1cs::R1cs;
use crate::formats::zkey::{PointChecks, Zkey};
use crate::msm::{builder, Bases, Kernels, Load};
use crate::setup::domain_size;
use crate::store::{self, Contents, Tables};
use crate::verify::Key;
use crate::witness::Plan;
use ark_bn254::{Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{BigInt, One, PrimeField};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Mutex;
use zeroize::Zeroizing;

/// What tables take unless told otherwise.
pub const DEFAULT_BUDGET: usize = 256 << 20;

/// The expected work of a wire's value, as a share of a full-size one's: most are bits or zero.
const WIRE_DENSITY: f64 = 0.1;

/// The budget's shares for A, B1 and C each, for B2, and for H. H's scalars are all of full size,
/// so it goes first: nearly all that seventeen rows a point could take.
fn shares(zkey: &Zkey, budget: usize) -> [Load; 3] {
    let dense = (17 * 64 * zkey.domain).min(budget / 2);
    let rest = budget - dense;
    let wires = |part: usize| Load { density: WIRE_DENSITY, budget: part };
    [wires(rest / 5), wires(2 * rest / 5), Load { density: 1.0, budget: dense }]
}

/// Refuses a key whose sizes or constraints are not the circuit's.
pub fn demand_of_circuit(zkey: &Zkey, circuit: &R1cs) -> Result<()> {
    demand(
        zkey.n_wires == circuit.n_wires
            && zkey.n_public == circuit.n_public()
            && zkey.domain == domain_size(circuit)
            && Qap::new(&zkey.entries, zkey.domain).agrees(&Qap::of_circuit(circuit, zkey.domain)),
        "the proving key is not of this circuit",
    )
}

pub struct ProvingKey {
    n_wires: usize,
    n_public: usize,
    verifier: Key,
    beta1: G1Affine,
    delta1: G1Affine,
    qap: Qap,
    transform: Box<dyn Quotient>,
    a: Bases<G1Projective>,
    b1: Bases<G1Projective>,
    b2: Bases<G2Projective>,
    c: Bases<G1Projective>,
    h: Bases<G1Projective>,
    /// The public inputs of the last proof and their sum.
    inputs: Mutex<Option<(Vec<Fr>, G1Affine)>>,
    /// Where the tables come from, if not from this process.
    stored: Option<Tables>,
}

impl ProvingKey {
    /// Refuses keys that a verifier must refuse, such as one without a second phase.
    ///
    /// `budget`: bytes that tables of the key's points may take; less than the points themselves
    /// take means no tables, for a key that proves once.
    pub fn new(zkey: Zkey, budget: usize, kernels: Kernels) -> Result<Self> {
        let builder = builder(kernels);
        let [wires, wires2, dense] = shares(&zkey, budget);
        Ok(Self {
            n_wires: zkey.n_wires,
            n_public: zkey.n_public,
            verifier: Key::new(zkey.verifier)?,
            beta1: zkey.beta1,
            delta1: zkey.delta1,
            qap: Qap::new(&zkey.entries, zkey.domain),
            transform: transform(zkey.domain, kernels)?,
            a: builder.g1(&zkey.a, wires),
            b1: builder.g1(&zkey.b1, wires),
            b2: builder.g2(&zkey.b2, wires2),
            c: builder.g1(&zkey.c, wires),
            h: builder.g1(&zkey.h, dense),
            inputs: Mutex::default(),
            stored: None,
        })
    }

    /// Writes a key with its circuit, its plan and its tables for [`Self::open`]. Refuses a key that
    /// is not of the circuit.
    pub fn store(
        path: &Path,
        zkey: &[u8],
        (circuit, plan): (&R1cs, &Plan),
        checks: PointChecks,
        budget: usize,
        kernels: Kernels,
    ) -> Result<()> {
        let zkey_hash = Sha256::digest(zkey).into();
        let zkey = Zkey::read(zkey, checks)?;
        demand_of_circuit(&zkey, circuit)?;
        let contents = Contents {
            zkey_hash,
            circuit: circuit.clone(),
            plan: plan.clone(),
            verifier: zkey.verifier.clone(),
            beta1: zkey.beta1,
            delta1: zkey.delta1,
        };
        let key = Self::new(zkey, budget, kernels)?;
        let tables =
            [key.a.stored(), key.b1.stored(), key.b2.stored(), key.c.stored(), key.h.stored()];
        store::write(path, builder(kernels).encoding(), &contents, tables)
    }

    /// Maps what [`Self::store`] wrote, if it is of the key file with this SHA-256; gives the circuit
    /// and the plan too.
    pub fn open(path: &Path, zkey_hash: &[u8], kernels: Kernels) -> Result<(Self, R1cs, Plan)> {
        let builder = builder(kernels);
        let (contents, tables) = store::open(path, builder.encoding())?;
        let Contents { circuit, plan, verifier, beta1, delta1, .. } = contents;
        demand(contents.zkey_hash == zkey_hash, "the stored key is of another key file")?;
        let (n_wires, n_public) = (circuit.n_wires, circuit.n_public());
        let of_circuit = plan.r1cs_hash == circuit.hash
            && plan.n_wires == n_wires
            && plan.inputs == circuit.input_wires()
            && verifier.ic.len() == n_public + 1;
        demand(of_circuit, "the stored key's parts do not belong together")?;
        let domain = domain_size(&circuit);
        let ((verifier, transform), qap) = rayon::join(
            || rayon::join(|| Key::new(verifier), || transform(domain, kernels)),
            || Qap::of_circuit(&circuit, domain),
        );
        let key = Self {
            n_wires,
            n_public,
            verifier: verifier?,
            beta1,
            delta1,
            qap,
            transform: transform?,
            a: builder.open_g1(tables.source(0), n_wires)?,
            b1: builder.open_g1(tables.source(1), n_wires)?,
            b2: builder.open_g2(tables.source(2), n_wires)?,
            c: builder.open_g1(tables.source(3), n_wires - n_public - 1)?,
            h: builder.open_g1(tables.source(4), domain)?,
            inputs: Mutex::default(),
            stored: Some(tables),
        };
        Ok((key, circuit, plan))
    }

    /// False if the tables come from a file whose rows are not as they were written.
    pub fn tables_are_whole(&self) -> bool {
        self.stored.as_ref().is_none_or(Tables::are_whole)
    }

    /// Memory that the key's points and their multiples take.
    pub fn table_bytes(&self) -> usize {
        let g1: usize = [&self.a, &self.b1, &self.c, &self.h].iter().map(|b| b.bytes()).sum();
        g1 + self.b2.bytes()
    }

    pub fn n_wires(&self) -> usize {
        self.n_wires
    }

    pub fn n_public(&self) -> usize {
        self.n_public
    }

    pub fn verifier(&self) -> &Key {
        &self.verifier
    }

    /// Proves with fresh randomness. `self_check` verifies the proof before it leaves: a fault in
    /// the computation could otherwise publish a value that depends on the witness.
    pub fn prove(&self, witness: &[Fr], self_check: bool) -> Result<Proof> {
        demand(
            witness.len() == self.n_wires && witness.first().is_some_and(Fr::is_one),
            "the witness does not belong to this proving key",
        )?;
        let proof = self.assemble(witness)?;
        // Damaged tables may also give points that are none.
        let holds = || match self.holds(&witness[1..=self.n_public], &proof) {
            Err(Error::Format(_)) => Ok(false),
            verdict => verdict,
        };
        if self_check && !holds()? {
            return Err(Error::Proof(
                "the finished proof does not verify: the witness is wrong or the key damaged"
                    .into(),
            ));
        }
        Ok(proof)
    }

    /// Verifies a proof. The inputs' sum is kept from proof to proof: those of one epoch differ in a few.
    fn holds(&self, public: &[Fr], proof: &Proof) -> Result<bool> {
        let before = self.inputs.lock().ok().and_then(|mut inputs| inputs.take());
        let sum = match &before {
            Some((values, sum)) => self.verifier.updated(*sum, values, public)?,
            None => self.verifier.prepare(public)?,
        };
        if let Ok(mut inputs) = self.inputs.lock() {
            *inputs = Some((public.to_vec(), sum));
        }
        self.verifier.verify_prepared(&sum, &[], proof)
    }

    fn assemble(&self, witness: &[Fr]) -> Result<Proof> {
        let r = Zeroizing::new(Randomness::Os.scalar()?);
        let s = Zeroizing::new(Randomness::Os.scalar()?);
        Ok(self.assemble_with(witness, &r, &s))
    }

    /// The proof with these two blinding factors, which must be fresh for every proof: two proofs
    /// with one pair reveal linear relations of their witnesses.
    pub(super) fn assemble_with(&self, witness: &[Fr], r: &Fr, s: &Fr) -> Proof {
        let integers: Zeroizing<Vec<BigInt<4>>> = Zeroizing::new(
            witness.par_iter().with_min_len(2048).map(|value| value.into_bigint()).collect(),
        );
        let private = &integers[self.n_public + 1..];
        let key = self.verifier.part();
        let h = || self.h.sum(&self.qap.quotient(witness, &*self.transform));
        let c = || self.c.sum(private) - self.delta1 * (*r * s);
        let a = || {
            let a = self.a.sum(&integers) + key.alpha1 + self.delta1 * r;
            (a, a * s)
        };
        let b1 = || (self.b1.sum(&integers) + self.beta1 + self.delta1 * s) * r;
        let b2 = || self.b2.sum(&integers) + key.beta2 + key.delta2 * s;
        let ((h, c), ((a, scaled_a), (b2, scaled_b))) =
            rayon::join(|| rayon::join(h, c), || rayon::join(a, || rayon::join(b2, b1)));
        let c = c + h + scaled_a + scaled_b;
        Proof { a: a.into_affine(), b: b2.into_affine(), c: c.into_affine() }
    }
}
