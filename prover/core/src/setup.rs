//! A development set-up: one machine knows the trapdoor for a moment, so whoever ran it could forge.
//! For local chains and tests; a real deployment uses the key of a ceremony.

use crate::error::{demand, Result};
use crate::field::Randomness;
use crate::formats::r1cs::{Matrix, R1cs};
use crate::formats::zkey::{Entry, Side, VerifierPart, Zkey};
use crate::msm::{builder, Kernels};
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{batch_inversion, AdditiveGroup, FftField, Field};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The toxic waste. Wiped when dropped; no `Debug`, so that it cannot be printed.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Trapdoor {
    tau: Fr,
    alpha: Fr,
    beta: Fr,
    delta: Fr,
}

impl Trapdoor {
    /// Four scalars other than 0 and 1, with tau outside the domain of order `2 * domain`.
    fn draw(randomness: &mut Randomness, domain: usize) -> Result<Self> {
        let mut tau = randomness.scalar()?;
        while tau.pow([2 * domain as u64]) == Fr::ONE {
            tau = randomness.scalar()?;
        }
        Ok(Self {
            tau,
            alpha: randomness.scalar()?,
            beta: randomness.scalar()?,
            // gamma is 1, so delta, which is never 1, differs from gamma and from the generator.
            delta: randomness.scalar()?,
        })
    }
}

type Scalars = Zeroizing<Vec<Fr>>;

/// L_i(tau) for every i of the domain of order `order`.
fn lagrange(order: usize, root: Fr, tau: Fr) -> Scalars {
    let mut powers = Vec::with_capacity(order);
    let mut power = Fr::ONE;
    for _ in 0..order {
        powers.push(power);
        power *= root;
    }
    let mut out: Scalars = Zeroizing::new(powers.iter().map(|p| tau - p).collect());
    batch_inversion(&mut out);
    let n = Fr::from(order as u64);
    let scale = (tau.pow([order as u64]) - Fr::ONE) * n.inverse().unwrap_or(Fr::ONE);
    for (value, power) in out.iter_mut().zip(&powers) {
        *value *= scale * power;
    }
    out
}

/// Column sums: entry j is `sum_i matrix[i][j] * basis[i]`.
fn columns(matrix: &Matrix, r1cs: &R1cs, basis: &[Fr]) -> Scalars {
    let mut out = Zeroizing::new(vec![Fr::ZERO; r1cs.n_wires]);
    for (i, at_tau) in basis.iter().enumerate().take(matrix.rows()) {
        for term in matrix.row(i) {
            out[term.wire as usize] += r1cs.coefs.get(term.coef) * at_tau;
        }
    }
    out
}

/// The rows that snarkjs adds below the constraints: one for each public wire, which keep the
/// public inputs' polynomials independent.
fn public_rows(r1cs: &R1cs) -> impl Iterator<Item = (usize, usize)> + '_ {
    (0..=r1cs.n_public()).map(|wire| (r1cs.n_constraints() + wire, wire))
}

pub fn domain_size(r1cs: &R1cs) -> usize {
    (r1cs.n_constraints() + r1cs.n_public() + 1).next_power_of_two().max(2)
}

pub fn setup(r1cs: &R1cs, mut randomness: Randomness) -> Result<Zkey> {
    let domain = domain_size(r1cs);
    demand(domain <= 1 << 27, "the circuit has more than 2^27 constraints and public inputs")?;
    let trapdoor = Trapdoor::draw(&mut randomness, domain)?;
    let delta_inverse = Zeroizing::new(trapdoor.delta.inverse().unwrap_or(Fr::ONE));

    let root = |order: usize| Fr::get_root_of_unity(order as u64).unwrap_or(Fr::ONE);
    let basis = lagrange(domain, root(domain), trapdoor.tau);
    let mut a = columns(&r1cs.a, r1cs, &basis);
    let b = columns(&r1cs.b, r1cs, &basis);
    let c = columns(&r1cs.c, r1cs, &basis);
    for (row, wire) in public_rows(r1cs) {
        a[wire] += basis[row];
    }
    let public = r1cs.n_public() + 1;
    // A polynomial's values on the odd half of the doubled domain, 0 on the other half, have at tau the value
    // of the polynomial times this.
    let at_tau = Fr::ONE - trapdoor.tau.pow([domain as u64]);
    let half = Zeroizing::new(at_tau * Fr::from(2u64).inverse().unwrap_or(Fr::ONE));
    let mut k: Scalars = c.clone();
    let mut folded: Scalars = c;
    for (wire, (value, folded)) in k.iter_mut().zip(folded.iter_mut()).enumerate() {
        *value += trapdoor.beta * a[wire] + trapdoor.alpha * b[wire];
        *folded *= -*half * *delta_inverse;
        if wire >= public {
            *value *= *delta_inverse;
            *folded += *value;
        }
    }
    // The quotient is handed to the prover as its values on the odd half of the doubled domain.
    let doubled = lagrange(2 * domain, root(2 * domain), trapdoor.tau);
    let h: Scalars = Zeroizing::new(
        doubled.iter().skip(1).step_by(2).map(|value| *value * *delta_inverse).collect(),
    );

    let builder = builder(Kernels::from_environment()?);
    let one1 = |scalar: &Fr| (G1Affine::generator() * scalar).into_affine();
    let one2 = |scalar: &Fr| (G2Affine::generator() * scalar).into_affine();
    let g1 = builder.g1_generator(a.len() + b.len() + 2 * k.len() + h.len());
    let g2 = builder.g2_generator(b.len());
    let (inputs, private) = k.split_at(public);
    Ok(Zkey {
        n_wires: r1cs.n_wires,
        n_public: r1cs.n_public(),
        domain,
        verifier: VerifierPart {
            alpha1: one1(&trapdoor.alpha),
            beta2: one2(&trapdoor.beta),
            gamma2: G2Affine::generator(),
            delta2: one2(&trapdoor.delta),
            ic: g1(inputs),
        },
        beta1: one1(&trapdoor.beta),
        delta1: one1(&trapdoor.delta),
        entries: entries(r1cs),
        a: g1(&a),
        b1: g1(&b),
        b2: g2(&b),
        c: g1(private),
        h: g1(&h),
        folded: Some(g1(&folded)),
    })
}

fn entries(r1cs: &R1cs) -> Vec<Entry> {
    let mut out = Vec::with_capacity(r1cs.a.terms() + r1cs.b.terms() + r1cs.n_public() + 1);
    for row in 0..r1cs.n_constraints() {
        for (side, matrix) in [(Side::A, &r1cs.a), (Side::B, &r1cs.b)] {
            out.extend(matrix.row(row).iter().map(|term| Entry {
                side,
                row: row as u32,
                wire: term.wire,
                value: r1cs.coefs.get(term.coef),
            }));
        }
    }
    out.extend(public_rows(r1cs).map(|(row, wire)| Entry {
        side: Side::A,
        row: row as u32,
        wire: wire as u32,
        value: Fr::ONE,
    }));
    out
}
