//! From values on the domain to values on the odd half of the doubled domain.

#[cfg(any(target_arch = "x86_64", test))]
use super::ntt::{Vectors, MIN_ORDER};
use crate::error::{Error, Result};
#[cfg(any(target_arch = "x86_64", test))]
use crate::lanes::Isa;
#[cfg(test)]
use crate::lanes::Plain;
#[cfg(target_arch = "x86_64")]
use crate::lanes::{Avx2, Ifma};
use crate::msm::Kernels;
use crate::wiped::Wiped;
use ark_bn254::Fr;
use ark_ff::{BigInt, FftField, Field, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

/// Values that one task handles at least.
const MIN_VALUES: usize = 1024;

/// The seam: from the values of polynomials a and b on the domain of order n, the values of
/// `a * b - c` at w^(2i+1), where w is a primitive root of order 2n and c is the polynomial that
/// agrees with `a * b` on the domain.
pub trait Quotient: Send + Sync {
    fn quotient(&self, a: Values, b: Values) -> Wiped<BigInt<4>>;

    /// The values of `a * b` alone.
    fn product(&self, a: Values, b: Values) -> Wiped<BigInt<4>>;
}

pub type Values = Wiped<Fr>;

/// The transform of this order with this arithmetic.
pub fn transform(order: usize, kernels: Kernels) -> Result<Box<dyn Quotient>> {
    match kernels {
        #[cfg(target_arch = "x86_64")]
        Kernels::Ifma => vectors(order, Ifma::detect()),
        #[cfg(target_arch = "x86_64")]
        Kernels::Avx2 => vectors(order, Avx2::detect()),
        #[cfg(test)]
        Kernels::Plain => vectors(order, Plain::detect()),
        _ => Ok(Box::new(Radix2::new(order)?)),
    }
}

/// In vectors, if there are enough values for them and the processor has the instructions.
#[cfg(any(target_arch = "x86_64", test))]
fn vectors<I: Isa>(order: usize, isa: Option<I>) -> Result<Box<dyn Quotient>> {
    match isa {
        Some(isa) if order >= MIN_ORDER => Ok(Box::new(Vectors::new(isa, order)?)),
        _ => Ok(Box::new(Radix2::new(order)?)),
    }
}

/// arkworks' radix-2 transforms.
pub struct Radix2 {
    domain: Radix2EvaluationDomain<Fr>,
    /// w^i: scales coefficient i, so that the transform evaluates at w times the domain.
    shift: Vec<Fr>,
}

impl Radix2 {
    pub fn new(order: usize) -> Result<Self> {
        let domain = Radix2EvaluationDomain::new(order);
        let (Some(domain), Some(root)) = (domain, Fr::get_root_of_unity(2 * order as u64)) else {
            return Err(Error::Format("the domain has no roots of unity".into()));
        };
        let mut shift = Vec::with_capacity(order);
        let mut power = Fr::ONE;
        for _ in 0..order {
            shift.push(power);
            power *= root;
        }
        Ok(Self { domain, shift })
    }
}

impl Radix2 {
    /// Values on the domain become values on the odd half of the doubled domain.
    pub fn extend(&self, values: &mut Vec<Fr>) {
        self.domain.ifft_in_place(values);
        let pairs = values.par_iter_mut().with_min_len(MIN_VALUES).zip(&self.shift);
        pairs.for_each(|(value, shift)| *value *= shift);
        self.domain.fft_in_place(values);
    }
}

impl Quotient for Radix2 {
    fn product(&self, mut a: Values, mut b: Values) -> Wiped<BigInt<4>> {
        rayon::join(|| self.extend(&mut a), || self.extend(&mut b));
        let rows = a.par_iter().with_min_len(MIN_VALUES).zip(&*b);
        Wiped::new(rows.map(|(a, b)| (*a * b).into_bigint()).collect())
    }

    fn quotient(&self, mut a: Values, mut b: Values) -> Wiped<BigInt<4>> {
        let products = a.par_iter().with_min_len(MIN_VALUES).zip(&*b).map(|(a, b)| *a * b);
        let mut c: Values = Wiped::new(products.collect());
        rayon::join(
            || self.extend(&mut a),
            || rayon::join(|| self.extend(&mut b), || self.extend(&mut c)),
        );
        let rows = a.par_iter().with_min_len(MIN_VALUES).zip(&*b).zip(&*c);
        Wiped::new(rows.map(|((a, b), c)| (*a * b - c).into_bigint()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::AdditiveGroup;

    #[test]
    fn extends_a_polynomial_to_the_odd_roots() {
        let order = 8;
        let root = Fr::get_root_of_unity(16).unwrap();
        let polynomial = |x: Fr| x.pow([7]) + Fr::from(3u64) * x + Fr::from(5u64);
        let mut values: Vec<Fr> = (0..8u64).map(|i| polynomial(root.pow([2 * i]))).collect();
        Radix2::new(order).unwrap().extend(&mut values);
        let expected: Vec<Fr> = (0..8u64).map(|i| polynomial(root.pow([2 * i + 1]))).collect();
        assert_eq!(values, expected);
    }

    /// Pseudo-random values with zeros, ones and the largest element among them.
    fn values(order: usize, seed: u64) -> Values {
        let mut state = Fr::from(seed);
        let next = |i: usize| {
            state = state.square() + Fr::from(i as u64);
            match i % 17 {
                0 => Fr::ZERO,
                1 => Fr::ONE,
                2 => -Fr::ONE,
                _ => state,
            }
        };
        Wiped::new((0..order).map(next).collect())
    }

    #[test]
    fn fast_and_portable_quotients_agree_on_all_orders() {
        for log in 1..=18 {
            let order = 1 << log;
            let (a, b) = (values(order, 3), values(order, 7));
            let expected =
                transform(order, Kernels::Portable).unwrap().quotient(a.clone(), b.clone());
            let product =
                transform(order, Kernels::Portable).unwrap().product(a.clone(), b.clone());
            // Plain vectors take their time.
            for kernels in if log <= 12 { Kernels::tested() } else { Kernels::available() } {
                let own = transform(order, kernels).unwrap().quotient(a.clone(), b.clone());
                assert_eq!(*own, *expected, "order 2^{log}, {kernels:?}");
                let own = transform(order, kernels).unwrap().product(a.clone(), b.clone());
                assert_eq!(*own, *product, "order 2^{log}, {kernels:?}");
            }
        }
    }

    #[test]
    fn the_largest_values_stay_within_bounds() {
        let order = 1 << 10;
        let all = || Wiped::new(vec![-Fr::ONE; order]);
        for kernels in Kernels::tested() {
            let own = transform(order, kernels).unwrap().quotient(all(), all());
            assert!(own.iter().all(|value| *value == BigInt::from(0u64)), "{kernels:?}");
            let own = transform(order, kernels).unwrap().product(all(), all());
            assert!(own.iter().all(|value| *value == BigInt::from(1u64)), "{kernels:?}");
        }
    }
}
