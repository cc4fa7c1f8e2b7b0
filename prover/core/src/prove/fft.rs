//! From values on the domain to what the points for the quotient are multiplied with.

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
use ark_ff::{AdditiveGroup, BigInt, FftField, Field, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

/// Values that one task handles at least.
const MIN_VALUES: usize = 1024;

/// Which points the quotient is a sum over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Those of every key: the scalars are the values of `a * b - c` at w^(2i+1), where w is a primitive
    /// root of order 2n and c is the polynomial that agrees with `a * b` on the domain. The points carry
    /// the division by the vanishing polynomial, which is constant there.
    OddHalf,
    /// Those of [`crate::formats::zkey::RowPoints`]: the scalars are `a (D b) + (D a) b` on the domain, where
    /// `D f = x f' / n`, so zero wherever a and b are.
    Rows,
}

/// The seam: from the values of polynomials a and b on the domain of order n, the scalars of a basis.
pub trait Quotient: Send + Sync {
    fn scalars(&self, a: Values, b: Values) -> Wiped<BigInt<4>>;
}

pub type Values = Wiped<Fr>;

/// The quotient on this order with this arithmetic.
pub fn quotient(order: usize, basis: Basis, kernels: Kernels) -> Result<Box<dyn Quotient>> {
    match kernels {
        #[cfg(target_arch = "x86_64")]
        Kernels::Ifma => vectors(order, basis, Ifma::detect()),
        #[cfg(target_arch = "x86_64")]
        Kernels::Avx2 => vectors(order, basis, Avx2::detect()),
        #[cfg(test)]
        Kernels::Plain => vectors(order, basis, Plain::detect()),
        _ => Ok(Box::new(Radix2::new(order, basis)?)),
    }
}

/// In vectors, if there are enough values for them and the processor has the instructions.
#[cfg(any(target_arch = "x86_64", test))]
fn vectors<I: Isa>(order: usize, basis: Basis, isa: Option<I>) -> Result<Box<dyn Quotient>> {
    match isa {
        Some(isa) if order >= MIN_ORDER => Ok(Box::new(Vectors::new(isa, order, basis)?)),
        _ => Ok(Box::new(Radix2::new(order, basis)?)),
    }
}

/// arkworks' radix-2 transforms.
pub struct Radix2 {
    domain: Radix2EvaluationDomain<Fr>,
    basis: Basis,
    /// Scales coefficient i, so that the transform back evaluates at w times the domain, or D: w^i or i / n.
    scale: Vec<Fr>,
}

impl Radix2 {
    pub fn new(order: usize, basis: Basis) -> Result<Self> {
        let domain = Radix2EvaluationDomain::new(order);
        let (Some(domain), Some(root)) = (domain, Fr::get_root_of_unity(2 * order as u64)) else {
            return Err(Error::Format("the domain has no roots of unity".into()));
        };
        let (first, next): (Fr, Box<dyn Fn(Fr) -> Fr>) = match basis {
            Basis::OddHalf => (Fr::ONE, Box::new(|power| power * root)),
            Basis::Rows => (Fr::ZERO, Box::new(|share| share + domain.size_inv)),
        };
        let scale = std::iter::successors(Some(first), |last| Some(next(*last)));
        Ok(Self { domain, basis, scale: scale.take(order).collect() })
    }

    /// Values on the domain become values on the odd half of the doubled domain, or D's on the domain.
    pub fn transform(&self, values: &mut Vec<Fr>) {
        self.domain.ifft_in_place(values);
        let pairs = values.par_iter_mut().with_min_len(MIN_VALUES).zip(&self.scale);
        pairs.for_each(|(value, scale)| *value *= scale);
        self.domain.fft_in_place(values);
    }

    fn odd_half(&self, mut a: Values, mut b: Values) -> Wiped<BigInt<4>> {
        let products = a.par_iter().with_min_len(MIN_VALUES).zip(&*b).map(|(a, b)| *a * b);
        let mut c: Values = Wiped::new(products.collect());
        rayon::join(
            || self.transform(&mut a),
            || rayon::join(|| self.transform(&mut b), || self.transform(&mut c)),
        );
        let rows = a.par_iter().with_min_len(MIN_VALUES).zip(&*b).zip(&*c);
        Wiped::new(rows.map(|((a, b), c)| (*a * b - c).into_bigint()).collect())
    }

    fn rows(&self, a: Values, b: Values) -> Wiped<BigInt<4>> {
        let (mut da, mut db) = (a.clone(), b.clone());
        rayon::join(|| self.transform(&mut da), || self.transform(&mut db));
        let rows = a.par_iter().with_min_len(MIN_VALUES).zip(&*b).zip(&*da).zip(&*db);
        let value =
            |(((a, b), da), db): (((&Fr, &Fr), &Fr), &Fr)| (*a * db + *da * b).into_bigint();
        Wiped::new(rows.map(value).collect())
    }
}

impl Quotient for Radix2 {
    fn scalars(&self, a: Values, b: Values) -> Wiped<BigInt<4>> {
        match self.basis {
            Basis::OddHalf => self.odd_half(a, b),
            Basis::Rows => self.rows(a, b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extends_a_polynomial_to_the_odd_roots() {
        let order = 8;
        let root = Fr::get_root_of_unity(16).unwrap();
        let polynomial = |x: Fr| x.pow([7]) + Fr::from(3u64) * x + Fr::from(5u64);
        let mut values: Vec<Fr> = (0..8u64).map(|i| polynomial(root.pow([2 * i]))).collect();
        Radix2::new(order, Basis::OddHalf).unwrap().transform(&mut values);
        let expected: Vec<Fr> = (0..8u64).map(|i| polynomial(root.pow([2 * i + 1]))).collect();
        assert_eq!(values, expected);
    }

    #[test]
    fn takes_the_derivative_on_the_domain() {
        let order = 8;
        let root = Fr::get_root_of_unity(8).unwrap();
        let polynomial = |x: Fr| x.pow([7]) + Fr::from(3u64) * x + Fr::from(5u64);
        let derivative = |x: Fr| Fr::from(7u64) * x.pow([6]) + Fr::from(3u64);
        let points: Vec<Fr> = (0..8u64).map(|i| root.pow([i])).collect();
        let mut values: Vec<Fr> = points.iter().map(|x| polynomial(*x)).collect();
        Radix2::new(order, Basis::Rows).unwrap().transform(&mut values);
        let eighth = Fr::from(8u64).inverse().unwrap();
        let expected: Vec<Fr> = points.iter().map(|x| *x * derivative(*x) * eighth).collect();
        assert_eq!(values, expected);
    }

    /// `(a b - c) / Z` is one polynomial, whichever values describe it; Z is -2 on the odd half.
    #[test]
    fn both_bases_give_the_same_quotient() {
        for order in [2, 16, 128] {
            let (a, b) = (values(order, 5), values(order, 11));
            let field = |scalars: Wiped<BigInt<4>>| -> Vec<Fr> {
                scalars.iter().map(|scalar| Fr::from(*scalar)).collect()
            };
            let portable = |basis| quotient(order, basis, Kernels::Portable).unwrap();
            let odd = field(portable(Basis::OddHalf).scalars(a.clone(), b.clone()));
            let mut rows = field(portable(Basis::Rows).scalars(a.clone(), b.clone()));
            let mut c: Vec<Fr> = a.iter().zip(&*b).map(|(a, b)| *a * b).collect();
            Radix2::new(order, Basis::Rows).unwrap().transform(&mut c);
            rows.iter_mut().zip(&c).for_each(|(row, c)| *row -= c);
            Radix2::new(order, Basis::OddHalf).unwrap().transform(&mut rows);
            rows.iter_mut().for_each(|value| *value *= -Fr::from(2u64));
            assert_eq!(rows, odd, "{order}");
        }
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
            for basis in [Basis::OddHalf, Basis::Rows] {
                let scalars = |kernels| {
                    quotient(order, basis, kernels).unwrap().scalars(a.clone(), b.clone())
                };
                let expected = scalars(Kernels::Portable);
                // Plain vectors take their time.
                for kernels in if log <= 12 { Kernels::tested() } else { Kernels::available() } {
                    assert_eq!(*scalars(kernels), *expected, "2^{log}, {basis:?}, {kernels:?}");
                }
            }
        }
    }

    #[test]
    fn the_largest_values_stay_within_bounds() {
        let order = 1 << 10;
        let all = || Wiped::new(vec![-Fr::ONE; order]);
        for (basis, kernels) in [Basis::OddHalf, Basis::Rows]
            .into_iter()
            .flat_map(|basis| Kernels::tested().into_iter().map(move |kernels| (basis, kernels)))
        {
            // A constant has no quotient and no derivative.
            let own = quotient(order, basis, kernels).unwrap().scalars(all(), all());
            assert!(own.iter().all(|value| *value == BigInt::from(0u64)), "{basis:?} {kernels:?}");
        }
    }
}
