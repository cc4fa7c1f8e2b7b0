//! The lines of a Miller loop, which also say whether their point belongs to the group.

use super::tower::{multiply, square, sum_of_products};
use ark_bn254::{Config, Fq2, G2Affine};
use ark_ec::bn::BnConfig;
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::{batch_inversion, AdditiveGroup, Field};

/// A line `c0 y + c1 x w + c3 w^3` through points of the twist, for a point (x, y) of G1; a factor from Fq2
/// does not matter, since the final exponentiation makes it 1.
#[derive(Clone, Copy)]
pub struct Line {
    pub c0: Fq2,
    pub c1: Fq2,
    pub c3: Fq2,
}

/// A line whose c0 is 1: it costs less to multiply with.
#[derive(Clone, Copy)]
pub struct MonicLine {
    pub c1: Fq2,
    pub c3: Fq2,
}

/// The lines of a point that is used often; as [`lines`]. In the subgroup no c0 is 0.
pub fn monic_lines(q: G2Affine) -> Option<Vec<MonicLine>> {
    let lines = lines(q)?;
    let mut inverses: Vec<Fq2> = lines.iter().map(|line| line.c0).collect();
    batch_inversion(&mut inverses);
    let monic = |(Line { c1, c3, .. }, inverse): (&Line, &Fq2)| MonicLine {
        c1: multiply(*c1, *inverse),
        c3: multiply(*c3, *inverse),
    };
    Some(lines.iter().zip(&inverses).map(monic).collect())
}

/// The lines of a finite point Q of the twist; None for a point outside the subgroup of order r.
///
/// With psi, the Frobenius map brought to the twist, the loop ends with the line through
/// `T = [6x+2]Q + psi(Q)` and `-psi^2(Q)`, and in the subgroup
/// `[6x+2]Q + psi(Q) - psi^2(Q) + psi^3(Q) = 0`: the third point of that line is psi^3(Q). To ask
/// for it takes two multiplications, where `[6x^2]Q = psi(Q)` takes 127 doublings.
///
/// The answer is right for every point of the twist, whose order is r * h:
/// - A line with a slope meets the curve in three points: psi^3(Q) on it is the third one, or T, or
///   -psi^2(Q). Each case is an equation f(psi)(Q) = 0, whose solutions' orders divide the norm of f,
///   where psi^2 - t * psi + p = 0. The three norms have no divisor in common with h (a test
///   computes them), so that Q has no part of an order that divides h.
/// - Where a step of the loop met one point twice, a point and its negative, or a point of order 2,
///   its formulas give x = z = 0, the later ones keep that, and the last line has no slope. In the
///   subgroup it does not happen: the multiples of Q that meet are different.
pub fn lines(q: G2Affine) -> Option<Vec<Line>> {
    let mut lines = Vec::with_capacity(2 * Config::ATE_LOOP_COUNT.len());
    let mut sum = Sum { x: q.x, y: q.y, z: Fq2::ONE };
    for digit in Config::ATE_LOOP_COUNT.iter().rev().skip(1) {
        lines.push(sum.double());
        match digit {
            1 => lines.push(sum.add(q)),
            -1 => lines.push(sum.add(-q)),
            _ => {}
        }
    }
    let first = psi(q);
    let second = -psi(first);
    let third = psi(-second);
    lines.push(sum.add(first));
    let last = sum.add(second);
    lines.push(last);
    let difference = sum_of_products([last.c0, last.c1], [third.y - second.y, third.x - second.x]);
    let on_it = last.c0 != Fq2::ZERO && difference == Fq2::ZERO;
    on_it.then_some(lines)
}

/// A point (x/z, y/z) of the twist, with the formulas of Aranha, Barreto, Longa and Ricardini, "The Realm of
/// the Pairings" (2013), a doubled point's times 4 so that nothing is halved.
struct Sum {
    x: Fq2,
    y: Fq2,
    z: Fq2,
}

impl Sum {
    /// Doubles the point, and gives the tangent.
    #[inline(always)]
    fn double(&mut self) -> Line {
        let a = multiply(self.x, self.y);
        let (b, c) = (square(self.y), square(self.z));
        let e = multiply(<Config as BnConfig>::G2Config::COEFF_B, three(c));
        let f = three(e);
        let h = square(self.y + self.z) - (b + c);
        let j = square(self.x);
        self.x = multiply(a.double(), b - f);
        self.y = square(b + f) - three(square(e)).double().double();
        self.z = multiply(b, h.double().double());
        Line { c0: -h, c1: three(j), c3: e - b }
    }

    /// Adds a point, and gives the line through both.
    #[inline(always)]
    fn add(&mut self, q: G2Affine) -> Line {
        let theta = self.y - multiply(q.y, self.z);
        let lambda = self.x - multiply(q.x, self.z);
        let (c, d) = (square(theta), square(lambda));
        let e = multiply(lambda, d);
        let (f, g) = (multiply(self.z, c), multiply(self.x, d));
        let h = e + f - g.double();
        self.x = multiply(lambda, h);
        self.y = sum_of_products([theta, -e], [g - h, self.y]);
        self.z = multiply(self.z, e);
        let c3 = sum_of_products([theta, -lambda], [q.x, q.y]);
        Line { c0: lambda, c1: -theta, c3 }
    }
}

#[inline(always)]
fn three(a: Fq2) -> Fq2 {
    a.double() + a
}

/// The Frobenius map on the twist: it multiplies by p in the subgroup of order r.
fn psi(mut q: G2Affine) -> G2Affine {
    q.x.frobenius_map_in_place(1);
    q.y.frobenius_map_in_place(1);
    q.x *= Config::TWIST_MUL_BY_Q_X;
    q.y *= Config::TWIST_MUL_BY_Q_Y;
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Fq, Fr};
    use ark_ec::{AffineRepr, CurveGroup};
    use ark_ff::PrimeField;
    use num_bigint::{BigInt, BigUint};

    fn agrees(q: G2Affine) -> bool {
        assert!(q.is_on_curve() && !q.is_zero());
        let own = lines(q).is_some();
        assert_eq!(own, q.is_in_correct_subgroup_assuming_on_curve(), "{q}");
        own
    }

    /// Points of the twist: their parts in the subgroup are as good as never zero.
    fn points() -> impl Iterator<Item = G2Affine> {
        let point = |k: u64| {
            let x = Fq2::new(Fq::from(k * k + 1), Fq::from(3 * k));
            G2Affine::get_point_from_x_unchecked(x, k.is_multiple_of(2))
        };
        (1u64..).filter_map(point)
    }

    fn times(q: G2Affine, k: &BigUint) -> G2Affine {
        q.mul_bigint(k.to_u64_digits()).into_affine()
    }

    #[test]
    fn a_point_is_refused_if_and_only_if_it_is_outside_the_subgroup() {
        let r = BigUint::from(Fr::MODULUS);
        let h: BigUint = BigUint::from(Fq::MODULUS) * 2u32 - &r;
        let small = 10_069u32;
        assert_eq!(&h % small, BigUint::ZERO);
        for q in points().take(40) {
            assert!(!agrees(q));
            assert!(agrees(times(q, &h)));
            assert!(!agrees(times(q, &r)));
            let few = times(q, &(&r * (&h / small)));
            if !few.is_zero() {
                assert!(!agrees(few));
                assert!(!agrees((few + times(q, &h)).into_affine()));
            }
            assert!(agrees(psi(times(q, &h))));
        }
        assert!(agrees(G2Affine::generator()) && agrees(-G2Affine::generator()));
    }

    #[test]
    fn norms_have_no_divisor_in_common_with_the_cofactor() {
        let x = BigInt::from(Config::X[0]);
        let p = BigInt::from(BigUint::from(Fq::MODULUS));
        let r = BigInt::from(BigUint::from(Fr::MODULUS));
        let (t, h): (BigInt, BigInt) = (&p + 1 - &r, 2 * &p - &r);
        assert_eq!(t, 6 * &x * &x + 1);
        // a + b * psi, where psi^2 = t * psi - p: Horner's rule, then a^2 + abt + b^2 p.
        let norm = |f: [BigInt; 4]| {
            let (mut a, mut b) = (BigInt::ZERO, BigInt::ZERO);
            for coefficient in f.into_iter().rev() {
                (a, b) = (coefficient - &b * &p, a + &b * &t);
            }
            &a * &a + &a * &b * &t + &b * &b * &p
        };
        let divisor = |a: BigInt, b: BigInt| {
            let (mut a, mut b) = (a, b);
            while b != BigInt::ZERO {
                (a, b) = (b.clone(), a % b);
            }
            a
        };
        let start: BigInt = 6 * x + 2;
        let [zero, one, minus]: [BigInt; 3] = [0, 1, -1].map(BigInt::from);
        let third = norm([start.clone(), one.clone(), minus.clone(), one.clone()]);
        assert_eq!(&third % &r, zero);
        let first = norm([start, one.clone(), zero.clone(), minus]);
        let second = norm([zero.clone(), zero, one.clone(), one.clone()]);
        for norm in [third, first, second] {
            assert_eq!(divisor(norm, h.clone()), one);
        }
    }
}
