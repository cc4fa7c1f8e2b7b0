//! The Groth16 prover. `msm` and `fft` are the seams behind which faster kernels may take over.
//!
//! Running times depend on the witness (zeros and small values are skipped or grouped): do not
//! prove where someone can measure many proofs of the same account precisely. Witnesses and scalars
//! are wiped from memory after use; sums in progress, which hold multiples of key points, are not.

mod affine;
mod fft;
mod key;
mod msm;
mod qap;
mod windows;

pub use key::ProvingKey;
pub use msm::sum_g1;

use ark_bn254::{G1Affine, G2Affine};

/// A proof: three finite points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}
