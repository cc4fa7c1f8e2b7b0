//! A proving key in memory, ready to prove.

use super::fft::Radix2;
use super::msm::{Buckets, FixedBases};
use super::qap::Qap;
use super::Proof;
use crate::error::{demand, Error, Result};
use crate::field::Randomness;
use crate::formats::zkey::Zkey;
use crate::verify::Key;
use ark_bn254::{g1, g2, Fr, G1Affine};
use ark_ec::CurveGroup;
use ark_ff::{BigInt, One, PrimeField};
use rayon::prelude::*;
use zeroize::Zeroizing;

pub struct ProvingKey {
    n_wires: usize,
    n_public: usize,
    verifier: Key,
    beta1: G1Affine,
    delta1: G1Affine,
    qap: Qap,
    transform: Radix2,
    a: Buckets<g1::Config>,
    b1: Buckets<g1::Config>,
    b2: Buckets<g2::Config>,
    c: Buckets<g1::Config>,
    h: Buckets<g1::Config>,
}

impl ProvingKey {
    /// Refuses keys that a verifier must refuse, such as one without a second phase.
    pub fn new(zkey: Zkey) -> Result<Self> {
        Ok(Self {
            n_wires: zkey.n_wires,
            n_public: zkey.n_public,
            verifier: Key::new(zkey.verifier)?,
            beta1: zkey.beta1,
            delta1: zkey.delta1,
            qap: Qap::new(&zkey.entries, zkey.domain),
            transform: Radix2::new(zkey.domain)?,
            a: Buckets::new(zkey.a),
            b1: Buckets::new(zkey.b1),
            b2: Buckets::new(zkey.b2),
            c: Buckets::new(zkey.c),
            h: Buckets::new(zkey.h),
        })
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
        if self_check {
            let public = &witness[1..=self.n_public];
            if !self.verifier.verify(public, &proof)? {
                return Err(Error::Proof(
                    "the finished proof does not verify: the witness is wrong or the key damaged"
                        .into(),
                ));
            }
        }
        Ok(proof)
    }

    fn assemble(&self, witness: &[Fr]) -> Result<Proof> {
        let integers: Zeroizing<Vec<BigInt<4>>> = Zeroizing::new(
            witness.par_iter().with_min_len(2048).map(|value| value.into_bigint()).collect(),
        );
        let private = &integers[self.n_public + 1..];
        let h = || self.h.sum(&self.qap.quotient(witness, &self.transform));
        let in_c = || rayon::join(h, || self.c.sum(private));
        let in_b = || rayon::join(|| self.b2.sum(&integers), || self.b1.sum(&integers));
        let ((h, c), (a, (b2, b1))) =
            rayon::join(in_c, || rayon::join(|| self.a.sum(&integers), in_b));

        let r = Zeroizing::new(Randomness::Os.scalar()?);
        let s = Zeroizing::new(Randomness::Os.scalar()?);
        let key = self.verifier.part();
        let a = a + key.alpha1 + self.delta1 * *r;
        let b1 = b1 + self.beta1 + self.delta1 * *s;
        let b2 = b2 + key.beta2 + key.delta2 * *s;
        let c = c + h + a * *s + b1 * *r - self.delta1 * (*r * *s);
        Ok(Proof { a: a.into_affine(), b: b2.into_affine(), c: c.into_affine() })
    }
}
