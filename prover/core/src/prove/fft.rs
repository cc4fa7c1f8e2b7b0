//! From values on the domain to values on the odd half of the doubled domain.

use crate::error::{Error, Result};
use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

/// The seam: a polynomial's values on the domain of order n in, its values at w^(2i+1) out, where w
/// is a primitive root of order 2n.
pub trait OddHalf: Send + Sync {
    fn extend(&self, values: &mut Vec<Fr>);
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

impl OddHalf for Radix2 {
    fn extend(&self, values: &mut Vec<Fr>) {
        self.domain.ifft_in_place(values);
        let pairs = values.par_iter_mut().with_min_len(2048).zip(&self.shift);
        pairs.for_each(|(value, shift)| *value *= shift);
        self.domain.fft_in_place(values);
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
        Radix2::new(order).unwrap().extend(&mut values);
        let expected: Vec<Fr> = (0..8u64).map(|i| polynomial(root.pow([2 * i + 1]))).collect();
        assert_eq!(values, expected);
    }
}
