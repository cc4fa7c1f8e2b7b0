//! A proving key in memory, ready to prove.

use super::delta::Table;
use super::fft::{quotient, Basis, Quotient};
use super::known::{Kept, Sums};
use super::qap::Qap;
use super::row_points::demand_row_points;
use super::Proof;
use crate::error::{damaged, demand, Error, Result};
use crate::field::Randomness;
use crate::formats::r1cs::R1cs;
use crate::formats::zkey::{PointChecks, RowPoints, Zkey};
use crate::msm::{affine, builder, Bases, Kernels, Load};
use crate::public_rows::PublicRows;
use crate::setup::domain_size;
use crate::store::{self, Contents, Tables};
use crate::verify::{Begun, Key};
use crate::wiped::Wiped;
use crate::witness::Plan;
use ark_bn254::{g2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::{AdditiveGroup, BigInt, Field, One, PrimeField};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Mutex;
use zeroize::Zeroizing;

/// What tables take unless told otherwise.
pub const DEFAULT_BUDGET: usize = 256 << 20;

/// The expected work of a wire's value, as a share of a full-size one's: most are bits or zero.
const WIRE_DENSITY: f64 = 0.1;

/// The same of a row's share of the quotient: of full size, or zero, as in rows of zero bits.
const ROW_DENSITY: f64 = 0.55;

/// What a table of the quotient's `points` may take: up to half the budget, for its scalars are of full size,
/// and little more than twenty rows a point, with which windows of 13 bits double nothing.
fn load_of_quotient(points: usize, basis: Basis, budget: usize) -> Load {
    let density = match basis {
        Basis::OddHalf => 1.0,
        Basis::Rows => ROW_DENSITY,
    };
    Load { density, budget: (21 * 64 * points).min(budget / 2) }
}

/// What tables of A and C may take each, and one of B2.
fn loads_of_wires(rest: usize) -> [Load; 2] {
    [rest / 4, rest / 2].map(|budget| Load { density: WIRE_DENSITY, budget })
}

/// Refuses a key whose sizes or constraints are not the circuit's, or whose points by row do not fit. Tells
/// which public rows it has.
pub fn demand_of_circuit(zkey: &Zkey, circuit: &R1cs) -> Result<PublicRows> {
    let public_rows = demand_rows(zkey, circuit)?;
    demand_row_points(zkey, circuit)?;
    Ok(public_rows)
}

/// The same but for points by row.
pub fn demand_rows(zkey: &Zkey, circuit: &R1cs) -> Result<PublicRows> {
    let same_sizes = zkey.n_wires == circuit.n_wires
        && zkey.n_public == circuit.n_public()
        && zkey.domain == domain_size(circuit);
    const OTHER: &str = "the proving key is not of this circuit";
    demand(same_sizes, OTHER)?;
    let own = Qap::new(&zkey.entries, zkey.domain);
    let agrees = |rows: &PublicRows| own.agrees(&Qap::of_circuit(circuit, zkey.domain, *rows));
    let found = [PublicRows::Needed, PublicRows::All].into_iter().find(agrees);
    found.map_or_else(|| damaged(OTHER), Ok)
}

/// A multiple of a point of G2, by the curve's endomorphism (half the doublings).
fn times(point: G2Projective, scalar: &Fr) -> G2Projective {
    g2::Config::glv_mul_projective(point, *scalar)
}

pub struct ProvingKey {
    n_wires: usize,
    n_public: usize,
    verifier: Key,
    qap: Qap,
    quotient: Box<dyn Quotient>,
    delta2: Table,
    a: Bases<G1Projective>,
    b2: Bases<G2Projective>,
    basis: Basis,
    /// Of the private wires, or [`RowPoints::wires`].
    c: Bases<G1Projective>,
    /// Of the domain's odd half, or [`RowPoints::rows`].
    h: Bases<G1Projective>,
    /// The public inputs of the last proof and their sum.
    inputs: Mutex<Option<(Vec<Fr>, G1Affine)>>,
    kept: Kept,
    /// Where the tables come from, if not from this process.
    stored: Option<Tables>,
}

impl ProvingKey {
    /// Refuses keys that a verifier must refuse, such as one without a second phase. Points by row are left
    /// aside: only [`Self::store`] has the circuit to check them with.
    ///
    /// `budget`: bytes that tables of the key's points may take; less than the points themselves
    /// take means no tables, for a key that proves once.
    pub fn new(mut zkey: Zkey, budget: usize, kernels: Kernels) -> Result<Self> {
        zkey.by_row = None;
        Self::of_checked(zkey, budget, kernels)
    }

    /// The same with those points, if it has them and they were checked.
    pub(super) fn of_checked(zkey: Zkey, budget: usize, kernels: Kernels) -> Result<Self> {
        let builder = builder(kernels);
        let (basis, c, h) = match &zkey.by_row {
            Some(RowPoints { rows, wires }) => (Basis::Rows, wires, rows),
            None => (Basis::OddHalf, &zkey.c, &zkey.h),
        };
        let h = builder.g1(h, load_of_quotient(h.len(), basis, budget));
        let [wires, wires2] = loads_of_wires(budget.saturating_sub(h.bytes()));
        Ok(Self {
            n_wires: zkey.n_wires,
            n_public: zkey.n_public,
            delta2: Table::new(zkey.verifier.delta2),
            verifier: Key::new(zkey.verifier)?,
            qap: Qap::new(&zkey.entries, zkey.domain),
            quotient: quotient(zkey.domain, basis, kernels)?,
            a: builder.g1(&zkey.a, wires),
            b2: builder.g2(&zkey.b2, wires2),
            basis,
            c: builder.g1(c, wires),
            h,
            inputs: Mutex::default(),
            kept: Kept::default(),
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
        let public_rows = demand_of_circuit(&zkey, circuit)?;
        let contents = Contents {
            zkey_hash,
            circuit: circuit.clone(),
            plan: plan.clone(),
            verifier: zkey.verifier.clone(),
            public_rows,
            by_row: zkey.by_row.is_some(),
        };
        let key = Self::of_checked(zkey, budget, kernels)?;
        let tables = [key.a.stored(), key.b2.stored(), key.c.stored(), key.h.stored()];
        store::write(path, builder(kernels).encoding(), &contents, tables)
    }

    /// Maps what [`Self::store`] wrote, if it is of the key file with this SHA-256; gives the circuit
    /// and the plan too.
    pub fn open(path: &Path, zkey_hash: &[u8], kernels: Kernels) -> Result<(Self, R1cs, Plan)> {
        let builder = builder(kernels);
        let (contents, tables) = store::open(path, builder.encoding())?;
        let Contents { circuit, plan, verifier, public_rows, by_row, .. } = contents;
        demand(contents.zkey_hash == zkey_hash, "the stored key is of another key file")?;
        let (n_wires, n_public) = (circuit.n_wires, circuit.n_public());
        let of_circuit = plan.r1cs_hash == circuit.hash
            && plan.n_wires == n_wires
            && plan.inputs == circuit.input_wires()
            && verifier.ic.len() == n_public + 1;
        demand(of_circuit, "the stored key's parts do not belong together")?;
        let (basis, wires) = match by_row {
            true => (Basis::Rows, n_wires),
            false => (Basis::OddHalf, n_wires - n_public - 1),
        };
        let domain = domain_size(&circuit);
        let delta2 = verifier.delta2;
        let ((verifier, quotient), (qap, delta2)) = rayon::join(
            || rayon::join(|| Key::new(verifier), || quotient(domain, basis, kernels)),
            || {
                let qap = || Qap::of_circuit(&circuit, domain, public_rows);
                rayon::join(qap, || Table::new(delta2))
            },
        );
        let scalars = qap.scalars(basis);
        let key = Self {
            n_wires,
            n_public,
            verifier: verifier?,
            qap,
            quotient: quotient?,
            delta2,
            a: builder.open_g1(tables.source(0), n_wires)?,
            b2: builder.open_g2(tables.source(1), n_wires)?,
            basis,
            c: builder.open_g1(tables.source(2), wires)?,
            h: builder.open_g1(tables.source(3), scalars)?,
            inputs: Mutex::default(),
            kept: Kept::default(),
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
        let g1: usize = [&self.a, &self.c, &self.h].iter().map(|b| b.bytes()).sum();
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
    /// the computation could otherwise publish a value that depends on the witness. A point at infinity
    /// never leaves: blinding would not hide that the sum behind it is zero, which the maker of a key
    /// could bring about for a witness of his guess. Without a self-check nothing is taken over from another
    /// proof, and a proof that fails leaves nothing to the next: a fault stays in one proof.
    pub fn prove(&self, witness: &[Fr], self_check: bool) -> Result<Proof> {
        demand(
            witness.len() == self.n_wires && witness.first().is_some_and(Fr::is_one),
            "the witness does not belong to this proving key",
        )?;
        if !self_check {
            self.kept.forget();
        }
        let public = &witness[1..=self.n_public];
        let begin = |a: &G1Affine, b: &G2Affine| self_check.then(|| self.begin(public, a, b));
        let (proof, begun) = self.assemble(witness, &mut Randomness::Os, begin)?;
        let holds = match begun.transpose() {
            Ok(begun) => begun.is_none_or(|begun| self.verifier.end(begun, &proof.c)),
            // Damaged tables may also give points that are none.
            Err(Error::Format(_)) => false,
            Err(other) => return Err(other),
        };
        if !proof.is_finite() || !holds {
            self.kept.forget();
            if let Ok(mut inputs) = self.inputs.lock() {
                *inputs = None;
            }
            return Err(Error::Proof(
                "the finished proof does not verify: the witness is wrong or the key damaged"
                    .into(),
            ));
        }
        Ok(proof)
    }

    /// Begins to verify a proof. The inputs' sum is kept from proof to proof: those of one epoch differ
    /// in a few.
    fn begin(&self, public: &[Fr], a: &G1Affine, b: &G2Affine) -> Result<Begun> {
        let before = self.inputs.lock().ok().and_then(|mut inputs| inputs.take());
        let sum = match &before {
            Some((values, sum)) => self.verifier.updated(*sum, values, public)?,
            None => self.verifier.prepare(public)?,
        };
        if let Ok(mut inputs) = self.inputs.lock() {
            *inputs = Some((public.to_vec(), sum));
        }
        self.verifier.begin(&sum, a, b)
    }

    /// The wires that [`Self::c`] has points of.
    fn of_c<'a>(&self, wires: &'a [BigInt<4>]) -> &'a [BigInt<4>] {
        match self.basis {
            Basis::Rows => wires,
            Basis::OddHalf => &wires[self.n_public + 1..],
        }
    }

    /// Sums over A, B and C of a witness that has these public wires, the constant first, and zeros.
    fn sums_of_public(&self, values: &[Fr]) -> Sums {
        let mut integers: Vec<_> = values.iter().map(|value| value.into_bigint()).collect();
        integers.resize(self.n_wires, BigInt::default());
        Sums {
            a: self.a.sum(&integers),
            b2: self.b2.sum(&integers),
            c: self.c.sum(self.of_c(&integers)),
        }
    }

    pub(super) fn assemble<T: Send>(
        &self,
        witness: &[Fr],
        randomness: &mut Randomness,
        beside: impl FnOnce(&G1Affine, &G2Affine) -> T + Send,
    ) -> Result<(Proof, T)> {
        let scale = Zeroizing::new(randomness.scalar()?);
        let shift = Zeroizing::new(randomness.scalar()?);
        Ok(self.assemble_with(witness, &scale, &shift, beside))
    }

    /// The proof blinded by these two values, which must be fresh for every proof: two proofs with one
    /// pair reveal linear relations of their witnesses. `scale` is not 0.
    ///
    /// With A, B, C of the proof without blinding (Groth16's with r = s = 0), it is `A / scale`,
    /// `scale (B + shift delta)`, `C + shift A`: A and B are then uniform and independent (up to the
    /// 2^-250 of [`Randomness::scalar`]) if A is finite, as [`Self::prove`] demands, and C is the one
    /// point that fits, as in a proof with random r and s (Baghery,
    /// Kohlweiss, Siim, Volkhov, "Another look at extraction and randomization of Groth's zk-SNARK",
    /// 2020). r and s would take the sum over B in G1 as well.
    ///
    /// `beside` gets A and B as soon as they are there, while C is still being summed.
    pub(super) fn assemble_with<T: Send>(
        &self,
        witness: &[Fr],
        scale: &Fr,
        shift: &Fr,
        beside: impl FnOnce(&G1Affine, &G2Affine) -> T + Send,
    ) -> (Proof, T) {
        let mut integers: Wiped<BigInt<4>> = Wiped::new(
            witness.par_iter().with_min_len(2048).map(|value| value.into_bigint()).collect(),
        );
        let public = &witness[..=self.n_public];
        let known = self.kept.near(public, |values| self.sums_of_public(values));
        if let Some(known) = &known {
            for ((integer, now), before) in integers.iter_mut().zip(public).zip(&known.values) {
                *integer = match now == before {
                    true => BigInt::default(),
                    false => (*now - before).into_bigint(),
                };
            }
        }
        let known = known.as_ref().map(|known| &known.sums);
        let own = self.of_c(&integers);
        let key = self.verifier.part();
        let inverse = Zeroizing::new(scale.inverse().unwrap_or_default());
        let h = || {
            let scalars = self.qap.quotient(witness, &*self.quotient);
            self.h.sum(&scalars[..self.qap.scalars(self.basis)])
        };
        let c = || self.c.sum(own) + known.map_or(G1Projective::ZERO, |known| known.c);
        let a = || {
            let known = known.map_or(G1Projective::ZERO, |known| known.a);
            let a = self.a.sum(&integers) + known + key.alpha1;
            (a * *inverse, a * shift)
        };
        let b = || {
            let known = known.map_or(G2Projective::ZERO, |known| known.b2);
            let b = self.b2.sum(&integers) + known + key.beta2;
            times(b + self.delta2.times(shift), scale)
        };
        let a_and_b = || {
            let ((a, shifted_a), b) = rayon::join(a, b);
            let (a, b) = (affine(a), affine(b));
            (a, shifted_a, b, beside(&a, &b))
        };
        let ((h, c), (a, shifted_a, b, out)) = rayon::join(|| rayon::join(h, c), a_and_b);
        let c = c + h + shifted_a;
        (Proof { a, b, c: affine(c) }, out)
    }
}
