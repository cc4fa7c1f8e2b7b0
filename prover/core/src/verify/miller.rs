//! Products of many Miller loops.

use ark_bn254::{Config, Fq12, G1Affine};
use ark_ec::bn::{BnConfig, G2Prepared, TwistType};
use ark_ec::AffineRepr;
use ark_ff::{Field, One};

/// A point of G1 and the lines of a point of G2; a pair with infinity counts as one.
pub type Pair = (G1Affine, G2Prepared<Config>);

/// The product of the Miller loops: arkworks' `Bn254::multi_miller_loop` for x that is positive and a
/// twist of type D, in one thread. All pairs share the squarings of one accumulator, where arkworks
/// has one for every four pairs.
pub fn product(pairs: &[Pair]) -> Fq12 {
    let finite = |(p, q): &&Pair| !p.is_zero() && !q.infinity;
    let mut pairs: Vec<_> =
        pairs.iter().filter(finite).map(|(p, q)| (p, q.ell_coeffs.iter())).collect();
    let mut product = Fq12::one();
    let mut next = |product: &mut Fq12| {
        for (p, lines) in &mut pairs {
            debug_assert!(lines.len() > 0, "a line is missing");
            if let Some((constant, x, y)) = lines.next() {
                let (mut c0, mut c3) = (*constant, *x);
                c0.mul_assign_by_fp(&p.y);
                c3.mul_assign_by_fp(&p.x);
                product.mul_by_034(&c0, &c3, y);
            }
        }
    };
    let digits = Config::ATE_LOOP_COUNT;
    for (index, digit) in digits[..digits.len() - 1].iter().rev().enumerate() {
        if index > 0 {
            product.square_in_place();
        }
        next(&mut product);
        if *digit != 0 {
            next(&mut product);
        }
    }
    // The two lines of the Frobenius images.
    next(&mut product);
    next(&mut product);
    debug_assert!(pairs.iter().all(|(_, lines)| lines.len() == 0), "lines are left");
    product
}

const _: () = assert!(!Config::X_IS_NEGATIVE && matches!(Config::TWIST_TYPE, TwistType::D));

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Bn254, Fr, G1Projective, G2Affine, G2Projective};
    use ark_ec::pairing::{MillerLoopOutput, Pairing};
    use ark_ec::{CurveGroup, PrimeGroup};

    #[test]
    fn products_are_those_of_arkworks() {
        for count in [0u64, 1, 2, 3, 7, 20] {
            let points = (0..count).map(|k| {
                let a = if k == 4 { Fr::from(0u64) } else { -Fr::from(k * k + 3) };
                let b = if k == 5 { Fr::from(0u64) } else { Fr::from(7 * k + 1) };
                let a = (G1Projective::generator() * a).into_affine();
                (a, (G2Projective::generator() * b).into_affine())
            });
            let (g1, g2): (Vec<G1Affine>, Vec<G2Affine>) = points.unzip();
            let pairs: Vec<_> = g1.iter().copied().zip(g2.iter().map(|q| (*q).into())).collect();
            let own = Bn254::final_exponentiation(MillerLoopOutput(product(&pairs)));
            assert_eq!(own, Some(Bn254::multi_pairing(g1, g2)), "{count}");
        }
    }
}
