//! The fast verification engine. It must give the verdict of the plain reference in `verifier`.

mod lines;
mod miller;
mod power;
mod straus;
mod tower;

use crate::error::{damaged, demand, Error, Result};
use crate::field::Randomness;
use crate::formats::points::{
    g1_from_border, g1_to_border, g2_from_border, g2_to_border, twist_from_border, G1_BYTES,
    G2_BYTES,
};
use crate::formats::zkey::VerifierPart;
use crate::msm::affine;
use crate::prove::{sum_g1, Proof};
use ark_bn254::{Bn254, Fq, Fq12, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field};
use lines::{Line, MonicLine};
use rayon::prelude::*;
use std::collections::HashSet;
use straus::{Multiples, Scalar};

/// A proof on the border: A (64 bytes), B (128), C (64), big-endian, EIP-197 order.
pub const PROOF_BYTES: usize = 2 * G1_BYTES + G2_BYTES;

/// A verification that waits for the proof's C.
pub struct Begun(Fq12);

/// A verifying key, checked and prepared once.
pub struct Key {
    part: VerifierPart,
    /// Of the last IC points, [`FEW`] or all.
    last: Vec<Multiples>,
    alphabeta: Fq12,
    beta: Vec<MonicLine>,
    minus_gamma: Vec<MonicLine>,
    minus_delta: Vec<MonicLine>,
}

impl Key {
    /// Takes points that are on the curve and in their subgroups. Refuses a key that proves nothing:
    /// one without a second phase (delta equal to gamma or to the generator), one with a point at
    /// infinity, and one where two public inputs could stand for each other.
    pub fn new(part: VerifierPart) -> Result<Self> {
        demand(!part.ic.is_empty(), "the verifying key has no IC points")?;
        let finite = !part.alpha1.is_zero()
            && ![part.beta2, part.gamma2, part.delta2].iter().any(AffineRepr::is_zero)
            && !part.ic.iter().any(AffineRepr::is_zero);
        demand(finite, "the verifying key has a point at infinity")?;
        demand(
            part.delta2 != part.gamma2 && part.delta2 != G2Affine::generator(),
            "the verifying key has no second phase: delta equals gamma or the generator",
        )?;
        let distinct: HashSet<Fq> = part.ic.iter().map(|point| point.x).collect();
        demand(
            distinct.len() == part.ic.len(),
            "the verifying key has equal or opposite IC points",
        )?;
        let few = part.ic.len().saturating_sub(FEW);
        Ok(Self {
            last: Multiples::of(part.ic[few..].iter().copied()),
            alphabeta: Bn254::pairing(part.alpha1, part.beta2).0,
            beta: lines_of_key(part.beta2)?,
            minus_gamma: lines_of_key(-part.gamma2)?,
            minus_delta: lines_of_key(-part.delta2)?,
            part,
        })
    }

    /// Reads a key from border points; `ic` is the IC points end to end.
    pub fn from_border(
        alpha1: &[u8],
        beta2: &[u8],
        gamma2: &[u8],
        delta2: &[u8],
        ic: &[u8],
    ) -> Result<Self> {
        if !ic.len().is_multiple_of(G1_BYTES) {
            return damaged("the IC points must be a multiple of 64 bytes");
        }
        let ic = ic.chunks_exact(G1_BYTES).map(|bytes| g1_from_border(bytes, "an IC point"));
        Self::new(VerifierPart {
            alpha1: g1_from_border(alpha1, "alpha1")?,
            beta2: g2_from_border(beta2, "beta2")?,
            gamma2: g2_from_border(gamma2, "gamma2")?,
            delta2: g2_from_border(delta2, "delta2")?,
            ic: ic.collect::<Result<_>>()?,
        })
    }

    pub fn part(&self) -> &VerifierPart {
        &self.part
    }

    pub fn n_public(&self) -> usize {
        self.part.ic.len() - 1
    }

    pub fn verify(&self, public: &[Fr], proof: &Proof) -> Result<bool> {
        demand(
            public.len() == self.n_public(),
            "the number of public inputs is not the verifying key's",
        )?;
        self.verify_prepared(&self.part.ic[0], public, proof)
    }

    /// `P = IC_0 + sum over the first inputs of v_j * IC_j`.
    pub fn prepare(&self, first: &[Fr]) -> Result<G1Affine> {
        demand(first.len() <= self.n_public(), "more public inputs than the verifying key has")?;
        let sum = sum_g1(&self.part.ic[1..=first.len()], first);
        Ok(affine(sum + self.part.ic[0]))
    }

    /// `sum` of the inputs `before`, brought to the inputs `now`; quick where few of them differ.
    pub fn updated(&self, sum: G1Affine, before: &[Fr], now: &[Fr]) -> Result<G1Affine> {
        demand(now.len() <= self.n_public(), "more public inputs than the verifying key has")?;
        let changed = |(_, (before, now)): &(&G1Affine, (&Fr, &Fr))| before != now;
        let terms = self.part.ic[1..].iter().zip(before.iter().zip(now)).filter(changed);
        if before.len() != now.len() || terms.clone().nth(FEW).is_some() {
            return self.prepare(now);
        }
        let multiples = Multiples::of(terms.clone().map(|(ic, _)| *ic));
        let changes = terms.map(|(_, (before, now))| Scalar::of(*now - before));
        let changes: Vec<_> = multiples.iter().zip(changes).collect();
        Ok(affine(straus::sum(&changes) + sum))
    }

    /// Verifies with a prepared point and the public inputs it does not hold, the last ones.
    /// The caller answers for the point: whoever may choose it freely can forge. The proof's points
    /// must be on their curves; a B outside its subgroup is refused.
    pub fn verify_prepared(&self, point: &G1Affine, live: &[Fr], proof: &Proof) -> Result<bool> {
        demand(live.len() <= self.n_public(), "more public inputs than the verifying key has")?;
        demand(!point.is_zero(), "the prepared point is at infinity")?;
        demand_finite(proof)?;
        let lines = lines_of_b(proof.b)?;
        let inputs = affine(self.sum_of_last(live) + point);
        let key = [(inputs, &self.minus_gamma[..]), (proof.c, &self.minus_delta[..])];
        let product = miller::product(&[(proof.a, &lines)], &key);
        Ok(power::final_exponentiation(product) == Some(self.alphabeta))
    }

    /// [`Self::verify_prepared`] without live inputs, as far as it goes without C: a prover has A and B
    /// long before. Refuses infinity and a B outside its subgroup.
    pub fn begin(&self, point: &G1Affine, a: &G1Affine, b: &G2Affine) -> Result<Begun> {
        let finite = ![point, a].iter().any(|point| point.is_zero()) && !b.is_zero();
        demand(finite, "the proof or the prepared point has a point at infinity")?;
        let key = [(*point, &self.minus_gamma[..])];
        Ok(Begun(miller::product(&[(*a, &lines_of_b(*b)?)], &key)))
    }

    /// The verdict; false for a C at infinity.
    pub fn end(&self, Begun(product): Begun, c: &G1Affine) -> bool {
        let product = product * miller::product(&[], &[(*c, &self.minus_delta[..])]);
        !c.is_zero() && power::final_exponentiation(product) == Some(self.alphabeta)
    }

    /// `sum of v_j * IC_j` over the last inputs.
    fn sum_of_last(&self, last: &[Fr]) -> G1Projective {
        let points = &self.part.ic[self.part.ic.len() - last.len()..];
        if last.len() > FEW {
            return sum_g1(points, last);
        }
        let multiples = &self.last[self.last.len() - last.len()..];
        let terms = multiples.iter().zip(last.iter().map(|value| Scalar::of(*value)));
        straus::sum(&terms.collect::<Vec<_>>())
    }

    /// Verifies many proofs of one prepared point at once: false if any of them does not hold.
    ///
    /// Each proof's equation is raised to a fresh random power, one of 2^128 - 1, and all are
    /// multiplied, so that false proofs cancel out with a probability below 2^-127. Points must be on
    /// their curves; a B outside its subgroup is refused.
    pub fn verify_batch(&self, point: &G1Affine, batch: &[(Vec<Fr>, Proof)]) -> Result<bool> {
        let Some(((first, _), rest)) = batch.split_first() else { return Ok(true) };
        let live = first.len();
        demand(live <= self.n_public(), "more public inputs than the verifying key has")?;
        demand(
            rest.iter().all(|(values, _)| values.len() == live),
            "the proofs of a batch must have as many public inputs each",
        )?;
        demand(!point.is_zero(), "the prepared point is at infinity")?;
        batch.iter().try_for_each(|(_, proof)| demand_finite(proof))?;
        let mut randomness = Randomness::Os;
        let powers: Vec<Scalar> =
            batch.iter().map(|_| Scalar::random(&mut randomness)).collect::<Result<_>>()?;

        let mut values = vec![Fr::ZERO; live];
        let mut total = Fr::ZERO;
        for ((own, _), power) in batch.iter().zip(&powers) {
            let power = power.value();
            total += power;
            values.iter_mut().zip(own).for_each(|(sum, value)| *sum += power * value);
        }
        let own = batch.len().div_ceil(rayon::current_num_threads());
        let parts = batch.par_chunks(own).zip(powers.par_chunks(own)).map(raised);
        let mut parts: Vec<(Fq12, G1Projective)> = parts.collect::<Result<_>>()?;
        let inputs = self.sum_of_last(&values) + *point * total;
        let end: G1Projective = parts.iter().map(|(_, end)| end).sum();
        let start = self.part.alpha1 * -total;
        let key = [(start, &self.beta), (inputs, &self.minus_gamma), (end, &self.minus_delta)];
        let key = key.map(|(sum, lines)| (affine(sum), lines.as_slice()));
        parts.push((miller::product(&[], &key), G1Projective::ZERO));
        let product = parts.iter().map(|(product, _)| product).product();
        Ok(power::final_exponentiation(product) == Some(Fq12::ONE))
    }
}

/// The Miller loops of the proofs' A and B, raised to their powers, and the sum of their C.
fn raised((batch, powers): (&[(Vec<Fr>, Proof)], &[Scalar])) -> Result<(Fq12, G1Projective)> {
    let multiples =
        |point: fn(&Proof) -> G1Affine| Multiples::of(batch.iter().map(|(_, proof)| point(proof)));
    let one = |(multiples, power): (&Multiples, &Scalar)| straus::sum(&[(multiples, *power)]);
    let a: Vec<_> = multiples(|proof| proof.a).iter().zip(powers).map(one).collect();
    let a = G1Projective::normalize_batch(&a);
    let b = batch.iter().map(|(_, proof)| lines_of_b(proof.b)).collect::<Result<Vec<_>>>()?;
    let pairs: Vec<_> = a.into_iter().zip(b.iter().map(Vec::as_slice)).collect();
    let ends = multiples(|proof| proof.c);
    let ends: Vec<_> = ends.iter().zip(powers.iter().copied()).collect();
    Ok((miller::product(&pairs, &[]), straus::sum(&ends)))
}

/// Inputs that are multiplied one by one: a table pays for more.
const FEW: usize = 12;

fn lines_of_key(point: G2Affine) -> Result<Vec<MonicLine>> {
    let outside = || Error::Format("the verifying key has a point outside its subgroup".into());
    lines::monic_lines(point).ok_or_else(outside)
}

fn lines_of_b(b: G2Affine) -> Result<Vec<Line>> {
    let outside = || Error::Format("the proof's B is not in the subgroup".into());
    lines::lines(b).ok_or_else(outside)
}

fn demand_finite(proof: &Proof) -> Result<()> {
    demand(proof.is_finite(), "the proof has a point at infinity")
}

/// Reads a proof from the border, refusing everything but three finite points of the curves: whether
/// B is in its subgroup, [`Key`] asks.
pub fn proof_from_border(bytes: &[u8]) -> Result<Proof> {
    demand(bytes.len() == PROOF_BYTES, "a proof must be 256 bytes")?;
    let (a, rest) = bytes.split_at(G1_BYTES);
    let (b, c) = rest.split_at(G2_BYTES);
    let proof = Proof {
        a: g1_from_border(a, "the proof's A")?,
        b: twist_from_border(b, "the proof's B")?,
        c: g1_from_border(c, "the proof's C")?,
    };
    demand_finite(&proof)?;
    Ok(proof)
}

pub fn proof_to_border(proof: &Proof) -> [u8; PROOF_BYTES] {
    let mut out = [0; PROOF_BYTES];
    let (a, rest) = out.split_at_mut(G1_BYTES);
    let (b, c) = rest.split_at_mut(G2_BYTES);
    a.copy_from_slice(&g1_to_border(&proof.a));
    b.copy_from_slice(&g2_to_border(&proof.b));
    c.copy_from_slice(&g1_to_border(&proof.c));
    out
}

#[cfg(test)]
mod tests;
