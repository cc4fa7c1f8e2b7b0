//! The Groth16 prover. [`crate::msm`] and `fft` are the seams behind which faster kernels stand.
//!
//! Running times depend on the witness (zeros and small values are skipped or grouped): do not
//! prove where someone can measure many proofs of the same account precisely. Witnesses and scalars
//! are wiped from memory after use. Sums in progress, which hold multiples of key points, and their lists
//! of references are not, nor is what is kept of a blinding scalar while a point is multiplied.

mod delta;
mod fft;
mod key;
mod known;
#[cfg(any(target_arch = "x86_64", test))]
mod ntt;
#[cfg(any(target_arch = "x86_64", test))]
mod ntt_scalars;
mod qap;
mod row_points;
#[cfg(test)]
mod stored_tests;
#[cfg(test)]
mod tests;

pub use crate::msm::sum_g1;
#[cfg(test)]
pub use tests::random_system;

pub use key::{demand_of_circuit, demand_rows, ProvingKey, DEFAULT_BUDGET};
pub use row_points::row_points;

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;

/// A proof: three finite points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

impl Proof {
    pub fn is_finite(&self) -> bool {
        !self.a.is_zero() && !self.b.is_zero() && !self.c.is_zero()
    }
}
