//! Sums of many points times scalars, for points that are fixed once a key is loaded.
//!
//! The bucket method with tables: see [`shape`] for the arithmetic, [`groups`] for how buckets are
//! added up. Zeros are free; scalars are taken with their sign and have as many digits as they need,
//! so bits and small values of either sign are cheap.

#[cfg(any(target_arch = "x86_64", test))]
mod additions;
#[cfg(test)]
mod bound_tests;
mod builder;
mod combine;
#[cfg(any(target_arch = "x86_64", test))]
mod coordinate;
mod digits;
mod groups;
mod kernel;
mod multiples;
mod portable;
mod rows;
mod shape;
mod table;
#[cfg(test)]
mod tests;
#[cfg(any(target_arch = "x86_64", test))]
mod vectors;
mod workspace;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ff::{BigInt, PrimeField};
pub use builder::{builder, Builder, Kernels};
pub use rows::{affine, Row};
pub use table::Stored;

/// Points fixed when it was built.
pub trait FixedBases: Send + Sync {
    type Group;

    /// `sum of scalars[i] * point i`, one scalar below r for each point it was built from.
    fn sum(&self, scalars: &[BigInt<4>]) -> Self::Group;

    /// Memory that the points and their multiples take.
    fn bytes(&self) -> usize;

    /// What [`Builder`] opens again.
    fn stored(&self) -> Stored<'_>;
}

pub type Bases<G> = Box<dyn FixedBases<Group = G>>;

/// What a table is built for.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The expected work of a scalar, as a share of a full-size one's.
    pub density: f64,
    /// Bytes that the table may take, if it is to hold more than the points themselves.
    pub budget: usize,
}

/// A one-off sum in G1, for public scalars.
pub fn sum_g1(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let integers: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    let builder = builder(Kernels::fastest());
    builder.g1(points, Load { density: 1.0, budget: 0 }).sum(&integers)
}
