//! A development set-up: one machine knows the trapdoor for a moment, so whoever ran it could forge.
//! For local chains and tests; a real deployment uses the key of a ceremony.

use crate::error::{demand, Result};
use crate::field::Randomness;
use crate::formats::r1cs::{Matrix, R1cs};
use crate::formats::zkey::{rows_in_use, Entry, RowPoints, Side, VerifierPart, Zkey};
use crate::msm::{builder, Kernels};
use crate::public_rows::PublicRows;
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

/// For each of the first `rows` rows i, with D and Z as in [`RowPoints`]: `L_i(tau) Z(tau) / delta`, and
/// what a value of 1 of C there takes from the quotient, `-(D L_i)(tau) Z(tau) / delta`.
///
/// `L_i' = L_i (n tau^(n-1) / Z - 1 / (tau - w^i))` and `1 / (tau - w^i) = n L_i / (w^i Z)`, so
/// `(D L_i) Z = L_i (tau^n - tau L_i / w^i)`.
fn by_row(trapdoor: &Trapdoor, basis: &[Fr], root: Fr, rows: usize) -> (Scalars, Scalars) {
    let power = Zeroizing::new(trapdoor.tau.pow([basis.len() as u64]));
    let over_delta = Zeroizing::new(trapdoor.delta.inverse().unwrap_or(Fr::ONE));
    let back = root.inverse().unwrap_or(Fr::ONE);
    let mut turned = Zeroizing::new(trapdoor.tau);
    let [mut points, mut shares] = [(); 2].map(|()| Zeroizing::new(Vec::with_capacity(rows)));
    for at_tau in &basis[..rows] {
        let own = Zeroizing::new(*at_tau * *over_delta);
        points.push(*own * (*power - Fr::ONE));
        shares.push(-*own * (*power - *turned * at_tau));
        *turned *= back;
    }
    (points, shares)
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

/// Large enough for all public rows.
pub fn domain_size(r1cs: &R1cs) -> usize {
    (r1cs.n_constraints() + r1cs.n_public() + 1).next_power_of_two().max(2)
}

/// A key with the public rows that are needed.
pub fn setup(r1cs: &R1cs, randomness: Randomness) -> Result<Zkey> {
    setup_with(r1cs, PublicRows::Needed, randomness)
}

pub fn setup_with(r1cs: &R1cs, rows: PublicRows, mut randomness: Randomness) -> Result<Zkey> {
    let domain = domain_size(r1cs);
    demand(domain <= 1 << 27, "the circuit has more than 2^27 constraints and public inputs")?;
    let trapdoor = Trapdoor::draw(&mut randomness, domain)?;
    let delta_inverse = Zeroizing::new(trapdoor.delta.inverse().unwrap_or(Fr::ONE));

    let root = |order: usize| Fr::get_root_of_unity(order as u64).unwrap_or(Fr::ONE);
    let basis = lagrange(domain, root(domain), trapdoor.tau);
    let mut a = columns(&r1cs.a, r1cs, &basis);
    let b = columns(&r1cs.b, r1cs, &basis);
    let c = columns(&r1cs.c, r1cs, &basis);
    let own = rows.wires(r1cs);
    for (at_tau, wire) in basis[r1cs.n_constraints()..].iter().zip(&own) {
        a[*wire as usize] += at_tau;
    }
    let entries = entries(r1cs, &own);
    let public = r1cs.n_public() + 1;
    let (rows, shares) = by_row(&trapdoor, &basis, root(domain), rows_in_use(&entries));
    let mut wires = columns(&r1cs.c, r1cs, &shares);
    let mut k: Scalars = c;
    for (wire, (value, own)) in k.iter_mut().zip(wires.iter_mut()).enumerate() {
        *value += trapdoor.beta * a[wire] + trapdoor.alpha * b[wire];
        if wire >= public {
            *value *= *delta_inverse;
            *own += *value;
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
    let all = [&a, &b, &k, &h, &rows, &wires];
    let g1 = builder.g1_generator(all.iter().map(|scalars| scalars.len()).sum());
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
        entries,
        a: g1(&a),
        b1: g1(&b),
        b2: g2(&b),
        c: g1(private),
        h: g1(&h),
        by_row: Some(RowPoints { rows: g1(&rows), wires: g1(&wires) }),
    })
}

fn entries(r1cs: &R1cs, public_rows: &[u32]) -> Vec<Entry> {
    let mut out = Vec::with_capacity(r1cs.a.terms() + r1cs.b.terms() + public_rows.len());
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
    let below = r1cs.n_constraints() as u32..;
    out.extend(below.zip(public_rows).map(|(row, wire)| Entry {
        side: Side::A,
        row,
        wire: *wire,
        value: Fr::ONE,
    }));
    out
}
