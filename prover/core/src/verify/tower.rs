//! The extensions of Fq in which pairings take place: products with few reductions, on arkworks' types and
//! with the values of its operators.
//!
//! Fq2 is Fq[u] / (u^2 + 1); with xi = 9 + u, Fq6 is Fq2[v] / (v^3 - xi) and Fq12 is Fq6[w] / (w^2 - v).
//! A coefficient of a product in Fq2 or Fq6, or with a line, is a sum of products, and [`dot`] reduces it once.
//! Products that wrap around have a factor times xi. Above Fq6 there is Karatsuba's method.

use crate::dot::dot;
use crate::inverse::inverse;
use ark_bn254::{Fq, Fq12, Fq2, Fq6};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};

/// Elements as their real and imaginary parts. Plain loops make them: closures are not always inlined.
type Parts<const N: usize> = [[Fq; 2]; N];

#[inline(always)]
fn parts<const N: usize>(values: [Fq2; N]) -> Parts<N> {
    let mut parts = [[Fq::ZERO; 2]; N];
    for (part, value) in parts.iter_mut().zip(&values) {
        *part = [value.c0, value.c1];
    }
    parts
}

/// What elements' parts are multiplied with for the real part of a product, and for the imaginary one.
struct Factors<const N: usize> {
    real: Parts<N>,
    imaginary: Parts<N>,
}

impl<const N: usize> Factors<N> {
    #[inline(always)]
    fn of(values: [Fq2; N]) -> Self {
        let mut out = Self { real: [[Fq::ZERO; 2]; N], imaginary: [[Fq::ZERO; 2]; N] };
        for ((real, imaginary), value) in out.real.iter_mut().zip(&mut out.imaginary).zip(&values) {
            *real = [value.c0, -value.c1];
            *imaginary = [value.c1, value.c0];
        }
        out
    }

    /// `sum of a_i b_(i + start)`.
    #[inline(always)]
    fn sum<const M: usize>(&self, start: usize, a: &Parts<M>) -> Fq2 {
        let part = |b: &Parts<N>| dot(a.as_flattened(), b[start..start + M].as_flattened());
        Fq2::new(part(&self.real), part(&self.imaginary))
    }
}

/// `sum of a_i b_i`, at most 8 products.
#[inline(always)]
pub fn sum_of_products<const N: usize>(a: [Fq2; N], b: [Fq2; N]) -> Fq2 {
    Factors::of(b).sum(0, &parts(a))
}

#[inline(always)]
pub fn multiply(a: Fq2, b: Fq2) -> Fq2 {
    sum_of_products([a], [b])
}

#[inline(always)]
pub fn square(a: Fq2) -> Fq2 {
    Fq2::new(dot(&[a.c0 + a.c1], &[a.c0 - a.c1]), dot(&[a.c0 + a.c0], &[a.c1]))
}

#[inline(always)]
fn by_xi(a: Fq2) -> Fq2 {
    Fq2::new(nine_times_plus(a.c0, -a.c1), nine_times_plus(a.c1, a.c0))
}

/// `9a + b`, where arkworks' doublings and additions would reduce four times.
#[inline(always)]
fn nine_times_plus(a: Fq, b: Fq) -> Fq {
    let mut sum = [0; 4];
    let mut carry = 0;
    for (sum, (a, b)) in sum.iter_mut().zip(a.0 .0.iter().zip(b.0 .0)) {
        let word = 9 * u128::from(*a) + u128::from(b) + carry;
        *sum = word as u64;
        carry = word >> 64;
    }
    // The sum is below 10p, and h = floor(sum / 2^251) at most 60. 42/256 p is between 0.992 and 1 times
    // 2^251: floor(42/256 h) p is at most the sum, and what is left is below p + 2^251 (1 + 0.008 h), less
    // than 2p, in four words.
    let h = (carry as u64) << 5 | sum[3] >> 59;
    // Taken off modulo 2^256, without the sum's fifth word: what is left fits.
    let times = u128::from((42 * h) >> 8);
    let mut borrow = 0;
    let mut carry = 0;
    for (sum, p) in sum.iter_mut().zip(Fq::MODULUS.0) {
        carry += times * u128::from(p);
        let difference = i128::from(*sum) - i128::from(carry as u64) + borrow;
        *sum = difference as u64;
        borrow = difference >> 64;
        carry >>= 64;
    }
    let mut rest = BigInt(sum);
    if rest >= Fq::MODULUS {
        rest.sub_with_borrow(&Fq::MODULUS);
    }
    Fq::new_unchecked(rest)
}

#[inline(always)]
fn by_v(a: Fq6) -> Fq6 {
    Fq6::new(by_xi(a.c2), a.c0, a.c1)
}

fn multiply6(a: &Fq6, b: &Fq6) -> Fq6 {
    let factors = Factors::of([b.c2, b.c1, b.c0, by_xi(b.c2), by_xi(b.c1)]);
    let a = parts([a.c0, a.c1, a.c2]);
    Fq6::new(factors.sum(2, &a), factors.sum(1, &a), factors.sum(0, &a))
}

pub fn multiply12(a: &Fq12, b: &Fq12) -> Fq12 {
    let (low, high) = (multiply6(&a.c0, &b.c0), multiply6(&a.c1, &b.c1));
    let middle = multiply6(&(a.c0 + a.c1), &(b.c0 + b.c1)) - low - high;
    Fq12::new(low + by_v(high), middle)
}

pub fn square12(a: &Fq12) -> Fq12 {
    let product = multiply6(&a.c0, &a.c1);
    let square = multiply6(&(a.c0 + a.c1), &(a.c0 + by_v(a.c1)));
    Fq12::new(square - product - by_v(product), product + product)
}

/// The square of an element of the cyclotomic subgroup (Granger and Scott 2010, section 3.2).
pub fn cyclotomic_square12(f: &Fq12) -> Fq12 {
    let (a, b) = (f.c0, f.c1);
    let [a0, b1] = square4(a.c0, b.c1);
    let [a1, b2] = square4(b.c0, a.c2);
    let [a2, b0] = square4(a.c1, b.c2);
    // 3s - 2a and 3s + 2b.
    let less = |s: Fq2, a: Fq2| (s - a) + (s - a) + s;
    let more = |s: Fq2, b: Fq2| (s + b) + (s + b) + s;
    Fq12::new(
        Fq6::new(less(a0, a.c0), less(a1, a.c1), less(a2, a.c2)),
        Fq6::new(more(by_xi(b0), b.c0), more(b1, b.c1), more(b2, b.c2)),
    )
}

/// `(a + b t)^2` for t^2 = xi.
#[inline(always)]
fn square4(a: Fq2, b: Fq2) -> [Fq2; 2] {
    let c = by_xi(b);
    let real = dot(&[a.c0 + a.c1, b.c0, b.c1], &[a.c0 - a.c1, c.c0, -c.c1]);
    let imaginary = dot(&[a.c0 + a.c0, b.c0, b.c1], &[a.c1, c.c1, c.c0]);
    [Fq2::new(real, imaginary), multiply(a + a, b)]
}

/// `f (c0 + c1 w + c3 w^3)`, the product with a line.
pub fn multiply_by_line(f: &Fq12, c0: Fq2, c1: Fq2, c3: Fq2) -> Fq12 {
    let (a, b) = (f.c0, f.c1);
    let (xi_c1, xi_c3) = (by_xi(c1), by_xi(c3));
    let wrapped = Factors::of([c0, xi_c1, xi_c3]);
    let half = Factors::of([c0, c1, xi_c3]);
    let whole = Factors::of([c0, c1, c3]);
    // In powers of w: a0, b0, a1, b1, a2, b2.
    Fq12::new(
        Fq6::new(
            wrapped.sum(0, &parts([a.c0, b.c2, b.c1])),
            half.sum(0, &parts([a.c1, b.c0, b.c2])),
            whole.sum(0, &parts([a.c2, b.c1, b.c0])),
        ),
        Fq6::new(
            half.sum(0, &parts([b.c0, a.c0, a.c2])),
            whole.sum(0, &parts([b.c1, a.c1, a.c0])),
            whole.sum(0, &parts([b.c2, a.c2, a.c1])),
        ),
    )
}

/// `f (1 + c1 w + c3 w^3)`, the product with a line whose first coefficient is 1.
pub fn multiply_by_monic_line(f: &Fq12, c1: Fq2, c3: Fq2) -> Fq12 {
    let (a, b) = (f.c0, f.c1);
    let xi_c3 = by_xi(c3);
    let wrapped = Factors::of([by_xi(c1), xi_c3]);
    let half = Factors::of([c1, xi_c3]);
    let whole = Factors::of([c1, c3]);
    Fq12::new(
        Fq6::new(
            a.c0 + wrapped.sum(0, &parts([b.c2, b.c1])),
            a.c1 + half.sum(0, &parts([b.c0, b.c2])),
            a.c2 + whole.sum(0, &parts([b.c1, b.c0])),
        ),
        Fq6::new(
            b.c0 + half.sum(0, &parts([a.c0, a.c2])),
            b.c1 + whole.sum(0, &parts([a.c1, a.c0])),
            b.c2 + whole.sum(0, &parts([a.c2, a.c1])),
        ),
    )
}

/// Of an element other than 0 (Beuchat and others, "High-Speed Software Implementation of the Optimal Ate
/// Pairing over Barreto-Naehrig Curves" (2010), algorithms 8, 17 and 23).
pub fn inverse12(a: &Fq12) -> Option<Fq12> {
    let norm = multiply6(&a.c0, &a.c0) - by_v(multiply6(&a.c1, &a.c1));
    let inverse = inverse6(&norm)?;
    Some(Fq12::new(multiply6(&a.c0, &inverse), -multiply6(&a.c1, &inverse)))
}

fn inverse6(a: &Fq6) -> Option<Fq6> {
    let adjoint = [
        sum_of_products([a.c0, -by_xi(a.c1)], [a.c0, a.c2]),
        sum_of_products([by_xi(a.c2), -a.c0], [a.c2, a.c1]),
        sum_of_products([a.c1, -a.c0], [a.c1, a.c2]),
    ];
    let norm = sum_of_products(adjoint, [a.c0, by_xi(a.c2), by_xi(a.c1)]);
    let length = dot(&[norm.c0, norm.c1], &[norm.c0, norm.c1]);
    let inverse = inverse(&length)?;
    let inverse = Fq2::new(norm.c0 * inverse, -norm.c1 * inverse);
    let [c0, c1, c2] = adjoint.map(|part| multiply(part, inverse));
    Some(Fq6::new(c0, c1, c2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dot::testing::element;
    use ark_ff::{CyclotomicMultSubgroup, Field};
    use num_bigint::{BigInt as Signed, BigUint};
    use proptest::prelude::*;

    fn two() -> impl Strategy<Value = Fq2> {
        (element(), element()).prop_map(|(a, b)| Fq2::new(a, b))
    }

    fn twelve() -> impl Strategy<Value = Fq12> {
        prop::array::uniform6(two())
            .prop_map(|[a, b, c, d, e, f]| Fq12::new(Fq6::new(a, b, c), Fq6::new(d, e, f)))
    }

    /// Chance does not make sums beside a multiple of p.
    #[test]
    fn nine_times_one_plus_another_beside_multiples_of_p() {
        let p = Signed::from(BigUint::from(Fq::MODULUS));
        let form = |value: Signed| {
            let value = BigInt::try_from(value.to_biguint()?).unwrap();
            (value < Fq::MODULUS).then(|| Fq::new_unchecked(value))
        };
        let others = [Signed::ZERO, Signed::from(1), &p / 2, &p - 1];
        for (k, other) in (0..=10).flat_map(|k| others.each_ref().map(|other| (k, other))) {
            let b = form(other.clone()).unwrap();
            let nearest: Signed = (&p * k - other) / 9;
            for a in (-2..=2).filter_map(|beside| form(&nearest + beside)) {
                assert_eq!(nine_times_plus(a, b), Fq::from(9) * a + b, "{k}");
            }
        }
    }

    proptest! {
        #[test]
        fn products_are_those_of_arkworks(f in twelve(), g in twelve(), [a, b, c] in [two(), two(), two()]) {
            prop_assert_eq!(multiply(a, b), a * b);
            prop_assert_eq!(square(a), a.square());
            prop_assert_eq!(sum_of_products([a, b, c], [b, c, a]), a * b + b * c + c * a);
            prop_assert_eq!(multiply12(&f, &g), f * g);
            prop_assert_eq!(square12(&f), f.square());
            prop_assert_eq!(inverse12(&f), f.inverse());
            let mut expected = f;
            expected.mul_by_034(&a, &b, &c);
            prop_assert_eq!(multiply_by_line(&f, a, b, c), expected);
            prop_assert_eq!(multiply_by_monic_line(&f, b, c), multiply_by_line(&f, Fq2::ONE, b, c));
        }

        #[test]
        fn nine_times_one_plus_another(a in element(), b in element()) {
            prop_assert_eq!(nine_times_plus(a, b), Fq::from(9) * a + b);
        }

        #[test]
        fn squares_in_the_cyclotomic_subgroup(f in twelve()) {
            let Some(inverse) = f.inverse() else { return Ok(()) };
            let mut conjugate = f;
            conjugate.conjugate_in_place();
            let f = conjugate * inverse;
            let f = f.frobenius_map(2) * f;
            prop_assert_eq!(f.cyclotomic_square(), f.square());
            prop_assert_eq!(cyclotomic_square12(&f), f.square());
        }
    }
}
