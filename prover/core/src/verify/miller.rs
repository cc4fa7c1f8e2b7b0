//! Products of many Miller loops.

use super::lines::{Line, MonicLine};
use super::tower::{multiply_by_line, multiply_by_monic_line, square12};
use crate::inverse::inverse;
use ark_bn254::{Config, Fq, Fq12, Fq2, G1Affine};
use ark_ec::bn::{BnConfig, TwistType};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, One};

/// A point of G1 and the lines of a point of G2; a pair with infinity counts as one.
pub type Pair<'a, L> = (G1Affine, &'a [L]);

/// The product of the Miller loops: arkworks' `Bn254::multi_miller_loop` up to factors from Fq2, for x that is
/// positive and a twist of type D, in one thread. All pairs share the squarings of one accumulator, where
/// arkworks has one for every four pairs.
pub fn product(pairs: &[Pair<Line>], monic: &[Pair<MonicLine>]) -> Fq12 {
    let finite = pairs.iter().filter(|(p, _)| !p.is_zero());
    let mut pairs: Vec<_> = finite.map(|(p, lines)| (p, lines.iter())).collect();
    let mut monic: Vec<_> = monic.iter().filter_map(|(p, lines)| over_y(p, lines.iter())).collect();
    let mut product = Fq12::one();
    let mut next = |product: &mut Fq12| {
        for (p, lines) in &mut pairs {
            debug_assert!(lines.len() > 0, "a line is missing");
            if let Some(Line { c0, c1, c3 }) = lines.next() {
                *product = multiply_by_line(product, scaled(c0, &p.y), scaled(c1, &p.x), *c3);
            }
        }
        for (x, one, lines) in &mut monic {
            debug_assert!(lines.len() > 0, "a line is missing");
            if let Some(MonicLine { c1, c3 }) = lines.next() {
                *product = multiply_by_monic_line(product, scaled(c1, x), scaled(c3, one));
            }
        }
    };
    let digits = Config::ATE_LOOP_COUNT;
    for (index, digit) in digits[..digits.len() - 1].iter().rev().enumerate() {
        if index > 0 {
            product = square12(&product);
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
    debug_assert!(monic.iter().all(|(_, _, lines)| lines.len() == 0), "lines are left");
    product
}

/// The point's x/y and 1/y beside its lines; None for infinity. No other point of the curve has y = 0: its
/// order would be 2.
fn over_y<L>(p: &G1Affine, lines: L) -> Option<(Fq, Fq, L)> {
    debug_assert!(p.is_zero() || p.y != Fq::ZERO, "this is no point of the curve");
    let inverse = inverse(&p.y).filter(|_| !p.is_zero())?;
    Some((p.x * inverse, inverse, lines))
}

fn scaled(a: &Fq2, factor: &Fq) -> Fq2 {
    Fq2::new(a.c0 * factor, a.c1 * factor)
}

const _: () = assert!(!Config::X_IS_NEGATIVE && matches!(Config::TWIST_TYPE, TwistType::D));

#[cfg(test)]
mod tests {
    use super::super::lines::{lines, monic_lines};
    use super::*;
    use ark_bn254::{Bn254, Fr, G1Projective, G2Affine, G2Projective};
    use ark_ec::pairing::{MillerLoopOutput, Pairing};
    use ark_ec::{CurveGroup, PrimeGroup};

    #[test]
    fn products_are_those_of_arkworks() {
        for count in [0u64, 1, 2, 3, 7, 20] {
            let points = (0..count).map(|k| {
                let a = if k == 4 { Fr::from(0u64) } else { -Fr::from(k * k + 3) };
                let b = Fr::from(7 * k + 1);
                let a = (G1Projective::generator() * a).into_affine();
                (a, (G2Projective::generator() * b).into_affine())
            });
            let (g1, g2): (Vec<G1Affine>, Vec<G2Affine>) = points.unzip();
            let any: Vec<_> = g2.iter().map(|q| lines(*q).unwrap()).collect();
            let monic: Vec<_> = g2.iter().map(|q| monic_lines(*q).unwrap()).collect();
            let any: Vec<_> = g1.iter().copied().zip(any.iter().map(Vec::as_slice)).collect();
            let monic: Vec<_> = g1.iter().copied().zip(monic.iter().map(Vec::as_slice)).collect();
            for first in 0..=g1.len() {
                let product = product(&any[..first], &monic[first..]);
                let own = Bn254::final_exponentiation(MillerLoopOutput(product));
                assert_eq!(own, Some(Bn254::multi_pairing(&g1, &g2)), "{first} of {count}");
            }
        }
    }
}
