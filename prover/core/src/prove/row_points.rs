//! Points by row: whether those that a key's maker added fit its others, and those of a key that has none.

use super::fft::{Basis, Radix2};
use super::key::demand_rows;
use crate::error::{damaged, demand, Result};
use crate::field::Randomness;
use crate::formats::r1cs::{evaluate, R1cs};
use crate::formats::zkey::{rows_in_use, RowPoints, Zkey};
use crate::formats::zkey_checks::check_points;
use crate::msm::sum_g1;
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, FftField, Field, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

/// Refuses a key of this circuit whose [`RowPoints`] give another sum than its points in C and H, but for a
/// probability of 2^-250. A proof by row is then the proof by the others, and who makes a key can do no
/// more with these points than without. Points off the curve are refused too, for sums of such say nothing.
///
/// Let S(a, b) be the sum of the values of `A B` on the odd half over H, less that of
/// `a (D B) + (D A) b` over the points by row, and T(c) the former of C. Two things are asked:
/// S(a, b) = S(a b, 1), so that it depends on the rows' products alone; and for every wire, with its column
/// c, its own point less its point in C is S(c, 1) - T(c). Where the rows hold, both sums are then the same.
/// The first is bilinear in a and b, the second linear in the witness: random ones are tried, all at once.
/// The key's rows are the circuit's, as [`demand_rows`] sees to.
pub fn demand_row_points(zkey: &Zkey, circuit: &R1cs) -> Result<()> {
    let Some(RowPoints { rows, wires }) = &zkey.by_row else { return Ok(()) };
    let points: Vec<G1Affine> = [&wires[..], &zkey.c, rows, &zkey.h].concat();
    check_points(&[&points], &[])?;
    let mut randomness = Randomness::Os;
    let mut draw =
        |count: usize| -> Result<Vec<Fr>> { (0..count).map(|_| randomness.scalar()).collect() };
    let [weights, a, b] = [draw(wires.len())?, draw(rows.len())?, draw(rows.len())?];
    let column = |row: usize| match row < circuit.n_constraints() {
        true => evaluate(circuit.c.row(row), circuit.coefs.values(), &weights),
        false => Fr::ZERO,
    };
    let c: Vec<Fr> = (0..rows.len()).into_par_iter().map(column).collect();
    let rest: Vec<Fr> = a.iter().zip(&b).zip(&c).map(|((a, b), c)| *a * b + c).collect();
    let ones = vec![Fr::ONE; rows.len()];

    // S(a, b) - S(a b + c, 1) + T(c)
    let transformed = |basis: Basis| -> Result<_> {
        let plan = Radix2::new(zkey.domain, basis)?;
        Ok(move |values: &[Fr]| {
            let mut out = values.to_vec();
            out.resize(zkey.domain, Fr::ZERO);
            plan.transform(&mut out);
            out
        })
    };
    let (odd, d) = (transformed(Basis::OddHalf)?, transformed(Basis::Rows)?);
    let [odd_a, odd_b, odd_rest, odd_ones, odd_c] = [&a, &b, &rest, &ones, &c].map(|x| odd(x));
    let [d_a, d_b, d_rest, d_ones] = [&a, &b, &rest, &ones].map(|x| d(x));
    let over_h =
        (0..zkey.domain).map(|i| odd_a[i] * odd_b[i] - odd_rest[i] * odd_ones[i] + odd_c[i]);
    let over_rows =
        (0..rows.len()).map(|i| rest[i] * d_ones[i] + d_rest[i] - a[i] * d_b[i] - d_a[i] * b[i]);

    let private = weights[zkey.n_public + 1..].iter().map(|weight| -*weight);
    let scalars: Vec<Fr> =
        weights.iter().copied().chain(private).chain(over_rows).chain(over_h).collect();
    let sum = sum_g1(&points, &scalars);
    demand(sum.is_zero(), "the points by row of the proving key do not fit its others")
}

/// The points by row of a key of this circuit, from its H and C alone. Takes `3 n (log n) / 2` multiples of
/// points by scalars for a domain of n: seconds to minutes. Refuses a key of another circuit, and one that has
/// them.
///
/// With F the transform of order n (a symmetric matrix), values on the domain become values on the odd half
/// by `F diag(w^k) F^-1`, where the vanishing polynomial is -2. So the sum of a quotient's values on the domain
/// is over `F^-1 diag(-2 w^k) F H`, and what C takes from it, `F diag(k / n) F^-1` of its values,
/// is over `F^-1 diag(-2 w^k k / n) F H`.
pub fn row_points(zkey: &Zkey, circuit: &R1cs) -> Result<RowPoints> {
    demand(zkey.by_row.is_none(), "the proving key has points by row already")?;
    demand_rows(zkey, circuit)?;
    let n = zkey.domain as u64;
    let domains = (Radix2EvaluationDomain::<Fr>::new(zkey.domain), Fr::get_root_of_unity(2 * n));
    let (Some(domain), Some(root)) = domains else {
        return damaged("the domain has no roots of unity");
    };
    let mut rows: Vec<G1Projective> = zkey.h.iter().map(|point| (*point).into()).collect();
    domain.fft_in_place(&mut rows);
    let mut shares = rows.clone();
    rows.par_iter_mut().zip(&mut shares).enumerate().for_each(|(k, (row, share))| {
        let scale = -root.pow([k as u64]).double();
        *row *= scale;
        *share *= scale * Fr::from(k as u64) * domain.size_inv;
    });
    rayon::join(|| domain.ifft_in_place(&mut rows), || domain.ifft_in_place(&mut shares));
    rows.truncate(rows_in_use(&zkey.entries));

    let mut wires = vec![G1Projective::ZERO; zkey.n_public + 1];
    wires.extend(zkey.c.iter().map(|point| G1Projective::from(*point)));
    let terms = (0..circuit.n_constraints()).flat_map(|row| {
        circuit.c.row(row).iter().map(move |term| (row, term.wire as usize, term.coef))
    });
    let products: Vec<_> = terms
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(row, wire, coef)| (wire, shares[row] * circuit.coefs.get(coef)))
        .collect();
    products.into_iter().for_each(|(wire, share)| wires[wire] -= share);
    let affine = |points: Vec<G1Projective>| G1Projective::normalize_batch(&points);
    Ok(RowPoints { rows: affine(rows), wires: affine(wires) })
}

#[cfg(test)]
mod tests {
    use super::super::tests::random_system;
    use super::*;
    use crate::setup::setup;
    use ark_bn254::Fq;
    use ark_ec::AffineRepr;

    #[test]
    fn points_by_row_are_taken_if_they_fit_and_refused_if_one_does_not() {
        for (rows, seed) in [(1, 3), (40, 4), (700, 5)] {
            let (circuit, _) = random_system(rows, seed);
            let mut zkey = setup(&circuit, Randomness::from_seed(b"rows")).unwrap();
            let holds = |zkey: &Zkey| demand_row_points(zkey, &circuit).is_ok();
            assert!(holds(&zkey));
            let whole = zkey.by_row.clone().unwrap();
            let last = whole.rows.len() - 1;
            assert!((rows..=rows + zkey.n_public).contains(&last));
            // The constant's, a public wire's, the first private one's, one that no row names.
            for wire in [0, 1, zkey.n_public + 1, zkey.n_wires - 1] {
                let mut by_row = whole.clone();
                by_row.wires[wire] = (by_row.wires[wire] + G1Affine::generator()).into_affine();
                zkey.by_row = Some(by_row);
                assert!(!holds(&zkey), "{rows} {wire}");
            }
            for row in [0, rows / 2, rows, last] {
                let mut by_row = whole.clone();
                by_row.rows[row] = (by_row.rows[row] + G1Affine::generator()).into_affine();
                zkey.by_row = Some(by_row);
                assert!(!holds(&zkey), "{rows} {row}");
            }
            let mut by_row = whole.clone();
            by_row.wires.swap(zkey.n_public + 1, zkey.n_wires - 3);
            assert!(by_row != whole);
            zkey.by_row = Some(by_row);
            assert!(!holds(&zkey));
            let mut by_row = whole.clone();
            by_row.rows.swap(0, last);
            zkey.by_row = Some(by_row);
            assert!(!holds(&zkey));
            let mut by_row = whole.clone();
            by_row.rows[last].y += Fq::ONE;
            zkey.by_row = Some(by_row);
            let refused = demand_row_points(&zkey, &circuit).unwrap_err();
            assert!(refused.to_string().contains("not on the curve"), "{refused}");
            zkey.by_row = None;
            assert!(holds(&zkey));
            // The set-up has them from its trapdoor, this from the key alone.
            assert!(row_points(&zkey, &circuit).unwrap() == whole, "{rows}");
        }
    }
}
